//! Files that are mounted into services.

use super::Mount;
use super::resolve::Resolver;
use crate::key_path::KeyPath;
use crate::profile::model::{self, FileMode};
use crate::values::{ContainerPath, RelativePath, ServiceName};
use serde::Serialize;

/// A file that a service may read.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Where the service finds it.
    pub path: ContainerPath,
    /// What it is.
    pub content: FileContent,
}

/// What a mounted file is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileContent {
    /// A file of the repository.
    Source(RelativePath),
    /// This text.
    Text {
        /// All of it.
        text: String,
        /// True for a script.
        executable: bool,
        /// The service that it stands at: others that are like it share it.
        owner: ServiceName,
    },
}

impl Resolver<'_> {
    /// The files of a service, by their path. `like` may have brought some of another one.
    pub(super) fn files(&mut self, name: &ServiceName, written: &model::Service, in_memory: &[super::Tmpfs], volumes: &[Mount]) -> Vec<File> {
        let profile = self.profile;
        let own = profile.services.get(name);
        let mut files: Vec<File> = Vec::new();
        for (path, file) in written.files.iter() {
            let is_own = own.is_some_and(|own| own.files.contains_key(path));
            // What is switched off has no files: those that it would share are this one's.
            let owner = own.and_then(|own| own.like.as_ref()).filter(|like| !is_own && profile.services.contains_key(*like)).unwrap_or(name);
            let root = ["services", owner.as_str(), "files", path.as_str()];
            let at = KeyPath::of(&root);
            let place = |other: &str| other == path.as_str() || other.starts_with(&format!("{path}/"));
            let mut others = in_memory.iter().map(|tmpfs| tmpfs.path.as_str()).chain(volumes.iter().map(|mount| mount.path.as_str()));
            if others.any(place) || written.files.keys().any(|other| other != path && place(other.as_str())) {
                self.error("name-clash", &at, format!("`{name}` has something else at `{path}`, or below it"), "no place for a file", "use another path");
            }
            let content = match (&file.source, &file.text) {
                (Some(source), None) => {
                    if file.mode.is_some() {
                        let help = "remove it, and set the mode of the file itself";
                        self.error("misplaced-key", &at.key("mode"), format!("`{source}` has the mode that it has in the repository"), "not used", help);
                    }
                    FileContent::Source(source.clone())
                }
                (None, Some(text)) => {
                    let mode = self.or(&[root[0], root[1], root[2], root[3], "mode"], file.mode, FileMode::Plain, "most files are read only");
                    FileContent::Text { text: text.content(), executable: mode == FileMode::Executable, owner: owner.clone() }
                }
                (Some(_), Some(_)) => {
                    self.error("contradiction", &at.key("text"), format!("`{path}` has `source` and `text`"), "only one can be", "remove one of them");
                    continue;
                }
                (None, None) => {
                    self.error(
                        "missing-key",
                        &at,
                        format!("`{at}` needs `source` or `text`"),
                        "nothing says what is in it",
                        "add `source: FILE`, a file of the repository, or `text: |` and the text below it",
                    );
                    continue;
                }
            };
            files.push(File { path: path.clone(), content });
        }
        // The order of a map means nothing.
        files.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
        files
    }
}
