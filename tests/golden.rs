//! The goldens are what is rendered, and `golden check` sees every way in which they could not be.

mod support;

use std::process::Command;
use support::{Project, outcome, repository, text_of, tree};

/// The profiles of the repository that are rendered.
fn profiles() -> Vec<String> {
    let files = tree(&repository("profiles"));
    let concrete = files.keys().filter(|file| !text_of(&format!("profiles/{file}")).lines().any(|line| line == "abstract: true"));
    concrete.map(|file| file.trim_end_matches(".yaml").to_owned()).collect()
}

/// The repository's profiles in a project of their own, with goldens.
fn blessed() -> Project {
    let project = Project::shipped();
    project.run("golden update").status(0).quiet();
    project
}

#[test]
fn the_repositorys_goldens_hold() {
    let outcome = outcome(Command::new(support::PROGRAM).args(["golden", "check"]).env_clear().current_dir(repository("")));
    assert_eq!(outcome.status, 0, "if the change is meant: cargo run -- golden update, and read the diff of golden/ as a user would\n{outcome}");
}

#[test]
fn each_golden_tree_is_exactly_what_is_written() {
    let names = profiles();
    assert!(names.len() >= 3, "{names:?}");
    let project = Project::shipped();
    for name in names {
        project.run(&format!("render {name} --out out/{name}")).status(0).quiet();
        let mut written = project.tree(&format!("out/{name}"));
        assert!(written.remove("infragen.lock").is_some(), "a lock is written, and is no golden");
        let golden = tree(&repository("golden").join(&name));
        assert!(golden.keys().eq(written.keys()), "{name}: {:?} {:?}: cargo run -- golden update", golden.keys(), written.keys());
        for (path, content) in written {
            assert!(golden[&path] == content, "golden/{name}/{path} is not what is rendered: cargo run -- golden update");
        }
    }
}

#[test]
fn an_update_makes_the_check_hold() {
    let project = blessed();
    let outcome = project.run("golden check").status(0).quiet();
    for name in profiles() {
        assert!(outcome.stdout.contains(&format!("{name}: all {} goldens hold", project.tree(&format!("golden/{name}")).len())), "{outcome}");
    }
    let before = project.tree("golden");
    assert_eq!(project.run("golden update").status(0).stdout.matches("updated  ").count(), 0, "what holds is not written again");
    assert_eq!(project.tree("golden"), before);
}

#[test]
fn a_changed_golden_fails() {
    let project = blessed();
    project.edit("golden/production/k8s/api.yaml", "replicas: 3", "replicas: 4");
    let outcome =
        project.run("golden check").status(1).out("golden/production/k8s/api.yaml differs from what is rendered").out("infragen golden update production");
    assert!(outcome.stdout.contains("\n-  replicas: 4\n") && outcome.stdout.contains("\n+  replicas: 3\n"), "{outcome}");
    project.run("golden check production").status(1);
    project.run("golden check minimal").status(0);
    project.run("golden update production").status(0).out("updated  golden/production/k8s/api.yaml");
    project.run("golden check").status(0);
}

#[test]
fn a_change_of_one_invisible_byte_fails() {
    let project = blessed();
    let path = "golden/minimal/docker-compose.prod.yml";
    let text = project.read(path);
    for changed in [text.replacen('\n', "\r\n", 1), format!("{text}\n"), text.trim_end().to_owned(), format!("\u{feff}{text}")] {
        project.write(path, changed);
        project.run("golden check").status(1).out("differs from what is rendered");
    }
}

#[test]
fn a_changed_profile_fails() {
    let project = blessed();
    project.edit("profiles/minimal.yaml", "publish: {port: 8080}", "publish: {port: 8081}");
    project.run("golden check").status(1).out("golden/minimal/docker-compose.prod.yml differs from what is rendered");
}

#[test]
fn an_extra_file_fails() {
    let project = blessed();
    project.write("golden/production/k8s/old.yaml", "a: 1\n");
    project.run("golden check").status(1).out("golden/production/k8s/old.yaml is a golden, but is not rendered");
    project.run("golden update").status(0);
    assert!(!project.path("golden/production/k8s/old.yaml").exists());
    project.run("golden check").status(0);
}

#[test]
fn a_missing_file_fails() {
    let project = blessed();
    std::fs::remove_file(project.path("golden/production/Dockerfile")).expect("it is there");
    project.run("golden check").status(1).out("golden/production/Dockerfile is rendered, but has no golden");
    std::fs::remove_dir_all(project.path("golden/minimal")).expect("it is there");
    project.run("golden check").status(1).out("golden/minimal/docker-compose.prod.yml is rendered, but has no golden");
}

#[test]
fn a_tree_that_no_profile_has_fails() {
    let project = blessed();
    project.write("golden/canary/docker-compose.staging.yml", "services: {}\n");
    project.run("golden check").status(1).out("golden/canary belongs to no profile: remove it");
    // An abstract profile has none, either.
    std::fs::rename(project.path("golden/canary"), project.path("golden/base")).expect("it can be renamed");
    project.run("golden check").status(1).out("golden/base belongs to no profile: remove it");
    project.run("golden check production").status(0);
}

#[test]
fn a_broken_profile_updates_nothing() {
    let project = blessed();
    let before = project.tree("golden");
    project.edit("profiles/production.yaml", "replicas: 3", "replcas: 3");
    project.edit("profiles/minimal.yaml", "publish: {port: 8080}", "publish: {port: 8081}");
    project.run("golden update").status(2).err("nothing was written").err("error[unknown-key]");
    assert_eq!(project.tree("golden"), before);
    project.run("golden check").status(2).err("error[unknown-key]");
}

#[test]
fn goldens_are_not_blessed_in_ci() {
    let project = Project::shipped();
    let refused = outcome(project.command("golden update").env("CI", "true"));
    refused.status(2).err("error[golden-in-ci]");
    assert!(!project.path("golden").exists());
    outcome(project.command("golden update").env("CI", "")).status(0);
    outcome(project.command("golden check").env("CI", "true")).status(0);
}

#[test]
fn a_tree_that_cannot_be_read_is_no_tree() {
    let project = Project::shipped();
    project.write("golden/minimal", "a file\n");
    project.run("golden check minimal").status(2).err("error[unsafe-output]").err("golden/minimal");
}
