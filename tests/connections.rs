//! Connections to PostgreSQL are counted as processes will open them.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::Renderer;
use support::assert_none;

/// A profile with one service, in this kind of environment, with these keys.
fn profile(environment: &str, keys: &str) -> String {
    format!(
        "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: {environment}}}\nservices:\n  api:\n    kind: web\n    image: {{name: example/api, tag: '1'}}\n    \
         build: {{runtime: python, version: '3.12'}}\n    port: 8000\n    {keys}\nbacking_services:\n  database: {{kind: postgres, version: '17'}}\n\
         targets: {{compose: {{}}, docker: {{}}}}\n"
    )
}

const GUNICORN: &str = "run: {server: gunicorn, app: 'app:app'}\n    ";
const URL: &str = "env: {URL: {from: database.url}}\n    ";

#[test]
fn each_process_of_each_release_counts() {
    let limits = |cpu: &str, memory: &str| format!("resources: {{limits: {{cpu: {cpu}, memory: {memory}}}}}\n    ");
    let cases = [
        ("two workers at least", format!("{GUNICORN}{URL}pools: {{database: 5}}"), (1, 2, 2, 5)),
        ("as many as CPUs", format!("{GUNICORN}{URL}{}", limits("3500m", "4Gi")), (1, 2, 4, 15)),
        ("as many as memory carries", format!("{GUNICORN}{URL}{}", limits("8", "512Mi")), (1, 2, 4, 15)),
        ("as many as the profile says", format!("run: {{server: gunicorn, app: 'app:app', workers: 3}}\n    replicas: 2\n    {URL}"), (2, 2, 3, 15)),
        ("as many as a variable says", format!("{GUNICORN}env: {{HOST: {{from: database.host}}, WEB_CONCURRENCY: 7}}"), (1, 2, 7, 15)),
        ("a command is one", format!("command: [serve]\n    {URL}"), (1, 2, 1, 15)),
        ("a dependency is enough", format!("{GUNICORN}depends_on: {{database: healthy}}"), (1, 2, 2, 15)),
    ];
    let mut renderer = Renderer::new();
    let mut failures = Vec::new();
    for (about, keys, expected) in cases {
        for (environment, releases) in [("production", expected.1), ("development", 1)] {
            let stack = renderer.stack(&profile(environment, &keys)).unwrap_or_else(|errors| panic!("{about}: {errors:?}"));
            let connections = stack.backing_services[0].connections.clone().expect("it is PostgreSQL");
            let demand = &connections.demands[0];
            let found = (demand.replicas, demand.releases, demand.processes, demand.pool);
            let wanted = expected.0 * releases * expected.2 * expected.3 + 3;
            let spare = connections.limit.is_some_and(|limit| (wanted + 10..wanted + 20).contains(&limit));
            if found != (expected.0, releases, expected.2, expected.3) || connections.wanted() != wanted || !spare {
                failures.push(format!("{about}, {environment}: {found:?}, {} of {:?}", connections.wanted(), connections.limit));
            }
        }
    }
    assert_none(&failures);
}

/// A server's env file may ask for more workers, but not for more than the database takes on.
#[test]
fn workers_of_the_env_file_stay_within_the_connections() {
    let mut renderer = Renderer::new();
    let mut most = |keys: &str, database: &str| {
        let text = profile("production", keys).replace("version: '17'}", &format!("version: '17'{database}}}"));
        let stack = renderer.stack(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
        stack.parameter("API_WORKERS").expect("workers are a parameter").expected.max
    };
    let pool = format!("{GUNICORN}{URL}pools: {{database: 5}}");
    // 2 releases x 5 for each worker, and 3 of the superuser.
    assert_eq!(most(&pool, ", max_connections: 102"), Some(9));
    assert_eq!(most(&pool, ", max_connections: 103"), Some(10));
    // Too few already, as `too-few-connections` says: what the profile counts with stays allowed.
    assert_eq!(most(&pool, ", max_connections: 12"), Some(2));
    assert_eq!(most(GUNICORN.trim_end(), ""), None, "without a database");
    // Nobody said how many a managed server takes.
    let managed = |rest: &str| format!(", mode: managed, host: db.example.com, database: shop, user: shop{rest}");
    let text = profile("production", &pool).replace("version: '17'}", &format!("{}}}", &managed("")[2..]));
    let stack = renderer.stack(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(stack.parameter("API_WORKERS").and_then(|known| known.expected.max), None);
}
