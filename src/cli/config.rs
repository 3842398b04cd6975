//! `infragen config`: the resolved profile, as a profile would write it.

use super::run::Run;
use super::{ConfigArgs, Status};
use crate::key_path::{KeyPath, Segment};
use crate::profile::{keys, schema};
use crate::render::escape::yaml::scalar;
use crate::source::Sources;
use crate::stack::{Origins, Resolved};
use crate::yaml::Value;

/// What has been done already, and the first line.
const MERGED: [&str; 4] = ["version", "extends", "abstract", "remove"];

/// Where comments begin, unless a line is longer.
const COMMENTS_AT: usize = 56;

pub fn run(run: &mut Run, args: &ConfigArgs) -> Status {
    let Some(chosen) = run.profiles(std::slice::from_ref(&args.profile)).into_iter().next() else { return Status::Failed };
    let stack = match run.pipeline.stack(&chosen.located) {
        Ok(stack) => stack,
        Err(errors) => {
            run.fail(&errors);
            return Status::Failed;
        }
    };
    let printer = Printer { schema: schema::published(), origins: &stack.origins, sources: args.origins.then_some(&run.pipeline.sources) };
    let mut text = String::new();
    line(&mut text, "version: 1", &printer.place(&KeyPath::of(&["version"])));
    printer.map(&stack.origins.resolved(), &KeyPath::root(), 0, &mut text);
    run.out(&text);
    Status::Clean
}

struct Printer<'a> {
    /// Which keys there are: what cannot be written is no part of a profile.
    schema: serde_json::Value,
    /// For the place of what is empty.
    origins: &'a Origins,
    /// For the place of each value; `None` if nobody wants to know.
    sources: Option<&'a Sources>,
}

impl Printer<'_> {
    fn map(&self, map: &Resolved, path: &KeyPath, indent: usize, text: &mut String) {
        let Resolved::Map(entries) = map else { return };
        for (key, item) in entries.iter().filter(|(key, _)| !path.0.is_empty() || !MERGED.contains(&key.as_str())) {
            let path = path.key(key);
            let start = format!("{}{}:", " ".repeat(indent), scalar(key));
            match item {
                Resolved::Map(entries) if entries.is_empty() => line(text, &format!("{start} {{}}"), &self.place(&path)),
                Resolved::Map(_) => {
                    let before = text.len();
                    line(text, &start, "");
                    let inside = text.len();
                    self.map(item, &path, indent + 2, text);
                    // Nothing in it is a key of the language.
                    if text.len() == inside {
                        text.truncate(before);
                    }
                }
                Resolved::List(items) => self.list(items, &start, &path, indent, text),
                Resolved::Written(value, _) => line(text, &format!("{start} {}", literal(value)), &self.origin(item)),
                Resolved::Default(default, _) => {
                    if let Some(literal) = self.default(default, &path) {
                        line(text, &format!("{start} {literal}"), &self.origin(item));
                    }
                }
            }
        }
    }

    fn list(&self, items: &[Resolved], start: &str, path: &KeyPath, indent: usize, text: &mut String) {
        if items.is_empty() {
            return line(text, &format!("{start} []"), &self.place(path));
        }
        line(text, start, "");
        self.items(items, path, indent + 2, text);
    }

    /// The items of a list, with their dashes at `indent`.
    fn items(&self, items: &[Resolved], path: &KeyPath, indent: usize, text: &mut String) {
        let dash = format!("{}-", " ".repeat(indent));
        for (at, item) in items.iter().enumerate() {
            let mut inner = String::new();
            match item {
                Resolved::Map(entries) if entries.is_empty() => line(text, &format!("{dash} {{}}"), &self.place(&path.index(at))),
                Resolved::List(items) if items.is_empty() => line(text, &format!("{dash} []"), &self.place(&path.index(at))),
                Resolved::Map(_) => self.map(item, &path.index(at), indent + 2, &mut inner),
                Resolved::List(items) => self.items(items, &path.index(at), indent + 2, &mut inner),
                Resolved::Written(value, _) => line(text, &format!("{dash} {}", literal(value)), &self.origin(item)),
                Resolved::Default(..) => {}
            }
            // What is first in it stands behind the dash.
            if !inner.is_empty() {
                text.push_str(&format!("{dash} {}", inner.trim_start()));
            }
        }
    }

    /// The default as YAML; `None` if it stands for what no profile can say.
    fn default(&self, value: &str, path: &KeyPath) -> Option<String> {
        Some(match keys::value_of(&self.schema, path, value)? {
            serde_json::Value::String(text) => scalar(&text).into_owned(),
            other => other.to_string(),
        })
    }

    /// Where something stands that holds nothing, also where a service has it of another one.
    fn place(&self, path: &KeyPath) -> String {
        let Some(sources) = self.sources else { return String::new() };
        let mut path = path.clone();
        while !self.origins.is_written(&path) {
            let like = match path.0.as_slice() {
                [section, name, ..] if *section == Segment::Key("services".into()) => {
                    self.origins.text(&KeyPath(vec![section.clone(), name.clone()]).key("like"))
                }
                _ => None,
            };
            let Some(like) = like else { return String::new() };
            path.0[1] = Segment::Key(like.to_owned());
        }
        let span = self.origins.key_place(&path);
        format!("{}:{}", sources.get(span.source).shown, sources.position(span).line)
    }

    fn origin(&self, value: &Resolved) -> String {
        match (value, self.sources) {
            (Resolved::Written(_, span), Some(sources)) => format!("{}:{}", sources.get(span.source).shown, sources.position(*span).line),
            (Resolved::Default(_, reason), Some(_)) => format!("default: {reason}"),
            _ => String::new(),
        }
    }
}

/// One line, with a comment behind it if there is one.
fn line(text: &mut String, line: &str, comment: &str) {
    text.push_str(line);
    if !comment.is_empty() {
        let width = line.chars().count().max(COMMENTS_AT - 1);
        text.push_str(&" ".repeat(width - line.chars().count()));
        text.push_str(" # ");
        text.push_str(comment);
    }
    text.push('\n');
}

fn literal(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(text) => text.clone(),
        Value::Text(text) => scalar(text).into_owned(),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}
