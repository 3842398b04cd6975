//! The kubernetes target: manifests and the kustomization that lists them.
//!
//! Every object is for a namespace that enforces the restricted Pod Security Standard. Secrets are referred to by name only.

mod config;
mod ingress;
mod names;
mod pod;
mod policies;
mod stores;
mod workloads;

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{EnvValue, KubernetesTarget, ServiceKind, Stack};
use crate::template;
use serde::Serialize;

static KUSTOMIZATION: Template = template!("kubernetes/kustomization.yaml", Yaml);
static NAMESPACE: Template = template!("kubernetes/namespace.yaml", Yaml);
static CONFIG: Template = template!("kubernetes/config.yaml", Yaml);
static DEPLOYMENT: Template = template!("kubernetes/deployment.yaml", Yaml, includes [&ACCOUNT, &POD]);
static JOB: Template = template!("kubernetes/job.yaml", Yaml, includes [&ACCOUNT, &POD]);
static CRONJOB: Template = template!("kubernetes/cronjob.yaml", Yaml, includes [&ACCOUNT, &POD]);
static POSTGRES: Template = template!("kubernetes/postgres.yaml", Yaml, includes[&ACCOUNT]);
static REDIS: Template = template!("kubernetes/redis.yaml", Yaml, includes[&ACCOUNT]);
static INGRESS: Template = template!("kubernetes/ingress.yaml", Yaml);
static POLICIES: Template = template!("kubernetes/network-policies.yaml", Yaml);
static ACCOUNT: Template = template!("kubernetes/account.yaml", Yaml);
static POD: Template = template!("kubernetes/pod.yaml", Yaml);

/// The target.
pub const TARGET: Target = Target {
    id: "kubernetes",
    templates: &[&KUSTOMIZATION, &NAMESPACE, &CONFIG, &DEPLOYMENT, &JOB, &CRONJOB, &POSTGRES, &REDIS, &INGRESS, &POLICIES, &ACCOUNT, &POD],
    artifacts,
};

/// What every file of this target says.
#[derive(Clone, Serialize)]
struct Head<'a> {
    made_by: String,
    namespace: &'a str,
    /// The Secret with the values of all secrets.
    secret_name: String,
    /// The ConfigMap with the values of parameters.
    parameters_name: String,
}

#[derive(Serialize)]
struct KustomizationView<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    project: &'a str,
    resources: Vec<String>,
    secrets: Vec<&'a str>,
    parameters: Vec<&'a str>,
    tls_secret: Option<String>,
    env_file: String,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let Some(target) = &stack.targets.kubernetes else { return Vec::new() };
    let head = Head {
        made_by: made_by(stack),
        namespace: target.namespace.as_str(),
        secret_name: format!("{}-secrets", stack.project),
        parameters_name: format!("{}-parameters", stack.project),
    };
    let configs = config::maps(stack);
    let mut files = vec![Artifact::new(path("namespace"), &NAMESPACE, &head)];
    if !configs.is_empty() {
        files.push(Artifact::new(path("config"), &CONFIG, &config::ConfigView { head: &head, maps: &configs }));
    }
    files.extend(stack.backing_services.iter().filter_map(|store| stores::artifact(&head, store)));
    // In the order of a roll-out: what runs before the others comes before the others.
    let (releases, others): (Vec<_>, Vec<_>) = stack.services.iter().partition(|service| service.kind == ServiceKind::Release);
    files.extend(releases.into_iter().chain(others).map(|service| workloads::artifact(stack, &head, &configs, service)));
    files.extend(ingress::artifact(stack, target, &head));
    files.push(policies::artifact(stack, target, &head));
    // Not what only a build or a connection string is made of.
    let is_read = |secret: &crate::stack::Secret| {
        let in_service =
            |service: &crate::stack::Service| service.env.iter().any(|var| matches!(&var.value, EnvValue::Secret { name, .. } if *name == secret.name));
        stack.services.iter().any(in_service) || stack.backing_services.iter().any(|store| store.server.is_some() && store.password == secret.name)
    };
    let mut parameters: Vec<&str> = stack.services.iter().flat_map(|service| service.parameters(stack)).map(|(_, parameter)| parameter.name.as_str()).collect();
    parameters.sort_unstable();
    parameters.dedup();
    let view = KustomizationView {
        project: stack.project.as_str(),
        resources: files.iter().map(|file| file.path.trim_start_matches("k8s/").to_owned()).collect(),
        secrets: stack.secrets.iter().filter(|secret| is_read(secret)).map(|secret| secret.name.as_str()).collect(),
        parameters,
        // cert-manager makes it.
        tls_secret: tls_secret(stack).filter(|_| target.cluster_issuer.is_none()),
        env_file: stack.env_file(),
        head,
    };
    files.insert(0, Artifact::new(path("kustomization"), &KUSTOMIZATION, &view));
    files
}

/// The Secret with the certificate, if TLS ends at the Ingress.
fn tls_secret(stack: &Stack) -> Option<String> {
    stack.edge.as_ref().filter(|edge| edge.tls.ends_here()).map(|_| format!("{}-tls", stack.project))
}

/// Namespace of the controller that serves the class.
fn controller_namespace(target: &KubernetesTarget) -> String {
    format!("ingress-{}", target.ingress_class)
}

fn path(stem: &str) -> String {
    format!("k8s/{stem}.yaml")
}

/// The file of a service or of a backing service. Some names are taken; no service has a dot in its name.
fn path_of(name: &str) -> String {
    let taken = ["config", "ingress", "kustomization", "namespace", "network-policies"];
    path(&if taken.contains(&name) { format!("{name}.service") } else { name.to_owned() })
}
