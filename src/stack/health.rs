//! How others find out whether a service works.

use super::resolve::Resolver;
use super::{Service, ServiceKind, calls, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Arg, Duration, EnvName, GrpcService, HttpPath, Port};
use serde::Serialize;

/// How others find out whether a service works.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Path that looks at everything the service needs.
    pub ready: Option<HttpPath>,
    /// Path that looks at the process alone.
    pub live: Option<HttpPath>,
    /// Command that looks at the process alone.
    pub live_command: Option<Vec<String>>,
    /// True if a connection is all that can be tried.
    pub tcp: bool,
    /// It answers gRPC's health protocol: the name of the service that is asked for, if it is not the server as a whole.
    pub grpc: Option<Option<GrpcService>>,
    /// Port that is asked; `None` for that of the service.
    pub port: Option<Port>,
    /// Headers of requests.
    pub headers: Vec<(String, String)>,
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

impl model::Health {
    /// True if it asks the port of the service.
    pub(super) fn needs_port(&self) -> bool {
        let asks = self.ready.is_some() || self.live.is_some() || self.tcp == Some(true) || self.grpc.is_some();
        asks && self.port.is_none()
    }
}

impl model::Service {
    /// The port that its own check, its variables or its command name, where it does not say which one it listens on.
    pub(super) fn named_port(&self) -> Option<u16> {
        let of_host = |text: &str| {
            let behind = ["127.0.0.1:", "localhost:", "0.0.0.0:"].iter().find_map(|host| text.split_once(host))?.1;
            behind[..behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len())].parse().ok()
        };
        let checks = self.health.command.iter().flatten().find_map(|word| of_host(word.as_str()));
        let of_variable = |(name, value): (&EnvName, &model::EnvValue)| match value {
            model::EnvValue::Text(text) if calls::PORTS.iter().chain(&calls::ADDRESSES).any(|known| *known == name.as_str()) => {
                text.as_str().rsplit(':').next()?.parse().ok()
            }
            _ => None,
        };
        let words: Vec<&str> = self.command.iter().flatten().map(Arg::as_str).collect();
        let of_command = || calls::listening(&words).into_iter().find_map(|value| value.rsplit(':').next()?.parse().ok());
        checks.or_else(|| self.env.iter().find_map(of_variable)).or_else(of_command)
    }
}

impl Service {
    /// True if the engine on one host can find out whether it is healthy: an image of somebody else's has no client that we know.
    pub fn has_engine_check(&self) -> bool {
        let lives = matches!(self.kind, ServiceKind::Web | ServiceKind::Worker);
        let asks = self.ready_path().is_some() || self.health.tcp;
        lives && (self.health.command.is_some() || (self.build.is_some() && asks))
    }

    /// The path under which the service's health is known: `ready`, or `live` if there is nothing else.
    pub fn ready_path(&self) -> Option<&HttpPath> {
        self.health.ready.as_ref().or(self.health.live.as_ref())
    }

    /// The same, if whoever reaches the service's port can ask it.
    pub fn open_path(&self) -> Option<&HttpPath> {
        self.ready_path().filter(|_| self.health.port.is_none() && self.health.headers.is_empty())
    }

    /// The port that is asked.
    pub fn health_port(&self) -> Option<Port> {
        self.health.port.or(self.port)
    }
}

impl Resolver<'_> {
    /// `main` is the port of what is asked.
    pub(super) fn health(&mut self, root: &[&str; 2], written: &model::Health, main: Option<Port>) -> Health {
        let path = |key| [root[0], root[1], "health", key];
        let texts = |args: &[Arg]| args.iter().map(ToString::to_string).collect();
        let health = Health {
            ready: written.ready.clone(),
            live: written.live.clone(),
            live_command: written.live_command.as_deref().map(texts),
            tcp: self.or(&path("tcp"), written.tcp, false, "most services can say more"),
            grpc: written.grpc.as_ref().map(|grpc| grpc.service.clone()),
            port: written.port.filter(|port| main != Some(*port)),
            headers: written.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            command: written.command.as_deref().map(texts),
            interval: self.or(&path("interval"), written.interval, defaults::HEALTH_INTERVAL, "soon enough, and no load"),
            timeout: self.or(&path("timeout"), written.timeout, defaults::HEALTH_TIMEOUT, "longer than any sound check"),
            retries: self.or(&path("retries"), written.retries, defaults::HEALTH_RETRIES, "one failure proves nothing"),
            start_period: self.or(&path("start_period"), written.start_period, defaults::HEALTH_START_PERIOD, "imports are slow on a busy host"),
        };
        for (key, command) in [("command", &health.command), ("live_command", &health.live_command)] {
            if let Some([word @ ("CMD" | "CMD-SHELL"), rest @ ..]) =
                command.as_deref().map(|words| words.iter().map(String::as_str).collect::<Vec<_>>()).as_deref()
            {
                let words: Vec<String> = rest.iter().map(|word| serde_json::Value::from(*word).to_string()).collect();
                let shell = if *word == "CMD-SHELL" { "sh, -c, " } else { "" };
                let message = format!("`{word}` is a word of Compose, and no program");
                self.error("invalid-value", &KeyPath::of(&path(key)), message, "its first word", &format!("write `{key}: [{shell}{}]`", words.join(", ")));
            }
        }
        if health.timeout > health.interval {
            let message = format!("a check may take {} but the next one starts after {}", health.timeout, health.interval);
            self.error("contradiction", &KeyPath::of(&path("timeout")), message, "longer than the interval", "shorten `timeout` or lengthen `interval`");
            self.against(&["interval"]);
        }
        let ways: Vec<&str> = [("ready", health.ready.is_some()), ("tcp", health.tcp), ("grpc", health.grpc.is_some())]
            .into_iter()
            .filter_map(|(way, said)| said.then_some(way))
            .collect();
        if let [first, .., last] = ways.as_slice() {
            let message = format!("`{}` is asked by `{first}` and by `{last}`", root[1]);
            self.error("contradiction", &KeyPath::of(&path(last)), message, "only one decides", &format!("remove `{first}` or `{last}`"));
            self.against(&[first]);
        }
        if health.live.is_some() && health.live_command.is_some() {
            let message = format!("`{}` is asked by `live` and by `live_command`", root[1]);
            self.error("contradiction", &KeyPath::of(&path("live_command")), message, "only one decides", "remove `live` or `live_command`");
            self.against(&["live"]);
        }
        if !written.headers.is_empty() && health.ready.is_none() && health.live.is_none() {
            let message = "there is no request that could carry headers".to_owned();
            self.error("misplaced-key", &KeyPath::of(&path("headers")), message, "not used", "remove them, or add `ready`");
        }
        if written.port.is_some() && ways.is_empty() && health.live.is_none() {
            let message = "nothing is asked at this port".to_owned();
            self.error("misplaced-key", &KeyPath::of(&path("port")), message, "not used", "remove it, or add `ready` or `tcp: true`");
        }
        health
    }
}
