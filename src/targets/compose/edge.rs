//! nginx in front of the services.

use super::text::Text;
use super::view::{DependencyView, HealthView, ServiceView};
use super::{acme, own};
use crate::stack::{ACME_NAME, CERTIFICATE, CERTIFICATE_KEY, EDGE_NAME, Edge, EnvironmentKind, FileSource, HTTP_PORT, HTTPS_PORT, RouteAction, Stack, TlsKind};
use crate::targets::nginx;

/// The folder is mounted and not the file: git and editors replace files, and a mounted file would stay the old one.
const START: &str = "ln -sf /etc/nginx/site/nginx.conf /tmp/nginx.conf && exec nginx -c /tmp/nginx.conf -g 'daemon off;'";

/// Seconds after which the engine knows whether it is healthy: the health check's times below.
pub const WITHIN: u64 = 10 + 4 * (5 + 3);

pub fn view(stack: &Stack, edge: &Edge) -> Option<ServiceView> {
    let (target, compose) = (stack.targets.nginx.as_ref()?, stack.targets.compose.as_ref()?);
    let address = compose.address.map_or_else(|| Text::literal(""), |address| Text::literal(&format!("{address}:")));
    let publish =
        |name: &str, port: u16, inside: u16| address.clone().then(&Text::variable(name, &port.to_string())).then(&Text::literal(&format!(":{inside}")));
    let mut ports = vec![publish(HTTP_PORT, compose.http_port.get(), nginx::HTTP)];
    let mut secrets = Vec::new();
    if edge.tls.ends_here() {
        ports.push(publish(HTTPS_PORT, compose.https_port.get(), nginx::HTTPS));
    }
    if edge.tls == TlsKind::Files {
        secrets.extend(own::secrets(stack, EDGE_NAME, &[CERTIFICATE, CERTIFICATE_KEY]));
    }
    let mut volumes = vec![Text::literal("./nginx:/etc/nginx/site:ro")];
    if target.acme.is_some() {
        volumes.push(Text::literal(&format!("{ACME_NAME}:{}:ro", acme::FOLDER)));
    }
    for host in &edge.hosts {
        for route in &host.routes {
            if let RouteAction::Files { source, .. } = &route.action {
                let source = match source {
                    FileSource::Folder(folder) => own::from_here(stack, folder.as_str()),
                    FileSource::Volume(name) => name.to_string(),
                };
                let path = route.path.as_str().trim_end_matches('/');
                volumes.push(Text::literal(&format!("{source}:{}/{}{path}:ro", nginx::files_tree(host, route), host.name)));
            }
        }
    }
    let depends_on = stack.routed().map(|service| DependencyView {
        name: service.name.to_string(),
        condition: if service.has_engine_check() { "service_healthy" } else { "service_started" },
    });
    let test = ["CMD".to_owned(), "wget".into(), "-q".into(), "-O".into(), "/dev/null".into(), format!("http://127.0.0.1:{}/health", nginx::STATUS)];
    Some(ServiceView {
        name: EDGE_NAME.to_owned(),
        image: Some(Text::literal(&target.image)),
        depends_on: depends_on.collect(),
        volumes,
        secrets,
        ports,
        networks: if stack.routed().next().is_some() { vec!["edge", "frontend"] } else { vec!["edge"] },
        command: Some(["sh", "-c", START].into_iter().map(Text::literal).collect()),
        command_about: vec!["A link, so that a roll-out can point nginx at a copy below /tmp for its time: one that names the containers it is to use.".into()],
        healthcheck: Some(HealthView {
            about: None,
            test: test.iter().map(|arg| Text::literal(arg)).collect(),
            interval: "5s".into(),
            timeout: "3s".into(),
            retries: 3,
            start_period: "10s".into(),
        }),
        user: Some(target.user.to_string()),
        cpus: target.resources.limit_cpu.cores(),
        memory: target.resources.limit_memory.lower_case(),
        reserved_cpus: Some(target.resources.request_cpu.cores()),
        reserved_memory: Some(target.resources.request_memory.lower_case()),
        pids: target.pids,
        read_only: stack.environment != EnvironmentKind::Development,
        stop_grace_period: Some(target.stop_grace.to_string()),
        stop_signal: Some("SIGQUIT"),
        tmpfs: vec![format!("/tmp:size={},mode=1777,noexec,nosuid,nodev", target.scratch.lower_case())],
        ..ServiceView::default()
    })
}
