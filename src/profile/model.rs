//! What a user may write: one type for `serde`, for the JSON Schema and for the texts that editors show.
//!
//! Nothing is decided here. Every optional key that is left out gets its value in [`crate::stack::resolve`].

mod backing;
mod backup;
mod edge;
mod escape;
mod health;
mod mount;
mod own;
mod process;
mod secret;
mod service;
mod target;
mod waiver;

pub use backing::{BackingService, Container, ContainerVolume, Managed, Mode, Postgres, Redis, RedisEviction, RedisPersistence, Url};
pub use backup::{BackupDestination, BackupPlan};
pub use edge::{Acme, Edge, Host, RateLimit, Route, RouteMatch, StripPrefix, Tls};
pub use escape::{FreeMap, KubernetesEscape, ServerEscape};
pub use health::{GrpcHealth, Health};
pub use mount::{FileMode, FileUse, Files, VolumeUse};
pub use own::{Patch, Snippet, Unmanaged};
pub use process::{NamedPort, Ports, Protocol, StopSignal, Ulimit, Ulimits};
pub use secret::{Delivery, Generate, GenerateKind, Parameter, Secret, SecretSource};
pub use service::{
    Autoscale, Build, Condition, EnvValue, Gunicorn, Image, Interface, PackageManager, PoolSize, Publish, ResourceSet, Resources, Run, Runtime, SecretUse,
    Service, ServiceKind, Uvicorn,
};
pub use target::{
    ComposeTarget, DockerTarget, DotenvTarget, ExternalSecrets, Gateway, IngressController, KubernetesTarget, NginxTarget, ScriptsTarget, SecretStoreKind,
    Targets,
};
pub use waiver::Waiver;

use crate::values::{
    Digest, EntryName, EnvName, EnvText, GeneratorVersion, ImageReference, LogOption, Named, OutputFolder, ProfileFile, ProjectName, RelativePath, SecretName,
    ServiceName, Size,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// One environment of one project: everything that its deployment is rendered from.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Profile {
    /// Version of the profile language. Only `1` exists.
    pub version: Version1,
    /// Profiles that this one builds on, relative to this file, merged from left to right. This file comes last and wins. Example: `[base.yaml]`.
    #[serde(default)]
    pub extends: Vec<ProfileFile>,
    /// `true` marks a part that other profiles extend. It is never rendered by itself, and the mark is not inherited. Default: `false`.
    #[serde(default, rename = "abstract")]
    pub is_abstract: bool,
    /// Key paths that are taken out of what was extended, such as `services.api.env.DEBUG`. A path that is not there is an error.
    #[serde(default)]
    pub remove: Vec<String>,
    /// The project that all environments belong to.
    pub project: Project,
    /// The environment that this profile describes.
    pub environment: Environment,
    /// The processes of your own, by name. The name is the host name that the others reach it by.
    #[serde(default)]
    pub services: Named<ServiceName, Service>,
    /// What the services need and somebody else wrote: databases, caches. By name, which is the host name.
    #[serde(default)]
    pub backing_services: Named<ServiceName, BackingService>,
    /// When databases are backed up, and what becomes of the backups, by a name that `backup` of a backing service says.
    #[serde(default)]
    pub backups: Named<ServiceName, BackupPlan>,
    /// The reverse proxy that the public reaches. Left out: nothing is public but what a service publishes itself.
    pub edge: Option<Edge>,
    /// Blocks of environment variables that several services share by `env_from`.
    #[serde(default)]
    pub env_groups: Named<ServiceName, Named<EnvName, EnvValue>>,
    /// The secrets, by name. Only names stand in a profile, never values.
    #[serde(default)]
    pub secrets: Named<SecretName, Secret>,
    /// Digests of images of others, by their reference: `{ "postgres:17-trixie": "sha256:..." }`. What is named here is pulled by its digest.
    #[serde(default)]
    pub digests: Named<ImageReference, Digest>,
    /// Logs, and where errors are reported, and later metrics and alerts.
    #[serde(default)]
    pub observability: Observability,
    /// What is rendered. Only the targets that are named here, or in a profile that is extended, are.
    pub targets: Targets,
    /// Where the rendered files go.
    #[serde(default)]
    pub output: Output,
    /// The version of infragen that renders this profile, as two or three numbers in quotes. Another version refuses to go on where its files would differ; equal files are clean. Left out: any version. Example: `"0.1"`.
    pub generator: Option<GeneratorVersion>,
    /// Files that infragen would render and that somebody keeps by hand, by their path below the output folder. They are not written, and only their being there and in git is looked at.
    #[serde(default)]
    pub unmanaged: Named<RelativePath, Unmanaged>,
    /// Changes of rendered Kubernetes and Compose objects that the language has no word for, by a name of your own.
    #[serde(default)]
    pub patches: Named<EntryName, Patch>,
    /// Lines that are put into rendered files, by a name of your own.
    #[serde(default)]
    pub snippets: Named<EntryName, Snippet>,
    /// Folder below the project's root with templates of your own. Each takes the place of infragen's template of the same path, such as `kubernetes/deployment.yaml`; they are code that is trusted. Left out: infragen's own.
    pub templates: Option<RelativePath>,
    /// Findings of `infragen lint` that are accepted for a while, by a name of your own.
    #[serde(default)]
    pub waivers: Named<EntryName, Waiver>,
}

/// Version of the profile language.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u8")]
pub struct Version1;

impl TryFrom<u8> for Version1 {
    type Error = &'static str;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number == 1 { Ok(Self) } else { Err("only version 1 exists") }
    }
}

impl JsonSchema for Version1 {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [1], "errorMessage": "Expected the profile language's version, `1`" })
    }
}

/// The project that all environments belong to.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Project {
    /// Name of the project: the Compose project, with the profile's name behind it where that is not `production`, and the prefix of what is named on Kubernetes. Example: `pyt`.
    pub name: ProjectName,
}

/// The environment that a profile describes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Environment {
    /// What kind of environment it is. It decides defaults and which rules apply.
    pub kind: EnvironmentKind,
}

/// Kind of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// Serves users: hardened, and all rules apply.
    Production,
    /// As production, before it.
    Staging,
    /// A developer's machine: the source is mounted and reloaded, ports are published on loopback.
    Development,
}

impl EnvironmentKind {
    /// The word in profiles and file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
        }
    }
}

/// Logs, and later metrics and alerts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Observability {
    /// Where the containers' output goes on a host, and how much of it is kept there.
    #[serde(default)]
    pub logs: Logs,
    /// Who is told of errors.
    #[serde(default)]
    pub errors: Errors,
}

/// Who is told of errors.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Errors {
    /// Sentry, or a server that speaks its protocol. The services get `SENTRY_DSN`, a secret that is supplied from outside, and with it
    /// `SENTRY_ENVIRONMENT`, `SENTRY_RELEASE` and `SENTRY_TRACES_SAMPLE_RATE`. They may reach port 443 of the outside. Left out: nobody is told.
    pub sentry: Option<Sentry>,
}

/// What is reported to Sentry.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Sentry {
    /// The services that report. Default: all whose image is built here.
    pub services: Option<Vec<ServiceName>>,
}

/// Where the containers' output goes on a host, and how much of it is kept there.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Logs {
    /// Docker's driver that takes the output. A cluster's nodes decide themselves. Default: `json-file`.
    pub driver: Option<LogDriver>,
    /// Options of that driver, as Docker knows them, without secrets: `{syslog-address: "udp://logs.example.com:514", tag: shop}`.
    #[serde(default)]
    pub options: Named<LogOption, EnvText>,
    /// Size at which a log file is rotated, with `json-file` and `local`. Default: `50m`.
    pub max_size: Option<Size>,
    /// Number of files kept for each container, 1 to 100, with `json-file` and `local`. Default: `5`.
    #[schemars(range(min = 1, max = 100))]
    pub max_file: Option<u32>,
}

/// Docker's driver that takes the output of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogDriver {
    /// Files on the host, which `docker logs` reads.
    JsonFile,
    /// Files on the host in a smaller format of Docker's own, which `docker logs` reads.
    Local,
    /// The journal of systemd: `journalctl CONTAINER_NAME=...`.
    Journald,
    /// A syslog server, or the host's own. Options: `syslog-address`, `syslog-format`, `tag`.
    Syslog,
    /// Graylog or Logstash. Options: `gelf-address`, which is needed, and `tag`.
    Gelf,
    /// A collector that speaks Fluentd's protocol: Fluentd, Fluent Bit. Options: `fluentd-address`, `fluentd-async`, `tag`.
    Fluentd,
    /// Amazon CloudWatch, with the credentials of the host. Options: `awslogs-group`, which is needed, and `awslogs-region`.
    Awslogs,
    /// Google Cloud Logging, with the credentials of the host. Options: `gcp-project`, `gcp-log-cmd`.
    Gcplogs,
    /// Nowhere: it is lost.
    None,
}

impl LogDriver {
    /// Docker's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonFile => "json-file",
            Self::Local => "local",
            Self::Journald => "journald",
            Self::Syslog => "syslog",
            Self::Gelf => "gelf",
            Self::Fluentd => "fluentd",
            Self::Awslogs => "awslogs",
            Self::Gcplogs => "gcplogs",
            Self::None => "none",
        }
    }

    /// True if it writes files on the host, which need a limit.
    pub fn keeps_files(self) -> bool {
        matches!(self, Self::JsonFile | Self::Local)
    }

    /// The option without which containers do not start.
    pub fn needs(self) -> Option<&'static str> {
        match self {
            Self::Gelf => Some("gelf-address"),
            Self::Awslogs => Some("awslogs-group"),
            Self::JsonFile | Self::Local | Self::Journald | Self::Syslog | Self::Fluentd | Self::Gcplogs | Self::None => None,
        }
    }
}

/// Where the rendered files go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Output {
    /// Folder below the project's root, the folder that holds `profiles/`. Default: `deploy/NAME` of the profile.
    pub dir: Option<OutputFolder>,
}
