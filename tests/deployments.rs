//! Deployments of others, said in the language: what is rendered is compared with `tests/deployments/golden`. What their files had, as Compose sees it, stands in
//! `tests/deployments/facts.json`, which `tests/conformance/run` compares with `docker compose config`.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, documents};
use serde_json::{Value, json};
use support::{assert_none, compare, text_of};

fn rendered(name: &str) -> Files {
    Renderer::new().render(&text_of(&format!("tests/deployments/{name}.yaml"))).unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
}

/// One object of a file for a cluster.
fn object(files: &Files, file: &str, kind: &str) -> Value {
    documents(&files[file]).into_iter().find(|object| object["kind"] == kind).unwrap_or_else(|| panic!("{file} has no {kind}"))
}

#[test]
fn they_are_rendered_as_they_were() {
    let mut failures = Vec::new();
    for name in ["fastapi", "paperless", "podinfo", "umami"] {
        // Scripts are the same everywhere; the goldens of the shipped profiles have them.
        for (path, text) in rendered(name).iter().filter(|(path, _)| !path.starts_with("scripts/") && !path.ends_with(".gitignore")) {
            failures.extend(compare(&format!("tests/deployments/golden/{name}/{path}"), text).err());
        }
    }
    assert_none(&failures);
}

/// The repository's own Dockerfile, and two hosts; `tests/conformance/run` asks Compose for the rest, and for the others.
#[test]
fn fastapi_is_built_by_its_own_dockerfile() {
    let files = rendered("fastapi");
    assert!(!files.contains_key("Dockerfile"));
    for host in ["app.example.com", "adminer.example.com"] {
        assert!(files["nginx/nginx.conf"].contains(&format!("server_name {host};")), "{host}");
    }
    let example = &files[".env.production.example"];
    assert!(example.contains("# postgresql+psycopg://postgres:"), "{example}");
}

/// One image with three ports in two services that scale, and jobs with scripts.
#[test]
fn podinfo_scales_on_a_cluster() {
    let files = rendered("podinfo");
    for name in ["frontend", "backend"] {
        let file = format!("k8s/{name}.yaml");
        let ports = object(&files, &file, "Service")["spec"]["ports"].clone();
        let ports: Vec<_> = ports.as_array().expect("ports").iter().map(|port| (port["name"].clone(), port["port"].clone())).collect();
        assert_eq!(ports, [(json!("http"), json!(9898)), (json!("metrics"), json!(9797)), (json!("grpc"), json!(9999))]);
        let scaler = object(&files, &file, "HorizontalPodAutoscaler")["spec"].clone();
        assert_eq!((&scaler["minReplicas"], &scaler["maxReplicas"]), (&json!(2), &json!(4)));
        assert_eq!(scaler["metrics"][0]["resource"]["target"]["averageUtilization"], json!(99));
        assert!(object(&files, &file, "Deployment")["spec"].get("replicas").is_none());
    }
    let pod = &object(&files, "k8s/frontend.yaml", "Deployment")["spec"]["template"];
    assert_eq!(pod["metadata"]["annotations"]["prometheus.io/port"], "9797");
    let job = object(&files, "k8s/warm-up.yaml", "CronJob")["spec"].clone();
    assert_eq!((&job["schedule"], &job["concurrencyPolicy"]), (&json!("*/5 * * * *"), &json!("Forbid")));
    let pod = &job["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(pod["initContainers"][0]["name"], "wait");
    assert_eq!(pod["initContainers"][0]["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    let scripts = pod["volumes"].as_array().expect("volumes").iter().find(|volume| volume["configMap"].is_object()).expect("a ConfigMap");
    assert_eq!(scripts["configMap"]["items"][0]["mode"], json!(0o755));
    assert!(files["k8s/files.yaml"].contains("podcli check http backend:9898/readyz"));
}
