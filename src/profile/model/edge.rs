//! The `edge` section.

use crate::values::{Cidr, Duration, Email, HostName, HttpsUrl, Named, Rate, RelativePath, RoutePath, ServiceName, Size};
use schemars::JsonSchema;
use serde::Deserialize;

/// The reverse proxy that the public reaches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Edge {
    /// Host names that it answers to. Requests for any other name are refused.
    #[schemars(extend("minProperties" = 1))]
    pub hosts: Named<HostName, Host>,
    /// Where TLS ends.
    pub tls: Tls,
    /// Largest body of a request. Default: `2m`.
    pub body_size: Option<Size>,
    /// Most requests of one client address. Left out: no limit.
    pub rate_limit: Option<RateLimit>,
    /// Time that a service has for an answer. Default: 5 s more than the longest `run.timeout` behind it, `60s` without one.
    pub timeout: Option<Duration>,
    /// How long browsers keep to HTTPS (HSTS). Only with TLS. Default: `730d`.
    pub hsts: Option<Duration>,
    /// Proxies in front whose `X-Forwarded-For` is believed, as ranges of addresses. Default: none.
    #[serde(default)]
    pub trusted_proxies: Vec<Cidr>,
}

/// Where TLS ends, and how the edge gets its certificate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tls {
    /// From `secrets/tls.crt` and `secrets/tls.key` in the output folder; on Kubernetes from the Secret `PROJECT-tls`.
    Files,
    /// From an authority that gives certificates by itself, such as Let's Encrypt: one for each host, which has to be reachable on port 80.
    Acme(Acme),
    /// Not at all: TLS ends at a proxy in front, named in `trusted_proxies`.
    None,
}

/// The authority that gives certificates by itself, by the protocol ACME.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Acme {
    /// Where the authority writes to when something is wrong with a certificate. Default: none.
    pub email: Option<Email>,
    /// Address of its directory. Default: that of Let's Encrypt.
    pub directory: Option<HttpsUrl>,
    /// File below the project's root with the certificates (PEM) that the client trusts, for a private `directory`. Default: those that everybody trusts.
    pub ca: Option<RelativePath>,
}

/// Most requests of one client address.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// Requests in a second (`100/s`) or in a minute (`30/m`).
    pub rate: Rate,
    /// Requests beyond the rate that are let through at once, 1 to 100000. Default: twice the rate's number.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: Option<u32>,
}

/// What one host name leads to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Host {
    /// Routes by path prefix; the longest that fits wins.
    #[schemars(extend("minProperties" = 1))]
    pub routes: Named<RoutePath, Route>,
}

/// What one path leads to: `service` or `files`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Route {
    /// The web service that answers.
    pub service: Option<ServiceName>,
    /// Connections are web sockets: they stay open through silence. Default: `false`.
    pub websocket: Option<bool>,
    /// Largest body of a request on this route. Only with `service`. Default: `edge.body_size`.
    pub body_size: Option<Size>,
    /// Most requests of one client address on this route, counted apart from all others. Only with `service`. Default: none of its own, `edge.rate_limit` holds.
    pub rate_limit: Option<RateLimit>,
    /// Time that the service has for an answer; for web sockets, how long they may be silent. Only with `service`. Default: `edge.timeout`, `1h` for web sockets.
    pub timeout: Option<Duration>,
    /// Folder below the project's root whose files the edge serves itself.
    pub files: Option<RelativePath>,
    /// Time that browsers may keep the files. Only with `files`. Default: `1h`.
    pub cache: Option<Duration>,
}
