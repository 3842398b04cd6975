//! `diff` tells each file's state, and how to settle it.

use crate::support::{Outcome, Project, SHOP};
use serde_json::{Value, json};

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const CONFIG: &str = "deploy/shop/k8s/config.yaml";

/// A rendered project.
fn rendered() -> Project {
    let project = Project::shop();
    project.run("render shop").status(0);
    project
}

/// A rendered project in a git work tree, with everything in the index.
fn committed() -> Project {
    let project = rendered();
    project.git("init --quiet").git("add --all");
    project
}

/// State, further states and fix of one file.
fn state(outcome: &Outcome, path: &str) -> (String, Vec<String>, Value) {
    let json = outcome.json();
    let file = json["profiles"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|profile| profile["files"].as_array().into_iter().flatten())
        .find(|file| file["path"] == path);
    let file = file.unwrap_or_else(|| panic!("{path} is not in {json:#}"));
    let also = file["also"].as_array().expect("a list").iter().map(|state| state.as_str().expect("text").to_owned()).collect();
    (file["state"].as_str().expect("text").to_owned(), also, file["fix"].clone())
}

#[test]
fn the_gate_in_a_work_tree() {
    let project = committed();
    assert_eq!(project.run("diff").status(0).quiet().stdout, "shop: 8 files up to date\n");
    project.run("diff shop --format json").status(0);
    // One byte.
    project.edit(COMPOSE, "unless-stopped", "unless-stoppeD");
    project.run("diff").status(1).quiet().out("shop: 1 of 8 files drifted");
    project.edit(COMPOSE, "unless-stoppeD", "unless-stopped");
    project.run("diff").status(0);
    // A broken profile: nothing could be compared.
    project.edit("profiles/shop.yaml", "port: 8080\n", "prt: 8080\n");
    project.run("diff").status(2).err("error[unknown-key]");
    assert_eq!(project.run("diff --format json").status(2).json()["profiles"], json!([]));
}

#[test]
fn the_json_has_the_documented_shape() {
    let project = rendered();
    project.write("profiles/other.yaml", SHOP);
    let json = project.run("diff --format json").status(1).quiet().json();
    let keys = |value: &Value| value.as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!((keys(&json), &json["version"]), ("version summary profiles errors".into(), &json!(1)));
    let profiles = json["profiles"].as_array().expect("a list");
    assert_eq!(profiles.iter().map(|profile| profile["name"].as_str().expect("text")).collect::<Vec<_>>(), ["other", "shop"]);
    for profile in profiles {
        assert_eq!(keys(profile), "name files");
        let files = profile["files"].as_array().expect("a list");
        let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().expect("text")).collect();
        assert!(paths.is_sorted() && paths.len() == 8, "{paths:?}");
        for file in files {
            assert_eq!(keys(file), "path state also fix");
            assert!(file["state"].is_string() && file["also"].is_array() && (file["fix"].is_string() || file["fix"].is_null()), "{file}");
            assert_eq!(file["fix"].is_null(), file["state"] == "up_to_date", "{file}");
        }
    }
    assert!(project.run("diff --format json").stdout.ends_with("}\n"));
}

#[test]
fn text_shows_what_differs() {
    let project = rendered();
    project.edit(COMPOSE, "unless-stopped", "always");
    let outcome = project
        .run("diff")
        .status(1)
        .out(&format!("{COMPOSE}  hand_edited   move the edit into the profile, or discard it: infragen render shop --only docker-compose.prod.yml --force\n"));
    assert!(outcome.stdout.contains("\n-    restart: always\n+    restart: unless-stopped\n"), "{outcome}");
    // A change that nobody can see is made visible.
    let text = project.read(CONFIG).replace('\n', "\r\n");
    project.write(CONFIG, text);
    project.run("diff").status(1).out("every line ends in CR LF");
    project.write(COMPOSE, project.read(COMPOSE).replace("always", "unless-stopped").trim_end());
    project.run("diff").status(1).out("\n\\ No newline at end of file\n");
}

/// A git that counts how often it is asked.
#[test]
#[cfg(unix)]
fn git_is_asked_once_for_each_work_tree() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::empty();
    for name in ["one", "two", "three"] {
        project.write(&format!("profiles/{name}.yaml"), SHOP);
        project.run(&format!("render {name}")).status(0);
    }
    project.git("init --quiet").git("add --all").git("rm --quiet --cached deploy/two/k8s/web.yaml");
    let bin = tempfile::tempdir().expect("a temporary folder");
    let path = std::env::var("PATH").expect("a path");
    std::fs::write(bin.path().join("git"), format!("#!/bin/sh\necho asked >>'{}/log'\nPATH='{path}' exec git \"$@\"\n", bin.path().display())).expect("a file");
    std::fs::set_permissions(bin.path().join("git"), PermissionsExt::from_mode(0o755)).expect("a mode");
    let outcome = crate::support::outcome(project.command("diff").env("PATH", format!("{}:{path}", bin.path().display()))).status(1).quiet();
    assert!(outcome.stdout.contains("deploy/two/k8s/web.yaml  untracked") && outcome.stdout.contains("two: 1 of 8 files"), "{outcome}");
    assert!(outcome.stdout.contains("one: 8 files up to date") && outcome.stdout.contains("three: 8 files up to date"), "{outcome}");
    // Once for what it has, and once for whether it ignores what it has not.
    assert_eq!(std::fs::read_to_string(bin.path().join("log")).expect("it was asked"), "asked\nasked\n");
    project.git("add --all");
    crate::support::outcome(project.command("diff").env("PATH", format!("{}:{path}", bin.path().display()))).status(0);
    assert_eq!(std::fs::read_to_string(bin.path().join("log")).expect("it was asked").lines().count(), 3);
}

#[test]
fn each_state_has_its_cause_and_its_fix() {
    let project = rendered();
    let path = |name: &str| format!("deploy/shop/k8s/{name}.yaml");
    let (web, ours) = (path("web"), path("namespace"));
    // Orphans: rendered once, and no longer.
    project.edit("profiles/shop.yaml", ", dotenv: {}", "");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    std::fs::remove_file(project.path(&web)).expect("it is there");
    project.edit(COMPOSE, "unless-stopped", "always");
    project.edit(&ours, "kind: Namespace", "kind: Namespac");
    let outcome = project.run("diff --format json").status(1).quiet();
    let render = "infragen render shop";
    let expected = [
        ("deploy/shop/.env.production.example", "orphan", format!("{render} --prune")),
        (COMPOSE, "conflict", format!("{render} --only docker-compose.prod.yml --force")),
        (CONFIG, "profile_changed", render.to_owned()),
        (&ours, "hand_edited", format!("{render} --only k8s/namespace.yaml --force")),
        (&web, "missing", render.to_owned()),
    ];
    for (path, name, fix) in expected {
        assert_eq!(state(&outcome, path), (name.to_owned(), Vec::new(), json!(fix)), "{path}");
    }
    assert_eq!(state(&outcome, &path("kustomization")), ("up_to_date".into(), Vec::new(), Value::Null));
}

#[test]
fn each_fix_settles_its_state() {
    let project = committed();
    project.edit("profiles/shop.yaml", ", dotenv: {}", "");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.edit(COMPOSE, "unless-stopped", "always");
    project.git(&format!("rm --quiet --cached {CONFIG}"));
    project.edit("deploy/shop/.env.production.example", "# --- This host ---", "# --- Mine ---");
    let before: Vec<String> = project.run("diff --format json").json()["summary"]["states"].as_object().expect("states").keys().cloned().collect();
    assert_eq!(before, ["conflict", "orphan", "profile_changed", "up_to_date"]);
    for _ in 0..4 {
        let json = project.run("diff --format json").json();
        for fix in json["profiles"][0]["files"].as_array().expect("files").iter().filter_map(|file| file["fix"].as_str()) {
            match fix.strip_prefix("infragen ") {
                Some(arguments) => drop(project.run(arguments)),
                None => drop(project.git(fix.strip_prefix("git ").expect("one of the two"))),
            }
        }
    }
    project.run("diff").status(0);
}

#[test]
fn generator_changed_is_told_from_profile_changed() {
    let project = rendered();
    // As if another version had written one more line.
    let old = format!("{}# More.\n", project.read(CONFIG));
    let lock = project.read("deploy/shop/infragen.lock");
    project.write(
        "deploy/shop/infragen.lock",
        lock.replace(&infragen::plan::digest(project.read(CONFIG).as_bytes()), &infragen::plan::digest(old.as_bytes()))
            .replace(env!("CARGO_PKG_VERSION"), "0.0.1"),
    );
    project.write(CONFIG, old);
    let outcome = project.run("diff --format json").status(1);
    assert_eq!(state(&outcome, CONFIG), ("generator_changed".into(), Vec::new(), json!("infragen render shop")));
    // With the profile, it may be either.
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    let outcome = project.run("diff --format json").status(1);
    assert_eq!(state(&outcome, CONFIG), ("profile_changed".into(), vec!["generator_changed".into()], json!("infragen render shop")));
    project.run("render shop").status(0);
    project.run("diff").status(0);
}

#[test]
fn what_git_does_not_have_is_drift() {
    let project = rendered();
    project.git("init --quiet");
    let outcome = project.run("diff --format json").status(1);
    assert_eq!(state(&outcome, COMPOSE), ("untracked".into(), Vec::new(), json!(format!("git add {COMPOSE}"))));
    project.git("add --all");
    project.run("diff").status(0);
    project.git(&format!("rm --quiet --cached {COMPOSE}"));
    assert_eq!(state(&project.run("diff --format json").status(1), COMPOSE).0, "untracked");
    // It differs, too: that is said first.
    project.edit(COMPOSE, "unless-stopped", "always");
    assert_eq!(
        state(&project.run("diff --format json").status(1), COMPOSE),
        ("hand_edited".into(), vec!["untracked".into()], json!("infragen render shop --only docker-compose.prod.yml --force"))
    );
}

#[test]
fn an_ignored_file_is_untracked() {
    let project = rendered();
    project.write(".gitignore", "*.prod.yml\n").git("init --quiet").git("add --all");
    assert_eq!(state(&project.run("diff --format json").status(1), COMPOSE).0, "untracked");
}

#[test]
fn a_project_below_the_top_of_a_work_tree() {
    let project = Project::empty();
    project.write("team/app/profiles/shop.yaml", SHOP);
    project.run_in("team/app", "render shop").status(0);
    project.git("init --quiet").git("add --all");
    project.run_in("team/app", "diff").status(0);
    project.run_in("team/app/profiles", "diff").status(0);
    project.git("rm --quiet --cached team/app/deploy/shop/k8s/web.yaml");
    project.run_in("team/app", "diff").status(1).out("deploy/shop/k8s/web.yaml  untracked");
    // The command that it names works where it was asked.
    let json = project.run_in("team/app/profiles", "diff --format json").status(1).json();
    let fix = json["profiles"][0]["files"].as_array().expect("files").iter().find_map(|file| file["fix"].as_str()).expect("one drifted").to_owned();
    project.git(&format!("-C team/app/profiles {}", fix.strip_prefix("git ").expect("git's command")));
    project.run_in("team/app", "diff").status(0);
}

#[test]
fn a_comment_is_no_drift() {
    let project = committed();
    project.edit("profiles/shop.yaml", "services:\n", "# Why there is one.\n\nservices: # below\n").git("add --all");
    project.run("diff").status(0);
    project.run("render shop").status(0).out("shop: 8 unchanged");
    // Another notation of the same, and a default that is spelt out, neither.
    project.edit("profiles/shop.yaml", "    port: 8080\n", "    port: 8080\n    replicas: 1\n    x-note: nothing\n");
    project.edit("profiles/shop.yaml", "environment: {kind: production}", "environment:\n  kind: \"production\"");
    project.run("diff").status(0);
    assert_eq!(project.run("render shop").stdout, "shop: 8 unchanged\n");
}

#[test]
fn a_profile_that_fails_does_not_hide_the_others() {
    let project = rendered();
    project.write("profiles/broken.yaml", "version: 1\n");
    project.run("diff").status(2).out("shop: 8 files up to date").err("profiles/broken.yaml");
    project.edit(COMPOSE, "unless-stopped", "always");
    project.run("diff").status(2).out("hand_edited");
}

#[test]
fn abstract_profiles_are_left_out_unless_they_are_named() {
    let project = Project::shipped();
    let printed = project.run("diff").status(1).quiet().stdout;
    assert!(!printed.contains("deploy/base/") && !printed.contains("base: ") && printed.contains("minimal: 1 of 1 files drifted"), "{printed}");
    project.run("diff base").status(2).err("error[abstract-profile]");
}

/// Somebody filled in the template in the place of its copy: the diff is printed in CI.
#[test]
fn what_is_written_into_the_example_is_not_shown() {
    let project = Project::shop();
    project.write("profiles/shop.yaml", format!("{}secrets: {{KEY: {{}}}}\n", SHOP.replace("env: {LOG_LEVEL: INFO}", "secrets: {KEY: {}}")));
    project.run("render shop").status(0);
    project.edit("deploy/shop/.env.production.example", "\nKEY=\n", "\nKEY='aB3xY7\nkQ2wR9'\n");
    let outcome = project.run("diff shop").status(1).out("hand_edited").out("+KEY=\n").out("-(not shown: it may be a secret)\n");
    assert!(!outcome.stdout.contains("aB3xY7") && !outcome.stdout.contains("kQ2wR9"), "{outcome}");
}

#[test]
fn the_fix_of_one_file_leaves_others_alone() {
    let project = committed();
    project.edit(COMPOSE, "unless-stopped", "always").edit(CONFIG, "kind: ConfigMap", "kind: ConfigMip");
    std::fs::remove_file(project.path("deploy/shop/k8s/web.yaml")).expect("it is there");
    project.write("deploy/shop/k8s/web.yaml/inside", "mine\n");
    project.run("render shop --only docker-compose.prod.yml --force").status(0);
    assert!(project.read(COMPOSE).contains("unless-stopped") && project.read(CONFIG).contains("ConfigMip"));
    let outcome = project.run("diff").status(1);
    assert!(!outcome.stdout.contains(COMPOSE), "{outcome}");
    outcome.out(&format!("{CONFIG}  hand_edited   move the edit into the profile, or discard it: infragen render shop --only k8s/config.yaml --force\n"));
}

#[test]
fn a_hand_and_the_profile_are_a_conflict_however_the_hand_shows() {
    let project = committed();
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    std::fs::remove_file(project.path(CONFIG)).expect("it is there");
    project.write(&format!("{CONFIG}/inside"), "mine\n");
    assert_eq!(state(&project.run("diff --format json").status(1), CONFIG).0, "conflict");
    #[cfg(unix)]
    {
        std::fs::set_permissions(project.path(COMPOSE), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
        assert_eq!(state(&project.run("diff --format json").status(1), COMPOSE).0, "conflict");
    }
}
