//! Connections to PostgreSQL: what the services keep at most, and how many that are in the worst moment.

use super::environment::Book;
use super::resolve::Resolver;
use super::{Backing, BackingService, Command, Dependency, EnvValue, EnvironmentKind, Service, ServiceKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{ServiceName, Workers};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Connections that each process of a service keeps at most to one PostgreSQL server.
#[derive(Clone, Debug, Serialize)]
pub struct Pool {
    /// The server.
    pub store: ServiceName,
    /// So many.
    pub size: u32,
}

/// Connections of one PostgreSQL server.
#[derive(Clone, Debug, Serialize)]
pub struct Connections {
    /// Most that it accepts; `None` where somebody else runs it and the profile does not say.
    pub limit: Option<u32>,
    /// What services may want in the worst moment, in the order of the profile.
    pub demands: Vec<Demand>,
}

/// Connections that one service may want in the worst moment: the product of its numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Demand {
    /// The service.
    pub service: ServiceName,
    /// Its instances.
    pub replicas: u32,
    /// Releases that run side by side.
    pub releases: u32,
    /// Processes of each instance.
    pub processes: u32,
    /// Connections of each process.
    pub pool: u32,
}

impl Demand {
    /// All of them.
    pub fn total(&self) -> u32 {
        [self.releases, self.processes, self.pool].into_iter().fold(self.replicas, u32::saturating_mul)
    }
}

/// The product as people check it: `api 3 replicas x 2 releases x 4 processes x 5 = 120`.
impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors = [(self.replicas, " replicas"), (self.releases, " releases"), (self.processes, " processes"), (self.pool, "")];
        let factors: Vec<String> =
            factors.iter().filter(|(number, what)| *number > 1 || what.is_empty()).map(|(number, what)| format!("{number}{what}")).collect();
        write!(f, "{} {}", self.service, factors.join(" x "))?;
        if factors.len() > 1 { write!(f, " = {}", self.total()) } else { Ok(()) }
    }
}

impl Connections {
    /// What may be wanted in the worst moment, with those that PostgreSQL keeps for its superuser.
    pub fn wanted(&self) -> u32 {
        self.demands.iter().map(Demand::total).fold(defaults::POSTGRES_RESERVED, u32::saturating_add)
    }

    /// The largest pool of every process with which no more than `limit` are wanted.
    pub fn pool_within(&self, limit: u32) -> u32 {
        let processes = self.demands.iter().map(|demand| demand.total() / demand.pool.max(1)).fold(0, u32::saturating_add);
        limit.saturating_sub(defaults::POSTGRES_RESERVED).checked_div(processes).unwrap_or_default()
    }

    /// The service with most processes, and how many of them its instances may have so that no more than `limit` are wanted.
    pub fn processes_within(&self, limit: u32) -> Option<(&ServiceName, u32)> {
        let most = self.demands.iter().max_by_key(|demand| demand.processes).filter(|demand| demand.processes > 1)?;
        let each = most.total() / most.processes.max(1);
        let fit = limit.saturating_sub(self.wanted() - most.total()).checked_div(each)?;
        (fit > 0).then_some((&most.service, fit))
    }

    /// The terms of that sum, one for each service.
    pub fn terms(&self) -> Vec<String> {
        let reserved = format!("{} that PostgreSQL keeps for its superuser", defaults::POSTGRES_RESERVED);
        self.demands.iter().map(ToString::to_string).chain([reserved]).collect()
    }
}

impl Service {
    /// Worker processes of one instance that can each have a pool. A command counts as one: nobody knows what it starts.
    pub fn processes(&self) -> u32 {
        match &self.command {
            Command::Gunicorn { workers: Workers::Count(count), .. } => *count,
            Command::Gunicorn { workers: Workers::Auto, .. } => self.chosen_workers().unwrap_or_else(|| self.auto_workers()),
            Command::Image | Command::Args(_) | Command::Uvicorn { .. } => 1,
        }
    }

    /// What the configuration in the image comes to: one for each CPU that the container may use, as long as memory is there for them.
    fn auto_workers(&self) -> u32 {
        let memory = self.resources.limit_memory.whole_mib() / defaults::WORKER_MEMORY.whole_mib();
        let cpus = self.resources.limit_cpu.as_millis().div_ceil(1000);
        cpus.min(memory.try_into().unwrap_or(u32::MAX)).max(defaults::WORKERS_LEAST)
    }

    /// The parameter of the env file that says how many workers there are, if one does.
    fn workers_parameter(&self) -> Option<&str> {
        let workers = self.env.iter().find(|var| var.name == defaults::WORKERS_VARIABLE)?;
        let EnvValue::Parameter(name) = &workers.value else { return None };
        matches!(self.command, Command::Gunicorn { workers: Workers::Auto, .. }).then_some(name.as_str())
    }

    /// What a variable of the profile says instead.
    fn chosen_workers(&self) -> Option<u32> {
        let variable = |name: &str| {
            self.env.iter().find(|var| var.name == name).and_then(|var| match &var.value {
                EnvValue::Literal(text) => text.parse().ok(),
                EnvValue::Secret { .. } | EnvValue::Parameter(_) => None,
            })
        };
        defaults::WORKERS_VARIABLES.into_iter().find_map(variable)
    }
}

impl Resolver<'_> {
    /// True if a variable of a service wants something of a store that is not there: it may mean any one.
    fn refers_to_nothing(&self, written: &model::Service) -> bool {
        let profile = self.profile;
        let groups = written.env_from.iter().filter_map(|group| profile.env_groups.get(group));
        let values = written.env.iter().chain(groups.flat_map(|group| group.iter())).map(|(_, value)| value);
        let mut owners = values.filter_map(|value| if let model::EnvValue::From { from, .. } = value { from.as_str().split('.').next() } else { None });
        owners.any(|owner| owner != "edge" && !profile.backing_services.keys().any(|known| known.as_str() == owner))
    }

    /// The variable of a service that has a URL of a store as a text, and where it is written.
    fn typed(&self, name: &ServiceName, written: &model::Service, store: &ServiceName) -> Option<(KeyPath, String)> {
        let is_url = |text: &str| {
            let authority = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
            authority.and_then(|authority| authority.rsplit('@').next()?.split(':').next()) == Some(store.as_str()) && !text.starts_with("jdbc:")
        };
        let (variable, _) = written.env.iter().find(|(_, value)| matches!(value, model::EnvValue::Text(text) if is_url(text.as_str())))?;
        let owner = |name: &ServiceName| KeyPath::of(&["services", name.as_str(), "env", variable.as_str()]);
        let original = || self.profile.services.get(name)?.like.as_ref().map(owner);
        let path = Some(owner(name)).filter(|path| self.origins.is_written(path)).or_else(original)?;
        Some((path, variable.to_string()))
    }

    /// The pools of a service: one for each PostgreSQL server that it depends on.
    pub(super) fn pools(&mut self, name: &ServiceName, written: &model::Service, depends_on: &[Dependency], backing: &[BackingService]) -> Vec<Pool> {
        let is_postgres = |store: &BackingService| matches!(store.kind, Backing::Postgres { .. });
        let is_own = |profile: &model::Profile, store: &ServiceName| profile.services.get(name).is_some_and(|own| own.pools.contains_key(store));
        let profile = self.profile;
        for (store, _) in written.pools.iter().filter(|(store, _)| is_own(profile, store)) {
            let path = KeyPath::of(&["services", name.as_str(), "pools", store.as_str()]);
            if !backing.iter().any(|known| known.name == *store && is_postgres(known)) {
                // One with a mistake of its own has been reported already.
                if !matches!(profile.backing_services.get(store), Some(model::BackingService::Postgres(_))) {
                    let names = backing.iter().filter(|store| is_postgres(store)).map(|store| store.name.as_str());
                    self.unknown("PostgreSQL server", store.as_str(), &path, names);
                }
            } else if !depends_on.iter().any(|dependency| dependency.name == *store) && !self.refers_to_nothing(written) {
                // An address that is typed is what was meant by a reference.
                if let Some((typed, variable)) = self.typed(name, written, store) {
                    let message =
                        format!("`{name}` has a pool for `{store}`, but `{variable}` has its address as a text, which neither waits nor has the password");
                    self.error("contradiction", &typed, message, "a text", &format!("write `{variable}: {{from: {store}.url}}`"));
                    self.also(&path, "the pool");
                    continue;
                }
                let message = format!("`{name}` has a pool for `{store}`, but neither refers to it nor depends on it");
                self.error("contradiction", &path, message, "no connection", &format!("add `depends_on: {{{store}: healthy}}`, or remove this line"));
            }
        }
        let stores = backing.iter().filter(|store| is_postgres(store) && depends_on.iter().any(|dependency| dependency.name == store.name));
        let pool = |store: &BackingService| {
            let path = ["services", name.as_str(), "pools", store.name.as_str()];
            let given = written.pools.get(&store.name).map(|size| size.0);
            Pool { store: store.name.clone(), size: self.or(&path, given, defaults::POOL, "the largest that common libraries keep unless told") }
        };
        stores.map(pool).collect()
    }

    /// Where the env file decides over the number of workers: no more than the servers accept connections for.
    pub(super) fn bound_workers<'a>(services: &[Service], backing: &'a [BackingService], book: &mut Book) {
        let mut by_name: BTreeMap<String, Vec<&Service>> = BTreeMap::new();
        for (name, service) in services.iter().filter_map(|service| Some((service.workers_parameter()?.to_owned(), service))) {
            by_name.entry(name).or_default().push(service);
        }
        for (name, list) in by_name {
            let counted = list.iter().map(|service| service.processes()).max().unwrap_or(1);
            let fits = |store: &'a BackingService| {
                let connections = store.connections.as_ref()?;
                let own: Vec<&Demand> = connections.demands.iter().filter(|demand| list.iter().any(|service| service.name == demand.service)).collect();
                let each: u32 = own.iter().map(|demand| demand.total() / demand.processes.max(1)).sum();
                let others = connections.wanted().saturating_sub(own.iter().map(|demand| demand.total()).sum());
                Some((connections.limit?.saturating_sub(others).checked_div(each)?, store.name.as_str()))
            };
            if let Some((most, store)) = backing.iter().filter_map(fits).min() {
                let most = most.max(counted);
                book.bound(&name, most, &format!(" At most {most}: for more, {store} needs more connections (`max_connections` in the profile)."));
            }
        }
    }

    /// What the services may want of each PostgreSQL server while a roll-out is under way.
    pub(super) fn demands(&self, store: &ServiceName, services: &[Service]) -> Vec<Demand> {
        let wants = |service: &Service| {
            let pool = service.pools.iter().find(|pool| pool.store == *store)?.size;
            let lives = matches!(service.kind, ServiceKind::Web | ServiceKind::Worker);
            // On one host all new instances run beside all old ones until they take over; on Kubernetes the old ones leave one by one,
            // but hold their connections while they drain, for longer than the next ones need to start.
            // Of a singleton the old one stops first.
            let twice = lives && !service.singleton && self.profile.environment.kind != EnvironmentKind::Development;
            let releases = if twice { 2 } else { 1 };
            Some(Demand {
                service: service.name.clone(),
                replicas: if self.profile.targets.kubernetes.is_some() { service.most_replicas() } else { service.replicas },
                releases,
                processes: service.processes(),
                pool,
            })
        };
        services.iter().filter_map(wants).collect()
    }
}
