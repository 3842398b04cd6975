//! Volumes of the user's own services: what outlives their containers.

use super::resolve::Resolver;
use super::{BackingService, Service, defaults};
use crate::key_path::KeyPath;
use crate::profile::model::VolumeUse;
use crate::values::{ContainerPath, HostPath, Scalar, ServiceName, Size, VolumeName};
use serde::Serialize;

/// Where the build puts what a volume would hide.
const PLACES_OF_THE_IMAGE: [&str; 2] = ["/srv", "/opt/venv"];

/// What container engines listen on.
const SOCKETS: [&str; 5] = ["/docker.sock", "/podman.sock", "/containerd.sock", "/crio.sock", "/cri-dockerd.sock"];
/// Folders of a host that are none of a service's business.
const SYSTEM: [&str; 19] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/run",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/kubelet",
    "/var/log",
];

/// A volume of one service, or of several that share it.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: ServiceName,
    /// What it is.
    pub source: VolumeSource,
    /// True if more than one container mounts it at a time.
    pub shared: bool,
}

/// What a volume is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeSource {
    /// One of this deployment, so large; Docker does not enforce it.
    Own(Size),
    /// A folder of the host: absolute, or below the project's root.
    Host(String),
    /// One that is there already.
    External(VolumeName),
}

impl VolumeSource {
    /// How large it is, if this deployment makes it.
    pub fn size(&self) -> Option<Size> {
        match self {
            Self::Own(size) => Some(*size),
            Self::External(_) | Self::Host(_) => None,
        }
    }

    /// Its name, if it is there already.
    pub fn external(&self) -> Option<String> {
        match self {
            Self::External(name) => Some(name.to_string()),
            Self::Own(_) | Self::Host(_) => None,
        }
    }
}

impl Volume {
    /// True if this deployment makes it.
    pub fn is_own(&self) -> bool {
        matches!(self.source, VolumeSource::Own(_))
    }

    /// The folder of the host, if it is one.
    pub fn host(&self) -> Option<&str> {
        match &self.source {
            VolumeSource::Host(path) => Some(path),
            VolumeSource::Own(_) | VolumeSource::External(_) => None,
        }
    }
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
            let uses: Vec<_> = profile.services.iter().filter_map(|(service, written)| Some((service, written.volumes.get(name)?))).collect();
            let source = self.volume_source(name, &uses);
            if let (true, Some((service, _))) = (backing.iter().any(|store| store.name == *name), uses.first()) {
                let path = KeyPath::of(&["services", service.as_str(), "volumes", name.as_str()]);
                self.error("name-clash", &path, format!("`{name}` is the volume of the backing service"), "taken", "give the volume another name");
            }
            let containers: u32 = services.iter().filter(|service| service.volumes.iter().any(|mount| mount.volume == *name)).map(Service::most_replicas).sum();
            volumes.push(Volume { name: name.clone(), source, shared: containers > 1 });
        }
        volumes
    }

    /// What a volume is: one of those that share it says so, and nobody says anything else.
    fn volume_source(&mut self, name: &ServiceName, uses: &[(&ServiceName, &VolumeUse)]) -> VolumeSource {
        let at = |service: &ServiceName, key| KeyPath::of(&["services", service.as_str(), "volumes", name.as_str(), key]);
        let host = self.agreed(name, "host", uses, |usage| usage.host.as_ref().map(ToString::to_string));
        let external = self.agreed(name, "external", uses, |usage| usage.external.as_ref().map(ToString::to_string));
        let size = self.agreed(name, "size", uses, |usage| usage.size);
        for (service, usage) in uses.iter().filter(|_| external.is_some() || host.is_some()) {
            if usage.size.is_some() {
                let message = format!("nothing here decides how large `{name}` is");
                self.error("misplaced-key", &at(service, "size"), message, "not used", "remove it, or `host` and `external`");
            }
            if usage.external.is_some() && host.is_some() {
                let message = format!("`{name}` is a folder of the host and a volume that is there already");
                self.error("contradiction", &at(service, "external"), message, "only one can be", "remove `host` or `external`");
                self.against(&["host"]);
            }
        }
        if let Some(path) = host {
            if let Some((service, usage)) = uses.iter().find(|(_, usage)| usage.host.is_some()) {
                let written = usage.host.as_ref().map(HostPath::as_str).unwrap_or_default();
                self.safe_on_the_host(&at(service, "host"), written);
            }
            return VolumeSource::Host(path.strip_prefix("./").unwrap_or(&path).to_owned());
        }
        if let Some(external) = external.and_then(|external| VolumeName::parse(&external).ok()) {
            if let Some((service, _)) = uses.iter().find(|(_, usage)| usage.external.is_some()) {
                self.is_there_already(&at(service, "external"), &external, None);
            }
            return VolumeSource::External(external);
        }
        let size = size.unwrap_or(defaults::VOLUME);
        for (service, _) in uses.iter().filter(|(_, usage)| usage.size.is_none()) {
            self.origins.default_taken(at(service, "size"), size.to_string(), "as another service that shares it says, or enough to start");
        }
        VolumeSource::Own(size)
    }

    /// Checks what is said of a volume that somebody else made: that a cluster can have it, and no `size`.
    pub(super) fn is_there_already(&mut self, at: &KeyPath, external: &VolumeName, size: Option<KeyPath>) {
        if let Some(size) = size {
            let key = at.0.last().map(ToString::to_string).unwrap_or_default();
            self.error("misplaced-key", &size, format!("nothing here decides how large `{external}` is"), "not used", &format!("remove it, or `{key}`"));
        }
        if self.profile.targets.kubernetes.is_some() && !external.is_claim() {
            let message = format!("no claim on Kubernetes can have the name `{external}`");
            let help = "use lower-case letters, digits, `.` and `-`, or leave Kubernetes out";
            self.error("contradiction", at, message, "no such claim", help);
        }
    }

    /// A volume that is there already has one server: two would write over each other.
    pub(super) fn volumes_of_stores(&mut self, stores: &[BackingService]) {
        let mut seen: Vec<(String, &ServiceName)> = Vec::new();
        for store in stores {
            let at = KeyPath::of(&["backing_services", store.name.as_str()]);
            let own = store.server.iter().filter_map(|server| Some((at.key("volume"), server.volume.as_ref()?.to_string())));
            let container = store.kind.container().map(|container| container.volumes.as_slice()).unwrap_or_default().iter();
            let more = container.filter_map(|volume| Some((at.key("volumes").key(volume.name.as_str()).key("external"), volume.source.external()?)));
            for (path, volume) in own.chain(more) {
                if let Some((_, other)) = seen.iter().find(|(known, _)| *known == volume) {
                    let message = format!("`{volume}` is the volume of `{other}` already");
                    self.error("name-clash", &path, message, "taken", "name another one: two servers would write over each other's data");
                }
                seen.push((volume, &store.name));
            }
        }
    }

    /// What the services that share a volume say of it, if they say one thing.
    fn agreed<T: PartialEq + std::fmt::Display>(
        &mut self,
        name: &ServiceName,
        key: &'static str,
        uses: &[(&ServiceName, &VolumeUse)],
        of: impl Fn(&VolumeUse) -> Option<T>,
    ) -> Option<T> {
        let mut said = uses.iter().filter_map(|(service, usage)| Some((*service, of(usage)?)));
        let (_, first) = said.next()?;
        for (service, other) in said.filter(|(_, other)| *other != first) {
            let path = KeyPath::of(&["services", service.as_str(), "volumes", name.as_str(), key]);
            let message = format!("the volume `{name}` has `{key}: {other}` here and `{first}` elsewhere");
            self.error("contradiction", &path, message, "something else", "one service says it; the others need not");
        }
        Some(first)
    }

    /// Refuses a text that names an engine's socket.
    pub(super) fn has_no_socket(&mut self, at: &KeyPath, text: &str) {
        if SOCKETS.iter().any(|socket| text.contains(socket)) {
            let message = format!("`{}` is the container engine's socket: whoever has it is root on the host", text.escape_debug());
            self.error("engine-socket", at, message, "never mounted", "let the script that deploys, or a timer of the host, do what needs the engine");
        }
    }

    /// Refuses what no service may see of a host.
    fn safe_on_the_host(&mut self, at: &KeyPath, path: &str) {
        let is_socket = SOCKETS.iter().any(|socket| path.ends_with(socket));
        let is_below = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
        if is_socket {
            self.has_no_socket(at, path);
        } else if is_below("/etc/localtime") || is_below("/etc/timezone") || is_below("/usr/share/zoneinfo") {
            let message = format!("`{path}` would make the time zone the host's");
            self.error("system-path", at, message, "belongs to the system", "set a variable in its place: `env: {TZ: Europe/Zurich}`");
        } else if matches!(path, "/" | "/var" | "/home") || SYSTEM.iter().any(|folder| is_below(folder)) {
            let message = format!("`{path}` belongs to the host's system");
            self.error("system-path", at, message, "belongs to the system", "give the service a folder of its own, such as `/srv/shop/data`");
        }
    }
}
