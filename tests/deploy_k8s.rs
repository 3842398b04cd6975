//! `scripts/deploy_prod.sh k8s`, run against a stand-in for kubectl that keeps a cluster's objects in files: order, values, failures at
//! every call, going back, the lock, and what happens after the script was killed at any moment.
#![cfg(unix)]

#[path = "deploy_k8s/restore.rs"]
mod restore;
#[path = "deploy_k8s/stage.rs"]
mod stage;
mod support;

use serde_json::Value;
use stage::{Outcome, Stage, base64};
use std::process::Command;

/// What a call does, in a few words: `apply Secret`, `rollout status Deployment/web`; hooks as they are.
fn steps(stage: &Stage) -> Vec<String> {
    let mut applied = stage.applied().into_iter();
    let short = |call: String| {
        let Ok(words) = serde_json::from_str::<Vec<String>>(&call) else { return call };
        let mut plain: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| word.starts_with("--") || ["here", "shop"].contains(word)).collect();
        let dry = plain.contains(&"--dry-run=server");
        plain.truncate(plain.iter().position(|word| word.starts_with("--")).unwrap_or(plain.len()));
        match plain[0] {
            "apply" => format!("{} {}", if dry { "try" } else { "apply" }, applied.next().unwrap_or_default()),
            "create" | "replace" if plain.len() == 1 => format!("{} {}", plain[0], applied.next().unwrap_or_default()),
            _ => plain.join(" "),
        }
    };
    stage.calls().into_iter().map(short).collect()
}

#[track_caller]
fn ends(outcome: Outcome, status: i32, says: &str) -> Outcome {
    assert!(outcome.status == Some(status) && format!("{}{}", outcome.stdout, outcome.stderr).contains(says), "{status}, `{says}`\n{outcome}");
    outcome
}

fn record(stage: &Stage, key: &str) -> String {
    stage.object("ConfigMap", "shop-release")["data"][key].as_str().unwrap_or_default().to_owned()
}

/// The release 1.0 on a new cluster.
fn deployed() -> Option<Stage> {
    let stage = Stage::new()?;
    ends(stage.run("--yes"), 0, "shop 1.0 is up in shop of here");
    Some(stage)
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn the_order_is_that_of_a_roll_out() {
    let Some(stage) = Stage::new() else { return };
    let committed = stage.committed();
    ends(stage.run("--yes --context here"), 0, "==> web answers on /ready: HTTP/1.0 200 OK\n==> Ingress/shop for shop.example.com: 192.0.2.1\n");
    let expected = [
        "version",
        "config view",
        "version",
        "get namespace shop",
        "create secret tls shop-tls",
        "kustomize .deploy/k8s/overlay",
        "get configmap shop-release",
        "get configmap shop-release",
        "get configmap shop-release",
        "hook before_deploy ",
        "apply Namespace",
        "get lease shop-deploy",
        "create Lease",
        "get configmap shop-release",
        "get configmap shop-release",
        "get configmap shop-release",
        "get deployments",
        "try ServiceAccount ServiceAccount ServiceAccount ServiceAccount ConfigMap Service StatefulSet NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy",
        "get job migrate-1-0",
        "try Job",
        "try Service Service Deployment CronJob PodDisruptionBudget Ingress",
        "get Secret shop-secrets",
        "get ConfigMap shop-parameters",
        "apply ConfigMap",
        "apply Namespace",
        "delete resourcequota/shop limitrange/shop",
        "apply Secret",
        "apply ConfigMap",
        "apply Secret",
        "get secret shop-secrets",
        "kustomize .deploy/k8s/overlay",
        "apply ServiceAccount ServiceAccount ServiceAccount ServiceAccount ConfigMap Service StatefulSet NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy NetworkPolicy",
        "rollout status StatefulSet/cache",
        "hook backup ",
        "get job migrate-1-0",
        "apply Job",
        "get job migrate-1-0",
        "logs",
        "apply Service Service Deployment CronJob PodDisruptionBudget Ingress",
        "rollout status Deployment/web",
        "port-forward",
        "get ingresses",
        "hook test ",
        "apply ConfigMap",
        "apply ResourceQuota LimitRange",
        "hook notify deploy done",
        "get lease shop-deploy",
        "replace Lease",
    ];
    assert_eq!(steps(&stage), expected);
    assert_eq!((record(&stage, "release"), record(&stage, "pending"), stage.holder()), ("1.0".into(), String::new(), Value::Null));
    assert_eq!(stage.committed(), committed, "no committed file changes");
    let lives = Command::new("bash").args(["-c", "kill -0 \"$(cat \"$1\")\"", "-"]).arg(stage.path("cluster/forward")).output().expect("bash starts");
    assert!(!lives.status.success(), "the port-forward has ended with the script");
    for call in stage.calls().iter().filter(|call| call.starts_with('[')) {
        let words: Vec<String> = serde_json::from_str(call).expect("JSON");
        let is_local =
            ["\"version\",\"--client\"", "\"config\"", "\"kustomize\"", "\"--dry-run=client\""].iter().any(|part| call.replace(", ", ",").contains(part));
        assert!(is_local || words[..4] == ["--context", "here", "--namespace", "shop"], "{call}");
    }
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn values_arrive_as_they_are() {
    let Some(stage) = deployed() else { return };
    let data = stage.object("Secret", "shop-secrets")["data"].clone();
    for (name, value) in stage.values() {
        assert_eq!(data[name], base64(value.as_bytes()), "{name}: {value}");
    }
    assert_eq!(data["NOTE"], "", "an optional one without a value is there, and empty");
    assert_eq!(data.as_object().map(serde_json::Map::len), Some(stage.values().len() + 1));
    let tls = stage.object("Secret", "shop-tls");
    assert_eq!((&tls["type"], &tls["data"]["tls.crt"]), (&"kubernetes.io/tls".into(), &base64(b"certificate\n").into()));
    assert_eq!(stage.object("ConfigMap", "shop-parameters")["data"], serde_json::json!({"GREETING": "good & \"ill\"\ttab"}));
}

/// The real program reads what it is given as it is meant.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn the_real_kubectl_reads_the_same() {
    let Some(stage) = deployed() else { return };
    let is_there = Command::new("kubectl").args(["version", "--client"]).output().is_ok_and(|output| output.status.success());
    if !is_there {
        println!("skip  deploy k8s, kubectl  (kubectl is not installed)");
        return;
    }
    let input = stage.input();
    let objects: Vec<&str> = input.split('\u{1e}').filter(|text| text.starts_with("{\"apiVersion\":\"v1\"")).collect();
    assert!(objects.len() >= 5, "{input}");
    for text in objects {
        std::fs::write(stage.path("object.json"), text).expect("a file");
        let mut kubectl = Command::new("kubectl");
        kubectl.args(["label", "--local", "--output", "json", "read=yes", "--filename"]).arg(stage.path("object.json"));
        let output = kubectl.output().expect("kubectl starts");
        let said = String::from_utf8_lossy(&output.stderr);
        let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        let meant: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!((&read["kind"], &read["type"], &read["data"]), (&meant["kind"], &meant["type"], &meant["data"]));
    }
    // The overlay, by the kustomize that is in kubectl, where that is new enough for the script.
    let version = Command::new("kubectl").args(["version", "--client", "--output", "json"]).output().expect("kubectl starts").stdout;
    let version: Value = serde_json::from_slice(&version).expect("JSON");
    let minor = version["clientVersion"]["minor"].as_str().unwrap_or_default().trim_end_matches('+').parse::<u32>().unwrap_or_default();
    if minor >= 27 {
        let output = Command::new("kubectl").arg("kustomize").arg(stage.path("deploy it/.deploy/k8s/overlay")).output().expect("kubectl starts");
        let built = std::fs::read(stage.path("deploy it/.deploy/k8s/built")).expect("it was built");
        assert!(output.status.success() && output.stdout == built, "{}", String::from_utf8_lossy(&output.stderr));
    }
    println!("ok    kubectl reads Secrets and ConfigMaps as they are meant");
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_tag_reaches_every_object_and_a_job_of_its_own() {
    let Some(stage) = deployed() else { return };
    ends(stage.run("--yes --tag 2.0-RC_1"), 0, "shop 2.0-RC_1 is up");
    // printf %s 2.0-RC_1 | sha256sum | cut -c 1-8
    for (kind, name) in [("Deployment", "web"), ("CronJob", "nightly"), ("Job", "migrate-2-0-rc-1-b1f0da7f")] {
        assert_eq!(stage.object(kind, name)["image"], "registry.example.com/shop/web:2.0-RC_1", "{kind}");
    }
    assert_eq!(stage.object("StatefulSet", "cache")["image"], "redis:7-alpine");
    assert_eq!((record(&stage, "release"), record(&stage, "before")), ("2.0-RC_1".into(), "1.0".into()));
    ends(stage.run("--yes --tag ../x"), 2, "--tag takes the tag of an image");
    ends(stage.run("rollback --yes --tag 1.0"), 2, "deploy --tag deploys any");
    ends(stage.run("--context"), 2, "--context needs a value");
    ends(stage.run("--colour"), 2, "--colour is no option of this mode");
}

/// A changed value replaces the pods that read it, and no others; nothing changed replaces nothing.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_changed_value_rolls_its_readers() {
    let Some(stage) = deployed() else { return };
    let text = |kind: &str, name: &str| stage.object(kind, name)["text"].as_str().unwrap_or_default().to_owned();
    let (web, cache) = (text("Deployment", "web"), text("StatefulSet", "cache"));
    assert!(web.contains("checksum/values:") && cache.contains("checksum/values:"), "{web}\n{cache}");
    ends(stage.run("--yes"), 0, "migrate-1-0 has run already");
    assert_eq!((text("Deployment", "web"), record(&stage, "before")), (web.clone(), String::new()), "the same again is no new release");
    stage.put_env("LEVEL=debug\n");
    ends(stage.run("--yes"), 0, "is up");
    assert!(text("Deployment", "web") != web && text("StatefulSet", "cache") == cache);
    assert_eq!(stage.object("ConfigMap", "shop-parameters")["data"], serde_json::json!({"LEVEL": "debug"}));
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn what_does_not_come_up_is_taken_back() {
    let Some(stage) = deployed() else { return };
    stage.edit("k8s/config.yaml", "LEVEL: info", "LEVEL: trace");
    let objects = |stage: &Stage| {
        let mut objects = stage.objects();
        // Jobs are done, the record notes them; a Deployment remembers its revisions here.
        let kept = ["ConfigMap/shop-release", "Secret/shop-secrets-before", "ConfigMap/shop-parameters-before", "Deployment/web"];
        objects.retain(|path, _| !path.starts_with("Job/") && !kept.contains(&path.as_str()));
        objects
    };
    let before = objects(&stage);
    // Values are taken back, too.
    stage.put_env("LEVEL=debug\n");
    stage.keep("base");
    for (setting, to, says) in [
        ("job", "Failed", "error: migrate-2-0 failed"),
        ("stuck", ":2.0", "exceeded its progress deadline"),
        ("answer", "503", "error: web does not answer on /ready: HTTP/1.0 503 Service Unavailable"),
    ] {
        stage.restore("base");
        stage.set(setting, to);
        let outcome = ends(stage.run("--yes --tag 2.0"), 1, says);
        assert!(outcome.stderr.contains("==> going back to 1.0\n") && outcome.stderr.contains("==> 1.0 runs."), "{outcome}");
        assert_eq!((stage.tag(), record(&stage, "release"), record(&stage, "pending")), ("1.0".into(), "1.0".into(), String::new()), "{setting}");
        assert!(objects(&stage) == before, "{setting}: the ConfigMap, too");
        assert!(stage.holder().is_null() && stage.calls().iter().any(|call| call == "hook notify deploy failed"));
        let asked = steps(&stage).iter().rposition(|step| step == "rollout status StatefulSet/cache");
        let answered = steps(&stage).iter().rposition(|step| step == "rollout status Deployment/web");
        assert!(asked.is_some() && asked < answered, "{setting}: it is asked whether the old ones run");
    }
    stage.restore("base");
    for hook in ["backup", "test"] {
        stage.hook(hook, "exit 1");
        ends(stage.run("--yes --tag 2.0"), 1, "2.0 did not come up");
        assert_eq!((stage.tag(), record(&stage, "release")), ("1.0".into(), "1.0".into()), "{hook}");
        stage.hook(hook, "true");
    }
    stage.hook("before_deploy", "exit 1");
    ends(stage.run("--yes --tag 2.0"), 2, "Nothing was changed");
    stage.hook("before_deploy", "true");
    // The Job that failed is made again; the one that did not is not.
    stage.restore("base");
    stage.set("job", "Failed");
    ends(stage.run("--yes --tag 2.0"), 1, "migrate-2-0 failed");
    stage.set("job", "");
    ends(stage.run("--yes --tag 2.0"), 0, "migrate-2-0 failed before, and is made again");
    ends(stage.run("--yes --tag 2.0"), 0, "migrate-2-0 has run already");
}

/// What was half done has changed the values, and a rollback out of it gives those back that were there before, however often it was tried.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn values_go_back_with_the_release() {
    let Some(stage) = deployed() else { return };
    let values = |stage: &Stage| (stage.object("Secret", "shop-secrets")["data"].clone(), stage.object("ConfigMap", "shop-parameters")["data"].clone());
    let before = values(&stage);
    stage.put_env("LEVEL=debug\nNOTE=new\n");
    stage.hook("backup", "kill -9 0");
    for _ in 0..2 {
        assert_eq!(stage.run("--yes --tag 2.0").status, None);
        assert_ne!(values(&stage), before);
    }
    ends(stage.run("rollback --yes"), 0, "==> shop 1.0 runs. Migrations stay applied; values of .env.production that are new wait for the next deployment");
    assert_eq!(values(&stage), before);
    // What has come up keeps its values when it is left.
    stage.hook("backup", "true");
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    let after = values(&stage);
    ends(stage.run("rollback --yes"), 0, "values of .env.production stay");
    assert_eq!(values(&stage), after);
}

/// Whatever two releases need at a time: the quota is away until one of them is there, and it is that one's.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_quota_stands_in_nobodys_way() {
    let Some(stage) = deployed() else { return };
    let most = |stage: &Stage| stage.object("ResourceQuota", "shop")["text"].as_str().and_then(|text| Some(text.split_once("    pods: \"")?.1[..2].to_owned()));
    let is_away = "test ! -e \"$FAKE/objects/ResourceQuota/shop\" -a ! -e \"$FAKE/objects/LimitRange/shop\"";
    let before = most(&stage);
    assert!(before.is_some() && !stage.object("LimitRange", "shop").is_null());
    stage.hook("backup", is_away);
    stage.hook("test", is_away);
    stage.edit("k8s/quota.yaml", "pods: '", "pods: '9");
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    assert_eq!(most(&stage).as_deref().and_then(|most| most.get(..1)), Some("9"));
    ends(stage.run("rollback --yes"), 0, "==> shop 1.0 runs.");
    assert_eq!(most(&stage), before, "that of the release that runs");
    // Who may deploy may often not change it; switched off, it goes.
    stage.set("forbidden", "ResourceQuota LimitRange");
    stage.hook("backup", "true");
    stage.hook("test", "true");
    let outcome = ends(stage.run("--yes --tag 2.0"), 0, "the quota of shop is not set: whoever may do so applies k8s/quota.yaml");
    assert!(outcome.stderr.contains("the quota of shop stays as it is"), "{outcome}");
    stage.set("forbidden", "");
    stage.edit("k8s/kustomization.yaml", "  - quota.yaml\n", "");
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    assert_eq!(most(&stage), None);
}

/// A claim is there before whatever waits for it, and going back leaves it alone.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn claims_only_ever_go_forward() {
    let Some(stage) = Stage::of(&[], |text| {
        let text = text.replace("    replicas: 2\n", "    replicas: 2\n    volumes: {uploads: {path: /srv/uploads, size: 2Gi}}\n");
        text.replace("{kind: redis, version: \"7\"}", "{kind: redis, version: \"7\", persistence: append_only, storage: 2Gi}")
    }) else {
        return;
    };
    ends(stage.run("--yes"), 0, "is up");
    let applied = steps(&stage).into_iter().find(|step| step.contains("PersistentVolumeClaim")).unwrap_or_default();
    assert!(applied.contains("StatefulSet"), "with the first: {applied}");
    stage.edit("k8s/volumes.yaml", "2Gi", "5Gi");
    stage.set("stuck", ":2.0");
    ends(stage.run("--yes --tag 2.0"), 1, "==> 1.0 runs.");
    assert!(stage.object("PersistentVolumeClaim", "uploads")["text"].as_str().is_some_and(|text| text.contains("5Gi")));
    // Those of a StatefulSet cannot be changed by it: nothing is, and the way is told.
    stage.edit("k8s/cache.yaml", "storage: 2Gi", "storage: 5Gi");
    stage.edit("scripts/deploy/k8s.sh", "data-cache-0 2Gi", "data-cache-0 5Gi");
    let before = stage.objects();
    let outcome = ends(stage.run("--yes --tag 2.0"), 2, "Nothing that runs was changed");
    let grow = r#"patch persistentvolumeclaim data-cache-0 --type merge --patch '{"spec":{"resources":{"requests":{"storage":"5Gi"}}}}'"#;
    for line in [grow, "delete statefulset cache --cascade=orphan"] {
        assert!(outcome.stderr.contains(&format!("\n    kubectl --context here --namespace shop {line}\n")), "{outcome}");
    }
    assert!(stage.objects() == before);
}

/// Whose number of pods is nobody's for a moment would have one.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn an_autoscaler_takes_the_pods_over() {
    let Some(stage) = deployed() else { return };
    let pods = |stage: &Stage| (stage.object("Deployment", "web")["replicas"].clone(), stage.object("Deployment", "web")["owners"].clone());
    assert_eq!(pods(&stage), (2.into(), serde_json::json!(["shop-deploy"])));
    stage.edit("k8s/web.yaml", "  replicas: 2\n", "");
    let (budget, scaler) =
        ("apiVersion: policy/v1\n", "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\n---\napiVersion: policy/v1\n");
    stage.edit("k8s/web.yaml", budget, scaler);
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    assert_eq!(pods(&stage), (2.into(), serde_json::json!(["shop-replicas"])));
    ends(stage.run("rollback --yes"), 0, "==> shop 1.0 runs.");
    ends(stage.run("rollback --yes"), 0, "==> shop 2.0 runs.");
    assert_eq!(pods(&stage), (2.into(), serde_json::json!(["shop-replicas"])));
}

/// Deployed by hand before: there is no record, and the Deployments go back to their revisions.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn without_a_record_revisions_are_the_way_back() {
    let Some(stage) = deployed() else { return };
    stage.remove("ConfigMap", "shop-release");
    stage.set("stuck", ":2.0");
    ends(stage.run("--yes --tag 2.0"), 1, "2.0 did not come up");
    assert!(stage.calls().iter().any(|call| call.contains("--to-revision=1")));
    assert_eq!(stage.tag(), "1.0");
    ends(stage.run("rollback --yes"), 2, "is not recorded in shop of here. Nothing was changed");
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_rollback_leads_to_the_release_before() {
    let Some(stage) = deployed() else { return };
    ends(stage.run("rollback --yes"), 2, "a release before 1.0 is not recorded");
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    // By another machine, whose files are not those of that release.
    stage.forget();
    stage.edit("k8s/web.yaml", "replicas: 2", "replicas: 3");
    ends(stage.run("status"), 0, "shop 2.0 in the namespace shop of here (https://cluster.example.com)\nsince 2");
    ends(stage.run("rollback"), 2, "Go from shop 2.0 back to 1.0 in the namespace shop of here (https://cluster.example.com)? Nobody is there to ask");
    ends(stage.run("rollback --yes"), 0, "==> shop 1.0 runs. Migrations stay applied; values of .env.production stay");
    assert_eq!((stage.tag(), record(&stage, "release"), record(&stage, "before")), ("1.0".into(), "1.0".into(), "2.0".into()));
    assert!(stage.object("Deployment", "web")["text"].as_str().is_some_and(|text| text.contains("replicas: 2")));
    assert_eq!(stage.object("CronJob", "nightly")["image"], "registry.example.com/shop/web:1.0");
    assert!(stage.calls().iter().any(|call| call == "hook notify rollback done"));
    stage.set("stuck", ":2.0");
    ends(stage.run("rollback --yes"), 1, "2.0 did not come up");
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn one_machine_at_a_time() {
    let Some(stage) = deployed() else { return };
    let before = stage.objects();
    stage.lock("ann@laptop 1234");
    let says = "error: ann@laptop 1234 has been deploying shop to here since 2026-01-02T03:04:05.000000Z. If that is not so any more: --take-lock. Nothing was changed";
    ends(stage.run("--yes --tag 2.0"), 2, says);
    ends(stage.run("rollback --yes"), 2, "error: ");
    assert!(stage.objects() == before && stage.holder() == "ann@laptop 1234");
    ends(stage.run("status"), 0, "locked by ann@laptop 1234 since 2026-01-02");
    ends(stage.run("--yes --tag 2.0 --take-lock"), 0, "is up");
    assert!(stage.holder().is_null());
    // Taken away in the middle: it stays with whoever took it.
    stage.hook("test", &format!("cat > \"$FAKE/objects/Lease/shop-deploy\" <<'EOF'\n{}\nEOF", Stage::lease("bob@desk 5")));
    ends(stage.run("--yes"), 0, "warning: bob@desk 5 has the lock shop-deploy now");
    assert_eq!(stage.holder(), "bob@desk 5");
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn what_is_no_longer_there_is_named_and_pruned_when_told() {
    let Some(stage) = deployed() else { return };
    stage.put_object("CronJob", "old", r#"{"kind": "CronJob", "metadata": {"name": "old", "labels": {"app.kubernetes.io/part-of": "shop"}}}"#);
    stage.put_object("CronJob", "other", r#"{"kind": "CronJob", "metadata": {"name": "other", "labels": {"app.kubernetes.io/part-of": "blog"}}}"#);
    // Of a kind that not every cluster knows.
    let (ingress, both) =
        ("kind: Ingress\n", "kind: HTTPRoute\nmetadata:\n  name: shop\n  namespace: shop\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n");
    stage.edit("k8s/ingress.yaml", ingress, both);
    stage.set("knows", "httproutes");
    ends(stage.run("--yes"), 0, "still there (--prune deletes them): CronJob/old\n");
    stage.edit("k8s/ingress.yaml", both, ingress);
    assert!(stage.object("CronJob", "old").is_object());
    ends(stage.run("--prune"), 2, "? Then delete CronJob/old, HTTPRoute/shop? Nobody is there to ask");
    ends(stage.run("--prune --yes"), 0, "is up");
    assert!(stage.object("CronJob", "old").is_null() && stage.object("HTTPRoute", "shop").is_null() && stage.object("CronJob", "other").is_object());
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_dry_run_changes_nothing() {
    let Some(stage) = Stage::new() else { return };
    let outcome = ends(stage.run("--dry-run --tag 2.0"), 0, "shop 2.0 to the namespace shop of here (https://cluster.example.com)\n");
    assert!(outcome.stdout.contains("\nJob/migrate-2-0\n") && stage.objects().is_empty(), "{outcome}");
    ends(stage.run("--yes"), 0, "is up");
    let (before, committed) = (stage.objects(), stage.committed());
    let outcome = ends(stage.run("--dry-run --tag 2.0"), 0, ", where 1.0 runs\n");
    assert!(outcome.stdout.contains("\n+ a difference\n"), "{outcome}");
    ends(stage.run("rollback --dry-run"), 2, "is not recorded");
    assert!(stage.objects() == before && stage.committed() == committed && stage.holder().is_null());
    // No cluster at all.
    stage.set("fail", "4");
    let outcome = ends(stage.run("--dry-run --tag 2.0"), 0, "does not answer; what follows does without\n");
    assert!(outcome.stdout.starts_with("shop 2.0 to the namespace shop") && !outcome.stdout.contains("difference"), "{outcome}");
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn what_does_not_fit_is_said_first() {
    let Some(stage) = Stage::new() else { return };
    for (setting, to, says) in [
        ("client", "26", "kubectl is 1.26; 1.27 or newer is needed"),
        ("server", "33", "here is Kubernetes 1.33, these files are for 1.34: set targets.kubernetes.version and render them anew"),
        ("fail", "4", "here (https://cluster.example.com) does not answer: Unable to connect to the server: connection refused"),
    ] {
        stage.set(setting, to);
        let outcome = ends(stage.run("--yes"), 2, says);
        assert!(outcome.stderr.ends_with(". Nothing was changed\n"), "{outcome}");
        stage.set(setting, "");
    }
    stage.put_env("KEY=\n");
    ends(stage.run("--yes"), 2, ".env.production is not right, see above. Nothing was changed");
    stage.put_env("");
    stage.edit("secrets/tls.key", "the key of tls", "");
    assert!(stage.objects().is_empty());
    stage.set("client", "30");
    ends(stage.run("--yes"), 0, "kubectl 1.30 and Kubernetes 1.34 are further apart than their makers support");
}

/// One call fails, before it does anything or with its answer lost: afterwards the old release runs, or the new one, and the same
/// command again makes it the new one.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn any_call_may_fail() {
    println!("ok    deploy k8s: {} failures", in_shares(failures_of));
}

fn failures_of(share: usize) -> usize {
    let Some(stage) = deployed() else { return 0 };
    stage.keep("base");
    let base = stage.objects();
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    let calls: Vec<String> = stage.calls().into_iter().filter(|call| call.starts_with('[')).collect();
    let mut tried = 0;
    for (at, call) in calls.iter().enumerate().filter(|(at, _)| at % SHARES == share) {
        for mode in if writes(call) { &["fail", "lose"][..] } else { &["fail"] } {
            stage.restore("base");
            stage.set(mode, &(at + 1).to_string());
            let outcome = stage.run("--yes --tag 2.0");
            let what = format!("{mode} {}: {call}\n{outcome}", at + 1);
            match outcome.status {
                Some(0) => assert_eq!((stage.tag(), record(&stage, "pending")), ("2.0".into(), String::new()), "{what}"),
                Some(1) => {
                    assert_eq!((stage.tag(), record(&stage, "release"), record(&stage, "pending")), ("1.0".into(), "1.0".into(), String::new()), "{what}");
                }
                Some(2) => assert!(stage.objects() == base, "{what}"),
                _ => panic!("{what}"),
            }
            let is_unlock = at + 2 >= calls.len();
            assert!(outcome.stderr.contains("error: ") || outcome.status == Some(0), "{what}");
            assert!(stage.holder().is_null() || is_unlock || mode == &"lose", "the lock is given back: {what}");
            stage.set(mode, "");
            tried += 1;
            // From where nothing was changed, the command leads where it led without a failure.
            if !writes(call) || (*mode == "fail" && stage.objects() == base) {
                continue;
            }
            let again = stage.run("--yes --tag 2.0");
            assert_eq!((again.status, stage.tag(), record(&stage, "before")), (Some(0), "2.0".into(), "1.0".into()), "{what}\n=== again: {again}");
            assert!(stage.holder().is_null(), "{what}");
        }
    }
    tried
}

/// All of it is killed before one call: the same command again brings the new release, and a rollback the old one. It makes no
/// difference before which of several calls that only read.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn it_may_be_killed_at_any_moment() {
    println!("ok    deploy k8s: killed {} times", in_shares(kills_of));
}

fn kills_of(share: usize) -> usize {
    let Some(stage) = deployed() else { return 0 };
    stage.keep("base");
    let base = stage.objects();
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
    let calls: Vec<String> = stage.calls().into_iter().filter(|call| call.starts_with('[')).collect();
    let mut tried = 0;
    let moments = (0..calls.len()).filter(|at| *at == 0 || writes(&calls[at - 1]) || writes(&calls[*at]));
    for at in moments.enumerate().filter(|(nth, _)| nth % SHARES == share).map(|(_, at)| at) {
        stage.restore("base");
        stage.set("kill", &(at + 1).to_string());
        let outcome = stage.run("--yes --tag 2.0");
        let what = format!("killed before {}: {}\n{outcome}", at + 1, calls[at]);
        assert_eq!(outcome.status, None, "{what}");
        stage.set("kill", "");
        if stage.objects() == base {
            continue;
        }
        stage.keep("killed");
        let again = stage.run("--yes --tag 2.0");
        assert_eq!((again.status, stage.tag(), record(&stage, "release")), (Some(0), "2.0".into(), "2.0".into()), "{what}\n=== again: {again}");
        assert_eq!((record(&stage, "before"), record(&stage, "pending"), stage.holder()), ("1.0".into(), String::new(), Value::Null), "{what}");
        stage.restore("killed");
        // Before anything was begun, and when all is done, it leads where it always does.
        let (is_begun, is_done) = (!record(&stage, "pending").is_empty(), record(&stage, "release") == "2.0");
        let back = stage.run("rollback --yes");
        assert_eq!((back.status, stage.tag()), (Some(if is_begun || is_done { 0 } else { 2 }), "1.0".into()), "{what}\n=== back: {back}");
        tried += 1;
    }
    tried
}

/// Half of the time, the script and its stand-ins wait.
const SHARES: usize = 3;

/// Of all shares of the work, each on a thread of its own: the sum.
fn in_shares(work: fn(usize) -> usize) -> usize {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..SHARES).map(|share| scope.spawn(move || work(share))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).sum()
    })
}

fn writes(call: &str) -> bool {
    ["\"apply\"", "\"create\"", "\"replace\"", "\"delete\""].iter().any(|verb| call.contains(verb)) && !call.contains("dry-run")
}
