//! The profile fully resolved: nothing is left to a default, and every value knows its origin.
//!
//! Targets read a [`Stack`] and nothing else, so that what two artifacts both need is decided once, here.

mod acme;
mod alike;
mod autoscale;
mod backing;
mod backups;
pub mod calls;
mod cluster;
mod connections;
mod containers;
mod defaults;
mod delivery;
mod edge;
mod environment;
mod errors;
mod escape;
mod files;
mod generated;
mod health;
mod known;
mod logs;
mod origin;
mod own;
mod own_build;
mod parameters;
mod postgres;
mod process;
mod relations;
mod resolve;
mod routes;
mod services;
mod switched_off;
mod targets;
mod url;
mod variables;
mod volumes;

pub use crate::profile::model::{
    Condition, Delivery, EnvironmentKind, GenerateKind, IngressController, Interface, PackageManager, Protocol, RedisEviction, Runtime, SecretSource,
    SecretStoreKind, ServiceKind, StopSignal,
};
pub use acme::Acme;
pub use alike::{SHARED, at_originals};
pub use autoscale::Autoscale;
pub use backing::{Backing, BackingService, Database, Login, Need, Server};
pub use backups::{Backup, BackupPlace};
pub use connections::{Connections, Demand, Pool};
pub use containers::{Container, ContainerUrl, ContainerVolume};
pub use defaults::{KUBERNETES_NEWEST, NGINX_VERSION, POSTGRES_SPARE, STOP_GRACE, WORKER_MEMORY, WORKERS_LEAST};
pub use delivery::{CERTIFICATE, CERTIFICATE_KEY, SecretFile, SecretReader, SourceReader};
pub use edge::{Edge, FileSource, HiddenPath, Host, Limits, RateLimit, Route, RouteAction, TlsKind};
pub use escape::{Escape, PodEscape};
pub use files::{File, FileContent};
pub use health::Health;
pub use known::KnownServer;
pub use logs::Logs;
pub use origin::{Origin, Origins, Resolved};
pub use own::{Patch, Snippet, Unmanaged};
pub use own_build::OwnBuild;
pub use postgres::INIT_FOLDER;
pub use process::{Limit, METRICS, NamedPort, Process, SHARED_MEMORY};
pub use resolve::resolve;
pub use targets::{ComposeTarget, Dns, EdgeField, ExternalSecrets, Gateway, KubernetesTarget, NginxTarget, Targets};
pub use variables::{AddressOf, Connection, EnvValue, EnvVar, Parameter, Secret, SecretValue, Variable};
pub use volumes::{Mount, Volume, VolumeSource};

use crate::key_path::KeyPath;
use crate::values::{
    AppPath, BuildPath, Cpu, Cron, Date, Duration, GeneratorVersion, HostPort, ImageName, ImageTag, IpAddress, PackageName, Port, ProjectName, RelativePath,
    RuleName, ServiceName, Size, UserId, Version, Workers,
};
use serde::Serialize;
use std::path::PathBuf;

/// Name of the edge among the services: its host name on Compose.
pub const EDGE_NAME: &str = "nginx";

/// Name of the client that gets certificates: a service and a volume on Compose.
pub const ACME_NAME: &str = "acme";

/// Where containers find the files of their secrets.
pub const SECRETS_FOLDER: &str = "/run/secrets";

/// Variables that Docker reads itself start so.
pub const DOCKERS_OWN: [&str; 3] = ["COMPOSE_", "DOCKER_", "BUILDKIT_"];

/// How the secrets start that development gets as it is copied: they are known to everybody.
pub const DEVELOPMENT_MARK: &str = "development-only-";

/// Settings of the env file that every deployment on one host may have.
pub const HTTP_PORT: &str = "HTTP_PORT";
/// See [`HTTP_PORT`].
pub const HTTPS_PORT: &str = "HTTPS_PORT";

/// One environment of one project, fully resolved.
#[derive(Clone, Debug, Serialize)]
pub struct Stack {
    /// Name of the profile.
    pub profile: String,
    /// Name of the project.
    pub project: ProjectName,
    /// Name of this deployment on a host or in a cluster that the project's other profiles may share.
    pub deployment: ProjectName,
    /// Kind of the environment.
    pub environment: EnvironmentKind,
    /// The services, in the order of the profile.
    pub services: Vec<Service>,
    /// The backing services, in the order of the profile.
    pub backing_services: Vec<BackingService>,
    /// Backups of the backing services that have any, in the order of the profile.
    pub backups: Vec<Backup>,
    /// The volumes of the services, in the order of the profile.
    pub volumes: Vec<Volume>,
    /// The edge, if there is one.
    pub edge: Option<Edge>,
    /// Every secret that a service or a backing service reads, sorted by name.
    pub secrets: Vec<Secret>,
    /// Every parameter of the env file, in the order of the profile, then those of the host.
    pub parameters: Vec<Parameter>,
    /// Where the output of containers goes on a host.
    pub logs: Logs,
    /// What is rendered.
    pub targets: Targets,
    /// Where the artifacts go, relative to the project's root.
    pub output_dir: String,
    /// The version of infragen that has to render it. It changes no file.
    #[serde(skip)]
    pub generator: Option<GeneratorVersion>,
    /// Files that are not rendered, because somebody keeps them by hand.
    #[serde(skip)]
    pub unmanaged: Vec<Unmanaged>,
    /// Changes of rendered objects, in the order of the profile.
    pub patches: Vec<Patch>,
    /// Lines for rendered files, in the order of the profile.
    pub snippets: Vec<Snippet>,
    /// Folder below the project's root with templates that take the place of infragen's.
    pub templates: Option<RelativePath>,
    /// The project's root: only for finding those templates.
    #[serde(skip)]
    pub root: PathBuf,
    /// The profile's file: for the lock, which says whose files are in a folder.
    #[serde(skip)]
    pub file: PathBuf,
    /// Findings that are accepted for a while. They change no file.
    #[serde(skip)]
    pub waivers: Vec<Waiver>,
    /// Hosts of the edge that a profile of another environment names, and its kind.
    #[serde(skip)]
    pub inherited_hosts: Vec<(String, EnvironmentKind)>,
    /// Hosts of the edge that `remove` has taken out of what is extended.
    #[serde(skip)]
    pub removed_hosts: Vec<String>,
    /// True if the profile takes the edge out that it inherits, or a part of it.
    #[serde(skip)]
    pub removes_edge: bool,
    /// Managed servers whose host and database are written in a profile of another environment.
    #[serde(skip)]
    pub inherited_stores: Vec<(KeyPath, EnvironmentKind)>,
    /// What is declared and used by nothing.
    #[serde(skip)]
    pub unused: Vec<(KeyPath, &'static str)>,
    /// Where each value comes from.
    #[serde(skip)]
    pub origins: Origins,
}

/// A process of the user's own.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Its name and host name.
    pub name: ServiceName,
    /// What kind of process it is.
    pub kind: ServiceKind,
    /// The image that it runs.
    pub image: Image,
    /// How the image is built. Services that share an image have equal builds.
    pub build: Option<Build>,
    /// How a Dockerfile of the repository makes it. At most one of the two is there.
    pub own_build: Option<OwnBuild>,
    /// The first service with this image: the one that builds it and whose name its tag variable has.
    pub image_owner: ServiceName,
    /// What is executed.
    pub command: Command,
    /// Port that it listens on.
    pub port: Option<Port>,
    /// Port of the host that leads straight to it.
    pub publish: Option<Publish>,
    /// Further ports.
    pub ports: Vec<NamedPort>,
    /// Other names that it is reached by.
    pub aliases: Vec<ServiceName>,
    /// How its process is run.
    pub process: Process,
    /// What it says in the words of a target.
    pub escape: Escape,
    /// True if it is never there twice.
    pub singleton: bool,
    /// How others find out whether it works.
    pub health: Health,
    /// Number of instances.
    pub replicas: u32,
    /// What else decides over their number.
    pub autoscale: Option<Autoscale>,
    /// CPU and memory of each instance.
    pub resources: Resources,
    /// Its environment, in the order of the profile.
    pub env: Vec<EnvVar>,
    /// What has to be there before it starts.
    pub depends_on: Vec<Dependency>,
    /// Connections that it keeps to PostgreSQL, in the order of the backing services.
    pub pools: Vec<Pool>,
    /// What it may reach besides its dependencies.
    pub egress: Vec<HostPort>,
    /// True if it reports errors to a host that only the env file names: by HTTPS.
    pub reports_errors: bool,
    /// When it runs, for a cron service.
    pub schedule: Option<Cron>,
    /// Time that a run may take, of what ends by itself.
    pub deadline: Option<Duration>,
    /// Who it runs as; `None` leaves it to the image.
    pub user: Option<UserId>,
    /// Folders in memory that it may write to.
    pub tmpfs: Vec<Tmpfs>,
    /// What outlives its containers.
    pub volumes: Vec<Mount>,
    /// Files that are mounted, by their path.
    pub files: Vec<File>,
    /// Most processes of each instance.
    pub pids: u32,
    /// Time from the signal to stop until it is killed.
    pub stop_grace: Duration,
}

/// An image without a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Name with the registry.
    pub name: ImageName,
    /// Tag.
    pub tag: ImageTag,
}

impl Image {
    /// `NAME:TAG`.
    pub fn reference(&self) -> String {
        format!("{}:{}", self.name, self.tag)
    }
}

/// How an image is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Language.
    pub runtime: Runtime,
    /// Version of the language.
    pub version: Version,
    /// The image that it is built on.
    pub base: String,
    /// What installs dependencies.
    pub package_manager: PackageManager,
    /// Its version; `None` for what every Python has.
    pub package_manager_version: Option<Version>,
    /// Folder with the source, relative to the project's root.
    pub context: BuildPath,
    /// What the image carries; empty for everything.
    pub include: Vec<RelativePath>,
    /// Debian packages of the last stage.
    pub system_packages: Vec<PackageName>,
    /// Debian packages that installing dependencies needs.
    pub build_packages: Vec<PackageName>,
    /// Build arguments with their values.
    pub args: Vec<(String, String)>,
    /// Secrets that only the build reads.
    pub secrets: Vec<String>,
}

impl Interface {
    /// Threads of each worker, where it has some.
    pub fn threads(self) -> Option<u32> {
        (self == Self::Wsgi).then_some(defaults::WSGI_THREADS)
    }
}

/// What a service executes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// What the image says.
    Image,
    /// These arguments.
    Args(Vec<String>),
    /// Gunicorn.
    Gunicorn {
        /// The application.
        app: AppPath,
        /// How it is called.
        interface: Interface,
        /// Worker processes.
        workers: Workers,
        /// When a silent worker is replaced.
        timeout: Duration,
        /// What running requests get at the end.
        graceful_timeout: Duration,
    },
    /// One Uvicorn process.
    Uvicorn {
        /// The application.
        app: AppPath,
        /// Restart on changes.
        reload: bool,
    },
}

/// A port of the host.
#[derive(Clone, Debug, Serialize)]
pub struct Publish {
    /// Address of the host.
    pub address: IpAddress,
    /// Port of the host.
    pub port: Port,
}

/// CPU and memory.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    /// Set aside.
    pub request_cpu: Cpu,
    /// Set aside.
    pub request_memory: Size,
    /// At most.
    pub limit_cpu: Cpu,
    /// At most.
    pub limit_memory: Size,
}

/// Something that has to be there first.
#[derive(Clone, Debug, Serialize)]
pub struct Dependency {
    /// A service or a backing service.
    pub name: ServiceName,
    /// In which condition.
    pub condition: Condition,
}

/// A folder in memory.
#[derive(Clone, Debug, Serialize)]
pub struct Tmpfs {
    /// Where.
    pub path: String,
    /// Largest size.
    pub size: Size,
}

/// Findings of one rule that are accepted for a while.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Its key in the profile.
    pub at: KeyPath,
    /// The rule.
    pub rule: RuleName,
    /// Only at this key or below it; the root for all.
    pub path: KeyPath,
    /// The last day on which it holds.
    pub until: Date,
}

impl Stack {
    /// True if the profile changes files that are rendered, or keeps some by hand.
    pub fn has_changes(&self) -> bool {
        !self.patches.is_empty() || !self.snippets.is_empty() || !self.unmanaged.is_empty()
    }

    /// The service with this name.
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        self.services.iter().find(|service| service.name == *name)
    }

    /// The files that services and backing services mount, with who does.
    pub fn mounted_files(&self) -> impl Iterator<Item = (&ServiceName, &[File])> {
        let services = self.services.iter().map(|service| (&service.name, service.files.as_slice()));
        services.chain(self.backing_services.iter().map(|store| (&store.name, store.files())))
    }

    /// The backing service of this name, if somebody else runs it.
    pub fn managed(&self, name: &ServiceName) -> Option<&BackingService> {
        self.backing_services.iter().find(|store| store.name == *name && store.server.is_none())
    }

    /// Services whose image is built here, each image once, in the order of the profile.
    pub fn builders(&self) -> impl Iterator<Item = (&Service, &Build)> {
        self.services.iter().filter(|service| service.image_owner == service.name).filter_map(|service| Some((service, service.build.as_ref()?)))
    }

    /// The services that the edge leads to, each once, in the order of the profile.
    pub fn routed(&self) -> impl Iterator<Item = &Service> {
        let routes: Vec<&Route> = self.edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes).collect();
        self.services
            .iter()
            .filter(move |service| routes.iter().any(|route| matches!(&route.action, RouteAction::Service { name, .. } if *name == service.name)))
    }

    /// Name of the env file on the server.
    pub fn env_file(&self) -> String {
        format!(".env.{}", self.environment.as_str())
    }

    /// The names of its secrets.
    pub fn secret_names(&self) -> Vec<String> {
        self.secrets.iter().map(|secret| secret.name.clone()).collect()
    }

    /// What the first lines of a rendered file say of whose it is.
    pub fn mark(&self) -> String {
        format!("Made by infragen. Change the profile `{}`", self.profile)
    }

    /// The profile's file from the project's root, unless it is where profiles usually are.
    pub fn file_elsewhere(&self) -> Option<String> {
        let is_usual = self.file.parent() == Some(&self.root.join("profiles"));
        let from_root = self.file.strip_prefix(&self.root).unwrap_or(&self.file);
        (!is_usual && !self.file.as_os_str().is_empty()).then(|| from_root.to_string_lossy().into_owned())
    }

    /// The way from the output folder up to the project's root, such as `../..`.
    pub fn way_to_root(&self) -> String {
        self.output_dir.split('/').map(|_| "..").collect::<Vec<_>>().join("/")
    }
}

impl Service {
    /// The variable of the env file that holds the tag of its image.
    pub fn tag_variable(&self) -> String {
        variables::variable_of(&self.image_owner, "TAG")
    }

    /// The variables and secrets that reach it in this way.
    pub fn secrets<'a>(&'a self, stack: &'a Stack, delivered: Delivery) -> impl Iterator<Item = (&'a EnvVar, &'a Secret)> {
        self.env.iter().filter_map(move |var| match &var.value {
            EnvValue::Secret { name, deliver } if *deliver == delivered => stack.secret(name).map(|secret| (var, secret)),
            EnvValue::Secret { .. } | EnvValue::Literal(_) | EnvValue::Parameter(_) => None,
        })
    }

    /// The variables that hold parameters.
    pub fn parameters<'a>(&'a self, stack: &'a Stack) -> impl Iterator<Item = (&'a EnvVar, &'a Parameter)> {
        self.env.iter().filter_map(move |var| match &var.value {
            EnvValue::Parameter(name) => stack.parameter(name).map(|parameter| (var, parameter)),
            EnvValue::Secret { .. } | EnvValue::Literal(_) => None,
        })
    }
}
