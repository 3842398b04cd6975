//! Servers of images that something is known of: backing services, and services that the public reaches.

use super::{Command, EnvValue, EnvVar, ServiceKind, Stack, Tmpfs};
use crate::key_path::KeyPath;
use crate::known_images::{self, KnownImage};
use crate::values::ServiceName;

/// A server whose image is known.
pub struct KnownServer<'s> {
    /// What is known of its image.
    pub image: &'static KnownImage,
    /// Its name.
    pub name: &'s ServiceName,
    /// Its key in the profile.
    pub path: KeyPath,
    /// Its environment.
    pub env: &'s [EnvVar],
    /// What stands in place of the image's entry point.
    pub entrypoint: Option<&'s [String]>,
    /// Program and arguments; empty for the image's own.
    pub command: &'s [String],
    /// Names and folders of its volumes.
    pub volumes: Vec<(&'s ServiceName, &'s str)>,
    /// Folders in memory.
    pub tmpfs: &'s [Tmpfs],
    /// True if it has files of its own, which may say anything.
    pub has_files: bool,
}

impl Stack {
    /// The servers whose images are known, in the order of the profile.
    pub fn known_servers(&self) -> Vec<KnownServer<'_>> {
        let stores = self.backing_services.iter().filter_map(|store| {
            let container = store.kind.container()?;
            Some(KnownServer {
                image: known_images::known(container.image.name.as_str())?,
                name: &store.name,
                path: KeyPath::of(&["backing_services", store.name.as_str()]),
                env: &container.env,
                entrypoint: container.entrypoint.as_deref(),
                command: store.server.as_ref().map(|server| server.command.as_slice()).unwrap_or_default(),
                volumes: container.volumes.iter().map(|volume| (&volume.name, volume.path.as_str())).collect(),
                tmpfs: &container.tmpfs,
                has_files: store.server.as_ref().is_none_or(|server| !server.files.is_empty()),
            })
        });
        // The edge leads to services alone: a store for browsers is one of them.
        let services = self.services.iter().filter_map(|service| {
            let Command::Args(command) = &service.command else { return None };
            let image = known_images::known(service.image.name.as_str()).filter(|_| service.build_context().is_none())?;
            (service.kind == ServiceKind::Web && image.is_started_by(command)).then(|| KnownServer {
                image,
                name: &service.name,
                path: KeyPath::of(&["services", service.name.as_str()]),
                env: &service.env,
                entrypoint: service.process.entrypoint.as_deref(),
                command,
                volumes: service.volumes.iter().map(|mount| (&mount.volume, mount.path.as_str())).collect(),
                tmpfs: &service.tmpfs,
                has_files: !service.files.is_empty(),
            })
        });
        stores.chain(services).collect()
    }
}

impl KnownServer<'_> {
    /// The folder with all that it keeps; `None` if it keeps nothing here, or where nobody knows.
    pub fn data(&self) -> Option<&str> {
        // MinIO is told its folder.
        if self.image.name != "minio" || self.command.is_empty() {
            return Some(self.image.data);
        }
        let mut words = self.command.iter().flat_map(|arg| arg.split_whitespace()).skip_while(|word| *word != "server").skip(1);
        words.find(|word| word.starts_with('/') || word.contains("://")).filter(|word| !word.contains([':', '{', '$']))
    }

    /// True if its command, its entry point or a text in its environment speaks of something.
    pub fn speaks_of(&self, what: &str) -> bool {
        let texts = self.env.iter().filter_map(|var| if let EnvValue::Literal(text) = &var.value { Some(text) } else { None });
        self.command.iter().chain(self.entrypoint.into_iter().flatten()).chain(texts).any(|text| text.contains(what))
    }
}
