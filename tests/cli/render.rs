//! `render` writes what is new, leaves what is right or somebody's work, and says what it did.

use crate::support::{Project, SHOP};
use std::time::{Duration, SystemTime};

#[test]
fn it_writes_and_says_what() {
    let project = Project::shop();
    let outcome = project.run("render shop").status(0).quiet();
    let files: Vec<String> = project.tree("deploy/shop").into_keys().collect();
    assert!(files.contains(&".env.production.example".into()) && files.contains(&"k8s/web.yaml".into()), "{files:?}");
    for file in files.iter().filter(|file| *file != "infragen.lock") {
        assert!(outcome.stdout.contains(&format!("   created  deploy/shop/{file}\n")), "{file}: {outcome}");
    }
    assert!(outcome.stdout.ends_with(&format!("shop: {} created\n", files.len() - 1)), "{outcome}");
    assert!(!files.iter().any(|file| file.contains(".infragen-")), "no temporary file is left: {files:?}");
    assert_eq!(project.tree("").len(), files.len() + 1, "nothing else is written");
}

#[test]
fn what_is_right_is_not_written_again() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let files: Vec<_> = project.tree("deploy/shop").into_keys().map(|path| project.path("deploy/shop").join(path)).collect();
    for file in &files {
        std::fs::File::open(file).and_then(|open| open.set_modified(then)).expect("a time");
    }
    assert_eq!(project.run("render shop").status(0).quiet().stdout, "shop: 8 unchanged\n");
    for file in &files {
        assert_eq!(file.metadata().and_then(|about| about.modified()).expect("a time"), then, "{}", file.display());
    }
    // One changes: one is written, and the lock.
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.run("render shop").status(0).out("updated  deploy/shop/k8s/config.yaml");
    let is_new = |name: &str| project.path("deploy/shop").join(name).metadata().and_then(|about| about.modified()).expect("a time") != then;
    assert!(is_new("k8s/config.yaml") && is_new("infragen.lock") && !is_new("k8s/namespace.yaml") && !is_new(".env.production.example"));
}

#[test]
#[cfg(unix)]
fn files_keep_their_modes() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::shop();
    project.run("render shop").status(0);
    let mode = |path: &str| project.path(path).metadata().expect("it is there").permissions().mode() & 0o777;
    let compose = "deploy/shop/docker-compose.prod.yml";
    assert_eq!((mode(compose), mode("deploy/shop/infragen.lock")), (0o644, 0o644));
    std::fs::set_permissions(project.path(compose), PermissionsExt::from_mode(0o640)).expect("a mode");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.run("render shop").status(0).out("updated  deploy/shop/docker-compose.prod.yml");
    assert_eq!(mode(compose), 0o640);
}

#[test]
fn work_of_somebody_is_left_alone() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let compose = "deploy/shop/docker-compose.prod.yml";
    let edited = project.read(compose).replace("restart: unless-stopped", "restart: always");
    project.write(compose, &edited);
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project
        .run("render shop")
        .status(1)
        .out("left alone  deploy/shop/docker-compose.prod.yml")
        .out("updated  deploy/shop/k8s/config.yaml")
        .out("1 left alone")
        .err("--force");
    assert_eq!(project.read(compose), edited);
    project.run("render shop --force").status(0).out("updated  deploy/shop/docker-compose.prod.yml");
    assert!(project.read(compose).contains("restart: unless-stopped") && project.read(compose).contains("WARNING"));
    project.run("render shop").status(0).quiet();
}

#[test]
fn a_file_that_infragen_did_not_make_is_left_alone() {
    let project = Project::shop();
    project.write("deploy/shop/docker-compose.prod.yml", "services: {}\n").write("deploy/shop/notes.txt", "mine\n");
    project.run("render shop").status(1).out("left alone  deploy/shop/docker-compose.prod.yml").out("created  deploy/shop/k8s/web.yaml");
    assert_eq!(project.read("deploy/shop/docker-compose.prod.yml"), "services: {}\n");
    project.run("render shop").status(1).out("1 left alone");
    project.run("render shop --force").status(0);
    assert_ne!(project.read("deploy/shop/docker-compose.prod.yml"), "services: {}\n");
    assert_eq!(project.read("deploy/shop/notes.txt"), "mine\n", "a file that is not rendered is nobody's business");
    project.run("render shop --prune --force").status(0);
    assert_eq!(project.read("deploy/shop/notes.txt"), "mine\n");
}

#[test]
#[cfg(unix)]
fn a_link_is_replaced_and_never_followed() {
    let project = Project::shop();
    project.write("elsewhere", "mine\n").write("deploy/shop/keep", "");
    for name in ["docker-compose.prod.yml", "infragen.lock"] {
        std::os::unix::fs::symlink(project.path("elsewhere"), project.path("deploy/shop").join(name)).expect("a link");
    }
    project.run("render shop").status(1).out("left alone  deploy/shop/docker-compose.prod.yml");
    project.run("render shop --force").status(0);
    assert_eq!(project.read("elsewhere"), "mine\n");
    assert!(!project.path("deploy/shop/docker-compose.prod.yml").is_symlink() && !project.path("deploy/shop/infragen.lock").is_symlink());
}

#[test]
fn a_dry_run_writes_nothing_and_says_the_same() {
    let project = Project::shop();
    let dry = project.run("render shop --dry-run").status(0).quiet().stdout;
    assert!(!project.path("deploy").exists());
    assert_eq!(project.run("render shop").stdout, dry.replace(" (nothing was written)", ""));
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.write("deploy/shop/k8s/web.yaml", "mine\n");
    let before = project.tree("");
    for arguments in ["", " --force", " --prune --force"] {
        let expected = i32::from(arguments.is_empty());
        project.run(&format!("render shop --dry-run{arguments}")).status(expected).out("(nothing was written)");
        assert_eq!(project.tree(""), before, "{arguments}");
    }
}

#[test]
fn targets_and_patterns_choose_files() {
    let names = |arguments: &str| {
        let project = Project::shop();
        project.run(&format!("render shop {arguments}")).status(0).quiet();
        let files = project.tree("deploy/shop").into_keys().filter(|file| file != "infragen.lock");
        files.map(|file| file.trim_start_matches("k8s/").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("--target compose"), "docker-compose.prod.yml");
    assert_eq!(names("--target compose --target dotenv"), ".env.production.example .gitignore docker-compose.prod.yml");
    assert_eq!(names("--only k8s/w*"), "web.yaml");
    assert_eq!(names("--only *.yml --only k8s/config.yaml"), "docker-compose.prod.yml config.yaml");
    assert_eq!(names("--only *b* --target kubernetes"), "web.yaml");
}

#[test]
fn what_was_not_chosen_is_as_it_was() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.run("render shop --target compose").status(0).out("shop: 1 updated");
    let states = project.run("diff --format json").status(1).json();
    for file in states["profiles"][0]["files"].as_array().expect("files") {
        let expected = match file["path"].as_str() {
            Some("deploy/shop/k8s/config.yaml" | "deploy/shop/k8s/web.yaml") => "profile_changed",
            _ => "up_to_date",
        };
        assert_eq!(file["state"], expected, "{file}");
    }
    project.run("render shop").status(0);
    project.run("diff").status(0);
}

#[test]
fn stdout_gets_the_files_and_the_disk_nothing() {
    let project = Project::shop();
    let one = project.run("render shop --stdout --only k8s/web.yaml").status(0).quiet().stdout;
    let all = project.run("render shop --stdout").status(0).quiet().stdout;
    assert!(!project.path("deploy").exists());
    project.run("render shop").status(0);
    assert_eq!(one, project.read("deploy/shop/k8s/web.yaml"), "one file comes as it is");
    let mut expected = String::new();
    for (path, content) in project.tree("deploy/shop").into_iter().filter(|(path, _)| path != "infragen.lock") {
        expected += &format!("==> {path} <==\n{}", String::from_utf8(content).expect("text"));
    }
    assert_eq!(all, expected);
}

#[test]
fn several_profiles_are_rendered_or_none() {
    let project = Project::shop();
    project.write("profiles/other.yaml", SHOP).write("profiles/broken.yaml", SHOP.replace("port", "prt"));
    project.run("render shop broken other").status(2).err("error[unknown-key]").err("nothing was written");
    project.run("render shop nothing").status(2).err("error[unknown-profile]").err("nothing was written");
    assert!(!project.path("deploy").exists());
    project.run("render shop other").status(0).out("shop: 8 created").out("other: 8 created");
    // What makes both fail is reported for both.
    project.write("profiles/broken-2.yaml", SHOP.replace("kind: web", "kind: wob"));
    project.run("render broken broken-2").status(2).err("profiles/broken.yaml:").err("profiles/broken-2.yaml:");
}

#[test]
fn orphans_are_kept_until_they_are_pruned() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.edit("profiles/shop.yaml", ", dotenv: {}, kubernetes: {quotas: false}", "");
    project.run("render shop").status(0).out("orphan  deploy/shop/k8s/web.yaml").out("7 orphan").err("--prune");
    project.write("deploy/shop/k8s/config.yaml", "mine\n");
    project.run("render shop --prune").status(1).out("removed  deploy/shop/k8s/web.yaml").out("left alone  deploy/shop/k8s/config.yaml");
    let files: Vec<String> = project.tree("deploy/shop").into_keys().collect();
    assert_eq!(files, ["docker-compose.prod.yml", "infragen.lock", "k8s/config.yaml"]);
    assert_eq!(project.read("deploy/shop/k8s/config.yaml"), "mine\n");
}

/// Where reports go is known on the server only, so that the way out is wide: by one port on Kubernetes, by a network on one host.
#[test]
fn what_reports_errors_has_an_address_and_a_way_out() {
    let project = Project::shop();
    project.edit("profiles/shop.yaml", "    env:", "    depends_on: {cache: healthy}\n    env:");
    project.edit("profiles/shop.yaml", "targets:", "backing_services: {cache: {kind: redis, version: '7'}}\ntargets:");
    project.run("render shop").status(0);
    let before = project.tree("deploy/shop");
    assert!(project.read("deploy/shop/docker-compose.prod.yml").contains("\n    networks: [backend]\n"), "it stays inside");
    assert!(before.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("SENTRY")), "nobody asked for it");
    project.edit("profiles/shop.yaml", "targets:", "observability: {errors: {sentry: {services: [web]}}}\ntargets:");
    project.run("render shop").status(0);
    for (file, texts) in [
        (
            "docker-compose.prod.yml",
            &[
                "\n    networks: [backend, outside]\n",
                "SENTRY_DSN_FILE: /run/secrets/SENTRY_DSN",
                "SENTRY_ENVIRONMENT: production",
                "SENTRY_RELEASE: '${WEB_TAG:-1}'",
                "SENTRY_TRACES_SAMPLE_RATE: '${SENTRY_TRACES_SAMPLE_RATE:-0}'",
            ][..],
        ),
        ("k8s/network-policies.yaml", &["# the host that SENTRY_DSN names\n        - port: 443\n"]),
        ("k8s/config.yaml", &["SENTRY_DSN_FILE: /run/secrets/SENTRY_DSN", "SENTRY_RELEASE: '1'"]),
        (".env.production.example", &["# --- Monitoring ---", "\nSENTRY_DSN=\n", "\n# SENTRY_TRACES_SAMPLE_RATE=0\n", "a number from 0 to 1"]),
    ] {
        let text = project.read(&format!("deploy/shop/{file}"));
        for part in texts {
            assert!(text.contains(part), "{file} has no {part:?}\n{text}");
        }
    }
}

#[test]
fn nobody_waits_for_a_check_that_is_disabled() {
    let project = Project::empty();
    let worker = |more: &str| {
        format!(
            "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: development}}\nservices:\n  web:\n    kind: web\n    image: {{name: shop, tag: \"1\"}}\n    \
             port: 3000\n    build: {{dockerfile: Dockerfile}}\n    command: [puma]\n  worker: {{kind: worker, like: web, command: [sidekiq]{more}}}\ntargets: {{compose: {{}}, docker: {{}}}}\n"
        )
    };
    project.write("Dockerfile", "FROM ruby\n").write("profiles/shop.yaml", worker(""));
    // The web service keeps the check of its own image.
    let outcome = project.run("render shop --stdout").status(0);
    assert_eq!(outcome.stdout.matches("disable: true").count(), 1, "{outcome}");
    outcome.out("docker-compose.yml up --detach\n");
    project.write("profiles/shop.yaml", worker(", health: {command: [\"true\"]}"));
    let outcome = project.run("render shop --stdout").status(0);
    assert!(!outcome.stdout.contains("disable: true"), "{outcome}");
    outcome.out("docker-compose.yml up --detach --wait\n");
}
