//! How others find out whether a service works.

use crate::values::{Arg, Duration, GrpcService, HeaderName, HeaderValue, HttpPath, Named, Port};
use schemars::JsonSchema;
use serde::Deserialize;

/// How others find out whether a service works.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Health {
    /// Path that answers 200 when the service and what it needs work. The engine, the proxy and the scripts ask it.
    pub ready: Option<HttpPath>,
    /// Path that answers 200 when the process works, whatever its database does. Left out: a TCP connection is tried.
    pub live: Option<HttpPath>,
    /// Command that exits 0 when the process works, whatever its database does, for what has no port: a cluster starts anew what fails it. Compose starts nothing anew for that. Default: none. Example: `[python, -m, app.alive]`.
    #[schemars(length(min = 1))]
    pub live_command: Option<Vec<Arg>>,
    /// Whether a connection to the port is all that can be tried: for what speaks neither HTTP nor gRPC. Default: `false`.
    pub tcp: Option<bool>,
    /// It answers gRPC's health protocol. A cluster asks it; Compose needs `command` with a client that the image has.
    pub grpc: Option<GrpcHealth>,
    /// Port that is asked, 1 to 65535. Default: none, the service's `port`.
    pub port: Option<Port>,
    /// Headers of the requests to `ready` and `live`, for applications that want to know their host: `{Host: shop.example.com}`.
    #[serde(default)]
    pub headers: Named<HeaderName, HeaderValue>,
    /// Command that exits 0 when it works: for services without HTTP, and for images whose HTTP client infragen cannot know. Example: `[wget, -q, -O, /dev/null, "http://127.0.0.1:3000/"]`.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<Arg>>,
    /// Time between two checks. Default: `10s`.
    pub interval: Option<Duration>,
    /// Time after which a check has failed. Default: `5s`.
    pub timeout: Option<Duration>,
    /// Failures in a row that make it unhealthy, 1 to 100. Default: `3`.
    #[schemars(range(min = 1, max = 100))]
    pub retries: Option<u32>,
    /// Time to start, in which failures do not count. Default: `60s`.
    pub start_period: Option<Duration>,
}

/// What is asked by gRPC's health protocol.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct GrpcHealth {
    /// Name of the service that is asked for. Default: none, the server as a whole. Example: `shop.v1.Orders`.
    pub service: Option<GrpcService>,
}
