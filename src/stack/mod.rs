//! The profile fully resolved: nothing is left to a default, and every value knows its origin.
//!
//! Targets read a [`Stack`] and nothing else, so that what two artifacts both need is decided once, here.

mod defaults;
mod edge;
mod environment;
mod origin;
mod relations;
mod resolve;
mod services;

pub use crate::profile::model::{Condition, Delivery, EnvironmentKind, PackageManager, RedisEviction, Runtime, SecretSource, ServiceKind, TlsKind};
pub use origin::{Origin, Origins};
pub use resolve::resolve;

use crate::values::{
    AppPath, BuildPath, Cidr, Cpu, Cron, DatabaseName, Duration, HostName, HostPort, HttpPath, ImageName, ImageTag, IpAddress, PackageName, Port, ProjectName,
    Rate, RelativePath, RoutePath, ServiceName, Size, UserId, Version, Workers,
};
use serde::Serialize;

/// Name of the edge among the services: its host name on Compose.
pub const EDGE_NAME: &str = "nginx";

/// One environment of one project, fully resolved.
#[derive(Clone, Debug, Serialize)]
pub struct Stack {
    /// Name of the profile.
    pub profile: String,
    /// Name of the project.
    pub project: ProjectName,
    /// Kind of the environment.
    pub environment: EnvironmentKind,
    /// The services, in the order of the profile.
    pub services: Vec<Service>,
    /// The backing services, in the order of the profile.
    pub backing_services: Vec<BackingService>,
    /// The edge, if there is one.
    pub edge: Option<Edge>,
    /// Every secret that a service or a backing service reads, sorted by name.
    pub secrets: Vec<Secret>,
    /// How much output of each container is kept.
    pub logs: Logs,
    /// What is rendered.
    pub targets: Targets,
    /// Where the artifacts go, relative to the project's root.
    pub output_dir: String,
    /// What is declared and used by nothing.
    #[serde(skip)]
    pub unused: Vec<crate::key_path::KeyPath>,
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
    /// The first service with this image: the one that builds it and whose name its tag variable has.
    pub image_owner: ServiceName,
    /// What is executed.
    pub command: Command,
    /// Port that it listens on.
    pub port: Option<Port>,
    /// Port of the host that leads straight to it.
    pub publish: Option<Publish>,
    /// How others find out whether it works.
    pub health: Health,
    /// Number of instances.
    pub replicas: u32,
    /// CPU and memory of each instance.
    pub resources: Resources,
    /// Its environment, in the order of the profile.
    pub env: Vec<EnvVar>,
    /// What has to be there before it starts.
    pub depends_on: Vec<Dependency>,
    /// What it may reach besides its dependencies.
    pub egress: Vec<HostPort>,
    /// When it runs, for a cron service.
    pub schedule: Option<Cron>,
    /// Who it runs as; `None` leaves it to the image.
    pub user: Option<UserId>,
    /// Folders in memory that it may write to.
    pub tmpfs: Vec<Tmpfs>,
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
    /// What installs dependencies.
    pub package_manager: PackageManager,
    /// Folder with the source, relative to the project's root.
    pub context: BuildPath,
    /// What the image carries; empty for everything.
    pub include: Vec<RelativePath>,
    /// Debian packages of the last stage.
    pub system_packages: Vec<PackageName>,
}

/// What a service executes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// What the image says.
    Image,
    /// These arguments.
    Args(Vec<String>),
    /// Gunicorn with Uvicorn workers.
    Gunicorn {
        /// The application.
        app: AppPath,
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

/// How others find out whether a service works.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Path that looks at everything the service needs.
    pub ready: Option<HttpPath>,
    /// Path that looks at the process alone.
    pub live: Option<HttpPath>,
    /// Command to run in the container instead of asking `ready`.
    pub command: Option<Vec<String>>,
    /// Time between checks.
    pub interval: Duration,
    /// Time for one check.
    pub timeout: Duration,
    /// Failures in a row.
    pub retries: u32,
    /// Time to start.
    pub start_period: Duration,
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

/// One environment variable.
#[derive(Clone, Debug, Serialize)]
pub struct EnvVar {
    /// Its name, before `_FILE` is added for a secret file.
    pub name: String,
    /// What it holds.
    pub value: EnvValue,
}

/// What an environment variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// This text.
    Literal(String),
    /// The value of a secret.
    Secret {
        /// Name of the secret.
        name: String,
        /// How it gets here.
        deliver: Delivery,
    },
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

/// A backing service.
#[derive(Clone, Debug, Serialize)]
pub struct BackingService {
    /// Its name and host name.
    pub name: ServiceName,
    /// What it is.
    pub kind: Backing,
    /// The image that it runs.
    pub image: String,
    /// Name of the secret that holds its password.
    pub password: String,
    /// Size of its volume.
    pub storage: Size,
    /// CPU and memory.
    pub resources: Resources,
    /// Port of the host that leads to it.
    pub publish: Option<Publish>,
}

/// Kinds of backing services.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Backing {
    /// A PostgreSQL server with one database.
    Postgres {
        /// Major version.
        version: Version,
        /// Name of the database.
        database: DatabaseName,
        /// Its owner.
        user: DatabaseName,
        /// Most connections.
        max_connections: u32,
    },
    /// A Redis server.
    Redis {
        /// Major version.
        version: Version,
        /// Memory for data.
        max_memory: Size,
        /// What gives way.
        eviction: RedisEviction,
    },
}

impl BackingService {
    /// The port that it listens on.
    pub fn port(&self) -> Port {
        match self.kind {
            Backing::Postgres { .. } => Port::known(5432),
            Backing::Redis { .. } => Port::known(6379),
        }
    }
}

/// The reverse proxy that the public reaches.
#[derive(Clone, Debug, Serialize)]
pub struct Edge {
    /// Hosts, in the order of the profile.
    pub hosts: Vec<Host>,
    /// Where TLS ends.
    pub tls: TlsKind,
    /// Largest body.
    pub body_size: Size,
    /// Limit for one client.
    pub rate_limit: Option<RateLimit>,
    /// Time for an answer.
    pub timeout: Duration,
    /// How long browsers keep to HTTPS.
    pub hsts: Duration,
    /// Proxies in front.
    pub trusted_proxies: Vec<Cidr>,
}

/// Limit for one client address.
#[derive(Clone, Debug, Serialize)]
pub struct RateLimit {
    /// Steady rate.
    pub rate: Rate,
    /// On top at once.
    pub burst: u32,
}

/// A host name of the edge.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// The name.
    pub name: HostName,
    /// Its routes, longest path first.
    pub routes: Vec<Route>,
    /// Paths of the services behind it that stay inside, sorted.
    pub hidden: Vec<HiddenPath>,
}

/// A path that the edge does not let through.
#[derive(Clone, Debug, Serialize)]
pub struct HiddenPath {
    /// The path.
    pub path: String,
    /// True if all that lies below it is hidden, too.
    pub below: bool,
}

/// A route of a host.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Path prefix.
    pub path: RoutePath,
    /// What answers.
    pub action: RouteAction,
}

/// What answers on a route.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteAction {
    /// A web service.
    Service {
        /// Its name.
        name: ServiceName,
        /// Connections stay open.
        websocket: bool,
    },
    /// Files that the edge serves.
    Files {
        /// Folder below the project's root.
        folder: RelativePath,
        /// How long browsers keep them.
        cache: Duration,
    },
}

/// A secret that the stack reads.
#[derive(Clone, Debug, Serialize)]
pub struct Secret {
    /// Its name: the variable in the env file and the file below `/run/secrets`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where its value comes from.
    pub value: SecretValue,
    /// Fewest characters.
    pub min_length: u32,
    /// Whether a value is needed.
    pub required: bool,
    /// Services and backing services that read it, sorted.
    pub readers: Vec<String>,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretValue {
    /// Random characters.
    Generated {
        /// How many.
        length: u32,
    },
    /// Somebody supplies it.
    External,
    /// Composed of other values, such as a connection string.
    Derived {
        /// Scheme of the URL.
        scheme: String,
        /// User, may be empty.
        user: String,
        /// Secret with the password.
        password: String,
        /// Host and port.
        address: String,
        /// Path without the leading slash.
        path: String,
    },
}

/// How much output of each container is kept.
#[derive(Clone, Debug, Serialize)]
pub struct Logs {
    /// Size of one file.
    pub max_size: Size,
    /// Number of files.
    pub max_file: u32,
}

/// What is rendered, each with its settings.
#[derive(Clone, Debug, Serialize)]
pub struct Targets {
    /// Dockerfiles.
    pub docker: bool,
    /// A Compose file.
    pub compose: Option<ComposeTarget>,
    /// nginx' configuration.
    pub nginx: Option<NginxTarget>,
    /// Manifests.
    pub kubernetes: Option<KubernetesTarget>,
    /// The env file's template.
    pub dotenv: bool,
}

/// Settings of the Compose file.
#[derive(Clone, Debug, Serialize)]
pub struct ComposeTarget {
    /// Address that the edge listens on; `None` for all.
    pub address: Option<IpAddress>,
    /// Port for HTTP.
    pub http_port: Port,
    /// Port for HTTPS.
    pub https_port: Port,
}

/// Settings of nginx.
#[derive(Clone, Debug, Serialize)]
pub struct NginxTarget {
    /// Version of the image.
    pub version: Version,
}

/// Settings of the manifests.
#[derive(Clone, Debug, Serialize)]
pub struct KubernetesTarget {
    /// Version of the cluster.
    pub version: Version,
    /// Namespace of everything.
    pub namespace: ProjectName,
    /// Class of the Ingress.
    pub ingress_class: ProjectName,
}

impl Stack {
    /// The service with this name.
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        self.services.iter().find(|service| service.name == *name)
    }

    /// The secret with this name.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.secrets.iter().find(|secret| secret.name == name)
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

    /// The way from the output folder up to the project's root, such as `../..`.
    pub fn way_to_root(&self) -> String {
        self.output_dir.split('/').map(|_| "..").collect::<Vec<_>>().join("/")
    }
}

impl Service {
    /// True if the engine on one host can find out whether it is healthy: an image of somebody else's has no HTTP client that we know.
    pub fn has_engine_check(&self) -> bool {
        let lives = matches!(self.kind, ServiceKind::Web | ServiceKind::Worker);
        lives && (self.health.command.is_some() || (self.build.is_some() && self.ready_path().is_some()))
    }

    /// The path under which the service's health is known: `ready`, or `live` if there is nothing else.
    pub fn ready_path(&self) -> Option<&HttpPath> {
        self.health.ready.as_ref().or(self.health.live.as_ref())
    }

    /// The variables and secrets that reach it in this way.
    pub fn secrets<'a>(&'a self, stack: &'a Stack, delivered: Delivery) -> impl Iterator<Item = (&'a EnvVar, &'a Secret)> {
        self.env.iter().filter_map(move |var| match &var.value {
            EnvValue::Secret { name, deliver } if *deliver == delivered => stack.secret(name).map(|secret| (var, secret)),
            EnvValue::Secret { .. } | EnvValue::Literal(_) => None,
        })
    }
}
