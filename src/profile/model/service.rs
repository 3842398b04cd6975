//! The `services` section.

use super::{Delivery, Files, FreeMap, Health, KubernetesEscape, Parameter, Ports, StopSignal, Ulimits, VolumeUse};
use crate::values::{
    AppPath, Arg, BuildArg, BuildArgName, BuildPath, ContainerPath, Cpu, Cron, Duration, EnvName, EnvText, HostPort, ImageName, ImageTag, IpAddress, Named,
    PackageName, Port, Reference, RelativePath, Scalar, SecretName, ServiceName, Size, StageName, UrlPath, UrlScheme, UserId, Version, Workers,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// A process of your own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Service {
    /// What kind of process it is.
    pub kind: ServiceKind,
    /// Whether it is there at all. `false` leaves it out of all that is rendered, with the routes, dependencies and pools that lead to it: one profile has a part that another does without. Default: `true`.
    pub enabled: Option<bool>,
    /// Another service whose image, build, user, environment, files, secrets and pools this one shares. What is written here comes on top.
    pub like: Option<ServiceName>,
    /// Variables and secrets of the service named by `like`, also those of its `env_from`, that this one does not get: a migration needs no signing key.
    #[serde(default)]
    pub without: Vec<EnvName>,
    /// The image that is pulled, and what a build is tagged and pushed as.
    pub image: Option<Image>,
    /// How the image is built. Left out: it exists already.
    pub build: Option<Build>,
    /// The application server that runs it, in an image that infragen builds. Either this or `command`; with neither, the image's own command runs.
    pub run: Option<Run>,
    /// The command and its arguments, without a shell: of a worker, a job, or a server that `run` does not know. A web application of Python has workers, time-outs and the proxy's headers by `run`. Example: `[python, -m, src.migrate]`.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<Arg>>,
    /// What is executed in place of the image's entry point, without a shell; `command` are its arguments. Example: `[/usr/bin/tini, --]`.
    #[schemars(length(min = 1))]
    pub entrypoint: Option<Vec<Arg>>,
    /// Whether a small init of the engine is the first process, which passes signals on and ends what nobody waits for. Default: `true` for a `command` in an image whose Dockerfile is rendered: most programs ignore signals as the first process; `false` otherwise.
    pub init: Option<bool>,
    /// Port that the process listens on, 1 to 65535.
    pub port: Option<Port>,
    /// Port of the host that leads straight to this service, past the edge.
    pub publish: Option<Publish>,
    /// Further ports, by name: `{metrics: {port: 9797}, syslog: {port: 514, protocol: udp}}`. Services that depend on this one reach them; the edge leads to `port` alone.
    #[serde(default)]
    pub ports: Ports,
    /// Other names that it is reached by. Example: `[api-internal]`.
    #[serde(default)]
    pub aliases: Vec<ServiceName>,
    /// Name that it has for itself. Default: none, the engine makes one up.
    pub hostname: Option<ServiceName>,
    /// How others find out whether it works.
    #[serde(default)]
    pub health: Health,
    /// Number of identical instances, 1 to 100. Default: `1`.
    #[schemars(range(min = 1, max = 100))]
    pub replicas: Option<u32>,
    /// Number of identical instances by their load, in place of `replicas`. On one host there are always `min` of them.
    pub autoscale: Option<Autoscale>,
    /// `true`: one instance, and in a roll-out the old one stops first. For schedulers. A cluster that has lost a node starts another one while nobody knows whether the one there still runs: what must never run twice takes a lock of its own. Default: `false`.
    pub singleton: Option<bool>,
    /// CPU and memory of each instance.
    #[serde(default)]
    pub resources: Resources,
    /// Environment variables by name: a text, or a value that another part of the profile has.
    #[serde(default)]
    pub env: Named<EnvName, EnvValue>,
    /// Blocks of `env_groups` that it gets, too. Its own `env` wins, then the last block.
    #[serde(default)]
    pub env_from: Vec<ServiceName>,
    /// Secrets that it gets, by the name in `secrets`.
    #[serde(default)]
    pub secrets: Named<SecretName, SecretUse>,
    /// What has to be there before it starts, and in which condition. What its `env` refers to is added as `healthy`.
    #[serde(default)]
    pub depends_on: Named<ServiceName, Condition>,
    /// Connections that each of its processes keeps at most to a PostgreSQL server, by the server's name; `{from: NAME.pool}` hands the number to the application. A `command` counts as one process.
    #[serde(default)]
    pub pools: Named<ServiceName, PoolSize>,
    /// What it may reach besides its dependencies, as HOST:PORT. Without any, nothing outside is reached; Compose tells no hosts apart. Example: `["smtp.example.com:587"]`.
    #[serde(default)]
    pub egress: Vec<HostPort>,
    /// When a `cron` service runs, in UTC: minute, hour, day of the month, month, day of the week. Example: `"0 3 * * *"`.
    pub schedule: Option<Cron>,
    /// Time that a run of a `cron` or `release` service may take: one that takes longer is ended, and has failed. Compose ends no `release` service. Default: `24h`, of a `release` service `30m`. Example: `2h`.
    pub deadline: Option<Duration>,
    /// Numeric user (and group) that it runs as. Default: `10001:10001` where the Dockerfile is rendered, the image's own user otherwise.
    pub user: Option<UserId>,
    /// Folders that it may write to, in memory, with their largest size. `/tmp` is always there, with 64 MiB, or room for four of the largest bodies that routes to it let through.
    #[serde(default)]
    pub tmpfs: Named<ContainerPath, Size>,
    /// Folders that outlive its containers, by the volume's name. Services that name the same volume share it.
    #[serde(default)]
    pub volumes: Named<ServiceName, VolumeUse>,
    /// Files that are mounted read-only, by their path in the container: `{/etc/app/logging.yaml: {source: config/logging.yaml}}`.
    #[serde(default)]
    pub files: Files,
    /// Size of `/dev/shm`, shared memory: it counts against the memory limit. Default: none, the engine's 64 MiB. Example: `1Gi`.
    pub shm_size: Option<Size>,
    /// Limits of its processes: `{nofile: 65536, memlock: {soft: -1, hard: -1}}`; `-1` is no limit. A cluster's nodes decide themselves.
    #[serde(default)]
    pub ulimits: Ulimits,
    /// Signal that asks it to stop. Default: none, the image's own, which mostly is `SIGTERM`.
    pub stop_signal: Option<StopSignal>,
    /// Time from the signal to stop until it is killed. Default: `10s`, or 10 s more than `run.graceful_timeout`; `60s` for a `worker`, which ends the task that it has begun.
    pub stop_grace: Option<Duration>,
    /// Keys of Compose that the language has no word for, passed on as they are: `{labels: {com.example.team: shop}, dns: [192.0.2.53]}`. Texts are literal, `$` too.
    #[serde(default)]
    pub compose: FreeMap,
    /// What its pods have in Kubernetes' own words, passed on as it is.
    #[serde(default)]
    pub kubernetes: KubernetesEscape,
}

/// Kind of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// Answers requests on a port.
    Web,
    /// Runs for long and listens to nobody.
    Worker,
    /// Runs by a schedule and ends.
    Cron,
    /// Runs once before each roll-out and ends: database migrations.
    Release,
}

/// An image without a digest.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Image {
    /// Name with the registry, without the tag. Example: `registry.example.com/acme/api`.
    pub name: ImageName,
    /// Tag, in quotes. Example: `"1.4.0"`.
    pub tag: ImageTag,
}

/// How an image is built: for a language (`runtime`), or by a Dockerfile of the repository (`dockerfile`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Build {
    /// Language that the image is made for: its Dockerfile is rendered.
    pub runtime: Option<Runtime>,
    /// Dockerfile of the repository in place of a rendered one, below the project's root. Of its image nothing is known: neither a client for health checks nor its user. Example: `docker/Dockerfile`.
    pub dockerfile: Option<RelativePath>,
    /// Stage of that Dockerfile. Default: none, the last one.
    pub target: Option<StageName>,
    /// Version of the language, in quotes. Example: `"3.12"`.
    #[schemars(extend("examples" = ["3.12"]))]
    pub version: Option<Version>,
    /// Tool that installs the dependencies. Default: `pip`.
    pub package_manager: Option<PackageManager>,
    /// Version of uv or of Poetry, in quotes. Default: one that this version of infragen was tried with.
    #[schemars(extend("examples" = ["0.13.9", "2.5.1"]))]
    pub package_manager_version: Option<Version>,
    /// Folder with the source, relative to the project's root. Default: `.`.
    pub context: Option<BuildPath>,
    /// Files and folders of the context that the image carries. Default: all but what never belongs into an image.
    #[serde(default)]
    pub include: Vec<RelativePath>,
    /// Debian packages that the running service needs. Example: `[libpq5]`.
    #[serde(default)]
    pub system_packages: Vec<PackageName>,
    /// Debian packages that only the installation of dependencies needs, to compile them: no image carries them. Example: `[gcc, libpq-dev]`.
    #[serde(default)]
    pub build_packages: Vec<PackageName>,
    /// Build arguments with their values; where a Dockerfile is rendered, variables while dependencies are installed. No secrets: they stay in the image's history.
    #[serde(default)]
    pub args: Named<BuildArgName, BuildArg>,
    /// Secrets that are variables while dependencies are installed, and in no layer: the URL of a private index. By the name in `secrets`.
    #[serde(default)]
    pub secrets: Vec<SecretName>,
}

/// Language that an image is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// Python on Debian.
    Python,
}

/// Tool that installs the dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageManager {
    /// Pip, from `requirements.txt`.
    Pip,
    /// The tool uv, from `pyproject.toml` and `uv.lock`.
    Uv,
    /// Poetry, from `pyproject.toml` and `poetry.lock`.
    Poetry,
}

impl PackageManager {
    /// The word in profiles, and the package that installs it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
            Self::Poetry => "poetry",
        }
    }

    /// The files of the context that say which dependencies there are.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::Pip => &["requirements.txt"],
            Self::Uv => &["pyproject.toml", "uv.lock"],
            Self::Poetry => &["pyproject.toml", "poetry.lock"],
        }
    }
}

/// The application server that runs a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "server", rename_all = "snake_case")]
pub enum Run {
    /// Gunicorn, for production.
    Gunicorn(Gunicorn),
    /// One Uvicorn process, for development.
    Uvicorn(Uvicorn),
}

/// Gunicorn with workers for ASGI or for WSGI.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Gunicorn {
    /// Module and object of the application. Example: `src.api.app:app`.
    pub app: AppPath,
    /// How the application is called: `wsgi` for Flask and most of Django, `asgi` for FastAPI, Starlette and `asgi.py` of Django. Default: `asgi`.
    pub interface: Option<Interface>,
    /// Number of worker processes, or `auto`: one for each CPU that the container may use, as long as each has 128 MiB of its memory, and at least two. Default: `auto`.
    pub workers: Option<Workers>,
    /// Time after which a worker that does not answer is replaced. Default: `60s`.
    pub timeout: Option<Duration>,
    /// Time that running requests get when it stops. Default: `30s`.
    pub graceful_timeout: Option<Duration>,
}

/// How an application server calls an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interface {
    /// By Uvicorn's workers: each takes many requests at a time.
    Asgi,
    /// By threads: each worker takes four requests at a time.
    Wsgi,
}

impl std::fmt::Display for Interface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Asgi => "asgi",
            Self::Wsgi => "wsgi",
        })
    }
}

/// One Uvicorn process.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Uvicorn {
    /// Module and object of the ASGI application. Example: `src.api.app:app`.
    pub app: AppPath,
    /// Restart when a source file changes. Default: `true` in development, `false` elsewhere.
    pub reload: Option<bool>,
}

/// Port of the host that leads straight to a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Publish {
    /// Port of the host, 1 to 65535.
    pub port: Port,
    /// Address of the host. A port on all addresses (`0.0.0.0`) is open to the network, whatever the host's firewall says. Default: `127.0.0.1`.
    pub address: Option<IpAddress>,
}

/// Number of instances by their load.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Autoscale {
    /// Instances that are always there, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub min: u32,
    /// Instances at most, 2 to 100. Connections and volumes are counted for so many.
    #[schemars(range(min = 2, max = 100))]
    pub max: u32,
    /// Share of the requested CPU, in percent, above which there will be more, 1 to 1000. Default: `70`, unless there is `memory`.
    #[schemars(range(min = 1, max = 1000))]
    pub cpu: Option<u32>,
    /// Share of the requested memory, in percent, above which there will be more, 1 to 1000. Only for programs that give memory back. Default: not looked at.
    #[schemars(range(min = 1, max = 1000))]
    pub memory: Option<u32>,
}

/// CPU and memory of each instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Resources {
    /// What is set aside for it. Default: the limits' memory, and a tenth of their CPU.
    #[serde(default)]
    pub requests: ResourceSet,
    /// What it may use at most. Default: 1 core and 512 MiB.
    #[serde(default)]
    pub limits: ResourceSet,
}

/// An amount of CPU and memory.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ResourceSet {
    /// CPU cores (`2`, `0.5`) or thousandths of a core (`500m`).
    pub cpu: Option<Cpu>,
    /// Memory with a binary unit. Example: `512Mi`.
    pub memory: Option<Size>,
}

/// Value of an environment variable.
#[derive(Clone, Debug)]
pub enum EnvValue {
    /// This text.
    Text(EnvText),
    /// What another part of the profile knows.
    From {
        /// Which part, and which of its values.
        from: Reference,
        /// How it is delivered if it is secret.
        deliver: Option<Delivery>,
        /// What stands before `://` of a connection string in place of the usual scheme.
        scheme: Option<UrlScheme>,
        /// What follows host and port in place of the usual path.
        path: Option<UrlPath>,
    },
    /// What the env file of the server says.
    Param(Parameter),
    /// More than one of them: a mistake.
    Mixed,
}

impl<'de> Deserialize<'de> for EnvValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bool(bool),
            Text(EnvText),
            Map { from: Option<Reference>, deliver: Option<Delivery>, scheme: Option<UrlScheme>, path: Option<UrlPath>, param: Option<Parameter> },
        }
        match Written::deserialize(deserializer)? {
            Written::Bool(b) => EnvText::parse(&b.to_string()).map(Self::Text).map_err(serde::de::Error::custom),
            Written::Text(value) => Ok(Self::Text(value)),
            Written::Map { from: Some(from), deliver, scheme, path, param: None } => Ok(Self::From { from, deliver, scheme, path }),
            Written::Map { from: None, deliver: None, scheme: None, path: None, param: Some(param) } => Ok(Self::Param(param)),
            Written::Map { .. } => Ok(Self::Mixed),
        }
    }
}

impl JsonSchema for EnvValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "EnvValue".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut from = Reference::schema();
        from.insert(
            "description".into(),
            "A value that another part of the profile has: `url`, `host`, `port`, `address`, `user`, `name`, `password` or `pool` of a backing service, `edge.url` or `edge.host`."
                .into(),
        );
        let mut scheme = UrlScheme::schema();
        scheme.insert(
            "description".into(),
            "Of a `url`: what stands before `://`, for libraries that want another word there. Example: `postgresql+asyncpg`.".into(),
        );
        let mut deliver = generator.subschema_for::<Delivery>();
        deliver.insert("description".into(), "How it comes, if it is a secret or contains one. Default: as the secret says, `file` mostly.".into());
        let mut path = UrlPath::schema();
        path.insert("description".into(), "Of a `url`: what follows the port and `/`: the number of a Redis database, or another query. Example: `1`.".into());
        path.insert("type".into(), serde_json::json!(["integer", "string"]));
        // One schema for all forms: keywords for objects do not apply to scalars, so messages stay exact.
        json_schema!({
            "type": ["string", "integer", "boolean", "object"],
            "format": EnvText::FORMAT,
            "properties": {
                "from": from,
                "deliver": deliver,
                "scheme": scheme,
                "path": path,
                "param": generator.subschema_for::<Parameter>(),
            },
            "anyOf": [{ "required": ["from"] }, { "required": ["param"] }],
            "errorMessage": "Expected a text, `{ from: NAME.VALUE }`, or `{ param: { ... } }`",
        })
    }
}

/// How a service uses a secret.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct SecretUse {
    /// Another name of the variable in this service. Default: the secret's name.
    #[serde(rename = "as")]
    pub alias: Option<EnvName>,
}

/// Connections that one process keeps at most, 1 to 1000. Default: `15`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct PoolSize(#[schemars(range(min = 1, max = 1000))] pub u32);

/// What has to be true of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It was started.
    Started,
    /// Its health check passes.
    Healthy,
    /// It ran to its end without an error.
    Completed,
}
