//! The `edge` section.

use crate::values::{Cidr, Duration, Email, HostName, HttpsUrl, Named, PortName, Rate, RedirectTarget, RelativePath, RoutePath, Scalar, ServiceName, Size};
use schemars::{JsonSchema, Schema, SchemaGenerator};
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
    /// Proxies in front whose `X-Forwarded-For` is believed, as ranges of addresses. Default: none. Example: `[203.0.113.0/24]`.
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
    /// Requests beyond the rate that are let through at once, 1 to 100000. Default: twice the rate's number. Example: `20`.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: Option<u32>,
}

/// What one host name leads to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Host {
    /// Routes by path; the longest that fits wins.
    #[schemars(extend("minProperties" = 1))]
    pub routes: Named<RoutePath, Route>,
}

/// What one path leads to: `service`, `files`, `volume` or `redirect`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Route {
    /// The web service that answers.
    pub service: Option<ServiceName>,
    /// One of the service's `ports`, by its name. Only with `service`. Default: none, its `port`. Example: `admin`.
    pub port: Option<PortName>,
    /// The service speaks gRPC there, without TLS: calls may stream in both directions. Only with `service`. Default: `false`.
    pub grpc: Option<bool>,
    /// Which paths take the route. Default: `prefix`.
    #[serde(rename = "match")]
    pub matching: Option<RouteMatch>,
    /// The service gets the path without the route's own (`true`), or without this start of it, which it finds in `X-Forwarded-Prefix`. Only with `service`. Default: `false`. Example: `/api`.
    pub strip_prefix: Option<StripPrefix>,
    /// Connections are web sockets: they stay open through silence. Only with `service`. Default: `false`.
    pub websocket: Option<bool>,
    /// Answers are passed on as they come, through silence: server-sent events, long polls. Only with `service`. Default: `false`.
    pub streaming: Option<bool>,
    /// Largest body of a request on this route. Only with `service`. Default: `edge.body_size`.
    pub body_size: Option<Size>,
    /// Most requests of one client address on this route, counted apart from all others. Only with `service`. Default: none of its own, `edge.rate_limit` holds.
    pub rate_limit: Option<RateLimit>,
    /// Time that the service has for an answer; for web sockets and streams, how long they may be silent. Only with `service`. Default: `edge.timeout`, `1h` for web sockets and streams.
    pub timeout: Option<Duration>,
    /// Folder below the project's root whose files the edge serves itself.
    pub files: Option<RelativePath>,
    /// Volume of a service whose files the edge serves itself: what the application collects when it starts.
    pub volume: Option<ServiceName>,
    /// Time that browsers may keep the files. Only with `files` or `volume`. Default: `1h`.
    pub cache: Option<Duration>,
    /// File of the folder that answers where there is none, for single-page applications; browsers ask again for HTML each time. Only with `files` or `volume`. Example: `index.html`.
    pub fallback: Option<RelativePath>,
    /// Where browsers are sent instead: an address, or a path of this host. What follows the route's path is kept, unless it matches exactly. Example: `https://www.example.com`.
    pub redirect: Option<RedirectTarget>,
    /// Whether browsers may remember the redirect: status 301, otherwise 302. Only with `redirect`. Default: `true`.
    pub permanent: Option<bool>,
}

/// What a service does not get of a path.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum StripPrefix {
    /// All of the route's path, or nothing.
    Whole(bool),
    /// The start of the route's path.
    Start(RoutePath),
}

impl JsonSchema for StripPrefix {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StripPrefix".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = RoutePath::schema();
        schema.insert("type".into(), serde_json::json!(["boolean", "string"]));
        schema.insert("examples".into(), serde_json::json!([true, "/api"]));
        schema.insert("errorMessage".into(), "Expected `true`, or the start of the route's path, such as `/api`".into());
        schema
    }
}

/// Which paths take a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteMatch {
    /// The path and all that lies below it; the longest route that fits wins.
    Prefix,
    /// The path and nothing else.
    Exact,
}
