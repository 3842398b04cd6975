//! The kubernetes target: manifests and the kustomization that lists them.
//!
//! Every object is for a namespace that enforces the restricted Pod Security Standard. Secrets are referred to by name only.

mod backups;
mod config;
mod external;
mod files;
mod gateway;
mod given;
mod image;
mod ingress;
mod names;
mod pod;
mod policies;
mod quota;
mod stores;
mod volumes;
mod workloads;

pub use given::{given, is_deployment, read_by_service, read_by_store};
pub use names::digest;
pub use stores::{claim_templates, moves, replace_seconds};
pub use workloads::{deadline_seconds, job, roll_out_seconds};

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{ServiceKind, Stack};
use crate::template;
use serde::Serialize;

static KUSTOMIZATION: Template = template!("kubernetes/kustomization.yaml", Yaml);
static NAMESPACE: Template = template!("kubernetes/namespace.yaml", Yaml);
static CONFIG: Template = template!("kubernetes/config.yaml", Yaml);
static DEPLOYMENT: Template = template!("kubernetes/deployment.yaml", Yaml, includes [&ACCOUNT, &POD]);
static JOB: Template = template!("kubernetes/job.yaml", Yaml, includes [&ACCOUNT, &POD, &RETRIES]);
static CRONJOB: Template = template!("kubernetes/cronjob.yaml", Yaml, includes [&ACCOUNT, &POD, &RETRIES]);
static POSTGRES: Template = template!("kubernetes/postgres.yaml", Yaml, includes [&ACCOUNT, &SERVER]);
static REDIS: Template = template!("kubernetes/redis.yaml", Yaml, includes [&ACCOUNT, &SERVER]);
static IMAGE: Template = template!("kubernetes/image.yaml", Yaml, includes [&ACCOUNT, &SERVER]);
static BACKUP: Template = template!("kubernetes/backup.yaml", Yaml, includes [&ACCOUNT, &BACKUP_POD, &RETRIES]);
static RESTORE: Template = template!("kubernetes/restore.yaml", Yaml, includes[&BACKUP_POD]);
static BACKUP_POD: Template = template!("kubernetes/backup-pod.yaml", Yaml);
static INGRESS: Template = template!("kubernetes/ingress.yaml", Yaml, includes[&NOWHERE]);
static NOWHERE: Template = template!("kubernetes/nowhere.yaml", Yaml);
static GATEWAY: Template = template!("kubernetes/gateway.yaml", Yaml, includes[&NOWHERE]);
static POLICIES: Template = template!("kubernetes/network-policies.yaml", Yaml);
static QUOTA: Template = template!("kubernetes/quota.yaml", Yaml);
static EXTERNAL_SECRETS: Template = template!("kubernetes/external-secrets.yaml", Yaml);
static FILES: Template = template!("kubernetes/files.yaml", Yaml);
static VOLUMES: Template = template!("kubernetes/volumes.yaml", Yaml);
static ACCOUNT: Template = template!("kubernetes/account.yaml", Yaml);
static POD: Template = template!("kubernetes/pod.yaml", Yaml);
static SERVER: Template = template!("kubernetes/server.yaml", Yaml);
static RETRIES: Template = template!("kubernetes/retries.yaml", Yaml);

/// The target.
pub const TARGET: Target = Target {
    id: "kubernetes",
    templates: &[
        &KUSTOMIZATION,
        &NAMESPACE,
        &CONFIG,
        &FILES,
        &DEPLOYMENT,
        &JOB,
        &CRONJOB,
        &POSTGRES,
        &REDIS,
        &IMAGE,
        &BACKUP,
        &RESTORE,
        &BACKUP_POD,
        &INGRESS,
        &GATEWAY,
        &NOWHERE,
        &POLICIES,
        &VOLUMES,
        &QUOTA,
        &EXTERNAL_SECRETS,
        &ACCOUNT,
        &POD,
        &SERVER,
        &RETRIES,
    ],
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
    /// Where services find the files of their secrets.
    secrets_folder: &'static str,
    /// Of all claims; `None` for the cluster's own.
    storage_class: Option<&'a str>,
}

#[derive(Serialize)]
struct NamespaceView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    /// Of the standard that pods are held against.
    version: String,
}

#[derive(Serialize)]
struct KustomizationView<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    project: &'a str,
    resources: Vec<String>,
    secrets: Vec<&'a str>,
    /// Somebody else fills the Secret.
    fills: bool,
    parameters: Vec<&'a str>,
    labels: Vec<Pair<'a>>,
    annotations: Vec<Pair<'a>>,
    tls_secret: Option<String>,
    env_file: String,
    /// The script that makes all of it, if there is one.
    script: Option<String>,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let Some(target) = &stack.targets.kubernetes else { return Vec::new() };
    let given = given(stack);
    let head = Head {
        made_by: made_by(stack),
        namespace: target.namespace.as_str(),
        secret_name: given.secret,
        parameters_name: given.parameters_map,
        secrets_folder: target.secrets_folder(),
        storage_class: target.storage_class.as_ref().map(crate::values::ObjectName::as_str),
    };
    let configs = config::maps(stack);
    let mut files = vec![Artifact::new(path("namespace"), &NAMESPACE, &NamespaceView { head: &head, version: format!("v{}", target.version) })];
    files.extend(quota::artifact(stack, target, &head));
    if !configs.is_empty() {
        files.push(Artifact::new(path("config"), &CONFIG, &config::ConfigView { head: &head, maps: &configs }));
    }
    let secrets: Vec<&str> = given.secrets.iter().map(|secret| secret.name.as_str()).collect();
    files.extend(external::artifact(target, &head, &secrets));
    files.extend(files::artifact(stack, &head));
    files.extend(volumes::artifact(stack, &head));
    files.extend(stack.backing_services.iter().filter_map(|store| stores::artifact(stack, &head, store)));
    files.extend(backups::artifacts(stack, &head));
    // In the order of a roll-out: what runs before the others comes before the others.
    let (releases, others): (Vec<_>, Vec<_>) = stack.services.iter().partition(|service| service.kind == ServiceKind::Release);
    files.extend(releases.into_iter().chain(others).map(|service| workloads::artifact(stack, &head, &configs, service)));
    files.extend(gateway::artifact(stack, target, &head));
    files.extend(ingress::artifact(stack, target, &head));
    files.extend(target.network_policies.then(|| policies::artifact(stack, target, &head)));
    let restores = backups::restores(stack, &head);
    let view = KustomizationView {
        project: stack.project.as_str(),
        resources: files.iter().map(|file| file.path.trim_start_matches("k8s/").to_owned()).collect(),
        secrets: if target.external_secrets.is_some() { Vec::new() } else { secrets },
        fills: target.existing_secret.is_some(),
        labels: pairs(&target.labels),
        annotations: pairs(&target.annotations),
        parameters: given.parameters,
        tls_secret: given.tls,
        env_file: stack.env_file(),
        script: super::scripts::deploy_script(stack),
        head,
    };
    files.insert(0, Artifact::new(path("kustomization"), &KUSTOMIZATION, &view));
    files.extend(restores);
    files
}

fn pairs(list: &[(String, String)]) -> Vec<Pair<'_>> {
    list.iter().map(|(name, value)| Pair { name, value }).collect()
}

fn path(stem: &str) -> String {
    format!("k8s/{stem}.yaml")
}

/// The file of a service or of a backing service. Some names are taken; no service has a dot in its name.
fn path_of(name: &str) -> String {
    let taken = ["config", "external-secrets", "files", "gateway", "ingress", "kustomization", "namespace", "network-policies", "quota", "volumes"];
    path(&if taken.contains(&name) { format!("{name}.service") } else { name.to_owned() })
}
