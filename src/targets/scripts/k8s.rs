//! The part of the deploy script for `k8s`: what it has to know of the manifests, in the order of a roll-out.

use super::super::kubernetes::{
    claim_templates, deadline_seconds, given, is_deployment, job, moves, read_by_service, read_by_store, replace_seconds, roll_out_seconds,
};
use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::{BackingService, KubernetesTarget, RouteAction, Service, ServiceKind, Stack};
use crate::template;
use serde::Serialize;
use serde_json::{Map, Value};

pub(super) static K8S: Template = template!("scripts/deploy/k8s.sh", Shell);
pub(super) static CLUSTER: Template = template!("scripts/deploy/k8s_cluster.sh", Shell);
pub(super) static RECORD: Template = template!("scripts/deploy/k8s_record.sh", Shell);
pub(super) static MANIFESTS: Template = template!("scripts/deploy/k8s_manifests.sh", Shell);
pub(super) static WAITS: Template = template!("scripts/deploy/k8s_waits.sh", Shell);

/// Options of this mode, for the help of the script.
pub(super) const OPTIONS: &[&str] = &[
    "k8s: --context NAME is the cluster, as kubectl names it; without, the current one. --dry-run shows what would change, and changes nothing.",
    "k8s: --prune deletes what the manifests have no longer (volumes stay); --take-lock, when the machine that has the lock is gone.",
];

#[derive(Serialize)]
struct PartView<'a> {
    made_by: String,
    namespace: &'a str,
    /// Labels and annotations of whatever the script makes, as the start of `metadata` in JSON.
    metadata: String,
    /// Of Kubernetes, the number behind `1.`
    minor: u32,
    version: String,
    secret: String,
    secrets: Vec<&'a str>,
    /// An operator of the cluster makes the Secret.
    is_external: bool,
    parameters_map: String,
    parameters: Vec<&'a str>,
    tls: Option<String>,
    images: Vec<Image<'a>>,
    releases: Vec<Release<'a>>,
    /// A Job is waited for: that of a release, or of a backup that is put back.
    has_jobs: bool,
    /// Backing services that run here: they come first.
    servers: Vec<&'a str>,
    rolled: Vec<Rolled<'a>>,
    claims: Vec<Claim<'a>>,
    ready: Vec<Ready<'a>>,
    has_ingress: bool,
    /// Something reads a secret or a parameter when it starts.
    has_checksums: bool,
}

#[derive(Serialize)]
struct Image<'a> {
    name: &'a str,
    tag: &'a str,
    /// Of the env file.
    variable: String,
    /// `yes` if `--tag` is about it.
    chosen: &'static str,
    owner: &'a str,
}

#[derive(Serialize)]
struct Release<'a> {
    name: &'a str,
    job: String,
    /// Of its image.
    owner: &'a str,
    seconds: u64,
}

/// What is waited for, and what of the env file makes it start anew.
#[derive(Serialize)]
struct Rolled<'a> {
    kind: &'static str,
    name: &'a str,
    seconds: u64,
    reads: Vec<&'a str>,
}

/// A claim that a StatefulSet makes.
#[derive(Serialize)]
struct Claim<'a> {
    store: &'a str,
    name: String,
    size: String,
}

/// A web service that says whether it works.
#[derive(Serialize)]
struct Ready<'a> {
    name: &'a str,
    port: u16,
    path: &'a str,
}

pub(super) fn parts(stack: &Stack) -> Vec<Artifact> {
    let given = given(stack);
    let kubernetes = stack.targets.kubernetes.as_ref();
    let version = kubernetes.map(|target| target.version.to_string()).unwrap_or_default();
    let stores = stack.backing_services.iter().filter_map(|store| {
        let kind = if moves(store) { "Deployment" } else { "StatefulSet" };
        Some(Rolled { kind, name: store.name.as_str(), seconds: replace_seconds(store)?, reads: read_by_store(store) })
    });
    let deployments = stack.services.iter().filter(|service| is_deployment(service)).map(|service| Rolled {
        kind: "Deployment",
        name: service.name.as_str(),
        seconds: roll_out_seconds(stack, service),
        reads: read_by_service(stack, service),
    });
    let mut rolled: Vec<Rolled> = stores.chain(deployments).collect();
    // Their values are somebody else's: what follows from them cannot be known here.
    let is_external = kubernetes.is_some_and(crate::stack::KubernetesTarget::supplies_secrets);
    for one in rolled.iter_mut().filter(|_| is_external) {
        one.reads.retain(|name| given.parameters.contains(name));
    }
    let leads_to_service =
        |edge: &crate::stack::Edge| edge.hosts.iter().any(|host| host.routes.iter().any(|route| matches!(route.action, RouteAction::Service { .. })));
    let view = PartView {
        made_by: made_by(stack),
        namespace: kubernetes.map(|target| target.namespace.as_str()).unwrap_or_default(),
        metadata: kubernetes.map(metadata).unwrap_or_default(),
        minor: version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default(),
        version,
        secret: given.secret,
        secrets: if is_external { Vec::new() } else { given.secrets.iter().map(|secret| secret.name.as_str()).collect() },
        is_external,
        parameters_map: given.parameters_map,
        parameters: given.parameters,
        tls: given.tls,
        images: images(stack),
        releases: releases(stack),
        has_jobs: !releases(stack).is_empty() || !stack.backups.is_empty(),
        has_checksums: rolled.iter().any(|one| !one.reads.is_empty()),
        servers: stack.backing_services.iter().filter(|store| store.server.is_some()).map(|store| store.name.as_str()).collect(),
        rolled,
        claims: stack.backing_services.iter().flat_map(claims).collect(),
        ready: stack.services.iter().filter_map(ready).collect(),
        has_ingress: stack.edge.as_ref().is_some_and(leads_to_service) && stack.targets.kubernetes.as_ref().is_some_and(|target| target.gateway.is_none()),
    };
    [&K8S, &CLUSTER, &RECORD, &MANIFESTS, &WAITS].map(|template| Artifact::new(template.name, template, &view)).into()
}

/// Up to the name.
fn metadata(target: &KubernetesTarget) -> String {
    let map = |pairs: &[(String, String)]| pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>();
    let parts = [("labels", map(&target.labels)), ("annotations", map(&target.annotations))];
    let written = parts.into_iter().filter(|(_, map)| !map.is_empty()).map(|(key, map)| format!("\"{key}\":{},", Value::Object(map)));
    std::iter::once("{".to_owned()).chain(written).collect()
}

/// Images of services, each once. `--tag` is about those that are built here; where none is, about all.
fn images(stack: &Stack) -> Vec<Image<'_>> {
    let builds = stack.services.iter().any(|service| service.build_context().is_some());
    let owners = stack.services.iter().filter(|service| service.image_owner == service.name);
    owners
        .map(|service| Image {
            name: service.image.name.as_str(),
            tag: service.image.tag.as_str(),
            variable: service.tag_variable(),
            chosen: super::yes(!builds || service.build_context().is_some()),
            owner: service.name.as_str(),
        })
        .collect()
}

fn claims(store: &BackingService) -> Vec<Claim<'_>> {
    let name = store.name.as_str();
    claim_templates(store).into_iter().map(|(template, size)| Claim { store: name, name: format!("{template}-{name}-0"), size: size.kubernetes() }).collect()
}

fn releases(stack: &Stack) -> Vec<Release<'_>> {
    let list = stack.services.iter().filter(|service| service.kind == ServiceKind::Release);
    list.map(|service| Release { name: service.name.as_str(), job: job(service), owner: service.image_owner.as_str(), seconds: deadline_seconds(service) })
        .collect()
}

fn ready(service: &Service) -> Option<Ready<'_>> {
    let path = service.open_path().filter(|_| service.kind == ServiceKind::Web)?;
    Some(Ready { name: service.name.as_str(), port: service.port?.get(), path: path.as_str() })
}
