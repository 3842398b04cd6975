//! `infragen.lock`: what the last render wrote, so that a change of the profile and a change by hand can be told apart.

use super::{Content, Output};
use crate::source::Sources;
use crate::stack::Stack;
use crate::yaml::{self, Accept, Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Name of the file in an output folder.
pub const LOCK_FILE: &str = "infragen.lock";

/// What the last render wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Name of the profile that the folder belongs to.
    pub profile: String,
    /// The profile's file, from the project's root; `None` for one in `profiles/`.
    pub from: Option<String>,
    /// Version of infragen.
    pub generator: String,
    /// Digest of the Stack: a comment in a profile does not change it.
    pub stack: String,
    /// Digest of each file by its path.
    pub files: BTreeMap<String, String>,
}

impl Lock {
    /// The lock of a folder; `None` if there is none that can be read.
    pub fn of(output: &Output) -> Option<Self> {
        let Ok(Content::File { bytes, .. }) = output.read(LOCK_FILE) else { return None };
        std::str::from_utf8(&bytes).ok().and_then(Self::parse)
    }

    /// Reads a lock; `None` if the text is none: then every file that differs counts as edited by hand.
    pub fn parse(text: &str) -> Option<Self> {
        let mut sources = Sources::default();
        let id = sources.add(Path::new(LOCK_FILE), LOCK_FILE.into(), String::new());
        let node = yaml::parse_one(id, text, Accept::RENDERED).ok()??;
        let map = node.as_map()?;
        let text_of = |map: &Map, key: &str| map.get(key).and_then(|entry| entry.node.as_text()).map(str::to_owned);
        let mut files = BTreeMap::new();
        if let Some(Value::Map(entries)) = map.get("files").map(|entry| &entry.node.value) {
            for path in entries.keys() {
                // A path that leads elsewhere was not written by infragen.
                if !Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                    return None;
                }
                files.insert(path.clone(), text_of(entries, path)?);
            }
        }
        Some(Self {
            profile: text_of(map, "profile")?,
            from: text_of(map, "from"),
            generator: text_of(map, "generator")?,
            stack: text_of(map, "stack")?,
            files,
        })
    }

    /// The lock's text.
    pub fn text(&self) -> String {
        use crate::render::escape::yaml::scalar;
        let mut text = String::from("# Written by infragen render: what it wrote last. Commit it, and let nobody edit it.\n");
        let _ = writeln!(text, "profile: {}", scalar(&self.profile));
        if let Some(from) = &self.from {
            let _ = writeln!(text, "from: {}", scalar(from));
        }
        let _ = write!(text, "generator: '{}'\nstack: {}\nfiles:", self.generator, self.stack);
        if self.files.is_empty() {
            text.push_str(" {}");
        }
        for (path, digest) in &self.files {
            let _ = write!(text, "\n  {}: {digest}", scalar(path));
        }
        text.push('\n');
        text
    }
}

/// Digest of a file's bytes.
pub fn digest(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Digest of everything that decides what is rendered.
///
/// # Panics
/// Never: a Stack has text keys only.
pub fn stack_digest(stack: &Stack) -> String {
    digest(&serde_json::to_vec(stack).expect("internal error: a Stack cannot be serialized"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reads_what_it_writes() {
        let files: BTreeMap<_, _> = [("k8s/api.yaml".to_owned(), digest(b"a")), (".env.production.example".to_owned(), digest(b"b"))].into();
        for from in [None, Some("infra/p.yaml".to_owned())] {
            let lock = Lock { profile: "p".into(), from, generator: "0.1.0".into(), stack: digest(b"s"), files: files.clone() };
            assert_eq!(Lock::parse(&lock.text()), Some(lock));
        }
        assert_eq!(Lock::parse("<<<<<<< HEAD\nfoo\n"), None);
        assert_eq!(Lock::parse(""), None);
        assert_eq!(Lock::parse("profile: p\ngenerator: '1'\nstack: s\nfiles:\n  ../x: d\n"), None);
    }
}
