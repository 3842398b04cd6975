//! Files that are mounted into services.

use super::postgres::{INIT_FIRST, INIT_FOLDER};
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

impl File {
    /// True if only a server that starts for the first time reads it.
    pub fn is_for_the_first_start(&self) -> bool {
        self.path.as_str().strip_prefix(INIT_FOLDER).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl Resolver<'_> {
    /// The files of a service, by their path. `like` may have brought some of another one.
    pub(super) fn files(&mut self, name: &ServiceName, written: &model::Files, taken: &[&str]) -> Vec<File> {
        let profile = self.profile;
        let own = profile.services.get(name);
        let owner = |path: &ContainerPath| {
            let is_own = own.is_some_and(|own| own.files.contains_key(path));
            // What is switched off has no files: those that it would share are this one's.
            own.and_then(|own| own.like.as_ref()).filter(|like| !is_own && profile.services.contains_key(*like)).unwrap_or(name)
        };
        self.mounted("services", name, written, taken, owner)
    }

    /// The files of a backing service, by their path.
    pub(super) fn store_files(&mut self, name: &ServiceName, written: &model::Files, taken: &[&str]) -> Vec<File> {
        let files = self.mounted("backing_services", name, written, taken, |_| name);
        let first = format!("{INIT_FOLDER}/{INIT_FIRST}");
        let is_postgres = matches!(self.profile.backing_services.get(name), Some(model::BackingService::Postgres(_)));
        for file in files.iter().filter(|_| is_postgres) {
            let at = KeyPath::of(&["backing_services", name.as_str(), "files", file.path.as_str()]);
            let name = file.path.as_str();
            if name == first {
                self.error(
                    "name-clash",
                    &at,
                    format!("`{name}` makes extensions and databases"),
                    "taken",
                    "give the file another name, such as `10-schema.sql`",
                );
            } else if file.is_for_the_first_start() && ![".sql", ".sql.gz", ".sql.xz", ".sql.zst", ".sh"].iter().any(|ending| name.ends_with(ending)) {
                let message = format!("the image's entry point leaves `{name}` out");
                self.error("invalid-name", &at, message, "never run", "let its name end with `.sql` or `.sh`");
            }
        }
        files
    }

    fn mounted<'n>(
        &mut self,
        section: &str,
        name: &'n ServiceName,
        written: &model::Files,
        taken: &[&str],
        owner: impl Fn(&ContainerPath) -> &'n ServiceName,
    ) -> Vec<File> {
        let mut files: Vec<File> = Vec::new();
        for (path, file) in written.iter() {
            let owner = owner(path);
            let root = [section, owner.as_str(), "files", path.as_str()];
            let at = KeyPath::of(&root);
            let place = |other: &str| other == path.as_str() || other.starts_with(&format!("{path}/"));
            if taken.iter().any(|other| place(other)) || written.keys().any(|other| other != path && place(other.as_str())) {
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
                    self.against(&["source"]);
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
