//! The routes of a host: what answers on which path, and what it may ask for.

use super::resolve::Resolver;
use super::{FileSource, Limits, NamedPort, Protocol, Route, RouteAction, Service, ServiceKind, Volume, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::profile::model::{RouteMatch, StripPrefix};
use crate::profile::variants;
use crate::values::{HostName, RedirectTarget, RoutePath, ServiceName};

/// What routes lead to.
pub struct Known<'s> {
    /// The services.
    pub services: &'s [Service],
    /// Their volumes.
    pub volumes: &'s [Volume],
    /// What the edge lets through.
    pub limits: &'s Limits,
}

/// The key of a route that says what answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Service,
    Files,
    Volume,
    Redirect,
}

impl Answer {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Files => "files",
            Self::Volume => "volume",
            Self::Redirect => "redirect",
        }
    }
}

impl Resolver<'_> {
    pub(super) fn route(&mut self, host: &HostName, path: &RoutePath, route: &model::Route, known: &Known) -> Option<Route> {
        let at = KeyPath::of(&["edge", "hosts", host.as_str(), "routes", path.as_str()]);
        let answer = self.answer(&at, path, route)?;
        self.of_other_answers(&at, answer);
        let exact = self.or_as(&at.key("match"), route.matching, RouteMatch::Prefix, "prefix", "most paths have others below them") == RouteMatch::Exact;
        let mut limits = known.limits.clone();
        let action = match answer {
            Answer::Service => {
                let name = self.routed(&at, route.service.as_ref()?, known.services)?;
                let port = self.routed_port(&at, route, known.services.iter().find(|service| service.name == name)?);
                let grpc = self.or_as(&at.key("grpc"), route.grpc, false, "false", "most services speak HTTP");
                let websocket = self.or_as(&at.key("websocket"), route.websocket, false, "false", "most requests end soon");
                let streaming = self.or_as(&at.key("streaming"), route.streaming, false, "false", "a slow client must not keep a worker busy");
                let strip_prefix = self.stripped(&at, path, route.strip_prefix.as_ref());
                if websocket && streaming {
                    self.error(
                        "contradiction",
                        &at.key("streaming"),
                        "a web socket is no answer that streams".into(),
                        "not used",
                        "remove it: nothing of a web socket is held back",
                    );
                    self.against(&["websocket"]);
                }
                for (key, _) in
                    [("websocket", websocket), ("streaming", streaming), ("strip_prefix", strip_prefix.is_some())].iter().filter(|(_, said)| grpc && *said)
                {
                    let message = format!("a call of gRPC has no `{key}`");
                    self.error("contradiction", &at.key(*key), message, "not used", "remove it: calls stream by themselves, and their paths are fixed");
                    self.against(&["grpc"]);
                }
                limits = self.limits(&at, route, known.limits);
                RouteAction::Service { name, port, grpc, websocket, streaming, strip_prefix }
            }
            Answer::Files | Answer::Volume => {
                let source = match (&route.files, &route.volume) {
                    (Some(folder), _) => FileSource::Folder(folder.clone()),
                    (None, volume) => FileSource::Volume(self.served(&at, volume.as_ref()?, known.volumes)?),
                };
                if exact {
                    self.error(
                        "contradiction",
                        &at.key("match"),
                        "files lie below their path".into(),
                        "matches no file",
                        "remove it, or write `match: prefix`",
                    );
                    self.against(&["files", "volume"]);
                }
                let (default, shown) = (defaults::FILES_CACHE, defaults::FILES_CACHE.to_string());
                let cache = self.or_as(&at.key("cache"), route.cache, default, &shown, "files may change with each release");
                RouteAction::Files { source, cache, fallback: route.fallback.clone() }
            }
            Answer::Redirect => {
                let to = route.redirect.clone()?;
                self.circle(&at, host, path, exact, &to);
                let permanent = self.or_as(&at.key("permanent"), route.permanent, true, "true", "what moved rarely comes back");
                RouteAction::Redirect { to, permanent }
            }
        };
        Some(Route { path: path.clone(), exact, own_rate: route.rate_limit.is_some(), action, limits })
    }

    /// The start of a route's path that its service does not get.
    fn stripped(&mut self, at: &KeyPath, path: &RoutePath, written: Option<&StripPrefix>) -> Option<String> {
        let at = at.key("strip_prefix");
        let prefix = match self.or_as(&at, written, &StripPrefix::Whole(false), "false", "a service knows its paths") {
            StripPrefix::Whole(false) => return None,
            StripPrefix::Whole(true) => path.as_str(),
            StripPrefix::Start(prefix) => prefix.as_str(),
        };
        if prefix == "/" {
            self.error("contradiction", &at, "`/` has no prefix".into(), "nothing to take away", "remove it");
            return None;
        }
        if path.as_str().strip_prefix(prefix).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
            let message = format!("`{path}` does not start with `{prefix}`");
            self.error("contradiction", &at, message, "no start of this path", "write `true`, or the first parts of the route's path");
            return None;
        }
        Some(prefix.to_owned())
    }

    /// The one key that says what answers.
    fn answer(&mut self, at: &KeyPath, path: &RoutePath, route: &model::Route) -> Option<Answer> {
        let written = [
            (Answer::Service, route.service.is_some()),
            (Answer::Files, route.files.is_some()),
            (Answer::Volume, route.volume.is_some()),
            (Answer::Redirect, route.redirect.is_some()),
        ];
        let mut answers = written.into_iter().filter(|(_, is_there)| *is_there).map(|(answer, _)| answer);
        let Some(first) = answers.next() else {
            self.error(
                "missing-key",
                at,
                format!("the route `{path}` leads nowhere"),
                "nothing answers",
                "add `service: NAME`, `files: FOLDER`, `volume: NAME` or `redirect: ADDRESS`",
            );
            return None;
        };
        if let Some(second) = answers.next() {
            self.error(
                "contradiction",
                &at.key(second.as_str()),
                format!("the route `{path}` has `{}` and `{}`", first.as_str(), second.as_str()),
                "only one can answer",
                "remove one of them",
            );
            self.against(&[first.as_str()]);
            return None;
        }
        Some(first)
    }

    /// Keys that belong to another kind of answer.
    fn of_other_answers(&mut self, at: &KeyPath, answer: Answer) {
        let owners: [(&[Answer], _); 3] = [
            (&[Answer::Service], variants::OF_A_SERVICE),
            (&[Answer::Files, Answer::Volume], variants::OF_FILES),
            (&[Answer::Redirect], variants::OF_A_REDIRECT),
        ];
        for (owners, keys) in owners.into_iter().filter(|(owners, _)| !owners.contains(&answer)) {
            let owners = owners.iter().map(|owner| format!("`{}`", owner.as_str())).collect::<Vec<_>>().join(" or ");
            for key in keys {
                let help = match (*key, answer) {
                    ("cache", Answer::Service) => "remove it; a service sets `Cache-Control` itself",
                    _ => "remove it",
                };
                self.misplaced(at, &[*key], |key| format!("only a route with {owners} has `{key}`"), help);
            }
        }
    }

    /// The service that a route leads to.
    fn routed(&mut self, at: &KeyPath, name: &ServiceName, services: &[Service]) -> Option<ServiceName> {
        let Some(service) = services.iter().find(|service| service.name == *name) else {
            // A service with a mistake of its own has been reported already.
            if self.profile.backing_services.contains_key(name) {
                let message = format!("`{name}` is a backing service, and the edge leads to services alone");
                let help = format!(
                    "what the public reaches is a service: move `{name}` to the section `services`, as `kind: web` with its `image`, `port`, `health` and `volumes`"
                );
                self.error("contradiction", &at.key("service"), message, "answers no requests", &help);
            } else if !self.profile.services.contains_key(name) {
                self.unknown("service", name.as_str(), &at.key("service"), self.profile.services.keys().map(ServiceName::as_str));
            }
            return None;
        };
        if service.kind != ServiceKind::Web {
            self.error("contradiction", &at.key("service"), format!("`{name}` is no web service"), "answers no requests", "route to a service of `kind: web`");
        }
        Some(name.clone())
    }

    /// The further port that a route leads to.
    fn routed_port(&mut self, at: &KeyPath, route: &model::Route, service: &Service) -> Option<NamedPort> {
        let wanted = route.port.as_ref()?;
        let Some(port) = service.ports.iter().find(|port| port.name == *wanted) else {
            let names = service.ports.iter().map(|port| port.name.as_str());
            self.unknown(&format!("further port of `{}` named", service.name), wanted.as_str(), &at.key("port"), names);
            return None;
        };
        if port.protocol == Protocol::Udp {
            let message = format!("`{wanted}` of `{}` is for datagrams: no request arrives there", service.name);
            self.error("contradiction", &at.key("port"), message, "answers no requests", "publish it at the service: the edge passes HTTP and gRPC on");
        }
        Some(port.clone())
    }

    /// The volume that a route serves.
    fn served(&mut self, at: &KeyPath, name: &ServiceName, volumes: &[Volume]) -> Option<ServiceName> {
        if !volumes.iter().any(|volume| volume.name == *name) {
            // Those of a service with a mistake of its own are known, too.
            let names = self.profile.services.values().flat_map(|service| service.volumes.keys()).map(ServiceName::as_str);
            self.unknown("volume", name.as_str(), &at.key("volume"), names);
            return None;
        }
        Some(name.clone())
    }

    /// A redirect that leads to itself.
    fn circle(&mut self, at: &KeyPath, host: &HostName, path: &RoutePath, exact: bool, to: &RedirectTarget) {
        let here = ["https://", "http://"].iter().find_map(|scheme| to.as_str().strip_prefix(scheme)?.strip_prefix(host.as_str()));
        let target = match here {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            None if to.as_str().starts_with('/') => to.as_str(),
            Some(_) | None => return,
        };
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        let (route, target) = (path.as_str().trim_end_matches('/'), target.trim_end_matches('/'));
        if if exact { target == route } else { target.strip_prefix(route).is_some_and(below) } {
            self.error("contradiction", &at.key("redirect"), format!("`{path}` is sent back to itself"), "never ends", "write another path or another host");
        }
    }

    /// What a route to a service says itself, and for the rest what the edge says.
    fn limits(&mut self, at: &KeyPath, route: &model::Route, edge: &Limits) -> Limits {
        let (timeout, reason) = match (route.websocket, route.streaming) {
            (Some(true), _) => (defaults::WEBSOCKET_TIMEOUT, "sockets wait for something to happen"),
            (_, Some(true)) => (defaults::WEBSOCKET_TIMEOUT, "streams wait for something to happen"),
            _ => (edge.timeout, "the edge's"),
        };
        let (size, silence) = (edge.body_size.to_string(), timeout.to_string());
        Limits {
            body_size: self.or_as(&at.key("body_size"), route.body_size, edge.body_size, &size, "the edge's"),
            rate_limit: route.rate_limit.as_ref().map(|limit| self.rate_limit(&at.key("rate_limit"), limit)).or_else(|| edge.rate_limit.clone()),
            timeout: self.or_as(&at.key("timeout"), route.timeout, timeout, &silence, reason),
        }
    }
}
