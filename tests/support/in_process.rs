//! Profiles to rendered files without a process for each: many of them in a short time.
#![allow(dead_code, reason = "each test uses a part of it")]

use infragen::diagnostics::Diagnostic;
use infragen::pipeline::{Pipeline, Selection};
use infragen::profile::Located;
use infragen::source::Sources;
use infragen::stack::Stack;
use infragen::yaml::{self, Accept};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Rendered files by their path.
pub type Files = BTreeMap<String, String>;

/// Renders one profile after the other.
pub struct Renderer {
    pipeline: Pipeline,
    folder: tempfile::TempDir,
}

impl Renderer {
    /// A renderer in a folder of its own.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { pipeline: Pipeline::new(folder.path()), folder }
    }

    /// The profile, resolved.
    pub fn stack(&mut self, profile: &str) -> Result<Stack, Vec<Diagnostic>> {
        let file = self.folder.path().join("profile.yaml");
        std::fs::write(&file, profile).expect("a file can be written");
        self.pipeline.stack(&Located { name: "profile".into(), file, root: self.folder.path().to_owned() })
    }

    /// What the profile renders.
    pub fn render(&mut self, profile: &str) -> Result<Files, Vec<Diagnostic>> {
        let stack = self.stack(profile)?;
        let files = self.pipeline.render(&stack, &Selection::default())?;
        Ok(files.into_iter().map(|file| (file.path, file.text)).collect())
    }
}

/// A text as YAML in double quotes; everything but plain characters is escaped.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c as u32 {
            _ if c.is_ascii_alphanumeric() || " _-./:,".contains(c) => quoted.push(c),
            code @ 0..=0xff => quoted += &format!("\\x{code:02x}"),
            code @ 0x100..=0xffff => quoted += &format!("\\u{code:04x}"),
            code => quoted += &format!("\\U{code:08x}"),
        }
    }
    quoted.push('"');
    quoted
}

/// A value as YAML on one line.
pub fn yaml_of(value: &Value) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::String(text) => quote(text),
        Value::Array(items) => format!("[{}]", join(items.iter().map(yaml_of).collect())),
        // A space before the colon: keys that look like URLs end where their quotes end.
        Value::Object(map) => format!("{{{}}}", join(map.iter().map(|(key, value)| format!("{} : {}", quote(key), yaml_of(value))).collect())),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The documents of a rendered YAML file.
#[track_caller]
pub fn documents(text: &str) -> Vec<Value> {
    let id = Sources::default().add(Path::new(""), String::new(), String::new());
    let documents = yaml::parse_all(id, text, Accept::RENDERED).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    documents.iter().map(yaml::Node::to_json).collect()
}

/// The only document of a YAML text.
#[track_caller]
pub fn document(text: &str) -> Value {
    documents(text).pop().expect("there is one")
}
