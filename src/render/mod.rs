//! Artifacts to text: one template engine and one escaper for each syntax, on for every value.

mod engine;
pub mod escape;
mod own;
pub mod verify;

pub use engine::{Draft, Engine};
pub use own::{OwnTemplate, OwnTemplates};

/// The syntax of an artifact: how values are escaped in it, and how it is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Syntax {
    /// YAML: each value is one scalar.
    Yaml,
    /// nginx: each value is one parameter of a directive.
    Nginx,
    /// Shell: each value is one word.
    Shell,
    /// Dockerfile: each value is one word of an instruction.
    Dockerfile,
    /// dotenv: each value is what stands behind `=`.
    Dotenv,
    /// Markdown: each value is text in a paragraph.
    Markdown,
    /// A list of patterns, one on each line.
    Ignore,
    /// A file whose syntax is the user's affair: its one value is all of it.
    Text,
}

impl Syntax {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::Yaml, Self::Nginx, Self::Shell, Self::Dockerfile, Self::Dotenv, Self::Markdown, Self::Ignore, Self::Text];
}

/// A template: its name is its path below `templates/`.
#[derive(Debug)]
pub struct Template {
    /// `TARGET/FILE`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// The syntax that it makes.
    pub syntax: Syntax,
    /// Further templates that it includes.
    pub includes: &'static [&'static Template],
}

/// Defines templates whose texts are the files of the same name.
#[macro_export]
macro_rules! template {
    ($name:literal, $syntax:ident $(, includes [$($include:expr),*])?) => {
        $crate::render::Template {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)),
            syntax: $crate::render::Syntax::$syntax,
            includes: &[$($($include),*)?],
        }
    };
}

/// One file before it is rendered.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Path in the output folder, with `/`.
    pub path: String,
    /// What prints it.
    pub template: &'static Template,
    /// What it prints.
    pub view: tera::Value,
    /// True for a script.
    pub executable: bool,
}

impl Artifact {
    /// An artifact that is not executable.
    ///
    /// # Panics
    /// Never for a view of our own: its keys are text.
    pub fn new(path: impl Into<String>, template: &'static Template, view: &impl serde::Serialize) -> Self {
        let view = tera::Value::try_from_serializable(view).expect("internal error: a view cannot be serialized");
        Self { path: path.into(), template, view, executable: false }
    }
}

impl Artifact {
    /// The same as a script that can be executed.
    #[must_use]
    pub fn executable(self) -> Self {
        Self { executable: true, ..self }
    }
}

/// One file as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Path in the output folder, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// True for a script.
    pub executable: bool,
}

impl Rendered {
    /// True if this is a script, and its owner cannot execute a file of this mode.
    pub fn lacks(&self, mode: u32) -> bool {
        self.executable && mode & 0o100 == 0
    }

    /// True if this is no script, and its owner can execute a file of this mode.
    pub fn must_not_be_executable(&self, mode: u32) -> bool {
        !self.executable && mode & 0o100 != 0
    }
}
