//! The scripts that start a service on a host, without a container.

use super::super::{compose, made_by};
use super::deploy::script;
use crate::render::{Artifact, Template};
use crate::stack::{
    AddressOf, Backing, BackingService, Build, Command, Condition, Delivery, EnvValue, EnvVar, EnvironmentKind, PackageManager, Publish, Runtime, SecretValue,
    Service, ServiceKind, Stack,
};
use crate::template;
use crate::values::Workers;
use serde::Serialize;

pub(super) static START: Template = template!("scripts/start.sh", Shell);
pub(super) static ASK_STORES: Template = template!("scripts/ask_stores.py", Shell);

#[derive(Serialize)]
struct StartView {
    made_by: String,
    script: String,
    project: String,
    environment: &'static str,
    env_file: String,
    development: bool,
    /// What starts the backing services of a developer's machine.
    compose_file: Option<&'static str>,
    /// Those that have a port of this host.
    published: Vec<String>,
    /// The service that is started unless another one is named; empty if one has to be.
    usual: String,
    stores: Vec<StoreView>,
    urls: Vec<UrlView>,
    services: Vec<ServiceView>,
    optional: Vec<String>,
}

#[derive(Serialize)]
struct StoreView {
    name: String,
    kind: &'static str,
    host: String,
    port: u16,
    tls: &'static str,
    /// `-` where there is none.
    user: String,
    database: String,
    password: String,
    /// Where this host reaches it; `-` if the profile does not say.
    here: String,
}

/// A connection string and its backing service.
#[derive(Serialize)]
struct UrlView {
    name: String,
    store: String,
}

#[derive(Serialize)]
struct ServiceView {
    name: String,
    context: String,
    python: String,
    install: String,
    /// Where it listens; empty if it does not.
    address: String,
    stores: Vec<String>,
    /// What has to end well before it.
    after: Vec<String>,
    folders: Vec<String>,
    settings: Vec<SettingView>,
    modules: Vec<&'static str>,
    command: Vec<String>,
    gunicorn: Option<GunicornView>,
}

/// One environment variable: how it is made, its name, and of what.
#[derive(Serialize)]
struct SettingView {
    how: &'static str,
    name: String,
    values: Vec<String>,
}

#[derive(Serialize)]
struct GunicornView {
    app: String,
    /// Of a worker of WSGI; `None` for ASGI.
    threads: Option<u32>,
    /// So many workers, or at most so many.
    workers: u32,
    auto: bool,
    timeout: u64,
    graceful_timeout: u64,
}

/// True if infragen knows how the service runs without its image: it is built here, and what it runs is known.
pub(super) fn runs_here(service: &Service) -> bool {
    service.command != Command::Image && service.process.entrypoint.is_none() && service.build.as_ref().is_some_and(|build| build.runtime == Runtime::Python)
}

pub(super) fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let services: Vec<(&Service, &Build)> =
        stack.services.iter().filter(|service| runs_here(service)).filter_map(|service| Some((service, service.build.as_ref()?))).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let development = stack.environment == EnvironmentKind::Development;
    let mut web = services.iter().filter(|(service, _)| service.kind == ServiceKind::Web);
    let usual = match (web.next(), web.next()) {
        (Some((only, _)), None) => only.name.to_string(),
        _ => String::new(),
    };
    let path = script("start", stack);
    let view = StartView {
        made_by: made_by(stack),
        script: path.clone(),
        project: stack.project.to_string(),
        environment: stack.environment.as_str(),
        env_file: stack.env_file(),
        development,
        compose_file: (development && stack.targets.compose.is_some()).then(|| compose::file_name(stack)),
        published: stack.backing_services.iter().filter(|store| published(store).is_some()).map(|store| store.name.to_string()).collect(),
        usual,
        stores: stack.backing_services.iter().map(store).collect(),
        urls: urls(stack),
        services: services.iter().map(|(service, build)| view(stack, service, build)).collect(),
        optional: stack.secrets.iter().filter(|secret| !secret.required).map(|secret| secret.name.clone()).collect(),
    };
    let mut list = vec![Artifact::new(path, &START, &view).executable()];
    if !stack.backing_services.is_empty() {
        list.push(Artifact::new("scripts/ask_stores.py", &ASK_STORES, &AskView { made_by: made_by(stack) }));
    }
    list
}

#[derive(Serialize)]
struct AskView {
    made_by: String,
}

fn published(store: &BackingService) -> Option<&Publish> {
    store.server.as_ref().and_then(|server| server.publish.as_ref())
}

fn store(store: &BackingService) -> StoreView {
    let (kind, user, database) = match &store.kind {
        Backing::Postgres { database, user, .. } => ("postgres", user.to_string(), database.to_string()),
        Backing::Redis => ("redis", "-".to_owned(), "-".to_owned()),
        Backing::Image(_) => ("tcp", "-".to_owned(), "-".to_owned()),
    };
    StoreView {
        name: store.name.to_string(),
        kind,
        host: store.host.clone(),
        port: store.port.get(),
        tls: super::yes(store.tls),
        user,
        database,
        password: store.password.clone().filter(|_| kind != "tcp").unwrap_or_else(|| "-".to_owned()),
        here: match (&store.server, published(store)) {
            (None, _) => format!("{}:{}", store.host, store.port),
            (Some(_), Some(publish)) => address(publish),
            (Some(_), None) => "-".to_owned(),
        },
    }
}

/// Where this host reaches a port that it publishes.
fn address(publish: &Publish) -> String {
    let ip = publish.address.0;
    let host = match ip {
        _ if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
    };
    format!("{host}:{}", publish.port)
}

/// Where a service listens on a host; empty if it does not. Only its proxy reaches a container; on a host, only the host does.
pub(super) fn address_of(service: &Service) -> String {
    match (&service.publish, service.port) {
        (Some(publish), _) => address(publish),
        (None, Some(port)) => format!("127.0.0.1:{port}"),
        (None, None) => String::new(),
    }
}

fn urls(stack: &Stack) -> Vec<UrlView> {
    let of = |password: &str| stack.backing_services.iter().find(|store| store.passwords().contains(&password));
    stack
        .secrets
        .iter()
        .filter_map(|secret| match &secret.value {
            SecretValue::Derived(connection) => Some(UrlView { name: secret.name.clone(), store: of(&connection.password)?.name.to_string() }),
            SecretValue::Generated { .. } | SecretValue::External => None,
        })
        .collect()
}

fn view(stack: &Stack, service: &Service, build: &Build) -> ServiceView {
    let context = compose::from_here(stack, build.context.as_str());
    let address = address_of(service);
    let (modules, command, gunicorn) = match &service.command {
        Command::Gunicorn { app, interface, workers, timeout, graceful_timeout } => {
            let (workers, auto) = match workers {
                Workers::Count(count) => (*count, false),
                Workers::Auto => (service.resources.limit_cpu.as_millis().div_ceil(1000).max(2), true),
            };
            let view = GunicornView {
                app: app.to_string(),
                threads: interface.threads(),
                workers,
                auto,
                timeout: timeout.whole_seconds(),
                graceful_timeout: graceful_timeout.whole_seconds(),
            };
            (if view.threads.is_some() { vec!["gunicorn"] } else { vec!["gunicorn", "uvicorn_worker"] }, Vec::new(), Some(view))
        }
        Command::Uvicorn { app, reload } => {
            let (host, port) = address.rsplit_once(':').unwrap_or_default();
            let mut words =
                vec!["uvicorn".to_owned(), app.to_string(), "--host".into(), host.trim_matches(['[', ']']).to_owned(), "--port".into(), port.to_owned()];
            words.extend(reload.then(|| "--reload".to_owned()));
            (vec!["uvicorn"], words, None)
        }
        Command::Args(args) => (Vec::new(), args.clone(), None),
        Command::Image => (Vec::new(), Vec::new(), None),
    };
    ServiceView {
        name: service.name.to_string(),
        install: install(build, &context, stack.environment == EnvironmentKind::Development),
        context,
        python: build.version.to_string(),
        // What its own command listens on is its own affair.
        address: if matches!(service.command, Command::Args(_)) { String::new() } else { address },
        stores: stack
            .backing_services
            .iter()
            .filter(|store| service.depends_on.iter().any(|other| other.name == store.name))
            .map(|store| store.name.to_string())
            .collect(),
        after: service.depends_on.iter().filter(|other| other.condition == Condition::Completed).map(|other| other.name.to_string()).collect(),
        folders: service.tmpfs.iter().filter(|folder| folder.path != "/tmp").map(|folder| folder.path.clone()).collect(),
        settings: service.env.iter().map(|var| setting(stack, var)).collect(),
        modules,
        command,
        gunicorn,
    }
}

/// What makes an environment with all that the service needs, in the words of its package manager.
fn install(build: &Build, context: &str, development: bool) -> String {
    match (build.package_manager, development) {
        (PackageManager::Pip, _) => {
            format!("python{} -m venv {context}/.venv && {context}/.venv/bin/pip install --requirement {context}/requirements.txt", build.version)
        }
        (PackageManager::Uv, true) => format!("cd {context} && uv sync --locked"),
        (PackageManager::Uv, false) => format!("cd {context} && uv sync --locked --no-dev"),
        (PackageManager::Poetry, true) => format!("cd {context} && POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install"),
        (PackageManager::Poetry, false) => format!("cd {context} && POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --only main"),
    }
}

fn setting(stack: &Stack, var: &EnvVar) -> SettingView {
    let (how, values) = match (&var.value, &var.address_of) {
        (_, Some(AddressOf::Host(store))) => ("host", vec![store.to_string()]),
        (_, Some(AddressOf::Port(store))) => ("port", vec![store.to_string()]),
        (_, Some(AddressOf::Address { store, before, behind })) => ("address", vec![store.to_string(), before.clone(), behind.clone()]),
        (EnvValue::Literal(text), None) => ("text", vec![text.clone()]),
        (EnvValue::Secret { name, deliver: Delivery::File }, None) => ("secret_file", vec![name.clone()]),
        (EnvValue::Secret { name, deliver: Delivery::Env }, None) => ("secret", vec![name.clone()]),
        (EnvValue::Parameter(name), None) => ("parameter", vec![name.clone(), stack.parameter(name).map_or_else(String::new, |known| known.default.clone())]),
    };
    SettingView { how, name: var.name.clone(), values }
}
