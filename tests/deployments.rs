//! Deployments of others, said in the language: what their files had is in what is rendered, which is compared with `tests/deployments/golden`.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, document, documents};
use serde_json::{Value, json};
use support::{assert_none, compare, text_of};

fn rendered(name: &str) -> Files {
    Renderer::new().render(&text_of(&format!("tests/deployments/{name}.yaml"))).unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
}

fn services(name: &str) -> Value {
    document(&rendered(name)["docker-compose.prod.yml"])["services"].clone()
}

fn names(map: &Value) -> Vec<&str> {
    map.as_object().expect("a map").keys().map(String::as_str).collect()
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

/// Two services: the program, published, with an init process, and its database, which it waits for.
#[test]
fn umami_is_published_without_an_edge() {
    let services = services("umami");
    assert_eq!(names(&services), ["db", "db-backup", "db-restore", "umami"]);
    let own = &services["umami"];
    assert_eq!(own["ports"], json!(["0.0.0.0:3000:3000"]));
    assert_eq!((&own["init"], &own["restart"]), (&json!(true), &json!("unless-stopped")));
    assert_eq!(own["depends_on"]["db"]["condition"], "service_healthy");
    assert_eq!(own["environment"]["DATABASE_URL"], "${DB_URL:?set it in .env.production}");
    assert_eq!(own["environment"]["APP_SECRET"], "${APP_SECRET:?set it in .env.production}");
    let check = own["healthcheck"]["test"].as_array().expect("a check");
    assert!(check.contains(&json!("http://127.0.0.1:3000/api/heartbeat")));
    assert_eq!(services["db"]["image"], "postgres:15-trixie");
    assert!(services["db"]["volumes"][0].as_str().is_some_and(|volume| volume.starts_with("db:")));
}

/// Five services: volumes of its own, folders that people put files into, helpers with flags.
#[test]
fn paperless_has_folders_of_the_host_and_helpers() {
    let services = services("paperless");
    assert_eq!(names(&services), ["broker", "db", "db-backup", "db-restore", "gotenberg", "tika", "webserver"]);
    let own = &services["webserver"];
    assert_eq!(own["ports"], json!(["0.0.0.0:8000:8000"]));
    let mounts = own["volumes"].as_array().expect("mounts");
    for volume in ["data:/usr/src/paperless/data", "media:/usr/src/paperless/media"] {
        assert!(mounts.contains(&json!(volume)), "{volume}");
    }
    for folder in ["consume", "export"] {
        let target = format!("/usr/src/paperless/{folder}");
        assert!(mounts.iter().any(|mount| mount["type"] == "bind" && mount["target"] == json!(target)), "{folder}");
    }
    let env = &own["environment"];
    assert_eq!(env["PAPERLESS_TIKA_GOTENBERG_ENDPOINT"], "http://gotenberg:3000");
    assert_eq!(env["PAPERLESS_TIKA_ENDPOINT"], "http://tika:9998");
    assert_eq!((&env["PAPERLESS_DBHOST"], &env["PAPERLESS_DBPASS_FILE"]), (&json!("db"), &json!("/run/secrets/DB_PASSWORD")));
    assert_eq!(env["PAPERLESS_OCR_LANGUAGES"], "${PAPERLESS_OCR_LANGUAGES:-tur ces}");
    assert_eq!(services["broker"]["image"], "valkey/valkey:9");
    let flags = services["gotenberg"]["command"].as_array().expect("a command");
    assert!(flags.contains(&json!("--chromium-disable-javascript=true")));
    // The new parent folder of this version.
    assert_eq!(services["db"]["volumes"][0], "db:/var/lib/postgresql");
}

/// The repository's own Dockerfile, migrations first, two hosts with certificates that come by themselves.
#[test]
fn fastapi_is_built_by_its_own_dockerfile() {
    let files = rendered("fastapi");
    let services = document(&files["docker-compose.prod.yml"])["services"].clone();
    assert_eq!(names(&services), ["acme", "adminer", "backend", "db", "db-backup", "db-restore", "nginx", "prestart"]);
    assert!(!files.contains_key("Dockerfile"));
    let own = &services["backend"];
    assert_eq!(own["build"]["dockerfile"], "backend/Dockerfile");
    assert_eq!(own["depends_on"]["prestart"]["condition"], "service_completed_successfully");
    assert_eq!(services["prestart"]["depends_on"]["db"]["condition"], "service_healthy");
    assert_eq!(services["prestart"]["command"], json!(["bash", "scripts/prestart.sh"]));
    let env = &own["environment"];
    assert_eq!((&env["DOMAIN"], &env["FRONTEND_HOST"]), (&json!("app.example.com"), &json!("https://app.example.com")));
    assert_eq!(env["DATABASE_URL"], "${DB_URL_POSTGRESQL_PSYCOPG:?set it in .env.production}");
    assert_eq!(env["SENTRY_DSN"], "${SENTRY_DSN:-}");
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
