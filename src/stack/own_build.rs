//! Images that a Dockerfile of the repository makes: nothing else is known of them.

use super::environment::Book;
use super::resolve::{Resolver, known};
use super::{Service, Stack};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::profile::variants;
use crate::values::{BuildPath, RelativePath, ServiceName, StageName};
use serde::Serialize;

/// How a Dockerfile of the repository makes an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnBuild {
    /// The Dockerfile, relative to the project's root.
    pub dockerfile: RelativePath,
    /// Folder with the source, relative to the project's root.
    pub context: BuildPath,
    /// Stage; `None` for the last.
    pub target: Option<StageName>,
    /// Build arguments with their values.
    pub args: Vec<(String, String)>,
    /// Secrets that only the build reads.
    pub secrets: Vec<String>,
}

impl Service {
    /// The folder that its image is built from, if it is built here.
    pub fn build_context(&self) -> Option<&BuildPath> {
        self.build.as_ref().map(|build| &build.context).or(self.own_build.as_ref().map(|build| &build.context))
    }
}

impl Stack {
    /// Secrets that only builds read; some may be there twice.
    pub fn build_secrets(&self) -> impl Iterator<Item = &String> {
        let owners = self.services.iter().filter(|service| service.image_owner == service.name);
        owners.flat_map(|service| {
            let rendered = service.build.iter().flat_map(|build| &build.secrets);
            rendered.chain(service.own_build.iter().flat_map(|build| &build.secrets))
        })
    }
}

impl Resolver<'_> {
    /// The build of a service by a Dockerfile of the repository, if that is what it says.
    pub(super) fn own_build(&mut self, name: &ServiceName, written: &model::Build, book: &mut Book) -> Option<OwnBuild> {
        let dockerfile = written.dockerfile.clone()?;
        // What `like` brought is another service's build.
        let own = self.profile.services.get(name);
        let is_own = own.is_some_and(|service| service.build.is_some());
        let place = own.and_then(|service| service.like.as_ref()).filter(|_| !is_own).unwrap_or(name).clone();
        if is_own {
            let message = |key: &str| format!("`{dockerfile}` decides over `{key}`: no Dockerfile is rendered");
            let build = KeyPath::of(&["services", place.as_str(), "build"]);
            self.misplaced(&build, variants::OF_A_RENDERED_BUILD, message, "remove it, or remove `dockerfile`");
            self.build_secrets(name, written, book);
        }
        let path = ["services", place.as_str(), "build", "context"];
        Some(OwnBuild {
            dockerfile,
            context: self.or(&path, written.context.clone(), known("."), "the project's root"),
            target: written.target.clone(),
            args: written.args.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            secrets: written.secrets.iter().map(ToString::to_string).collect(),
        })
    }

    /// Notes who builds with which secrets.
    pub(super) fn build_secrets(&mut self, name: &ServiceName, written: &model::Build, book: &mut Book) {
        for (index, secret) in written.secrets.iter().enumerate() {
            if self.profile.secrets.contains_key(secret) {
                book.build_secret(secret.as_str(), name.as_str());
            } else {
                let path = KeyPath::of(&["services", name.as_str(), "build", "secrets"]).index(index);
                self.unknown_secret(secret, &path);
            }
        }
    }

    /// What a rendered Dockerfile has to know.
    pub(super) fn language(&mut self, name: &ServiceName, written: &model::Build) -> Option<(model::Runtime, crate::values::Version)> {
        let root = KeyPath::of(&["services", name.as_str(), "build"]);
        if let Some(target) = &written.target {
            self.error("misplaced-key", &root.key("target"), format!("nothing has a stage `{target}`"), "not used", "remove it, or add `dockerfile`");
        }
        match (written.runtime, &written.version) {
            (Some(runtime), Some(version)) => return Some((runtime, version.clone())),
            (Some(_), None) => {
                let message = format!("`{root}` needs the key `version`");
                self.error("missing-key", &root, message, "missing here", "add `version: \"3.12\"` (version of the language, in quotes)");
            }
            (None, _) => {
                let message = format!("`{root}` needs one of the keys `runtime` and `dockerfile`");
                self.error(
                    "missing-key",
                    &root,
                    message,
                    "missing here",
                    "add `runtime: python` and its `version`, or `dockerfile: FILE`, which is in the repository",
                );
            }
        }
        None
    }
}
