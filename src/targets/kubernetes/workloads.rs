//! The services: Deployments, the release's Job, CronJobs.

use super::pod::{self, Pod};
use super::{CRONJOB, DEPLOYMENT, Head, JOB, config, names, path_of};
use crate::render::Artifact;
use crate::stack::{Service, ServiceKind, Stack};
use serde::Serialize;

/// What a new pod may take beyond its start: the node has to pull the image first.
const PULL_SECONDS: u64 = 240;

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
    /// More than one replica: one can be missed.
    disruptable: bool,
    progress_deadline: u64,
    checksum: Option<&'a str>,
}

#[derive(Serialize)]
struct JobView<'a> {
    #[serde(flatten)]
    workload: WorkloadView<'a>,
    job: String,
}

#[derive(Serialize)]
struct CronJobView<'a> {
    #[serde(flatten)]
    workload: WorkloadView<'a>,
    schedule: String,
}

/// The file of one service.
pub fn artifact<'a>(stack: &'a Stack, head: &'a Head<'a>, configs: &'a [config::ConfigMap<'a>], service: &'a Service) -> Artifact {
    let path = path_of(service.name.as_str());
    let workload = |component| WorkloadView { head, name: service.name.as_str(), component, pod: pod::view(stack, head, configs, service) };
    let deployment = |component| DeploymentView {
        workload: workload(component),
        replicas: service.replicas,
        disruptable: service.replicas > 1,
        progress_deadline: service.health.start_period.whole_seconds() + PULL_SECONDS,
        checksum: config::of(configs, service).map(|map| map.digest.as_str()),
    };
    match service.kind {
        ServiceKind::Web => Artifact::new(path, &DEPLOYMENT, &deployment("web")),
        ServiceKind::Worker => Artifact::new(path, &DEPLOYMENT, &deployment("worker")),
        ServiceKind::Cron => {
            let schedule = service.schedule.as_ref().map(crate::values::Cron::for_kubernetes).unwrap_or_default();
            Artifact::new(path, &CRONJOB, &CronJobView { workload: workload("cron"), schedule })
        }
        ServiceKind::Release => {
            let job = names::job(service.name.as_str(), service.image.tag.as_str());
            Artifact::new(path, &JOB, &JobView { workload: workload("release"), job })
        }
    }
}
