//! Tera, one instance for each syntax, holding only the templates that were asked for.

use super::{Artifact, OwnTemplates, Rendered, Syntax, Template, escape, verify};
use crate::diagnostics::Diagnostic;
use std::collections::BTreeMap;
use std::fmt::Write;
use tera::{Context, Kwargs, State, Tera, Value};

/// Renders artifacts. Templates are parsed when they are first needed and kept for all profiles of a run.
#[derive(Default)]
pub struct Engine {
    by_syntax: BTreeMap<Syntax, Tera>,
    /// Templates that take the place of infragen's.
    own: OwnTemplates,
}

/// One file that was rendered and that nobody has looked at yet.
#[derive(Clone, Debug)]
pub struct Draft {
    artifact: Artifact,
    text: String,
    /// The patches, snippets and templates of a user's own that had a part in it.
    changed_by: Vec<String>,
}

impl Draft {
    /// Path in the output folder, with `/`.
    pub fn path(&self) -> &str {
        &self.artifact.path
    }

    /// What is printed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The syntax that it is in.
    pub fn syntax(&self) -> Syntax {
        self.artifact.template.syntax
    }

    /// The target that it belongs to.
    pub fn target(&self) -> &'static str {
        self.artifact.template.name.split('/').next().unwrap_or_default()
    }

    /// Another text, which somebody else than infragen has changed. `reason` names who.
    pub fn change(&mut self, text: String, reason: &str) {
        self.text = text;
        self.changed_by.push(reason.to_owned());
    }

    /// The file as it may be written, printed or blessed: verified, unless it is what is `there` already.
    ///
    /// # Errors
    /// A mistake of infragen: the message names the template and the fields. Or one of what a user has changed: it names that.
    pub fn accept(self, there: Option<&[u8]>) -> Result<Rendered, Diagnostic> {
        if there != Some(self.text.as_bytes()) {
            self.check()?;
        }
        Ok(Rendered { path: self.artifact.path, text: self.text, executable: self.artifact.executable })
    }

    /// Verifies the text as it is.
    ///
    /// # Errors
    /// As [`Draft::accept`].
    pub fn check(&self) -> Result<(), Diagnostic> {
        let Self { artifact, text, changed_by } = self;
        verify::verify(artifact.template.syntax, text, |mark| holds(&artifact.view, mark)).map_err(|problem| {
            let mut values = Vec::new();
            strings(&artifact.view, &mut String::new(), &mut values);
            if changed_by.is_empty() {
                return internal(artifact, "wrong output of the template", &located(&problem, text, &values));
            }
            let at = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let message = format!("with {}, `{}` is no longer right: {at}{}", changed_by.join(" and "), artifact.path, problem.what);
            Diagnostic::error("broken-artifact", message).help("correct what was changed: everything else of the file is as infragen made it")
        })
    }
}

impl Engine {
    /// An engine with templates of a user's own.
    pub fn with(own: OwnTemplates) -> Self {
        Self { by_syntax: BTreeMap::new(), own }
    }

    /// Renders one artifact.
    ///
    /// # Errors
    /// Anything that goes wrong here is a mistake of infragen: the message names the template.
    pub fn render(&mut self, artifact: Artifact) -> Result<Draft, Diagnostic> {
        let tera = self.by_syntax.entry(artifact.template.syntax).or_insert_with_key(|syntax| instance(*syntax));
        add(tera, artifact.template, &self.own).map_err(|(name, error)| match self.own.get(name) {
            Some(own) => own_mistake(&own.shown, "cannot be read as a template", &error),
            None => internal(&artifact, "cannot parse the template", &error),
        })?;
        let mut context = Context::new();
        for (name, field) in artifact.view.as_map().into_iter().flatten() {
            context.insert_value(name.to_string(), field.clone());
        }
        let mut text = tera.render(artifact.template.name, &context).map_err(|error| match self.own.used(artifact.template) {
            // The place in the message says which of them it is.
            Some(own) => own_mistake(&own.shown, &format!("cannot print `{}`", artifact.path), &error),
            None => internal(&artifact, "cannot render the template", &error),
        })?;
        // Not what only Unicode takes for blank: a file may end in it.
        text.truncate(text.trim_end_matches([' ', '\t', '\n']).len());
        text.push('\n');
        let changed_by = if self.own.is_empty() { Vec::new() } else { self.own.uses(artifact.template) };
        Ok(Draft { artifact, text, changed_by })
    }
}

fn internal(artifact: &Artifact, what: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("internal-error", format!("internal error: {what} `{}` for `{}`: {error}", artifact.template.name, artifact.path))
        .help("please report this together with the profile")
}

/// True if a string of a view holds a text.
fn holds(view: &Value, text: &str) -> bool {
    view.as_str().is_some_and(|value| value.contains(text))
        || view.as_array().into_iter().flatten().any(|item| holds(item, text))
        || view.as_map().into_iter().flatten().any(|(_, field)| holds(field, text))
}

/// All strings of a view, with where they stand in it.
fn strings<'a>(view: &'a Value, path: &mut String, found: &mut Vec<(String, &'a str)>) {
    let length = path.len();
    if let Some(text) = view.as_str() {
        found.push((path.clone(), text));
    }
    for (at, item) in view.as_array().into_iter().flatten().enumerate() {
        let _ = write!(path, "[{at}]");
        strings(item, path, found);
        path.truncate(length);
    }
    for (name, field) in view.as_map().into_iter().flatten() {
        let _ = write!(path, "{}{name}", if path.is_empty() { "" } else { "." });
        strings(field, path, found);
        path.truncate(length);
    }
}

/// The problem with its line, and with the fields of the view that stand in that line.
fn located(problem: &verify::Problem, text: &str, values: &[(String, &str)]) -> String {
    let Some(number) = problem.line else { return problem.what.clone() };
    let line = text.split('\n').nth(number - 1).unwrap_or_default();
    let fields: Vec<&str> =
        values.iter().filter(|(_, value)| !value.is_empty() && value.split('\n').any(|part| line.contains(part))).map(|(path, _)| path.as_str()).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" (fields in this line: {})", fields.join(", ")) };
    format!("line {number}: {}{fields}", problem.what)
}

fn own_mistake(shown: &str, what: &str, error: &tera::Error) -> Diagnostic {
    let mut text = error.to_string().trim_end().to_owned();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Diagnostic::error("broken-template", format!("`{shown}` {what}: {text}")).help("compare it with infragen's own template of this path")
}

/// The name of the template that cannot be read comes with the error.
fn add(tera: &mut Tera, template: &'static Template, own: &OwnTemplates) -> Result<(), (&'static str, tera::Error)> {
    for include in template.includes {
        add(tera, include, own)?;
    }
    if tera.contains_template(template.name) {
        return Ok(());
    }
    let text = own.get(template.name).map_or(template.text, |own| own.text.as_str());
    tera.add_raw_template(template.name, text).map_err(|error| (template.name, error))
}

fn instance(syntax: Syntax) -> Tera {
    let mut tera = Tera::new();
    tera.autoescape_on([""]);
    tera.set_escape_fn(match syntax {
        Syntax::Yaml => |text, out| escape::write(escape::yaml::scalar(text), out),
        Syntax::Nginx => |text, out| escape::write(escape::nginx::parameter(text)?, out),
        Syntax::Shell => |text, out| escape::write(escape::shell::word(text)?, out),
        Syntax::Dockerfile => |text, out| escape::write(escape::dockerfile::word(text)?, out),
        Syntax::Dotenv => |text, out| escape::write(escape::dotenv::value(text)?, out),
        Syntax::Markdown => |text, out| escape::write(escape::markdown::text(text), out),
        Syntax::Text => |text, out| escape::write(escape::text::whole(text), out),
        Syntax::Ignore => |text, out| escape::write(escape::ignore::pattern(text)?, out),
    });
    // A list or a map of YAML on one line; JSON's arrays are what Docker's exec form is.
    tera.register_filter("flow", |value: &Value, _: Kwargs, _: &State| Value::safe_string(&escape::yaml::flow(value)));
    tera.register_filter("json", |value: &Value, _: Kwargs, _: &State| Value::safe_string(&escape::dockerfile::exec(value)));
    // The same on lines of its own.
    tera.register_filter("tree", |value: &Value, options: Kwargs, _: &State| {
        let indent = options.must_get::<usize>("indent")?;
        Ok::<_, tera::Error>(Value::safe_string(&escape::yaml::tree(value, indent)))
    });
    // Text of several lines, each behind so many spaces.
    tera.register_filter("block", |text: &str, options: Kwargs, _: &State| {
        let indent = options.must_get::<usize>("indent")?;
        Ok::<_, tera::Error>(Value::safe_string(&escape::yaml::block(text, indent)))
    });
    // Text in a comment: it must not leave its line.
    tera.register_filter("comment", |text: &str, _: Kwargs, _: &State| Value::safe_string(&escape::comment(text)));
    tera
}

#[cfg(test)]
mod tests {
    use super::*;

    static BROKEN: Template = Template { name: "test/broken", text: "a:\n  b: {{ list[0].b }}\n  b: 2", syntax: Syntax::Yaml, includes: &[] };

    #[test]
    fn a_failure_names_template_and_field() {
        let view = serde_json::json!({ "list": [{ "b": "x" }] });
        let error = Engine::default().render(Artifact::new("a.yaml", &BROKEN, &view)).and_then(|draft| draft.accept(None)).expect_err("a key stands twice");
        assert!(error.message.contains("`test/broken` for `a.yaml`: line 3"), "{}", error.message);
        let broken = verify::Problem { line: Some(2), what: "bad".into() };
        assert_eq!(located(&broken, "a:\n  b: x\n", &[("list[0].b".into(), "x")]), "line 2: bad (fields in this line: list[0].b)");
    }
}
