//! Every key of the profile language changes what is rendered: none is lost on the way to the files.

#[path = "support/capabilities.rs"]
mod capabilities;
#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, document, yaml_of};
use infragen::key_path::KeyPath;
use infragen::stack::Origin;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use support::{assert_none, compare, text_of};

/// Keys that say how a file is read (`tests/extends.rs` is about them), one that decides only what is supported, one that decides
/// which other keys there may be, those that only `lint` reads (`tests/cli/lint.rs`), and those that change what is rendered afterwards
/// (`tests/cli/own.rs`, `tests/cli/patches.rs`).
const OTHERS: [&str; 21] = [
    "version",
    "abstract",
    "extends[]",
    "remove[]",
    "targets.kubernetes.version",
    "backing_services.*.mode",
    "targets.scripts",
    "waivers.*.rule",
    "waivers.*.path",
    "waivers.*.reason",
    "waivers.*.until",
    "generator",
    "unmanaged.*.reason",
    "patches.*.target",
    "patches.*.remove[]",
    "patches.*.reason",
    "snippets.*.file",
    "snippets.*.after",
    "snippets.*.text",
    "snippets.*.reason",
    "templates",
];

/// One value for each key, as a pointer into `tests/support/everything.yaml`; another value for it, where `null` removes the key;
/// and the targets that say it in their files. A target that is missing here cannot say it, or has no need to.
fn changes() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/project/name", json!("store"), "compose docker kubernetes scripts"),
        ("/environment/kind", json!("staging"), "compose dotenv kubernetes scripts"),
        ("/services/worker/kind", json!("release"), "compose kubernetes scripts"),
        ("/services/nightly/like", json!("socket"), "compose dotenv kubernetes scripts"),
        ("/services/nightly/without/0", json!("SENTRY_DSN"), "compose dotenv kubernetes scripts"),
        ("/services/legacy/enabled", json!(false), "compose dotenv kubernetes scripts"),
        ("/backing_services/vectors/enabled", json!(false), "compose kubernetes scripts"),
        ("/services/worker/image/name", json!("example/other"), "compose dotenv kubernetes scripts"),
        ("/services/worker/image/tag", json!("4"), "compose dotenv kubernetes scripts"),
        ("/services/socket/build/version", json!("3.13"), "docker scripts"),
        ("/services/api/build/package_manager", json!("poetry"), "docker scripts"),
        ("/services/api/build/package_manager_version", json!("0.10"), "docker"),
        ("/services/api/build/args/EXTRA_INDEX", json!("https://other.example.com/simple"), "docker"),
        ("/services/api/build/secrets/0", json!("TOKEN"), "compose docker dotenv scripts"),
        ("/digests/postgres:17-trixie", json!("sha256:0000000000000000000000000000000000000000000000000000000000000000"), "compose kubernetes scripts"),
        ("/services/api/build/context", json!("other"), "compose scripts"),
        ("/services/api/build/include/0", json!("lib"), "docker"),
        ("/services/api/build/system_packages/0", json!("libxml2"), "docker"),
        ("/services/api/build/build_packages/0", json!("gcc"), "docker"),
        ("/services/socket/run/server", json!("gunicorn"), "compose docker dotenv kubernetes scripts"),
        ("/services/api/run/app", json!("src.other:app"), "docker scripts"),
        ("/services/api/run/interface", json!("wsgi"), "docker scripts"),
        ("/services/api/run/workers", json!("auto"), "compose docker dotenv kubernetes scripts"),
        ("/services/api/run/timeout", json!("41s"), "docker scripts"),
        ("/services/api/run/graceful_timeout", json!("21s"), "docker scripts"),
        ("/services/socket/run/reload", json!(true), "docker scripts"),
        ("/services/worker/command/1", json!("--slow"), "compose kubernetes"),
        ("/services/api/port", json!(8002), "docker kubernetes nginx scripts"),
        ("/services/socket/publish/port", json!(9001), "compose scripts"),
        ("/services/socket/publish/address", json!("127.0.0.2"), "compose scripts"),
        ("/services/socket/ports/metrics/port", json!(9798), "kubernetes nginx scripts"),
        ("/services/socket/ports/syslog/protocol", json!("tcp"), "compose kubernetes scripts"),
        ("/services/socket/ports/syslog/publish/port", json!(5516), "compose"),
        ("/services/socket/ports/syslog/publish/address", json!("127.0.0.2"), "compose"),
        ("/services/socket/aliases/0", json!("plugs"), "compose kubernetes"),
        ("/backing_services/database/kubernetes/annotations/example.com~1team", json!("others"), "kubernetes"),
        ("/backing_services/cache/kubernetes/annotations/example.com~1team", json!("others"), "kubernetes"),
        ("/backing_services/queue/kubernetes/annotations/example.com~1team", json!("others"), "kubernetes"),
        ("/services/socket/kubernetes/annotations/prometheus.io~1scrape", json!("false"), "kubernetes"),
        ("/services/worker/entrypoint/1", json!("-x"), "compose kubernetes"),
        ("/services/worker/init", json!(false), "compose"),
        ("/services/worker/hostname", json!("mule"), "compose kubernetes"),
        ("/services/worker/singleton", json!(true), "kubernetes scripts"),
        ("/services/worker/shm_size", json!("129Mi"), "compose kubernetes"),
        ("/services/worker/ulimits/nofile", json!(65537), "compose"),
        ("/services/worker/ulimits/memlock/soft", json!(1025), "compose"),
        ("/services/worker/ulimits/memlock/hard", json!(2048), "compose"),
        ("/services/worker/stop_signal", json!("SIGQUIT"), "compose"),
        ("/services/api/health/ready", json!("/healthz"), "compose docker kubernetes nginx"),
        ("/services/legacy/build/dockerfile", json!("docker/Other"), "compose"),
        ("/services/legacy/build/target", json!("debug"), "compose"),
        ("/services/relay/health/tcp", json!(false), "compose"),
        ("/services/api/health/port", json!(8101), "compose docker kubernetes"),
        ("/services/api/health/headers/Host", json!("other.example.com"), "compose docker kubernetes"),
        ("/services/socket/health/grpc/service", json!("shop.v2.Sockets"), "kubernetes"),
        ("/services/api/health/live", json!("/alive"), "kubernetes nginx"),
        ("/services/worker/health/command/1", json!("later"), "compose kubernetes"),
        ("/backing_services/vectors/health/live_command/0", json!("others"), "kubernetes"),
        ("/services/worker/health/live_command/1", json!("later"), "kubernetes"),
        ("/services/api/health/interval", json!("16s"), "compose docker kubernetes scripts"),
        ("/services/api/health/timeout", json!("8s"), "compose docker kubernetes scripts"),
        ("/services/api/health/retries", json!(5), "compose docker kubernetes scripts"),
        ("/services/api/health/start_period", json!("46s"), "compose docker kubernetes scripts"),
        ("/services/api/replicas", json!(4), "compose kubernetes scripts"),
        ("/services/relay/autoscale/min", json!(3), "compose kubernetes scripts"),
        ("/services/relay/autoscale/max", json!(6), "compose kubernetes scripts"),
        ("/services/relay/autoscale/cpu", json!(65), "kubernetes"),
        ("/services/relay/autoscale/memory", json!(85), "kubernetes"),
        ("/services/api/resources/requests/cpu", json!("600m"), "compose kubernetes"),
        ("/services/api/resources/requests/memory", json!("300Mi"), "compose kubernetes"),
        ("/services/api/resources/limits/cpu", json!(3), "compose kubernetes scripts"),
        ("/services/api/resources/limits/memory", json!("2Gi"), "compose kubernetes scripts"),
        ("/services/api/env/TEXT", json!("another text"), "compose kubernetes scripts"),
        ("/services/api/env/DATABASE_URL/from", json!("database.password"), "compose dotenv kubernetes scripts"),
        ("/services/api/env/DATABASE_URL/deliver", json!("file"), "compose kubernetes scripts"),
        ("/services/api/env/REPORT_TO/param/description", json!("Where complaints go."), "dotenv"),
        ("/services/api/env/REPORT_TO/param/section", json!("Reports"), "dotenv"),
        ("/services/api/env/REPORT_TO/param/default", json!("dev@example.com"), "compose dotenv kubernetes scripts"),
        ("/services/api/env/REPORT_TO/param/format", json!("text"), "dotenv scripts"),
        ("/services/api/env/REPORT_TO/param/required", json!(true), "compose dotenv kubernetes scripts"),
        ("/services/api/env/SLOTS/param/one_of/2", json!(4), "dotenv scripts"),
        ("/services/api/env/SLOTS/param/min", json!(0), "scripts"),
        ("/services/api/env/SLOTS/param/max", json!(4), "scripts"),
        ("/services/api/env_from/0", json!("other"), "compose dotenv kubernetes scripts"),
        ("/services/api/secrets/KEY/as", json!("OTHER_KEY"), "compose kubernetes scripts"),
        ("/services/api/depends_on/database", json!("started"), "compose"),
        ("/services/api/egress/0", json!("192.0.2.7:25"), "kubernetes"),
        ("/services/api/pools/database", json!(3), "compose kubernetes scripts"),
        ("/services/nightly/deadline", json!("3h"), "kubernetes scripts"),
        ("/services/nightly/schedule", json!("0 4 * * *"), "compose kubernetes scripts"),
        ("/services/api/user", json!("10004"), "compose docker kubernetes scripts"),
        ("/services/api/tmpfs/~1cache", json!("33Mi"), "compose kubernetes"),
        ("/services/api/volumes/uploads/path", json!("/srv/files"), "compose docker kubernetes"),
        ("/services/api/volumes/uploads/size", json!("6Gi"), "kubernetes"),
        ("/services/api/volumes/uploads/read_only", json!(true), "compose kubernetes"),
        ("/services/api/volumes/inbox/host", json!("/srv/inbox"), "compose"),
        ("/services/api/volumes/archive/external", json!("other-archive"), "compose kubernetes"),
        ("/services/api/files/~1etc~1shop~1logging.yaml/source", json!("config/other.yaml"), "compose scripts"),
        ("/services/api/files/~1etc~1shop~1run.sh/text", json!("echo other"), "compose kubernetes"),
        ("/services/api/files/~1etc~1shop~1run.sh/mode", json!("0644"), "compose kubernetes"),
        ("/services/api/stop_grace", json!("46s"), "compose kubernetes"),
        ("/backing_services/cache/kind", json!("postgres"), "compose dotenv kubernetes scripts"),
        ("/backing_services/warehouse/host", json!("192.0.2.9"), "dotenv kubernetes scripts"),
        ("/backing_services/warehouse/port", json!(5434), "dotenv kubernetes scripts"),
        ("/backing_services/warehouse/tls", json!(true), "dotenv scripts"),
        ("/backing_services/database/version", json!("18"), "compose kubernetes scripts"),
        ("/backing_services/database/database", json!("other"), "compose dotenv kubernetes scripts"),
        ("/backing_services/database/user", json!("other"), "compose dotenv kubernetes scripts"),
        ("/backing_services/database/storage", json!("30Gi"), "compose kubernetes scripts"),
        ("/backing_services/database/max_connections", json!(150), "compose kubernetes"),
        ("/backing_services/database/resources/requests/cpu", json!("600m"), "compose kubernetes"),
        ("/backing_services/database/resources/requests/memory", json!("600Mi"), "compose kubernetes"),
        ("/backing_services/database/resources/limits/cpu", json!(2), "compose kubernetes scripts"),
        ("/backing_services/database/resources/limits/memory", json!("2Gi"), "compose kubernetes scripts"),
        ("/backing_services/database/publish/port", json!(5433), "compose scripts"),
        ("/backing_services/database/publish/address", json!("127.0.0.2"), "compose scripts"),
        ("/backing_services/cache/version", json!("8"), "compose kubernetes scripts"),
        ("/backing_services/cache/max_memory", json!("100Mi"), "compose kubernetes"),
        ("/backing_services/cache/eviction", json!("noeviction"), "compose kubernetes"),
        ("/backing_services/cache/persistence", json!("snapshot"), "compose kubernetes"),
        ("/backing_services/cache/storage", json!("3Gi"), "kubernetes scripts"),
        ("/backing_services/database/settings/log_min_duration_statement", json!("1s"), "compose kubernetes"),
        ("/backing_services/database/extensions/0", json!("citext"), "compose kubernetes"),
        ("/backing_services/database/databases/reports/user", json!("other"), "compose dotenv kubernetes scripts"),
        ("/backing_services/database/databases/reports/extensions/0", json!("citext"), "compose kubernetes"),
        ("/backing_services/cache/user_id", json!("1001:1001"), "compose kubernetes scripts"),
        ("/services/api/env/QUEUE_URL/scheme", json!("amqp+ssl"), "compose dotenv kubernetes scripts"),
        ("/services/api/env/QUEUE_URL/path", json!("others"), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/env/LEDGER_URL/scheme", json!("postgresql+asyncpg"), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/env/LEDGER_URL/path", json!("facts?ssl=require"), "compose dotenv kubernetes scripts"),
        ("/env_groups/common/CACHE_URL/scheme", json!("redis"), "compose dotenv kubernetes scripts"),
        ("/env_groups/common/CACHE_URL/path", json!(2), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/image/name", json!("example/other"), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/image/tag", json!("5"), "compose kubernetes scripts"),
        ("/backing_services/queue/ports/console/port", json!(15673), "compose kubernetes"),
        ("/backing_services/queue/ports/console/protocol", json!("tcp"), "compose kubernetes scripts"),
        ("/backing_services/queue/ports/console/publish/port", json!(15673), "compose"),
        ("/backing_services/queue/ports/console/publish/address", json!("127.0.0.2"), "compose"),
        ("/backing_services/queue/files/~1etc~1queue~1queue.conf/source", json!("config/other.conf"), "compose scripts"),
        ("/backing_services/queue/files/~1etc~1queue~1more.sh/text", json!("echo less\n"), "compose kubernetes"),
        ("/backing_services/queue/files/~1etc~1queue~1more.sh/mode", json!("0644"), "compose kubernetes"),
        ("/backing_services/queue/url/scheme", json!("amqps"), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/url/user", json!("other"), "dotenv scripts"),
        ("/backing_services/queue/url/password", json!("OTHER_PASSWORD"), "dotenv scripts"),
        ("/backing_services/queue/url/path", json!("other"), "dotenv scripts"),
        ("/backing_services/queue/entrypoint/1", json!("run"), "compose kubernetes"),
        ("/backing_services/queue/command/1", json!("--loud"), "compose kubernetes"),
        ("/backing_services/queue/health/ready", json!("/healthz"), "kubernetes"),
        ("/backing_services/queue/health/live", json!("/alive"), "kubernetes"),
        ("/backing_services/queue/health/command/1", json!("look"), "compose"),
        ("/backing_services/queue/health/port", json!(5673), "kubernetes"),
        ("/backing_services/queue/health/headers/Host", json!("other.example.com"), "kubernetes"),
        ("/backing_services/vectors/health/grpc/service", json!("vectors.v2.Search"), "kubernetes"),
        ("/backing_services/relay-mail/health/tcp", json!(false), ""),
        ("/backing_services/queue/health/interval", json!("21s"), "compose kubernetes"),
        ("/backing_services/queue/health/timeout", json!("8s"), "compose kubernetes"),
        ("/backing_services/queue/health/retries", json!(7), "compose kubernetes"),
        ("/backing_services/queue/health/start_period", json!("3m"), "compose kubernetes scripts"),
        ("/backing_services/queue/env/NODE", json!("other"), "compose kubernetes"),
        ("/backing_services/queue/env/LEDGER_URL/from", json!("cache.url"), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/env/LEDGER_URL/deliver", json!("file"), "compose kubernetes scripts"),
        ("/backing_services/queue/env/DEPTH/param/description", json!("How few."), "dotenv"),
        ("/backing_services/queue/env/DEPTH/param/section", json!("Other"), "dotenv"),
        ("/backing_services/queue/env/DEPTH/param/default", json!(4), "compose dotenv kubernetes"),
        ("/backing_services/queue/env/HOME_URL/param/format", json!("text"), "dotenv scripts"),
        ("/backing_services/queue/env/DEPTH/param/one_of/0", json!(5), "dotenv scripts"),
        ("/backing_services/queue/env/DEPTH/param/min", json!(0), "scripts"),
        ("/backing_services/queue/env/DEPTH/param/max", json!(8), "scripts"),
        ("/backing_services/queue/env/DEPTH/param/required", json!(true), "compose dotenv kubernetes scripts"),
        ("/backing_services/queue/secrets/QUEUE_PASSWORD/as", json!("PASS"), "compose kubernetes"),
        ("/backing_services/queue/volumes/data/path", json!("/data"), "compose kubernetes"),
        ("/backing_services/queue/volumes/data/size", json!("4Gi"), "kubernetes scripts"),
        ("/backing_services/queue/tmpfs/~1run~1queue", json!("9Mi"), "compose kubernetes"),
        ("/backing_services/queue/read_only", json!(false), "compose kubernetes"),
        ("/backing_services/queue/shared_memory", json!("97Mi"), "compose kubernetes"),
        ("/backing_services/queue/depends_on/cache", json!("started"), "compose"),
        ("/backing_services/queue/egress/0", json!("192.0.2.9:5671"), "kubernetes"),
        ("/backing_services/queue/stop_grace", json!("31s"), "compose kubernetes scripts"),
        ("/edge/hosts/shop.example.com/routes/~1/service", json!("socket"), "compose kubernetes nginx scripts"),
        ("/edge/hosts/shop.example.com/routes/~1ws/websocket", json!(false), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1login/body_size", json!("9m"), "compose kubernetes nginx scripts"),
        ("/edge/hosts/shop.example.com/routes/~1login/rate_limit/rate", json!("6/m"), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1login/rate_limit/burst", json!(9), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1login/timeout", json!("2m"), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1stats/port", json!("admin"), "kubernetes nginx scripts"),
        ("/edge/hosts/shop.example.com/routes/~1stats/grpc", json!(false), "kubernetes nginx scripts"),
        ("/edge/hosts/shop.example.com/routes/~1static/files", json!("app/files"), "compose scripts"),
        ("/edge/hosts/shop.example.com/routes/~1static/cache", json!("8d"), "nginx"),
        ("/edge/hosts/shop.example.com/routes/~1feed/match", json!("prefix"), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1below/strip_prefix", json!(false), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1feed/streaming", json!(false), "kubernetes nginx"),
        ("/edge/hosts/shop.example.com/routes/~1static/fallback", json!("404.html"), "nginx"),
        ("/edge/hosts/shop.example.com/routes/~1media/volume", json!("media"), "compose"),
        ("/edge/hosts/shop.example.com/routes/~1old/redirect", json!("/newer"), "nginx"),
        ("/edge/hosts/shop.example.com/routes/~1old/permanent", json!(true), "nginx"),
        ("/edge/tls/kind", json!("none"), "compose dotenv kubernetes nginx scripts"),
        ("/edge/tls/email", json!("dev@example.com"), "compose"),
        ("/edge/tls/directory", json!("https://other.example.com/directory"), "compose"),
        ("/edge/tls/ca", json!("app/other.pem"), "compose"),
        ("/edge/body_size", json!("5m"), "kubernetes nginx"),
        ("/backing_services/database/backup", json!("weekly"), "compose kubernetes scripts"),
        ("/backups/nightly/schedule", json!("30 4 * * *"), "compose kubernetes scripts"),
        ("/backups/nightly/keep", json!(8), "compose kubernetes"),
        ("/backups/nightly/destination/size", json!("31Gi"), "kubernetes"),
        ("/backups/weekly/destination/external", json!("other-backups"), "compose kubernetes"),
        ("/edge/rate_limit/rate", json!("60/s"), "kubernetes nginx"),
        ("/edge/rate_limit/burst", json!(180), "kubernetes nginx"),
        ("/edge/timeout", json!("55s"), "kubernetes nginx scripts"),
        ("/edge/hsts", json!("30d"), "nginx"),
        ("/edge/trusted_proxies/0", json!("192.168.0.0/16"), "nginx"),
        ("/env_groups/common/TZ", json!("Europe/Zurich"), "compose kubernetes scripts"),
        ("/env_groups/common/PUBLIC_URL/from", json!("edge.host"), "compose kubernetes scripts"),
        ("/env_groups/common/LEVEL/param/description", json!("How little is said."), "dotenv"),
        ("/env_groups/common/LEVEL/param/section", json!("Reports"), "dotenv scripts"),
        ("/env_groups/common/LEVEL/param/default", json!(4), "compose dotenv kubernetes scripts"),
        ("/env_groups/common/SHOP_URL/param/format", json!("text"), "dotenv scripts"),
        ("/env_groups/common/LEVEL/param/one_of/0", json!(5), "dotenv scripts"),
        ("/env_groups/common/LEVEL/param/min", json!(0), "scripts"),
        ("/env_groups/common/LEVEL/param/max", json!(8), "scripts"),
        ("/env_groups/common/LEVEL/param/required", json!(true), "compose dotenv kubernetes scripts"),
        ("/env_groups/common/CACHE_URL/deliver", json!("env"), "compose kubernetes scripts"),
        ("/secrets/KEY/description", json!("Signs tokens."), "dotenv"),
        ("/secrets/KEY/section", json!("Cookies"), "dotenv"),
        ("/secrets/SENTRY_DSN/format", json!("text"), "dotenv scripts"),
        ("/secrets/KEY/generate/kind", json!("hex"), "dotenv"),
        ("/secrets/KEY/generate/length", json!(64), "dotenv"),
        ("/secrets/QUEUE_PASSWORD/generate/bytes", json!(64), "dotenv scripts"),
        ("/secrets/KEY/min_length", json!(33), "dotenv scripts"),
        ("/secrets/KEY/required", json!(false), "dotenv kubernetes scripts"),
        ("/secrets/KEY/source", json!("external"), "dotenv scripts"),
        ("/secrets/KEY/deliver", json!("env"), "compose kubernetes scripts"),
        ("/observability/logs/driver", json!("json-file"), "compose"),
        ("/observability/logs/options/compress", json!("true"), "compose"),
        ("/observability/logs/max_size", json!("30m"), "compose"),
        ("/observability/logs/max_file", json!(4), "compose"),
        ("/observability/errors/sentry/services/0", json!("socket"), "compose dotenv kubernetes scripts"),
        ("/targets/docker", Value::Null, "refused"),
        ("/targets/compose/address", json!("192.0.2.2"), "compose scripts"),
        ("/targets/compose/http_port", json!(8081), "compose dotenv scripts"),
        ("/targets/compose/https_port", json!(8444), "compose dotenv scripts"),
        ("/targets/nginx/version", json!("1.26"), "compose nginx scripts"),
        ("/targets/kubernetes/namespace", json!("other"), "kubernetes scripts"),
        ("/targets/kubernetes/ingress_class", json!("private"), "kubernetes"),
        ("/targets/kubernetes/ingress_controller", json!("other"), "kubernetes"),
        ("/targets/kubernetes/gateway/name", json!("private"), "kubernetes"),
        ("/targets/kubernetes/gateway/namespace", json!("others"), "kubernetes"),
        ("/targets/kubernetes/gateway/listener", json!("other"), "kubernetes"),
        ("/targets/kubernetes/edge_namespace", json!("others"), "kubernetes"),
        ("/targets/kubernetes/edge_addresses/0", json!("192.0.2.128/26"), "kubernetes"),
        ("/targets/kubernetes/metrics_namespace", json!("others"), "kubernetes"),
        ("/targets/kubernetes/dns/namespace", json!("others"), "kubernetes"),
        ("/targets/kubernetes/dns/port", json!(5354), "kubernetes"),
        ("/targets/kubernetes/dns/addresses/0", json!("192.0.2.54/32"), "kubernetes"),
        ("/targets/kubernetes/cloud_identities", json!(true), "kubernetes"),
        ("/backing_services/warehouse/addresses/0", json!("192.0.2.32/28"), "kubernetes"),
        ("/targets/kubernetes/external_secrets/store", json!("other"), "kubernetes"),
        ("/targets/kubernetes/external_secrets/kind", json!("cluster"), "kubernetes"),
        ("/targets/kubernetes/external_secrets/key", json!("shop/other"), "kubernetes"),
        ("/targets/kubernetes/storage_class", json!("slow"), "kubernetes"),
        ("/targets/kubernetes/network_policies", json!(false), "kubernetes"),
        ("/targets/kubernetes/disruption_budgets", json!(false), "kubernetes"),
        ("/backing_services/ledger/volume", json!("other-ledger"), "compose kubernetes"),
        ("/backing_services/sessions/volume", json!("other-sessions"), "compose kubernetes"),
        ("/backing_services/queue/volumes/plugins/external", json!("other-plugins"), "compose kubernetes"),
        ("/targets/kubernetes/quotas", json!(false), "kubernetes"),
        ("/targets/kubernetes/labels/team", json!("others"), "kubernetes scripts"),
        ("/targets/kubernetes/annotations/example.com~1owner", json!("others"), "kubernetes scripts"),
        ("/targets/kubernetes/existing_secret", json!("other-values"), "kubernetes"),
        ("/targets/dotenv", Value::Null, "dotenv scripts"),
        ("/output/dir", json!("elsewhere"), "compose scripts"),
        ("/targets/kubernetes/cluster_issuer", json!("staging"), "kubernetes"),
    ]
}

/// What else has to be different, so that both values make sense.
fn adapt(profile: &mut Value, pointer: &str) {
    match pointer {
        "/services/worker/kind" => {
            let worker = profile["services"]["worker"].as_object_mut().expect("a map");
            drop((worker.shift_remove("health"), worker.shift_remove("singleton")));
        }
        "/services/nightly/like" => drop(profile["services"]["nightly"].as_object_mut().expect("a map").shift_remove("without")),
        "/services/socket/run/server" => drop(profile["services"]["socket"]["run"].as_object_mut().expect("a map").shift_remove("reload")),
        // The rest of the map is another kind's, and so is the issuer.
        "/edge/tls/kind" => {
            profile["edge"]["tls"] = json!({"kind": "files"});
            drop(profile["edge"].as_object_mut().expect("a map").shift_remove("hsts"));
            drop(profile["targets"]["kubernetes"].as_object_mut().expect("a map").shift_remove("cluster_issuer"));
        }
        "/services/api/env_from/0" => profile["env_groups"]["other"] = json!({"OTHER": "1"}),
        "/env_groups/common/LEVEL/param/required" => {
            drop(profile["env_groups"]["common"]["LEVEL"]["param"].as_object_mut().expect("a map").shift_remove("default"));
        }
        "/services/api/env/REPORT_TO/param/required" => {
            drop(profile["services"]["api"]["env"]["REPORT_TO"]["param"].as_object_mut().expect("a map").shift_remove("default"));
        }
        "/backing_services/queue/url/password" => {
            profile["backing_services"]["queue"]["secrets"]["OTHER_PASSWORD"] = json!({});
            profile["secrets"]["OTHER_PASSWORD"] = json!({});
        }
        "/backing_services/queue/env/DEPTH/param/required" => {
            drop(profile["backing_services"]["queue"]["env"]["DEPTH"]["param"].as_object_mut().expect("a map").shift_remove("default"));
        }
        "/secrets/KEY/source" => drop(profile["secrets"]["KEY"].as_object_mut().expect("a map").shift_remove("generate")),
        // A cluster goes by the addresses, where they are known.
        "/backing_services/warehouse/host" => drop(profile["backing_services"]["warehouse"].as_object_mut().expect("a map").shift_remove("addresses")),
        // Only one supplies the values.
        "/targets/kubernetes/existing_secret" => {
            let target = profile["targets"]["kubernetes"].as_object_mut().expect("a map");
            target.shift_remove("external_secrets");
            target.insert("existing_secret".into(), json!("shop-values"));
        }
        // In place of an Ingress.
        _ if pointer.starts_with("/targets/kubernetes/gateway/") => {
            let target = profile["targets"]["kubernetes"].as_object_mut().expect("a map");
            drop((target.shift_remove("ingress_class"), target.shift_remove("ingress_controller"), target.shift_remove("cluster_issuer")));
            target.insert("gateway".into(), json!({"name": "public", "namespace": "gateways", "listener": "https"}));
        }
        // The digest is that of the other version's image.
        "/backing_services/database/version" => drop(profile.as_object_mut().expect("a map").shift_remove("digests")),
        // The rest of the map is another kind's.
        "/backing_services/cache/kind" => {
            let kind = profile["backing_services"]["cache"]["kind"].clone();
            profile["backing_services"]["cache"] = json!({"kind": kind, "version": "17"});
        }
        _ => {}
    }
}

fn everything() -> Value {
    document(&text_of("tests/support/everything.yaml"))
}

fn rendered(renderer: &mut Renderer, profile: &Value) -> Result<Files, String> {
    renderer.render(&yaml_of(profile)).map_err(|errors| errors.iter().map(|error| format!("{error:?}")).collect::<Vec<_>>().join("\n"))
}

/// The targets whose files differ.
fn touched(before: &Files, after: &Files) -> String {
    let target = |path: &str| match path {
        _ if path.starts_with("k8s/") => "kubernetes",
        _ if path.starts_with("scripts/") => "scripts",
        _ if path.starts_with("nginx/") => "nginx",
        _ if path.starts_with("Dockerfile") => "docker",
        _ if path.starts_with("docker-compose") || path.starts_with("files/") => "compose",
        _ => "dotenv",
    };
    let differ = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).map(|path| target(path));
    differ.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_key_changes_a_file() {
    let mut renderer = Renderer::new();
    let unchanged = rendered(&mut renderer, &everything()).unwrap_or_else(|errors| panic!("{errors}"));
    let mut failures = Vec::new();
    for (pointer, value, targets) in changes() {
        let mut profile = everything();
        adapt(&mut profile, pointer);
        let before =
            if profile == everything() { unchanged.clone() } else { rendered(&mut renderer, &profile).unwrap_or_else(|errors| panic!("{pointer}: {errors}")) };
        let old = profile.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in everything.yaml"));
        assert_ne!(*old, value, "{pointer}");
        if value.is_null() {
            let (above, key) = pointer.rsplit_once('/').expect("a key");
            profile.pointer_mut(above).and_then(Value::as_object_mut).expect("a map").shift_remove(key);
        } else {
            *old = value.clone();
        }
        match rendered(&mut renderer, &profile) {
            Ok(after) if touched(&before, &after) == targets => {}
            Ok(after) => failures.push(format!("{pointer}: {value} changes `{}`, not `{targets}`", touched(&before, &after))),
            // What is built without it would come to nothing: that is its effect.
            Err(errors) if targets == "refused" && errors.contains("`api` is built, but Dockerfiles are no target here") => {}
            Err(errors) => failures.push(format!("{pointer}: {value} is refused: {errors}")),
        }
    }
    assert_none(&failures);
}

#[test]
fn each_key_of_the_schema_is_among_them() {
    let schema = infragen::profile::schema::published();
    let mut keys = BTreeSet::new();
    leaves(&schema, "", &mut |path, _| keys.extend([path.to_owned()]));
    let mut changed: BTreeSet<String> = changes().iter().map(|(pointer, ..)| normal(&schema, pointer)).collect();
    changed.extend(OTHERS.map(str::to_owned));
    let missing: Vec<&String> = keys.difference(&changed).collect();
    assert!(missing.is_empty() && keys.len() > 80, "no change of these keys is tried: {missing:?}");
    let unknown: Vec<&String> = changed.difference(&keys).collect();
    assert!(unknown.is_empty(), "these are no keys: {unknown:?}");
}

/// `UPDATE=1 cargo test --test every_key` writes the page, after a change of the list above.
#[test]
fn the_page_has_what_is_measured() {
    let schema = infragen::profile::schema::published();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (pointer, _, targets) in changes().into_iter().filter(|(.., targets)| *targets != "refused") {
        keys.entry(normal(&schema, pointer)).or_default().extend(targets.split(' ').map(str::to_owned));
    }
    compare("docs/capabilities.md", &capabilities::page(&keys, &OTHERS)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(capabilities::forgotten(text_of), [""; 0], "rules that look at targets: tests/support/capabilities.rs says which of them are on the page");
}

/// What is written stands where it is written; what is left out and has a default is a default with a reason.
#[test]
fn every_value_keeps_its_origin() {
    let mut renderer = Renderer::new();
    let stack = renderer.stack(&yaml_of(&everything())).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut defaults: BTreeSet<String> = BTreeSet::new();
    let schema = infragen::profile::schema::published();
    leaves(&schema, "", &mut |path, schema| {
        if schema["description"].as_str().is_some_and(|text| text.contains("Default: ") && !text.contains("Default: none")) {
            defaults.insert(path.to_owned());
        }
    });
    let (mut failures, mut tried) = (Vec::new(), BTreeSet::new());
    let mut pointers = Vec::new();
    scalars(&everything(), "", &mut pointers);
    for pointer in pointers {
        let path = key_path(&pointer);
        if !matches!(stack.origins.get(&path), Some(Origin::Written(_))) {
            failures.push(format!("{path} is written, but its origin is {:?}", stack.origins.get(&path)));
        }
        let key = normal(&schema, &pointer);
        if !defaults.contains(&key) {
            continue;
        }
        let mut profile = everything();
        let (above, last) = pointer.rsplit_once('/').expect("a key");
        profile.pointer_mut(above).and_then(Value::as_object_mut).expect("a map").shift_remove(&last.replace("~1", "/"));
        // Another part of the profile may need it; then the key is tried elsewhere.
        let Ok(stack) = renderer.stack(&yaml_of(&profile)) else { continue };
        match stack.origins.get(&path) {
            Some(Origin::Default { value, reason }) if !value.is_empty() && !reason.is_empty() => drop(tried.insert(key)),
            other => failures.push(format!("{path} is left out, but its origin is {other:?}")),
        }
    }
    defaults.retain(|key| !OTHERS.contains(&key.as_str()));
    failures.extend(defaults.difference(&tried).map(|key| format!("the default of {key} was never taken")));
    assert_none(&failures);
}

/// Pointers to everything that is no map and no list.
fn scalars(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, child)| scalars(child, &format!("{pointer}/{}", name.replace('/', "~1")), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(at, child)| scalars(child, &format!("{pointer}/{at}"), found)),
        _ => found.push(pointer.to_owned()),
    }
}

fn key_path(pointer: &str) -> KeyPath {
    pointer.split('/').skip(1).fold(KeyPath::root(), |path, part| match part.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.key(part.replace("~1", "/")),
    })
}

/// The keys that hold a value of their own: `services.*.port`. A key with one choice cannot be changed.
fn leaves(schema: &Value, path: &str, found: &mut dyn FnMut(&str, &Value)) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, child) in schema["properties"].as_object().into_iter().flatten().filter(|(_, child)| **child != json!({})) {
        leaves(child, &join(name), found);
    }
    for variant in schema["allOf"].as_array().into_iter().flatten() {
        leaves(&variant["then"], path, found);
    }
    if schema["additionalProperties"].is_object() {
        leaves(&schema["additionalProperties"], &join("*"), found);
    }
    if schema["items"].is_object() {
        leaves(&schema["items"], &format!("{path}[]"), found);
    }
    let is_choice_of_one = !schema["const"].is_null() || (schema["enum"].as_array().is_some_and(|choices| choices.len() == 1) && path != "version");
    let has_keys =
        schema["properties"].as_object().is_some_and(|keys| !keys.is_empty()) || schema["additionalProperties"].is_object() || schema["items"].is_object();
    let is_scalar = schema["type"].is_array() || !has_keys;
    if is_scalar && !is_choice_of_one && schema["then"].is_null() && schema.get("type").is_some() {
        found(path, schema);
    }
}

/// A pointer as the path of its key: names of maps become `*`, places in lists `[]`.
fn normal(schema: &Value, pointer: &str) -> String {
    let (mut at, mut path) = (vec![schema], String::new());
    for part in pointer.split('/').skip(1) {
        let variants: Vec<&Value> = at.iter().flat_map(|schema| schema["allOf"].as_array().into_iter().flatten()).map(|variant| &variant["then"]).collect();
        at.extend(variants);
        let named: Vec<&Value> = at.iter().filter_map(|schema| schema["properties"].get(part)).collect();
        let items: Vec<&Value> = at.iter().filter_map(|schema| schema.get("items")).collect();
        if named.is_empty() && !items.is_empty() {
            path.push_str("[]");
            at = items;
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(if named.is_empty() { "*" } else { part });
        at = if named.is_empty() { at.iter().filter_map(|schema| schema.get("additionalProperties")).collect() } else { named };
    }
    path
}

/// Keys that no file of a profile with these targets says, and no finding speaks of: each with its reason.
const SILENT: [(&str, &str); 11] = [
    ("/services/api/egress/0", "on one host, egress opens the way out as a whole"),
    ("/backing_services/queue/egress/0", "on one host, egress opens the way out as a whole"),
    ("/services/api/depends_on/database", "a pod waits for nobody; that it depends on the other is in the network policies"),
    ("/backing_services/queue/depends_on/cache", "a pod waits for nobody; that it depends on the other is in the network policies"),
    ("/backing_services/queue/health/ready", "the engine asks the same by `command`; without one there is a finding"),
    ("/backing_services/queue/health/command/1", "the kubelet asks the same by `ready`"),
    ("/services/relay/health/tcp", "`false` is as if it were not there"),
    ("/backing_services/relay-mail/health/tcp", "`false` is as if it were not there"),
    ("/edge/hosts/shop.example.com/routes/~1static/cache", "the route is spoken of, at its `files`"),
    ("/edge/hosts/shop.example.com/routes/~1static/fallback", "the route is spoken of, at its `files`"),
    ("/edge/hosts/shop.example.com/routes/~1old/permanent", "the route is spoken of, at its `redirect`"),
];

/// A key that a profile's targets do not say is spoken of by a finding: nothing that is written is ignored.
#[test]
fn what_no_file_says_is_a_finding() {
    let mut renderer = Renderer::new();
    let today = infragen::values::Date::from(jiff::civil::date(2026, 1, 1));
    let mut failures = Vec::new();
    let mut silent: BTreeSet<&str> = SILENT.iter().map(|(pointer, _)| *pointer).collect();
    for names in [&["docker", "compose", "nginx", "dotenv", "scripts"][..], &["docker", "kubernetes", "dotenv", "scripts"]] {
        let mut profile = everything();
        profile["targets"].as_object_mut().expect("a map").retain(|name, _| names.contains(&name.as_str()));
        let stack = renderer.stack(&yaml_of(&profile)).unwrap_or_else(|errors| panic!("{names:?}: {errors:?}"));
        let found = infragen::rules::check(&stack, infragen::rules::Surroundings { today, exists: &|_| true, names: &|_| Vec::new(), text: &|_| None });
        let are_said = |targets: &str| targets == "refused" || targets.split(' ').any(|target| names.contains(&target));
        for (pointer, ..) in changes().into_iter().filter(|(pointer, _, targets)| !are_said(targets) && profile.pointer(pointer).is_some()) {
            let steps: Vec<String> = pointer[1..].split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
            // One about a whole service does not count.
            let speaks_of = |path: &KeyPath| {
                (path.0.len() > 2 || path.0.len() + 1 >= steps.len()) && path.0.iter().zip(&steps).all(|(segment, step)| segment.to_string() == *step)
            };
            if !found.iter().filter_map(|finding| finding.path.as_ref()).any(speaks_of) && !silent.remove(pointer) {
                failures.push(format!("with {names:?} nothing speaks of {pointer}"));
            }
        }
    }
    failures.extend(silent.into_iter().map(|pointer| format!("{pointer} is spoken of")));
    assert_none(&failures);
}
