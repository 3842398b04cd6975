//! Volumes of the user's own services: what outlives their containers.

use super::resolve::Resolver;
use super::{BackingService, Service, defaults};
use crate::key_path::KeyPath;
use crate::values::{ContainerPath, ServiceName, Size};
use serde::Serialize;

/// Where the build puts what a volume would hide.
const PLACES_OF_THE_IMAGE: [&str; 2] = ["/srv", "/opt/venv"];

/// A volume of one service, or of several that share it.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: ServiceName,
    /// How large it is; Docker does not enforce it.
    pub size: Size,
    /// True if more than one container mounts it at a time.
    pub shared: bool,
}

/// Where a service finds a volume.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// Name of the volume.
    pub volume: ServiceName,
    /// The folder.
    pub path: ContainerPath,
    /// True if the service may not write to it.
    pub read_only: bool,
}

impl Resolver<'_> {
    /// The mounts of a service, besides those that are in memory.
    pub(super) fn mounts(&mut self, name: &ServiceName, is_built: bool, in_memory: &[super::Tmpfs]) -> Vec<Mount> {
        let Some(written) = self.profile.services.get(name) else { return Vec::new() };
        let mut mounts: Vec<Mount> = Vec::new();
        for (volume, usage) in written.volumes.iter() {
            let path = ["services", name.as_str(), "volumes", volume.as_str(), "path"];
            let at = KeyPath::of(&path);
            let folder = usage.path.as_str();
            let hides = |place: &&&str| {
                **place == folder || place.starts_with(&format!("{folder}/")) || (**place != "/srv" && folder.starts_with(&format!("{place}/")))
            };
            if let Some(place) = PLACES_OF_THE_IMAGE.iter().find(hides).filter(|_| is_built) {
                let message = format!("a volume at `{folder}` hides what the image has in `{place}`");
                self.error("contradiction", &at, message, "taken", "use a folder of its own, such as `/srv/uploads`");
            } else if in_memory.iter().any(|tmpfs| tmpfs.path == folder) || mounts.iter().any(|mount| mount.path.as_str() == folder) {
                self.error("name-clash", &at, format!("`{name}` has something else at `{folder}`"), "mounted twice", "use another folder");
            }
            let read_only = self.or(&[path[0], path[1], path[2], path[3], "read_only"], usage.read_only, false, "most volumes are written to");
            mounts.push(Mount { volume: volume.clone(), path: usage.path.clone(), read_only });
        }
        mounts
    }

    /// The volumes of all services, in the order of the profile.
    pub(super) fn volumes(&mut self, services: &[Service], backing: &[BackingService]) -> Vec<Volume> {
        let profile = self.profile;
        let mut volumes: Vec<Volume> = Vec::new();
        for mount in services.iter().flat_map(|service| &service.volumes) {
            let name = &mount.volume;
            if volumes.iter().any(|volume| volume.name == *name) {
                continue;
            }
            let at = |service: &ServiceName, key| KeyPath::of(&["services", service.as_str(), "volumes", name.as_str(), key]);
            let uses: Vec<_> = profile.services.iter().filter_map(|(service, written)| Some((service, written.volumes.get(name)?))).collect();
            let mut sizes = uses.iter().filter_map(|(service, usage)| Some((*service, usage.size?)));
            let first = sizes.next().map(|(_, size)| size);
            for (service, other) in sizes.filter(|(_, other)| first.is_some_and(|first| first != *other)) {
                let message = format!("the volume `{name}` is {other} here and another size elsewhere");
                self.error("contradiction", &at(service, "size"), message, "another size", "one service says its size; the others need not");
            }
            let size = first.unwrap_or(defaults::VOLUME);
            for (service, _) in uses.iter().filter(|(_, usage)| usage.size.is_none()) {
                self.origins.default_taken(at(service, "size"), size.to_string(), "as another service that shares it says, or enough to start");
            }
            if let (true, Some((service, _))) = (backing.iter().any(|store| store.name == *name), uses.first()) {
                let path = KeyPath::of(&["services", service.as_str(), "volumes", name.as_str()]);
                self.error("name-clash", &path, format!("`{name}` is the volume of the backing service"), "taken", "give the volume another name");
            }
            let containers: u32 =
                services.iter().filter(|service| service.volumes.iter().any(|mount| mount.volume == *name)).map(|service| service.replicas).sum();
            volumes.push(Volume { name: name.clone(), size, shared: containers > 1 });
        }
        volumes
    }
}
