//! The docker target: a Dockerfile for each image that is built, and what its context leaves out.

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{Build, Command, EnvironmentKind, Mount, PackageManager, Service, Stack, WORKER_MEMORY, WORKERS_LEAST};
use crate::template;
use crate::values::{UserId, Workers};
use serde::Serialize;

static DOCKERFILE: Template = template!("docker/Dockerfile", Dockerfile, includes[&DEPENDENCIES, &GUNICORN, &END]);
static DOCKERFILE_DEV: Template = template!("docker/Dockerfile.dev", Dockerfile, includes[&DEPENDENCIES, &END]);
static DEPENDENCIES: Template = template!("docker/dependencies", Dockerfile);
static GUNICORN: Template = template!("docker/gunicorn", Dockerfile);
static END: Template = template!("docker/end", Dockerfile);
static DOCKERIGNORE: Template = template!("docker/Dockerfile.dockerignore", Ignore);

/// The target.
pub const TARGET: Target = Target { id: "docker", templates: &[&DOCKERFILE, &DOCKERFILE_DEV, &DEPENDENCIES, &GUNICORN, &END, &DOCKERIGNORE], artifacts };

#[derive(Serialize)]
struct DockerfileView {
    made_by: String,
    title: String,
    version: String,
    base: String,
    install: InstallView,
    include: Vec<String>,
    system_packages: Vec<String>,
    build_packages: Vec<String>,
    /// Where volumes are mounted.
    folders: Vec<FolderView>,
    user: String,
    port: Option<u16>,
    healthcheck: Option<HealthView>,
    gunicorn: Option<GunicornView>,
    command: Option<Vec<String>>,
}

/// How dependencies get into `/opt/venv`.
#[derive(Serialize)]
struct InstallView {
    /// What installs the tool; `None` for pip.
    tool: Option<String>,
    /// Files that say what is needed.
    files: Vec<&'static str>,
    variables: Vec<&'static str>,
    cache: &'static str,
    uv: bool,
    poetry: bool,
    /// Nothing that only developers need.
    production: bool,
    args: Vec<ArgView>,
    secrets: Vec<String>,
}

#[derive(PartialEq, Serialize)]
struct FolderView {
    path: String,
    owner: String,
    group: String,
}

#[derive(Serialize)]
struct ArgView {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct HealthView {
    test: Vec<String>,
    interval: String,
    timeout: String,
    start_period: String,
    retries: u32,
}

#[derive(Serialize)]
struct GunicornView {
    /// Of a worker of WSGI; `None` for ASGI.
    threads: Option<u32>,
    port: u16,
    /// `None` for as many as the container has CPUs.
    workers: Option<u32>,
    workers_least: u32,
    /// MiB that a worker has to have.
    worker_memory: u64,
    timeout: u64,
    graceful_timeout: u64,
    /// Seconds.
    keep_alive: &'static str,
}

#[derive(Serialize)]
struct IgnoreView {
    made_by: String,
    files: Vec<&'static str>,
    include: Vec<String>,
}

/// Seconds that an idle connection is kept: longer than the proxy keeps it.
const KEEP_ALIVE: &str = "75";

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if !stack.targets.docker {
        return Vec::new();
    }
    let template = if stack.environment == EnvironmentKind::Development { &DOCKERFILE_DEV } else { &DOCKERFILE };
    let files = stack.builders().map(|(service, build)| {
        let path = file_name(stack, service);
        let ignore = IgnoreView {
            made_by: made_by(stack),
            files: build.package_manager.files().to_vec(),
            include: build.include.iter().map(ToString::to_string).collect(),
        };
        [Artifact::new(path.clone(), template, &view(stack, service, build)), Artifact::new(format!("{path}.dockerignore"), &DOCKERIGNORE, &ignore)]
    });
    files.flatten().collect()
}

/// Name of the Dockerfile of a service that builds: with the service's name if there are several.
pub fn file_name(stack: &Stack, service: &Service) -> String {
    let mut name = "Dockerfile".to_owned();
    if stack.environment == EnvironmentKind::Development {
        name.push_str(".dev");
    }
    if stack.builders().count() > 1 {
        name.push('.');
        name.push_str(service.image_owner.as_str());
    }
    name
}

fn view(stack: &Stack, service: &Service, build: &Build) -> DockerfileView {
    let port = service.port.map(crate::values::Port::get);
    DockerfileView {
        made_by: made_by(stack),
        title: format!("{}-{}", stack.project, service.name),
        version: service.image.tag.to_string(),
        base: build.base.clone(),
        install: install(build, stack.environment == EnvironmentKind::Development),
        include: build.include.iter().map(ToString::to_string).collect(),
        system_packages: build.system_packages.iter().map(ToString::to_string).collect(),
        build_packages: build.build_packages.iter().map(ToString::to_string).collect(),
        folders: folders(stack, service),
        user: service.user.as_ref().map(ToString::to_string).unwrap_or_default(),
        port,
        healthcheck: health_test(service).map(|test| HealthView {
            test,
            interval: service.health.interval.to_string(),
            timeout: service.health.timeout.to_string(),
            start_period: service.health.start_period.to_string(),
            retries: service.health.retries,
        }),
        gunicorn: match (&service.command, port) {
            (Command::Gunicorn { interface, workers, timeout, graceful_timeout, .. }, Some(port)) => Some(GunicornView {
                threads: interface.threads(),
                port,
                workers: if let Workers::Count(count) = workers { Some(*count) } else { None },
                workers_least: WORKERS_LEAST,
                worker_memory: WORKER_MEMORY.whole_mib(),
                timeout: timeout.whole_seconds(),
                graceful_timeout: graceful_timeout.whole_seconds(),
                keep_alive: KEEP_ALIVE,
            }),
            _ => None,
        },
        command: match (&service.command, port) {
            (Command::Image, _) => None,
            (Command::Args(args), _) => Some(args.clone()),
            (Command::Gunicorn { app, interface, .. }, Some(port)) if stack.environment == EnvironmentKind::Development => {
                // The source is mounted over what the image has, and so would be its configuration.
                let mut args = vec!["gunicorn".to_owned(), app.to_string(), "--bind".into(), format!("0.0.0.0:{port}"), "--reload".into()];
                match interface.threads() {
                    Some(threads) => args.extend(["--threads".into(), threads.to_string()]),
                    None => args.extend(["--worker-class", "uvicorn_worker.UvicornWorker"].map(str::to_owned)),
                }
                args.extend(["--forwarded-allow-ips", "*", "--keep-alive", KEEP_ALIVE].map(str::to_owned));
                Some(args)
            }
            (Command::Gunicorn { app, .. }, _) => Some(vec!["gunicorn".into(), app.to_string()]),
            (Command::Uvicorn { app, reload }, port) => {
                let port = port.unwrap_or_default().to_string();
                let mut args = vec!["uvicorn".to_owned(), app.to_string(), "--host".into(), "0.0.0.0".into(), "--port".into(), port];
                if *reload {
                    args.push("--reload".into());
                }
                // As Gunicorn has it: only the proxy reaches this port, and the side that sends must be the side that closes.
                if stack.routed().any(|other| other.image_owner == service.name) {
                    args.extend(["--forwarded-allow-ips", "*", "--timeout-keep-alive", KEEP_ALIVE].map(str::to_owned));
                }
                Some(args)
            }
        },
    }
}

/// Folders that services with this image mount volumes at. Docker gives a new volume the owner that its folder has in the image.
fn folders(stack: &Stack, owner: &Service) -> Vec<FolderView> {
    let mut folders: Vec<FolderView> = Vec::new();
    for service in stack.services.iter().filter(|service| service.image_owner == owner.name) {
        let Some((user, group)) = service.user.as_ref().map(UserId::ids) else { continue };
        let is_made = |mount: &&Mount| stack.volumes.iter().any(|volume| volume.name == mount.volume && volume.host().is_none());
        for mount in service.volumes.iter().filter(is_made) {
            let path = mount.path.to_string();
            if !folders.iter().any(|known| known.path == path) {
                folders.push(FolderView { path, owner: user.to_string(), group: group.unwrap_or(user).to_string() });
            }
        }
    }
    folders
}

/// Lock files decide, and only what production needs is installed; a developer gets the rest, too.
fn install(build: &Build, development: bool) -> InstallView {
    let manager = build.package_manager;
    let (variables, cache): (&[&'static str], _) = match manager {
        PackageManager::Pip => (&[], "/root/.cache/pip"),
        PackageManager::Uv => (UV, "/root/.cache/uv"),
        PackageManager::Poetry => (POETRY, "/root/.cache/pypoetry"),
    };
    InstallView {
        tool: build.package_manager_version.as_ref().map(|version| format!("{}=={version}", manager.as_str())),
        files: manager.files().to_vec(),
        variables: variables.to_vec(),
        cache,
        uv: manager == PackageManager::Uv,
        poetry: manager == PackageManager::Poetry,
        production: !development,
        args: build.args.iter().map(|(name, value)| ArgView { name: name.clone(), value: value.clone() }).collect(),
        secrets: build.secrets.clone(),
    }
}

/// uv makes the environment itself, and never fetches a Python of its own.
const UV: &[&str] = &["UV_PROJECT_ENVIRONMENT=/opt/venv", "UV_PYTHON_DOWNLOADS=never", "UV_LINK_MODE=copy", "UV_COMPILE_BYTECODE=1"];
/// Poetry uses the environment that is active.
const POETRY: &[&str] = &["VIRTUAL_ENV=/opt/venv"];

/// The command that an engine runs in the container to see whether the service works.
///
/// Slim images have no curl: the check of a built image is in its own language. Python's client raises, and so exits 1, when
/// nothing answers.
pub fn health_test(service: &Service) -> Option<Vec<String>> {
    if !service.has_engine_check() {
        return None;
    }
    if let Some(command) = &service.health.command {
        return Some(command.clone());
    }
    let port = service.health_port()?;
    // A second before the engine gives up, so that the reason of a failure is Python's, not a kill.
    let timeout = service.health.timeout.whole_seconds().saturating_sub(1).max(1);
    let Some(path) = service.ready_path() else {
        let script = format!("import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout={timeout}).close()\n");
        return Some(vec!["python".into(), "-c".into(), script]);
    };
    // Printable ASCII in JSON's quotes is the same text to Python.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let headers: Vec<String> = service.health.headers.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value))).collect();
    let headers = if headers.is_empty() { String::new() } else { format!(", headers={{{}}}", headers.join(", ")) };
    // Not urlopen: it would ask the proxy that Docker may have put into the environment.
    let script = format!(
        "import http.client\n\
         c = http.client.HTTPConnection('127.0.0.1', {port}, timeout={timeout})\n\
         c.request('GET', '{path}'{headers})\n\
         raise SystemExit(c.getresponse().status >= 400)\n"
    );
    Some(vec!["python".into(), "-c".into(), script])
}
