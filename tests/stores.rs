//! Backing services: the examples of `docs/profile.md` for `kind: image` come out as they are meant, and so do PostgreSQL's databases.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, document, documents};
use serde_json::{Value, json};
use support::text_of;

/// The examples, as a profile with a service that uses them.
fn profile() -> String {
    let page = text_of("docs/profile.md");
    let examples = page.split("### Any other store").nth(1).and_then(|rest| rest.split("```yaml\n").nth(1)).and_then(|rest| rest.split("```").next());
    let examples = examples.expect("the examples of the page");
    format!(
        "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: production}}\nservices:\n  worker:\n    kind: worker\n    \
         image: {{name: shop/worker, tag: \"1\"}}\n    user: \"10001\"\n    health: {{command: [check]}}\n    \
         env: {{QUEUE: {{from: queue.url}}, ORDERS: {{from: orders.url}}, EVENTS: {{from: events.url}}, FILES: {{from: objects.url}}, AT: {{from: objects.address}}}}\n    \
         secrets: {{FILES_KEY: {{}}}}\n{examples}targets: {{compose: {{}}, kubernetes: {{}}, dotenv: {{}}, scripts: {{}}}}\n"
    )
}

fn rendered() -> Files {
    Renderer::new().render(&profile()).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn the_examples_of_the_page_are_started_on_one_host() {
    let files = rendered();
    let compose = document(&files["docker-compose.prod.yml"]);
    let service = |name: &str| compose["services"][name].clone();
    for (name, volume) in [("queue", "queue-data"), ("orders", "orders-data"), ("events", "events-data"), ("objects", "objects-data")] {
        let store = service(name);
        assert_eq!(store["read_only"], json!(true), "{name}");
        assert_eq!(store["networks"], json!(["backend"]), "{name}");
        assert!(store["volumes"][0].as_str().is_some_and(|text| text.starts_with(&format!("{volume}:/"))), "{name}");
        assert!(compose["volumes"].get(volume).is_some(), "{volume}");
        assert_eq!(store["healthcheck"]["test"][0], "CMD", "{name}");
        assert_eq!(service("worker")["depends_on"][name]["condition"], "service_healthy", "{name}");
    }
    assert_eq!(service("orders")["environment"]["MYSQL_PASSWORD_FILE"], "/run/secrets/ORDERS_PASSWORD");
    assert_eq!(service("queue")["environment"]["RABBITMQ_DEFAULT_PASS"], "${QUEUE_PASSWORD:?set it in .env.production}");
    let worker = &service("worker")["environment"];
    assert_eq!((&worker["FILES"], &worker["AT"]), (&json!("http://objects:9000"), &json!("objects:9000")));
    assert_eq!(worker["QUEUE_FILE"], "/run/secrets/QUEUE_URL");
    let example = &files[".env.production.example"];
    for url in [
        "amqp://app:<QUEUE_PASSWORD, percent-encoded>@queue:5672/",
        "mysql://app:<ORDERS_PASSWORD, percent-encoded>@orders:3306/orders",
        "http://app:<EVENTS_PASSWORD, percent-encoded>@events:8123/?database=events",
    ] {
        assert!(example.lines().any(|line| line == format!("# {url}")), "{url} is not in\n{example}");
    }
}

#[test]
fn the_examples_of_the_page_are_started_on_a_cluster() {
    let files = rendered();
    let object = |file: &str, kind: &str| -> Value {
        let found = documents(&files[file]).into_iter().find(|object| object["kind"] == kind);
        found.unwrap_or_else(|| panic!("{file} has no {kind}"))
    };
    for (name, port, folder) in
        [("queue", 5672, "/var/lib/rabbitmq"), ("orders", 3306, "/var/lib/mysql"), ("events", 8123, "/var/lib/clickhouse"), ("objects", 9000, "/data")]
    {
        let file = format!("k8s/{name}.yaml");
        let spec = &object(&file, "StatefulSet")["spec"];
        let pod = &spec["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], json!(true), "{name}");
        let mounts = pod["containers"][0]["volumeMounts"].as_array().expect("mounts");
        assert!(mounts.iter().any(|mount| mount["name"] == "volume-data" && mount["mountPath"] == folder), "{name}");
        assert_eq!(spec["volumeClaimTemplates"][0]["metadata"]["name"], "volume-data", "{name}");
        assert_eq!(object(&file, "Service")["spec"]["ports"][0]["port"], json!(port), "{name}");
        let policies = documents(&files["k8s/network-policies.yaml"]);
        let policy = policies.iter().find(|policy| policy["metadata"]["name"] == format!("{name}-traffic")).expect("a policy");
        assert_eq!(policy["spec"]["ingress"][0]["ports"][0]["port"], json!(port), "{name}");
    }
    let queue = object("k8s/queue.yaml", "StatefulSet");
    assert_eq!(queue["spec"]["template"]["spec"]["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["key"], "QUEUE_PASSWORD");
    assert_eq!(object("k8s/orders.yaml", "ConfigMap")["data"]["MYSQL_PASSWORD_FILE"], "/run/secrets/ORDERS_PASSWORD");
}

/// What runs once on an empty volume is the same SQL on both targets, and passwords stand in files only.
#[test]
fn more_databases_are_made_once() {
    let profile = "version: 1\nproject: {name: shop}\nenvironment: {kind: production}\nservices:\n  worker:\n    kind: worker\n    \
                   image: {name: shop/worker, tag: '1'}\n    user: '10001'\n    health: {command: [check]}\n    env: {REPORTS: {from: database.reports.url}}\n\
                   backing_services:\n  database:\n    kind: postgres\n    version: '17'\n    extensions: [uuid-ossp]\n    \
                   databases: {reports: {extensions: [vector]}}\ntargets: {compose: {}, kubernetes: {}, dotenv: {}, scripts: {}}\n";
    let files = Renderer::new().render(profile).unwrap_or_else(|errors| panic!("{errors:?}"));
    let compose = document(&files["docker-compose.prod.yml"])["services"]["database"].clone();
    let stateful = documents(&files["k8s/database.yaml"]).into_iter().find(|object| object["kind"] == "StatefulSet").expect("a StatefulSet");
    let pod = &stateful["spec"]["template"]["spec"];
    let script = compose["command"][2].as_str().map(|text| text.replace("$$", "$")).expect("a script");
    assert_eq!(pod["containers"][0]["command"][2], json!(script));
    assert_eq!(
        script,
        "cat > /docker-entrypoint-initdb.d/00-databases.sql <<'SQL'\n\
         CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" CASCADE;\n\
         \\set password `cat /run/secrets/DATABASE_REPORTS_PASSWORD`\n\
         CREATE ROLE \"reports\" LOGIN PASSWORD :'password';\n\
         CREATE DATABASE \"reports\" OWNER \"reports\";\n\
         REVOKE ALL ON DATABASE \"reports\" FROM PUBLIC;\n\
         \\connect \"reports\"\n\
         CREATE EXTENSION IF NOT EXISTS \"vector\" CASCADE;\n\
         SQL\n\
         exec docker-entrypoint.sh \"$@\"\n"
    );
    assert_eq!(compose["secrets"], json!(["DATABASE_PASSWORD", "DATABASE_REPORTS_PASSWORD"]));
    let items = pod["volumes"][0]["secret"]["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(2));
    let example = &files[".env.production.example"];
    assert!(example.contains("# postgresql://reports:<DATABASE_REPORTS_PASSWORD, percent-encoded>@database:5432/reports\nDATABASE_REPORTS_URL="), "{example}");
}
