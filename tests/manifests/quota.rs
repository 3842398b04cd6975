//! What the namespace may take: everything that may be there at a time, as the manifests themselves say it.

use super::{Manifests, check, list, name_of, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// By key of a quota: thousandths of a core, MiB, or a number.
type Sums = BTreeMap<String, f64>;

const KEYS: [(&str, &str, &str); 4] =
    [("requests.cpu", "requests", "cpu"), ("requests.memory", "requests", "memory"), ("limits.cpu", "limits", "cpu"), ("limits.memory", "limits", "memory")];

/// Cores in thousandths, and MiB.
fn amount(value: &Value) -> f64 {
    let text = text(value);
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = text[..text.len() - unit.len()].parse().unwrap_or_else(|_| panic!("{text} is no amount"));
    number
        * match unit {
            "" => 1000.0,
            "m" | "Mi" => 1.0,
            "Gi" => 1024.0,
            "M" => 1e6 / 1_048_576.0,
            "G" => 1e9 / 1_048_576.0,
            _ => panic!("{text}"),
        }
}

/// As the API server completes it: a limit is a request, too.
fn said(container: &Value, set: &str, resource: &str) -> Option<f64> {
    let resources = &container["resources"];
    [&resources[set][resource], &resources["limits"][resource]].into_iter().find(|value| !value.is_null()).map(amount)
}

/// What one pod counts for; `None` where a container does not say it.
fn of_pod(template: &Value, set: &str, resource: &str) -> Option<f64> {
    let mut beside = 0.0;
    let mut most: f64 = 0.0;
    for container in list(template, "/spec/initContainers") {
        let own = said(container, set, resource)?;
        most = most.max(beside + own);
        beside += if container["restartPolicy"] == "Always" { own } else { 0.0 };
    }
    for container in list(template, "/spec/containers") {
        beside += said(container, set, resource)?;
    }
    let overhead = template.pointer(&format!("/spec/overhead/{resource}")).map_or(0.0, amount);
    Some(most.max(beside) + overhead)
}

/// How many of an object's pods may be there at a time.
fn count(manifests: &Manifests, object: &Value) -> f64 {
    let whole = |value: &Value| value.as_f64();
    let strategy = &object["spec"]["strategy"];
    match object["kind"].as_str() {
        Some("Deployment") => {
            let scaler = manifests.of_kind("HorizontalPodAutoscaler").find(|scaler| name_of(scaler) == name_of(object));
            let wanted = whole(&object["spec"]["replicas"]).or(scaler.and_then(|scaler| whole(&scaler["spec"]["maxReplicas"]))).expect("a number of pods");
            let surge = whole(&strategy["rollingUpdate"]["maxSurge"]).unwrap_or(0.0);
            // Before the last step: the new ones, one more, and all old ones but one that are still ending. A node that is lost has all of a Recreate.
            if strategy["type"] == "Recreate" { 2.0 * wanted } else { (wanted + surge) + (wanted - 1.0) }
        }
        Some("StatefulSet") => whole(&object["spec"]["replicas"]).expect("a number of pods"),
        // One that ends and the next, or one of the schedule and one by hand.
        Some("CronJob" | "Job") => 2.0,
        _ => panic!("{object}"),
    }
}

#[test]
fn the_quota_has_room_for_all_that_may_be_there() {
    check(|manifests, found| {
        let target = manifests.stack.targets.kubernetes.as_ref().expect("the target");
        let (quotas, ranges): (Vec<_>, Vec<_>) = (manifests.of_kind("ResourceQuota").collect(), manifests.of_kind("LimitRange").collect());
        let Some(guest) = &target.quotas else {
            if !quotas.is_empty() || !ranges.is_empty() {
                found.push("a quota that nobody wants".to_owned());
            }
            return;
        };
        let mut sums = Sums::new();
        let all: Vec<(f64, &Value)> = manifests.pods().into_iter().map(|(object, template)| (count(manifests, object), template)).collect();
        sums.insert("pods".to_owned(), all.iter().map(|(count, _)| count).sum());
        for (key, set, resource) in KEYS {
            if let Some(parts) = all.iter().map(|(count, template)| Some(count * of_pod(template, set, resource)?)).collect::<Option<Vec<f64>>>() {
                sums.insert(key.to_owned(), parts.iter().sum());
            }
        }
        let hard = quotas.first().and_then(|quota| quota["spec"]["hard"].as_object()).expect("a quota");
        let keys = |map: &mut dyn Iterator<Item = &String>| map.cloned().collect::<std::collections::BTreeSet<String>>();
        if keys(&mut hard.keys()) != keys(&mut sums.keys()) {
            found.push(format!("it is about {:?}; all containers say {:?}", keys(&mut hard.keys()), keys(&mut sums.keys())));
        }
        let solvers = if target.cluster_issuer.is_some() { manifests.stack.edge.as_ref().map_or(0, |edge| edge.hosts.len()) } else { 0 };
        for (key, sum) in &sums {
            let most = if key == "pods" { text(&hard[key]).parse().expect("a number") } else { amount(&hard[key]) };
            let (two, unit, solver) = match key.as_str() {
                "pods" => (2.0, 1.0, 1.0),
                "requests.cpu" => (2.0 * f64::from(guest.request_cpu.as_millis()), 1000.0, 10.0),
                "limits.cpu" => (2.0 * f64::from(guest.limit_cpu.as_millis()), 1000.0, 100.0),
                _ => (1024.0, 1024.0, 64.0),
            };
            let sum = sum + solver * f64::from(u32::try_from(solvers).expect("few hosts"));
            let reserve = (sum / 4.0).max(two);
            // Amounts are rounded up, some of them twice.
            if most < sum + reserve - 0.01 || most > sum + reserve + unit + 20.0 {
                found.push(format!("{key} is {most}; {sum} may be there, and {reserve} are to spare"));
            }
        }
        // What says nothing gets something, so that no pod is refused for saying nothing; none of these does.
        let range = ranges.first().map(|range| list(range, "/spec/limits")[0].clone()).unwrap_or_default();
        for (key, set, resource) in KEYS {
            let default = &range[if set == "limits" { "default" } else { "defaultRequest" }][resource];
            if default.is_null() == hard.contains_key(key) {
                found.push(format!("{key}: the LimitRange and the quota are not about the same"));
            }
        }
    });
}
