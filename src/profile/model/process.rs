//! How a service's process is run, and the ports that it has besides the main one.

use super::Publish;
use crate::values::{Named, Port, PortName, UlimitName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// A further port of a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct NamedPort {
    /// Port that the process listens on, 1 to 65535.
    pub port: Port,
    /// Protocol of the port. Default: `tcp`.
    pub protocol: Option<Protocol>,
    /// Port of the host that leads straight to it.
    pub publish: Option<Publish>,
}

/// The further ports of a service.
pub type Ports = Named<PortName, NamedPort>;

/// Protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Connections: HTTP, gRPC, SQL, SSH.
    Tcp,
    /// Datagrams: syslog, `StatsD`, DNS.
    Udp,
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// Signal that asks a process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
pub enum StopSignal {
    /// What engines send unless an image says otherwise.
    #[serde(rename = "SIGTERM")]
    Term,
    /// As by Ctrl-C.
    #[serde(rename = "SIGINT")]
    Int,
    /// For servers that let running requests end: nginx, PHP-FPM.
    #[serde(rename = "SIGQUIT")]
    Quit,
    /// For programs that take it for the end of their terminal.
    #[serde(rename = "SIGHUP")]
    Hup,
    /// For programs that give it this meaning.
    #[serde(rename = "SIGUSR1")]
    Usr1,
    /// For programs that give it this meaning.
    #[serde(rename = "SIGUSR2")]
    Usr2,
    /// For Apache: it lets running requests end.
    #[serde(rename = "SIGWINCH")]
    Winch,
}

impl StopSignal {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Term => "SIGTERM",
            Self::Int => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Hup => "SIGHUP",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
            Self::Winch => "SIGWINCH",
        }
    }
}

/// The limits of a process, by their names.
pub type Ulimits = Named<UlimitName, Ulimit>;

/// A limit of a process: one number, or two of them.
#[derive(Clone, Copy, Debug)]
pub struct Ulimit {
    /// What holds at first; the process may raise it.
    pub soft: i64,
    /// What it may be raised to.
    pub hard: i64,
}

impl<'de> Deserialize<'de> for Ulimit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Both(i64),
            Each { soft: i64, hard: i64 },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Both(limit) => Self { soft: limit, hard: limit },
            Written::Each { soft, hard } => Self { soft, hard },
        })
    }
}

impl JsonSchema for Ulimit {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Ulimit".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let limit = |about: &str| json_schema!({ "type": "integer", "minimum": -1, "description": about });
        json_schema!({
            "type": ["integer", "object"],
            "minimum": -1,
            "properties": {
                "soft": limit("What holds at first; the process may raise it. `-1` is no limit."),
                "hard": limit("What it may be raised to. `-1` is no limit."),
            },
            "required": ["soft", "hard"],
            "errorMessage": "Expected a number (`-1` is no limit), or `{ soft: NUMBER, hard: NUMBER }`",
        })
    }
}
