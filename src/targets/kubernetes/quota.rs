//! What the namespace may take of the cluster: all that may be there at a time, and a reserve.

use super::{Head, QUOTA, path};
use crate::render::Artifact;
use crate::stack::{KubernetesTarget, PodEscape, Resources, ServiceKind, Stack, TlsKind};
use crate::values::amount::{self, Amount, Notation};
use crate::values::{Cpu, Size};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct QuotaView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    project: &'a str,
    script: Option<String>,
    hard: Vec<Limit>,
    /// There is something to say about containers that say nothing.
    guest: bool,
    guest_requests: Vec<Limit>,
    guest_limits: Vec<Limit>,
}

#[derive(Serialize)]
struct Limit {
    key: &'static str,
    most: String,
    /// Of what is rendered.
    sum: String,
}

/// What is counted: its key in a quota, that of a container, and whether it is a limit or a request.
const COUNTED: [(&str, &str, &str); 4] =
    [("requests.cpu", "requests", "cpu"), ("requests.memory", "requests", "memory"), ("limits.cpu", "limits", "cpu"), ("limits.memory", "limits", "memory")];

/// Thousandths of a core or MiB, in the order of [`COUNTED`]; `None` where a container does not say it: no quota can be about that.
type Amounts = [Option<u64>; 4];

/// cert-manager's pod that answers for a host while its certificate is made.
const SOLVER: Amounts = [Some(10), Some(64), Some(100), Some(64)];

/// The file, unless somebody else decides over it.
pub fn artifact(stack: &Stack, target: &KubernetesTarget, head: &Head) -> Option<Artifact> {
    let guest = of(target.quotas.as_ref()?);
    let pods = pods(stack, target);
    let reserve = |sum: u64, least: u64| sum.div_ceil(4).max(least);
    let count: u64 = pods.iter().map(|(count, _)| count).sum();
    let mut hard = vec![Limit { key: "pods", most: (count + reserve(count, 2)).to_string(), sum: count.to_string() }];
    let mut ranges = [Vec::new(), Vec::new()];
    for (at, (key, set, resource)) in COUNTED.into_iter().enumerate() {
        let all = pods.iter().try_fold(0_u64, |sum, (count, amounts)| count.checked_mul(amounts[at]?)?.checked_add(sum));
        let (Some(sum), Some(guest)) = (all, guest[at]) else { continue };
        let most = sum.saturating_add(reserve(sum, 2 * guest));
        // In whole cores and GiB.
        let unit = if resource == "cpu" { 1000 } else { 1024 };
        hard.push(Limit { key, most: text(resource, most.next_multiple_of(unit)), sum: text(resource, sum) });
        ranges[usize::from(set == "limits")].push(Limit { key: resource, most: text(resource, guest), sum: String::new() });
    }
    let [guest_requests, guest_limits] = ranges;
    let view = QuotaView {
        head,
        project: stack.project.as_str(),
        script: super::super::scripts::deploy_script(stack),
        hard,
        guest: !guest_requests.is_empty(),
        guest_requests,
        guest_limits,
    };
    Some(Artifact::new(path("quota"), &QUOTA, &view))
}

fn text(resource: &str, amount: u64) -> String {
    if resource == "cpu" { Cpu::millis(u32::try_from(amount).unwrap_or(u32::MAX)).kubernetes() } else { Size::mib(amount).kubernetes() }
}

/// Kinds of pods, and how many of each there may be at a time.
fn pods(stack: &Stack, target: &KubernetesTarget) -> Vec<(u64, Amounts)> {
    let services = stack.services.iter().map(|service| {
        let count = match service.kind {
            // Never more than one beyond the wanted ones works, and all others of the old ones may still be ending.
            ServiceKind::Web | ServiceKind::Worker => 2 * u64::from(service.most_replicas()),
            ServiceKind::Cron | ServiceKind::Release => 2,
        };
        (count, pod(&service.resources, &service.escape.pods))
    });
    let stores = stack.backing_services.iter().filter_map(|store| {
        let server = store.server.as_ref()?;
        Some((if super::moves(store) { 2 } else { 1 }, pod(&server.resources, &server.escape)))
    });
    // One makes it, one puts it back.
    let backups = stack.backups.iter().filter_map(|backup| Some((4, pod(&backup.resources, &super::backups::pods(stack, backup)?))));
    let hosts = stack.edge.iter().filter(|edge| edge.tls == TlsKind::Acme && target.cluster_issuer.is_some()).flat_map(|edge| &edge.hosts);
    services.chain(stores).chain(backups).chain(hosts.map(|_| (1, SOLVER))).collect()
}

fn of(resources: &Resources) -> Amounts {
    let mib = |size: Size| Some(size.bytes().div_ceil(1 << 20));
    let millis = |cpu: Cpu| Some(u64::from(cpu.as_millis()));
    [millis(resources.request_cpu), mib(resources.request_memory), millis(resources.limit_cpu), mib(resources.limit_memory)]
}

/// A pod as the cluster counts it: what runs beside the service is added, what runs before it is not there any more.
fn pod(resources: &Resources, escape: &PodEscape) -> Amounts {
    let list = |key: &str| escape.pod.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (mut beside, mut before) = ([Some(0); 4], [Some(0); 4]);
    for container in list("initContainers") {
        let own = said(&container["resources"]);
        let together = added(beside, own);
        before = std::array::from_fn(|at| Some(before[at]?.max(together[at]?)));
        if container["restartPolicy"] == "Always" {
            beside = together;
        }
    }
    let running = added(of(resources), beside);
    let most = std::array::from_fn(|at| Some(running[at]?.max(before[at]?)));
    match escape.pod.get("overhead") {
        Some(overhead) => added(most, said(&serde_json::json!({"requests": overhead, "limits": overhead})).map(|amount| amount.or(Some(0)))),
        None => most,
    }
}

fn added(one: Amounts, other: Amounts) -> Amounts {
    std::array::from_fn(|at| one[at]?.checked_add(other[at]?))
}

/// What a container of somebody else's says. Its limit is its request, where it says no other.
fn said(resources: &Value) -> Amounts {
    COUNTED.map(|(_, set, resource)| {
        let value = Some(&resources[set][resource]).filter(|value| !value.is_null()).unwrap_or(&resources["limits"][resource]);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let Amount::Quantity(billionths) = amount::of(resource, &text, Notation::Kubernetes)? else { return None };
        let unit = if resource == "cpu" { 1_000_000 } else { 1_000_000_000 << 20 };
        // One that nothing has room for could not be added to others.
        u64::try_from((billionths + unit - 1) / unit).ok().filter(|amount| *amount < 1 << 40)
    })
}
