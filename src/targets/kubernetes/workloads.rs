//! The services: Deployments, the release's Job, CronJobs.

use super::pod::{self, Pod};
use super::{CRONJOB, DEPLOYMENT, Head, JOB, config, files, names, path_of};
use crate::render::Artifact;
use crate::stack::{Autoscale, Service, ServiceKind, Stack, Volume};
use crate::values::Duration;
use serde::Serialize;

/// What a new pod may take beyond its start: the node has to pull the image first.
pub const PULL_SECONDS: u64 = 240;
/// What a pod has to last that nothing can be asked, to count as one that works.
const SETTLE_SECONDS: u64 = 10;

#[derive(Serialize)]
struct WorkloadView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    name: &'a str,
    component: &'static str,
    pod: Pod<'a>,
}

#[derive(Serialize)]
struct DeploymentView<'a> {
    #[serde(flatten)]
    workload: WorkloadView<'a>,
    replicas: u32,
    autoscale: Option<&'a Autoscale>,
    /// More than one replica: one can be missed.
    disruptable: bool,
    /// Why the old pod has to go first, if it has to.
    recreate: Option<&'static str>,
    /// Names that lead to its pods.
    hosts: Vec<&'a str>,
    progress_deadline: u64,
    /// How long a pod has to last that nothing can be asked.
    settle: Option<u64>,
    checksum: Option<&'a str>,
    files_checksum: Option<String>,
}

#[derive(Serialize)]
struct JobView<'a> {
    #[serde(flatten)]
    workload: WorkloadView<'a>,
    job: String,
    deadline: u64,
}

#[derive(Serialize)]
struct CronJobView<'a> {
    #[serde(flatten)]
    workload: WorkloadView<'a>,
    schedule: String,
    deadline: u64,
}

/// The file of one service.
pub fn artifact<'a>(stack: &'a Stack, head: &'a Head<'a>, configs: &'a [config::ConfigMap<'a>], service: &'a Service) -> Artifact {
    let path = path_of(service.name.as_str());
    let workload = |component| WorkloadView { head, name: service.name.as_str(), component, pod: pod::view(stack, head, configs, service) };
    let deployment = |component| DeploymentView {
        settle: (!pod::has_probes(service)).then_some(SETTLE_SECONDS),
        workload: workload(component),
        replicas: service.replicas,
        autoscale: service.autoscale.as_ref(),
        disruptable: service.most_replicas() > 1 && stack.targets.kubernetes.as_ref().is_some_and(|target| target.disruption_budgets),
        hosts: hosts(service),
        recreate: recreate(stack, service),
        progress_deadline: progress_seconds(stack, service),
        checksum: config::of(configs, service).map(|map| map.digest.as_str()),
        files_checksum: files::checksum(&service.files),
    };
    match service.kind {
        ServiceKind::Web => Artifact::new(path, &DEPLOYMENT, &deployment("web")),
        ServiceKind::Worker => Artifact::new(path, &DEPLOYMENT, &deployment("worker")),
        ServiceKind::Cron => {
            let schedule = service.schedule.as_ref().map(crate::values::Cron::for_kubernetes).unwrap_or_default();
            Artifact::new(path, &CRONJOB, &CronJobView { workload: workload("cron"), schedule, deadline: deadline_seconds(service) })
        }
        ServiceKind::Release => Artifact::new(path, &JOB, &JobView { workload: workload("release"), job: job(service), deadline: deadline_seconds(service) }),
    }
}

/// It must never be there twice, or has a volume that one node at a time may mount.
fn recreate(stack: &Stack, service: &Service) -> Option<&'static str> {
    let on_one_node = |volume: &Volume| !volume.shared && volume.host().is_none();
    if service.singleton {
        return Some("The old pod goes first: no roll-out has two of them.");
    }
    let is_bound = service.volumes.iter().any(|mount| stack.volumes.iter().any(|volume| volume.name == mount.volume && on_one_node(volume)));
    is_bound.then_some("The old pod goes first: on another node, a new one would wait for the volume for ever.")
}

/// Its own name and the others, if it listens on anything.
fn hosts(service: &Service) -> Vec<&str> {
    let names = std::iter::once(&service.name).chain(&service.aliases).map(crate::values::ServiceName::as_str);
    names.filter(|_| service.port.is_some() || !service.ports.is_empty()).collect()
}

/// What a run may take in all, with every try.
pub fn deadline_seconds(service: &Service) -> u64 {
    service.deadline.map(Duration::whole_seconds).unwrap_or_default()
}

/// Name of the Job of a release service.
pub fn job(service: &Service) -> String {
    names::job(service.name.as_str(), service.image.tag.as_str())
}

/// Time in which a new pod has to be ready, or the roll-out has failed.
fn progress_seconds(stack: &Stack, service: &Service) -> u64 {
    // Of what is recreated, the old pod ends first.
    let stop = recreate(stack, service).map_or(0, |_| pod::grace_seconds(service));
    stop + service.health.start_period.whole_seconds() + PULL_SECONDS
}

/// Time that a roll-out takes at most: the pods are replaced one after the other.
pub fn roll_out_seconds(stack: &Stack, service: &Service) -> u64 {
    progress_seconds(stack, service) * u64::from(service.most_replicas().max(1))
}
