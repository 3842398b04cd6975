//! The client that gets certificates for nginx.

use super::own;
use super::text::Text;
use super::view::{DependencyView, HealthView, ServiceView, Variable};
use crate::stack::{ACME_NAME, EDGE_NAME, EnvironmentKind, Stack};
use crate::targets::nginx::{CERTIFICATES, CHALLENGES};

/// Where nginx and the client mount the volume. A new volume gets the rights of the folder that it is mounted on, and images have
/// this one for everybody: so their user can write to it without any capability.
pub const FOLDER: &str = "/var/tmp";
/// Where the client finds the certificates that it trusts.
const CA: &str = "/etc/ssl/acme-ca.pem";

/// One certificate for each host, so that a host whose name does not lead here yet keeps none from the others. A failure is tried
/// again after 15 minutes: authorities count them.
const LOOP: &str = "\
trap 'exit 0' TERM
mkdir -p \"$0\"
while :; do
  pause=43200
  for host in $HOSTS; do
    certbot certonly --cert-name \"$host\" --domain \"$host\" \"$@\" || pause=900
  done
  if test \"$pause\" = 900; then rm -f /tmp/good; else touch /tmp/good; fi
  sleep \"$pause\" & wait
done
";

/// The service, if certificates come by ACME.
pub fn view(stack: &Stack) -> Option<ServiceView> {
    let (edge, target) = (stack.edge.as_ref()?, stack.targets.nginx.as_ref()?);
    let acme = target.acme.as_ref()?;
    let hosts: Vec<&str> = edge.hosts.iter().map(|host| host.name.as_str()).collect();
    let mut environment = vec![Variable { name: "HOSTS".into(), value: Text::literal(&hosts.join(" ")) }];
    let mut volumes = vec![Text::literal(&format!("{ACME_NAME}:{FOLDER}"))];
    if let Some(ca) = &acme.ca {
        environment.push(Variable { name: "REQUESTS_CA_BUNDLE".into(), value: Text::literal(CA) });
        volumes.push(Text::literal(&format!("{}:{CA}:ro", own::from_here(stack, ca.as_str()))));
    }
    let account = acme.email.as_ref().map_or_else(|| vec!["--register-unsafely-without-email"], |email| vec!["--email", email.as_str()]);
    let options = [
        "--non-interactive",
        "--agree-tos",
        // Nothing to do until it is due.
        "--keep-until-expiring",
        // nginx reads certificate and key one after the other, and must never meet two that do not fit.
        "--reuse-key",
        "--webroot",
        "--webroot-path",
        CHALLENGES,
        "--config-dir",
        CERTIFICATES,
        "--work-dir",
        "/tmp/work",
        "--logs-dir",
        "/tmp/logs",
        "--server",
        acme.directory.as_str(),
    ];
    Some(ServiceView {
        name: ACME_NAME.to_owned(),
        about: vec![
            "Gets a certificate for each host, and a new one when it is due. nginx finds them by itself.".into(),
            "Healthy when its last round went well: `logs acme` tells why not.".into(),
            "The volume is at /var/tmp because a new one takes the rights of that folder, which is everybody's: its user is not root.".into(),
        ],
        image: Some(Text::literal(&acme.image)),
        depends_on: vec![DependencyView { name: EDGE_NAME.into(), condition: "service_healthy" }],
        volumes,
        environment,
        networks: vec!["outside"],
        entrypoint: Some(["sh", "-c", LOOP, CHALLENGES].into_iter().map(Text::literal).collect()),
        entrypoint_about: Some("A failure is tried again after 15 minutes, because authorities count them; otherwise it looks twice a day."),
        command: Some(options.into_iter().chain(account).map(Text::literal).collect()),
        command_about: vec!["Options of certbot. The key is kept: nginx must never meet a certificate and a key that do not fit.".into()],
        healthcheck: Some(HealthView {
            about: None,
            test: ["CMD", "test", "-e", "/tmp/good"].into_iter().map(Text::literal).collect(),
            interval: "5s".into(),
            timeout: "3s".into(),
            retries: 3,
            start_period: "2m".into(),
        }),
        user: Some(target.user.to_string()),
        cpus: acme.cpu.cores(),
        memory: acme.memory.lower_case(),
        pids: acme.pids,
        read_only: stack.environment != EnvironmentKind::Development,
        tmpfs: vec![format!("/tmp:size={},mode=1777,noexec,nosuid,nodev", acme.scratch.lower_case())],
        ..ServiceView::default()
    })
}
