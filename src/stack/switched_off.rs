//! What `enabled: false` leaves out: the part itself, and what only leads to it.

use super::resolve::Resolver;
use crate::key_path::KeyPath;
use crate::profile::Profile;
use crate::profile::model::{self, BackingService, Service};
use crate::values::{Named, ServiceName};

/// The parts that are left out, as they are written.
#[derive(Default)]
pub(super) struct SwitchedOff {
    /// Services.
    pub services: Named<ServiceName, Service>,
    /// Backing services.
    pub stores: Named<ServiceName, BackingService>,
}

impl SwitchedOff {
    /// True if a part of this name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.services.keys().chain(self.stores.keys()).any(|off| off.as_str() == name)
    }

    /// True if nothing is.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && self.stores.is_empty()
    }

    /// True if one of them reads the secret: it is not forgotten.
    pub fn reads(&self, secret: &str) -> bool {
        let built = self.services.values().filter_map(|service| service.build.as_ref()).flat_map(|build| &build.secrets);
        let own = self.services.values().flat_map(|service| service.secrets.keys());
        let stores = self.stores.values().filter_map(|store| match store {
            BackingService::Image(container) => Some(container.secrets.keys()),
            BackingService::Postgres(_) | BackingService::Redis(_) => None,
        });
        built.chain(own).chain(stores.flatten()).any(|name| name.as_str() == secret)
    }
}

impl BackingService {
    /// What is written of whether it is there.
    pub(super) fn enabled(&self) -> Option<bool> {
        match self {
            Self::Postgres(postgres) => postgres.enabled,
            Self::Redis(redis) => redis.enabled,
            Self::Image(container) => container.enabled,
        }
    }
}

/// Takes the parts out that are switched off, with the dependencies, pools, routes and reports that only lead to them. A value that is asked
/// of one stays, and is a mistake: nobody knows what the application would do without it.
pub(super) fn take_out(mut profile: Profile) -> (Profile, SwitchedOff) {
    let off = SwitchedOff {
        services: profile.services.of_values(|service| service.enabled == Some(false)),
        stores: profile.backing_services.of_values(|store| store.enabled() == Some(false)),
    };
    if off.is_empty() {
        return (profile, off);
    }
    let stays = |name: &ServiceName| !off.has(name.as_str());
    profile.services = profile.services.filtered(stays).with_each(|service| {
        service.depends_on = service.depends_on.filtered(stays);
        service.pools = service.pools.filtered(stays);
    });
    profile.backing_services = profile.backing_services.filtered(stays).with_each(|store| {
        if let BackingService::Image(container) = store {
            container.depends_on = container.depends_on.filtered(stays);
        }
    });
    if let Some(services) = profile.observability.errors.sentry.as_mut().and_then(|sentry| sentry.services.as_mut()) {
        services.retain(stays);
    }
    if let Some(edge) = &mut profile.edge {
        let leads_on = |route: &model::Route| route.service.as_ref().is_none_or(stays);
        let hosts = edge.hosts.clone().with_each(|host| host.routes = host.routes.of_values(leads_on));
        edge.hosts = hosts.of_values(|host| !host.routes.is_empty());
    }
    if profile.edge.as_ref().is_some_and(|edge| edge.hosts.is_empty()) {
        profile.edge = None;
    }
    (profile, off)
}

impl Resolver<'_> {
    /// Notes that a part is there because nobody says otherwise.
    pub(super) fn is_enabled(&mut self, section: &str, name: &ServiceName, written: Option<bool>) {
        let path = KeyPath::of(&[section, name.as_str(), "enabled"]);
        self.or_as(&path, written, true, "true", "what is written is wanted");
    }
}
