//! Hosts, addresses, ports and paths of URLs.

use super::Scalar;
use super::names::text;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// A TCP port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Port(std::num::NonZeroU16);

impl Port {
    /// A port that is known when infragen is built.
    pub const fn known(port: u16) -> Self {
        match std::num::NonZeroU16::new(port) {
            Some(port) => Self(port),
            None => panic!("port 0"),
        }
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Port {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Port".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535, "examples": [8000], "errorMessage": "Expected a port from 1 to 65535" })
    }
}

fn host_label(part: &str) -> bool {
    (1..=63).contains(&part.len())
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

text! {
    /// A host name that the edge answers to.
    HostName, "host-name",
    expects "a host name in lower case, such as `api.example.com`",
    pattern r"^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$", examples ["api.example.com", "localhost"],
    valid |text| text.len() <= 253 && text.split('.').all(host_label)
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// No empty part and no `.` or `..`: proxies read those in different ways.
fn url_path(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|path| {
        let parts = path.strip_suffix('/').unwrap_or(path);
        (path.is_empty() || parts.split('/').all(|part| !matches!(part, "" | "." | "..")))
            && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._~-+=:@,".contains(c))
    })
}

text! {
    /// Path of a URL that a health check asks.
    HttpPath, "url-path",
    expects "the path of a URL: `/` and then letters, digits and `._~-+=:@,/`, such as `/healthz`",
    pattern r"^/$|^(/(?!\.{1,2}(/|$))[A-Za-z0-9._~+=:@,-]+)+/?$", examples ["/healthz", "/api/v1/monitoring/health"],
    valid url_path
}

text! {
    /// Path of a URL that starts a route.
    RoutePath, "route-path",
    expects "a path prefix: `/` alone, or `/` and a path that does not end in `/`, such as `/static`",
    pattern r"^/$|^(/(?!\.{1,2}(/|$))[A-Za-z0-9._~+=:@,-]+)+$", examples ["/", "/static", "/api/v1"],
    valid |text| url_path(text) && (text == "/" || !text.ends_with('/'))
}

text! {
    /// Address of a web service.
    HttpsUrl, "https-url",
    expects "an address that starts with `https://`, such as `https://acme.example.com/directory`",
    pattern r"^https://[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[A-Za-z0-9._~+=@,/-]*)?$",
    examples ["https://acme.example.com/directory", "https://ca.internal:9000/acme/acme/directory"],
    valid |text| text.strip_prefix("https://").is_some_and(|rest| {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        host.split('.').all(host_label) && port.is_none_or(is_port) && path.chars().all(|c| c.is_ascii_alphanumeric() || "._~+=@,/-".contains(c))
    })
}

text! {
    /// Where a redirect leads.
    RedirectTarget, "redirect-target",
    expects "an address such as `https://www.example.com`, or a path of this host such as `/new`",
    pattern r"^(https?://[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/|(/(?!\.{1,2}(/|$))[A-Za-z0-9._~+=:@,-]+)+/?)?|/|(/(?!\.{1,2}(/|$))[A-Za-z0-9._~+=:@,-]+)+/?)$",
    examples ["https://www.example.com", "/new"],
    valid |text| match text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
            host.split('.').all(host_label) && port.is_none_or(is_port) && (path.is_empty() || url_path(path))
        }
        None => url_path(text),
    }
}

text! {
    /// An e-mail address.
    Email, "email-address",
    expects "an e-mail address, such as `ops@example.com`",
    pattern r"^[A-Za-z0-9_+][A-Za-z0-9._+-]*@[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$",
    examples ["ops@example.com"],
    valid |text| text.split_once('@').is_some_and(|(user, host)| {
        !user.starts_with(['.', '-']) && !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
            && host.contains('.') && host.split('.').all(host_label)
    })
}

text! {
    /// A host and a port that a service may reach.
    HostPort, "host-port",
    expects "HOST:PORT, such as `smtp.example.com:587`",
    pattern r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*:[1-9][0-9]{0,3}$|^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*:[1-6][0-9]{4}$",
    examples ["smtp.example.com:587", "192.0.2.1:443"],
    valid |text| text.split_once(':').is_some_and(|(host, port)| {
        host.len() <= 253 && host.split('.').all(host_label) && is_port(port)
    })
}

impl HostPort {
    /// The host.
    pub fn host(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.as_str().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or_default()
    }
}

text! {
    /// A folder in a container.
    ContainerPath, "container-path",
    expects "an absolute path in the container, such as `/var/cache/app`; `/` and `/run/secrets` are not possible",
    pattern r"^(?!/run/secrets(/|$))(/(?!\.{1,2}(/|$))[A-Za-z0-9._+@-]+)+$", examples ["/var/cache/app", "/data"],
    valid |text| text.strip_prefix('/').is_some_and(|path| {
        path.split('/').all(|part| !matches!(part, "" | "." | "..") && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+@-".contains(c)))
    }) && text != "/run/secrets" && !text.starts_with("/run/secrets/")
}

/// An address on this host to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpAddress(pub IpAddr);

impl Scalar for IpAddress {
    const FORMAT: &'static str = "ip-address";
    const EXPECTS: &'static str = "an IP address, such as `127.0.0.1`";
    const PATTERN: &'static str = "^[0-9a-fA-F:.]+$";
    const EXAMPLES: &'static [&'static str] = &["127.0.0.1", "0.0.0.0", "::1"];

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| super::names::shown(text))
    }
}

impl fmt::Display for IpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            // Ports are written behind it.
            IpAddr::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Scalar for Cidr {
    const FORMAT: &'static str = "cidr";
    const EXPECTS: &'static str = "a range of addresses in CIDR notation, such as `10.0.0.0/8`";
    const PATTERN: &'static str = "^[0-9a-fA-F:.]+/[0-9]{1,3}$";
    const EXAMPLES: &'static [&'static str] = &["10.0.0.0/8", "2001:db8::/32"];

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || super::names::shown(text);
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        if prefix > longest {
            return Err(format!("the prefix /{prefix} is longer than /{longest}"));
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
