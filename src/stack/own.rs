//! What a team does itself: files that it keeps, changes to rendered files.

use super::resolve::Resolver;
use crate::key_path::KeyPath;
use crate::values::{KeyPathText, PatchTarget, RelativePath};
use serde::Serialize;
use serde_json::{Map, Value};

/// A file that somebody keeps by hand.
#[derive(Clone, Debug)]
pub struct Unmanaged {
    /// Its key in the profile.
    pub at: KeyPath,
    /// Path in the output folder.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A change of one rendered object.
#[derive(Clone, Debug, Serialize)]
pub struct Patch {
    /// Its key in the profile.
    #[serde(skip)]
    pub at: KeyPath,
    /// Its name.
    pub name: String,
    /// The object.
    pub target: PatchTarget,
    /// What is merged into it.
    pub merge: Map<String, Value>,
    /// What is taken out of it.
    #[serde(serialize_with = "paths")]
    pub remove: Vec<KeyPath>,
    /// Why.
    pub reason: String,
}

/// Lines that are put into one rendered file.
#[derive(Clone, Debug, Serialize)]
pub struct Snippet {
    /// Its key in the profile.
    #[serde(skip)]
    pub at: KeyPath,
    /// Its name.
    pub name: String,
    /// Path in the output folder.
    pub file: RelativePath,
    /// The line that it follows.
    pub after: String,
    /// The lines.
    pub text: String,
    /// Why.
    pub reason: String,
}

fn paths<S: serde::Serializer>(paths: &[KeyPath], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(ToString::to_string))
}

impl Resolver<'_> {
    pub(super) fn unmanaged(&self) -> Vec<Unmanaged> {
        let one = |(path, unmanaged): (&RelativePath, &crate::profile::model::Unmanaged)| Unmanaged {
            at: KeyPath::of(&["unmanaged", path.as_str()]),
            path: path.to_string(),
            reason: unmanaged.reason.to_string(),
        };
        self.profile.unmanaged.iter().map(one).collect()
    }

    pub(super) fn patches(&mut self) -> Vec<Patch> {
        let mut list = Vec::new();
        for (name, patch) in self.profile.patches.iter() {
            let at = KeyPath::of(&["patches", name.as_str()]);
            if patch.merge.0.is_empty() && patch.remove.is_empty() {
                let message = format!("`{at}` changes nothing");
                self.error("missing-key", &at, message, "nothing to do", "say what changes, with `merge` or `remove`");
            }
            self.patch_is_harmless(&at.key("merge"), &patch.target, &patch.merge.0);
            // What keeps a container in its place must not go, either.
            for (index, path) in patch.remove.iter().enumerate() {
                let path = path.path();
                if let Some(key) = path.0.iter().map(ToString::to_string).find(|key| self.guards(&patch.target, key)) {
                    self.takes_guard(&at.key("remove").index(index), &key);
                }
            }
            list.push(Patch {
                at,
                name: name.to_string(),
                target: patch.target.clone(),
                merge: patch.merge.0.clone(),
                remove: patch.remove.iter().map(KeyPathText::path).collect(),
                reason: patch.reason.to_string(),
            });
        }
        list
    }

    pub(super) fn snippets(&self) -> Vec<Snippet> {
        let one = |(name, snippet): (&crate::values::EntryName, &crate::profile::model::Snippet)| Snippet {
            at: KeyPath::of(&["snippets", name.as_str()]),
            name: name.to_string(),
            file: snippet.file.clone(),
            after: snippet.after.as_str().trim().to_owned(),
            text: snippet.text.as_str().trim_matches('\n').to_owned(),
            reason: snippet.reason.to_string(),
        };
        self.profile.snippets.iter().map(one).collect()
    }
}
