//! The manifests fit together, and fit the Stack: what one object names, another one is; and traffic is let through where something
//! depends on something, and nowhere else.

#[path = "manifests/certificates.rs"]
mod certificates;
#[path = "support/in_process.rs"]
mod in_process;
#[path = "manifests/quota.rs"]
mod quota;
mod support;

use in_process::{Files, Renderer, document, documents};
use infragen::stack::{Backing, BackingService, RouteAction, ServiceKind, Stack};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{assert_none, text_of};

/// Everything that one profile renders for a cluster.
struct Manifests {
    stack: Stack,
    files: Files,
    /// By file, without the kustomization.
    objects: Vec<(String, Value)>,
}

/// A profile and what it extends, as one text.
fn profiles() -> BTreeMap<String, Manifests> {
    let mut all = BTreeMap::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["profiles", "tests/deployments", "tests/deploy_k8s", "tests/support"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder").flatten() {
            let file = entry.path();
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if file.extension().is_none_or(|extension| extension != "yaml") || name.ends_with("/base.yaml") {
                continue;
            }
            let mut pipeline = infragen::pipeline::Pipeline::new(root);
            let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
            let stack =
                pipeline.stack(&infragen::profile::Located { name: stem, file, root: root.to_owned() }).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            let files = pipeline.render(&stack, &infragen::pipeline::Selection::default()).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            add(&mut all, name, stack, files.into_iter().map(|file| (file.path, file.text)).collect());
        }
    }
    for (name, change) in VARIANTS {
        let text = change(&text_of("tests/support/everything.yaml"));
        let mut renderer = Renderer::new();
        let stack = renderer.stack(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let files = renderer.render(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        add(&mut all, (*name).to_owned(), stack, files);
    }
    assert!(all.len() >= 5, "{:?}", all.keys());
    all
}

/// Ways of saying that no shipped profile has.
type Change = fn(&str) -> String;
const VARIANTS: &[(&str, Change)] = &[
    ("everything, Secret by the script", |text| text.replace(EXTERNAL, "")),
    ("everything, a Secret that is there", |text| text.replace(EXTERNAL, ", existing_secret: shop-values")),
    ("everything, any controller, and helpers", |text| {
        text.replace("ingress_controller: ingress_nginx", "ingress_controller: other").replace("nodeSelector: {disk: ssd}", HELPERS)
    }),
    ("everything, a Gateway", |text| text.replace(INGRESS, "gateway: {name: public, namespace: gateways, listener: https}, ").replace(ISSUER, "")),
    ("everything, without budgets", |text| text.replace("disruption_budgets: true, quotas: true", "disruption_budgets: false, quotas: false")),
];
const INGRESS: &str = "ingress_class: public, ingress_controller: ingress_nginx, ";
/// One that runs before the service, and one beside it.
const HELPERS: &str = "overhead: {cpu: 10m, memory: 20M}, initContainers: [{name: before, image: busybox, resources: {limits: {cpu: 3, memory: 3G}}}, \
    {name: beside, image: busybox, restartPolicy: Always, resources: {requests: {cpu: 0.25, memory: 64Mi}, limits: {memory: 64Mi}}}]";
const ISSUER: &str = "cluster_issuer: letsencrypt, ";
const EXTERNAL: &str = ", external_secrets: {store: vault, kind: namespace, key: shop/all}";

fn add(all: &mut BTreeMap<String, Manifests>, name: String, stack: Stack, mut files: Files) {
    files.retain(|path, _| path.starts_with("k8s/") || path.starts_with("scripts/deploy/k8s"));
    if stack.targets.kubernetes.is_none() {
        return;
    }
    let manifests = files.iter().filter(|(path, _)| path.starts_with("k8s/") && *path != "k8s/kustomization.yaml");
    let objects = manifests.flat_map(|(path, text)| documents(text).into_iter().map(|object| (path.clone(), object))).collect();
    all.insert(name, Manifests { stack, files, objects });
}

/// What is wrong with a rule in all profiles, each with its name.
#[track_caller]
fn check(rule: impl Fn(&Manifests, &mut Vec<String>)) {
    let mut failures = Vec::new();
    for (name, manifests) in profiles() {
        let mut found = Vec::new();
        rule(&manifests, &mut found);
        failures.extend(found.into_iter().map(|failure| format!("{name}: {failure}")));
    }
    assert_none(&failures);
}

impl Manifests {
    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().map(|(_, object)| object).filter(move |object| object["kind"] == kind)
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        self.of_kind(kind).any(|object| name_of(object) == name)
    }

    /// Each template of a pod, with what it belongs to.
    fn pods(&self) -> Vec<(&Value, &Value)> {
        let template = |object: &'_ Value| match object["kind"].as_str() {
            Some("CronJob") => Some("/spec/jobTemplate/spec/template"),
            Some("Deployment" | "StatefulSet" | "Job") => Some("/spec/template"),
            _ => None,
        };
        self.objects.iter().filter_map(|(_, object)| Some((object, object.pointer(template(object)?)?))).collect()
    }

    /// The pods whose labels a selector wants.
    fn selected(&self, labels: &Value) -> Vec<&Value> {
        let wanted = labels.as_object().expect("labels");
        let fits = |template: &Value| wanted.iter().all(|(key, value)| template["metadata"]["labels"][key] == *value);
        self.pods().into_iter().map(|(_, template)| template).filter(|template| fits(template)).collect()
    }
}

fn name_of(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    value.pointer(pointer).and_then(Value::as_array).map(|items| items.iter().collect()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn containers(template: &Value) -> Vec<&Value> {
    list(template, "/spec/containers").into_iter().chain(list(template, "/spec/initContainers")).collect()
}

fn ports(template: &Value) -> Vec<&Value> {
    containers(template).into_iter().flat_map(|container| list(container, "/ports")).collect()
}

#[test]
fn the_kustomization_lists_each_file_once() {
    check(|manifests, found| {
        let kustomization = document(&manifests.files["k8s/kustomization.yaml"]);
        let listed: Vec<String> = list(&kustomization, "/resources").into_iter().map(text).collect();
        let mut there: Vec<String> = manifests.objects.iter().map(|(path, _)| path.trim_start_matches("k8s/").to_owned()).collect();
        there.dedup();
        // What is applied only when somebody asks for it.
        there.retain(|path| !path.starts_with("restore/"));
        let (sorted, mut known) = (listed.iter().collect::<BTreeSet<_>>(), there.clone());
        known.sort();
        if sorted.len() != listed.len() || sorted.into_iter().collect::<Vec<_>>() != known.iter().collect::<Vec<_>>() {
            found.push(format!("it lists {listed:?}; there are {there:?}"));
        }
    });
}

#[test]
fn no_two_objects_are_one() {
    check(|manifests, found| {
        let mut seen = BTreeSet::new();
        let namespace = manifests.stack.targets.kubernetes.as_ref().expect("the target").namespace.to_string();
        for (path, object) in &manifests.objects {
            if !seen.insert((text(&object["kind"]), name_of(object).to_owned())) {
                found.push(format!("{path}: {} {} is there twice", object["kind"], name_of(object)));
            }
            // What the kustomization lists gets them from it.
            let labels = &manifests.stack.targets.kubernetes.as_ref().expect("the target").labels;
            for holder in [object, &object["spec"]["template"]].into_iter().filter(|_| path.starts_with("k8s/restore/")) {
                if labels.iter().any(|(name, value)| holder["metadata"]["labels"][name] != *value) {
                    found.push(format!("{path}: without the profile's labels"));
                }
            }
            if object["kind"] != "Namespace" && object["metadata"]["namespace"] != *namespace {
                found.push(format!("{path}: {} {} is not in the namespace", object["kind"], name_of(object)));
            }
        }
    });
}

#[test]
fn every_selector_selects() {
    check(|manifests, found| {
        for (path, object) in &manifests.objects {
            let pointer = match object["kind"].as_str() {
                Some("Service") => "/spec/selector",
                Some("Deployment" | "StatefulSet" | "PodDisruptionBudget") => "/spec/selector/matchLabels",
                Some("NetworkPolicy") => "/spec/podSelector/matchLabels",
                _ => continue,
            };
            let Some(labels) = object.pointer(pointer) else {
                // On purpose: policies for all pods, and the Service that leads nowhere.
                let is_meant = object["kind"] == "NetworkPolicy" || (object["kind"] == "Service" && manifests.files[path].contains("Has no pods on purpose"));
                if !is_meant {
                    found.push(format!("{path}: {} {} selects nothing", object["kind"], name_of(object)));
                }
                continue;
            };
            let pods = manifests.selected(labels);
            // A backup and what puts it back are one in the eyes of policies.
            let is_one = pods.len() == 1 || (object["kind"] == "NetworkPolicy" && !pods.is_empty());
            let is_solver = object["kind"] == "NetworkPolicy" && labels.get("acme.cert-manager.io/http01-solver").is_some();
            if !is_one && !is_solver {
                found.push(format!("{path}: {} {} selects {} kinds of pods", object["kind"], name_of(object), pods.len()));
            }
            let own = object.pointer("/spec/template/metadata/labels");
            if own.is_some_and(|own| labels.as_object().expect("labels").iter().any(|(key, value)| own[key] != *value)) {
                found.push(format!("{path}: {} does not select its own pods", name_of(object)));
            }
        }
        for (object, template) in manifests.pods() {
            for constraint in list(template, "/spec/topologySpreadConstraints") {
                let pods = manifests.selected(&constraint["labelSelector"]["matchLabels"]);
                if pods.len() != 1 || pods[0] != template {
                    found.push(format!("{} spreads other pods", name_of(object)));
                }
            }
        }
    });
}

#[test]
fn every_port_is_one() {
    check(|manifests, found| {
        for service in manifests.of_kind("Service").filter(|service| service["spec"]["selector"].is_object()) {
            for port in list(service, "/spec/ports") {
                let there = manifests.selected(&service["spec"]["selector"]).into_iter().flat_map(ports);
                let leads =
                    there.filter(|own| own["name"] == port["targetPort"] && own["containerPort"] == port["port"] && own["protocol"] == port["protocol"]);
                if leads.count() != 1 {
                    found.push(format!("Service {}: its port {} leads to none", name_of(service), port["name"]));
                }
            }
        }
        for (object, template) in manifests.pods() {
            let names: BTreeSet<String> = ports(template).into_iter().map(|port| text(&port["name"])).collect();
            let numbers: BTreeSet<String> = ports(template).into_iter().map(|port| text(&port["containerPort"])).collect();
            if names.len() != ports(template).len() || numbers.len() > ports(template).len() {
                found.push(format!("{}: two ports have one name", name_of(object)));
            }
            for container in list(template, "/spec/containers") {
                for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
                    for way in ["httpGet", "tcpSocket"] {
                        let port = &container[probe][way]["port"];
                        if port.is_string() && !names.contains(&text(port)) {
                            found.push(format!("{}: the {probe} asks the port {port}, which is none", name_of(object)));
                        }
                    }
                }
            }
        }
        for route in manifests.of_kind("HTTPRoute") {
            let gateway = manifests.stack.targets.kubernetes.as_ref().and_then(|target| target.gateway.as_ref()).expect("a Gateway");
            let parents = list(route, "/spec/parentRefs");
            if parents.len() != 1 || parents[0]["name"] != gateway.name.as_str() || parents[0]["namespace"] != gateway.namespace.as_str() {
                found.push(format!("HTTPRoute {}: it hangs on {parents:?}", name_of(route)));
            }
            for rule in list(route, "/spec/rules") {
                for backend in list(rule, "/backendRefs") {
                    let service = manifests.of_kind("Service").find(|service| service["metadata"]["name"] == backend["name"]);
                    if !service.is_some_and(|service| list(service, "/spec/ports").iter().any(|port| port["port"] == backend["port"])) {
                        found.push(format!("HTTPRoute {}: {} leads to no Service's port", name_of(route), rule["matches"]));
                    }
                }
            }
        }
        for ingress in manifests.of_kind("Ingress") {
            for rule in list(ingress, "/spec/rules") {
                for path in list(rule, "/http/paths") {
                    let backend = &path["backend"]["service"];
                    let service = manifests.of_kind("Service").find(|service| service["metadata"]["name"] == backend["name"]);
                    if !service.is_some_and(|service| list(service, "/spec/ports").iter().any(|port| port["name"] == backend["port"]["name"])) {
                        found.push(format!("Ingress {}: {} leads to no Service's port", name_of(ingress), path["path"]));
                    }
                }
            }
        }
    });
}

#[test]
fn everything_that_is_mounted_or_read_is_there() {
    check(|manifests, found| {
        let given = infragen::targets::kubernetes::given(&manifests.stack);
        let keys: Vec<String> = given.secrets.iter().map(|secret| secret.name.clone()).collect();
        let externals: Vec<String> = externals(&manifests.stack);
        // Of ConfigMaps: that of the manifests with all keys, or the one that the script makes.
        let key_of_map = |map: &str, key: Option<&str>| {
            let own = manifests.of_kind("ConfigMap").find(|object| name_of(object) == map);
            let is_there = own.map(|object| key.is_none_or(|key| object["data"].get(key).is_some()));
            is_there.unwrap_or(map == given.parameters_map && key.is_some_and(|key| given.parameters.contains(&key)))
        };
        let key_of_secret = |secret: &str, key: &str| secret == given.secret && keys.iter().any(|known| known == key);
        for (object, template) in manifests.pods() {
            let mut missing = |what: String| found.push(format!("{} {}: {what} is not there", object["kind"], name_of(object)));
            let account = text(&template["spec"]["serviceAccountName"]);
            if !manifests.has("ServiceAccount", &account) {
                missing(format!("the account {account}"));
            }
            let claimed: Vec<String> = list(object, "/spec/volumeClaimTemplates").into_iter().map(|claim| name_of(claim).to_owned()).collect();
            let mut volumes: BTreeSet<String> = claimed.into_iter().collect();
            for volume in list(template, "/spec/volumes") {
                if !volumes.insert(text(&volume["name"])) {
                    missing(format!("one of the two volumes {}", volume["name"]));
                }
                if let Some(claim) = volume["persistentVolumeClaim"]["claimName"].as_str() {
                    if !manifests.has("PersistentVolumeClaim", claim) && !externals.iter().any(|known| known == claim) {
                        missing(format!("the claim {claim}"));
                    }
                }
                for item in list(volume, "/configMap/items") {
                    let (map, key) = (text(&volume["configMap"]["name"]), text(&item["key"]));
                    if !key_of_map(&map, Some(&key)) {
                        missing(format!("the key {key} of the ConfigMap {map}"));
                    }
                }
                let projected = list(volume, "/projected/sources");
                let secrets =
                    projected.iter().map(|source| (&source["secret"]["name"], &source["secret"])).chain([(&volume["secret"]["secretName"], &volume["secret"])]);
                for (name, secret) in secrets.filter(|(name, _)| name.is_string()) {
                    for item in list(secret, "/items") {
                        if !key_of_secret(&text(name), &text(&item["key"])) {
                            missing(format!("the key {} of the Secret {name}", item["key"]));
                        }
                    }
                }
            }
            let mut mounted = BTreeSet::new();
            for container in containers(template) {
                for mount in list(container, "/volumeMounts") {
                    mounted.insert(text(&mount["name"]));
                    if !volumes.contains(&text(&mount["name"])) {
                        missing(format!("the volume {}", mount["name"]));
                    }
                }
                for from in list(container, "/envFrom") {
                    let map = text(&from["configMapRef"]["name"]);
                    if !key_of_map(&map, None) {
                        missing(format!("the ConfigMap {map}"));
                    }
                }
                for variable in list(container, "/env") {
                    let from = &variable["valueFrom"];
                    let (map, secret) = (&from["configMapKeyRef"], &from["secretKeyRef"]);
                    if map.is_object() && !key_of_map(&text(&map["name"]), map["key"].as_str()) {
                        missing(format!("what {} comes from", variable["name"]));
                    }
                    if secret.is_object() && !key_of_secret(&text(&secret["name"]), &text(&secret["key"])) {
                        missing(format!("what {} comes from", variable["name"]));
                    }
                }
            }
            if mounted != volumes {
                missing(format!("a mount of one of {volumes:?}"));
            }
        }
        // And the other way round: each claim is mounted, each ConfigMap read.
        let everything = manifests.pods().into_iter().map(|(_, template)| template.to_string()).collect::<String>();
        for object in manifests.of_kind("PersistentVolumeClaim").chain(manifests.of_kind("ConfigMap")) {
            if !everything.contains(&format!("\"{}\"", name_of(object))) {
                found.push(format!("nobody has the {} {}", object["kind"], name_of(object)));
            }
        }
        for account in manifests.of_kind("ServiceAccount") {
            if !manifests.pods().iter().any(|(_, template)| template["spec"]["serviceAccountName"] == account["metadata"]["name"]) {
                found.push(format!("nobody has the account {}", name_of(account)));
            }
        }
    });
}

/// Claims that are there already.
fn externals(stack: &Stack) -> Vec<String> {
    let volumes = stack.volumes.iter().filter_map(|volume| match &volume.source {
        infragen::stack::VolumeSource::External(name) => Some(name.to_string()),
        _ => None,
    });
    let backups = stack.backups.iter().filter_map(|backup| match &backup.place {
        infragen::stack::BackupPlace::External(name) => Some(name.to_string()),
        infragen::stack::BackupPlace::Own(_) => None,
    });
    let servers = stack.backing_services.iter().filter_map(|store| store.server.as_ref()?.volume.as_ref().map(ToString::to_string));
    let containers = stack.container_volumes().filter_map(|(_, volume)| volume.source.external());
    volumes.chain(backups).chain(servers).chain(containers).collect()
}

#[test]
fn the_script_makes_what_the_manifests_name() {
    check(|manifests, found| {
        let Some(script) = manifests.files.get("scripts/deploy/k8s.sh") else { return };
        let given = infragen::targets::kubernetes::given(&manifests.stack);
        let is_external = manifests.stack.targets.kubernetes.as_ref().expect("the target").supplies_secrets();
        for secret in &given.secrets {
            if script.contains(&format!("\n    {}\n", secret.name)) == is_external {
                found.push(format!("the script and the ExternalSecret do not share {}", secret.name));
            }
        }
        if let Some(tls) = &given.tls {
            let uses = manifests.of_kind("Ingress").flat_map(|ingress| list(ingress, "/spec/tls")).any(|entry| entry["secretName"] == **tls);
            let gateway = manifests.objects.iter().any(|(_, object)| object["kind"] == "Gateway");
            if !script.contains(&format!("TLS={tls}")) || !(uses || gateway || manifests.of_kind("Ingress").next().is_none()) {
                found.push(format!("the certificate {tls}"));
            }
        }
        for (object, _) in manifests.pods() {
            let (kind, name) = (text(&object["kind"]), name_of(object));
            if matches!(kind.as_str(), "Deployment" | "StatefulSet") && !script.contains(&format!("\n    {kind} {name} ")) {
                found.push(format!("the script does not wait for {kind} {name}"));
            }
        }
    });
}

#[test]
fn what_scales_or_guards_has_a_target() {
    check(|manifests, found| {
        for scaler in manifests.of_kind("HorizontalPodAutoscaler") {
            let name = text(&scaler["spec"]["scaleTargetRef"]["name"]);
            let target = manifests.of_kind("Deployment").find(|object| name_of(object) == name);
            if target.is_none_or(|target| !target["spec"]["replicas"].is_null()) {
                found.push(format!("the autoscaler of {name} has no Deployment that leaves `replicas` to it"));
            }
        }
        for (object, template) in manifests.pods() {
            let name = name_of(object);
            let seconds = |value: &Value| value.as_u64().unwrap_or_default();
            if object["spec"]["strategy"]["type"] == "Recreate"
                && seconds(&object["spec"]["progressDeadlineSeconds"]) <= seconds(&template["spec"]["terminationGracePeriodSeconds"]) + 200
            {
                found.push(format!("{name} has failed before its old pod has ended"));
            }
            if object["kind"] == "StatefulSet" {
                let service = manifests.of_kind("Service").find(|service| service["metadata"]["name"] == object["spec"]["serviceName"]);
                if service.is_none_or(|service| service["spec"]["clusterIP"] != "None") {
                    found.push(format!("the StatefulSet {name} has no headless Service"));
                }
                // With the default a pod that never gets ready stands in the way of the one that would.
                if object["spec"]["podManagementPolicy"] != "Parallel" {
                    found.push(format!("the StatefulSet {name} cannot be taken back"));
                }
                // On a lost node its pod is there until somebody says otherwise: only what has data has to wait for that.
                let is_there = list(object, "/spec/template/spec/volumes").iter().any(|volume| !volume["persistentVolumeClaim"].is_null());
                if list(object, "/spec/volumeClaimTemplates").is_empty() && !is_there {
                    found.push(format!("the StatefulSet {name} keeps nothing, and does not move"));
                }
            }
            let says_ready = !object["spec"]["template"]["spec"]["containers"][0]["readinessProbe"].is_null();
            if object["kind"] == "Deployment" && says_ready != object["spec"]["minReadySeconds"].is_null() {
                found.push(format!("a pod of {name} counts as one that works as soon as it was started"));
            }
            let budgets = manifests.stack.targets.kubernetes.as_ref().expect("the target").disruption_budgets;
            let several = budgets && manifests.stack.services.iter().any(|service| service.name.as_str() == name && service.most_replicas() > 1);
            if object["kind"] == "Deployment" && several != manifests.has("PodDisruptionBudget", name) {
                found.push(format!("{name}: one budget where there are several pods, and only there"));
            }
        }
    });
}

/// Who may talk to whom, by the names of pods: `(from, to, port)`.
type Edges = BTreeSet<(String, String, u64)>;

/// Of one direction of all policies.
fn allowed(manifests: &Manifests, direction: &str, peer: &str, found: &mut Vec<String>) -> Edges {
    let mut edges = Edges::new();
    for policy in manifests.of_kind("NetworkPolicy") {
        let Some(own) = policy.pointer("/spec/podSelector/matchLabels/app.kubernetes.io~1name").map(text) else { continue };
        for rule in list(policy, &format!("/spec/{direction}")) {
            let ports: BTreeSet<u64> = list(rule, "/ports").into_iter().filter_map(|port| port["port"].as_u64()).collect();
            // A host by its name: policies know none, so it is the port alone.
            let outside = outside(&manifests.stack, &own);
            let is_meant = !rule[peer].is_null() || (direction == "egress" && ports.iter().all(|port| outside.contains(port)));
            if ports.is_empty() || !is_meant {
                found.push(format!("{}: a rule is open to everybody, or on every port", name_of(policy)));
            }
            for other in list(rule, &format!("/{peer}")) {
                let name = other.pointer("/podSelector/matchLabels/app.kubernetes.io~1name").map(text);
                let name = name.or_else(|| other.pointer("/namespaceSelector/matchLabels/kubernetes.io~1metadata.name").map(text));
                for port in list(rule, "/ports") {
                    let port = port["port"].as_u64().unwrap_or_default();
                    let Some(name) = name.clone() else { continue };
                    edges.insert(if direction == "egress" { (own.clone(), name, port) } else { (name, own.clone(), port) });
                }
            }
        }
    }
    edges
}

/// Ports of hosts outside that these pods may reach.
fn outside(stack: &Stack, name: &str) -> BTreeSet<u64> {
    let of = |depends_on: &[infragen::stack::Dependency], egress: &[infragen::values::HostPort]| {
        let managed = depends_on.iter().filter_map(|dependency| stack.managed(&dependency.name)).map(|store| u64::from(store.port.get()));
        managed.chain(egress.iter().map(|target| u64::from(target.port()))).collect::<BTreeSet<_>>()
    };
    let services = stack.services.iter().filter(|service| service.name.as_str() == name);
    let stores = stack.backing_services.iter().filter(|store| store.name.as_str() == name).filter_map(|store| store.kind.container());
    let reports = services.clone().filter(|service| service.reports_errors).map(|_| 443);
    let services = services.flat_map(|service| of(&service.depends_on, &service.egress));
    services.chain(stores.flat_map(|container| of(&container.depends_on, &container.egress))).chain(reports).collect()
}

/// What depends on what, with every port that it has.
fn needed(stack: &Stack) -> Edges {
    let port_of = |name: &str| -> Vec<u64> {
        let store = stack.backing_services.iter().find(|store| store.name.as_str() == name);
        let service = stack.services.iter().find(|service| service.name.as_str() == name && matches!(service.kind, ServiceKind::Web | ServiceKind::Worker));
        match (store, service) {
            (Some(store), _) => {
                let more = store.kind.container().into_iter().flat_map(|container| &container.ports).map(|port| u64::from(port.port.get()));
                store.server.iter().map(|_| u64::from(store.port.get())).chain(more).collect()
            }
            (_, Some(service)) => {
                service.port.iter().map(|port| u64::from(port.get())).chain(service.ports.iter().map(|port| u64::from(port.port.get()))).collect()
            }
            _ => Vec::new(),
        }
    };
    let of_store = |store: &BackingService| match &store.kind {
        Backing::Image(container) => container.depends_on.iter().map(|dependency| (store.name.to_string(), dependency.name.to_string())).collect(),
        _ => Vec::new(),
    };
    let services = stack
        .services
        .iter()
        .flat_map(|service| service.depends_on.iter().map(|dependency| (service.name.to_string(), dependency.name.to_string())).collect::<Vec<_>>());
    let backups = stack.backups.iter().map(|backup| (backup.name.clone(), backup.store.to_string()));
    let pairs = services.chain(stack.backing_services.iter().flat_map(of_store)).chain(backups);
    pairs.flat_map(|(from, to)| port_of(&to).into_iter().map(move |port| (from.clone(), to.clone(), port)).collect::<Vec<_>>()).collect()
}

/// Ports that metrics are collected from.
fn measured(stack: &Stack) -> Edges {
    let Some(scraper) = stack.targets.kubernetes.as_ref().and_then(|target| target.metrics_namespace.as_ref()) else { return Edges::new() };
    let services = stack.services.iter().filter(|service| matches!(service.kind, ServiceKind::Web | ServiceKind::Worker));
    let services = services.flat_map(|service| service.ports.iter().map(|port| (service.name.to_string(), port)));
    let stores = stack.backing_services.iter().flat_map(|store| store.ports().iter().map(|port| (store.name.to_string(), port)));
    let metrics = services.chain(stores).filter(|(_, port)| port.name.as_str() == "metrics");
    let named: Edges = metrics.map(|(name, port)| (scraper.to_string(), name, u64::from(port.port.get()))).collect();
    // A web service without such a port answers on its main one.
    let web = stack.services.iter().filter(|service| service.kind == ServiceKind::Web && !named.iter().any(|(_, name, _)| *name == service.name.as_str()));
    let main: Edges = web.filter_map(|service| Some((scraper.to_string(), service.name.to_string(), u64::from(service.port?.get())))).collect();
    named.into_iter().chain(main).collect()
}

#[test]
fn traffic_is_let_through_where_something_depends_on_something_and_nowhere_else() {
    check(|manifests, found| {
        let (mut into, out) = (allowed(manifests, "ingress", "from", found), allowed(manifests, "egress", "to", found));
        let needed = needed(&manifests.stack);
        let routes = manifests.stack.edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes);
        let public: BTreeSet<(String, u64)> = routes
            .filter_map(|route| match &route.action {
                RouteAction::Service { name, port, .. } => {
                    let main = manifests.stack.services.iter().find(|service| service.name == *name)?.port;
                    Some((name.to_string(), u64::from(port.as_ref().map(|port| port.port).or(main)?.get())))
                }
                _ => None,
            })
            .collect();
        let target = manifests.stack.targets.kubernetes.as_ref().expect("the target");
        let passed_on = public.into_iter().map(|(name, port)| (target.edge_namespace.to_string(), name, port));
        for edge in passed_on.chain(measured(&manifests.stack)) {
            if !into.remove(&edge) {
                found.push(format!("this is not let through: {edge:?}"));
            }
        }
        for (what, edges) in [("in", &into), ("out", &out)] {
            let (more, less): (Vec<_>, Vec<_>) = (edges.difference(&needed).collect(), needed.difference(edges).collect());
            if !more.is_empty() || !less.is_empty() {
                found.push(format!("{what}: too much is {more:?}, too little is {less:?}"));
            }
        }
        let denies =
            |policy: &&Value| policy["spec"]["podSelector"].as_object().is_some_and(serde_json::Map::is_empty) && list(policy, "/spec/policyTypes").len() == 2;
        if manifests.of_kind("NetworkPolicy").filter(denies).count() != 1 {
            found.push("nothing denies the rest".to_owned());
        }
    });
}
