//! The commands that `diff` and `golden check` name work when they are pasted into a shell, in the folder where they were shown.
#![cfg(unix)]

use crate::support::{PROGRAM, Project, SHOP, outcome};
use serde_json::Value;

/// Pastes a command into a shell that finds `infragen` and git.
fn paste(project: &Project, folder: &str, line: &str) {
    let bin = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::symlink(PROGRAM, bin.path().join("infragen")).expect("a link");
    let mut shell = std::process::Command::new("sh");
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap_or_default());
    shell.args(["-c", line]).current_dir(project.path(folder)).env_clear().env("PATH", path);
    let ended = outcome(&mut shell);
    assert!(ended.status < 2, "{line}: {ended}");
}

/// Runs `diff` with arguments that may hold blanks, and its fixes, until nothing is left to fix.
fn settle(project: &Project, folder: &str, arguments: &[&str]) -> Vec<String> {
    let diff = || outcome(project.command("diff --format json").args(arguments).current_dir(project.path(folder)));
    let mut pasted = Vec::new();
    for _ in 0..4 {
        let json = diff().json();
        let files = json["profiles"].as_array().expect("a list").iter().flat_map(|profile| profile["files"].as_array().expect("a list"));
        let mut commands: Vec<String> = files.filter_map(|file| file["fix"].as_str().map(str::to_owned)).collect();
        commands.dedup();
        for fix in commands {
            paste(project, folder, &fix);
            pasted.push(fix);
        }
    }
    diff().status(0);
    pasted
}

/// What a work tree goes through: an edited, a missing, a changed file and an orphan.
fn disturb(project: &Project, profile: &str, output: &str) {
    project.edit(profile, ", dotenv: {}", "").edit(profile, "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.edit(&format!("{output}/docker-compose.prod.yml"), "unless-stopped", "always");
    std::fs::remove_file(project.path(output).join("k8s/web.yaml")).expect("it is there");
}

#[test]
fn of_a_profile_that_was_named_by_its_path() {
    let project = Project::empty();
    project.write("tests/e2e/e2e.yaml", SHOP).git("init --quiet");
    project.run("render tests/e2e/e2e.yaml").status(0);
    disturb(&project, "tests/e2e/e2e.yaml", "deploy/e2e");
    let pasted = settle(&project, "", &["tests/e2e/e2e.yaml"]);
    assert!(pasted.contains(&"infragen render tests/e2e/e2e.yaml --only docker-compose.prod.yml --force".to_owned()), "{pasted:?}");
    project.run("golden check tests/e2e/e2e.yaml").status(1).out("infragen golden update tests/e2e/e2e.yaml\n");
}

#[test]
fn of_another_folder() {
    let project = Project::shop();
    project.run("render shop --out out").status(0);
    disturb(&project, "profiles/shop.yaml", "out");
    let pasted = settle(&project, "", &["shop", "--out", "out"]);
    assert!(pasted.contains(&"infragen render shop --out out --prune".to_owned()), "{pasted:?}");
    assert!(!project.path("deploy").exists(), "the other folder is meant");
}

#[test]
fn with_names_that_a_shell_would_take_apart() {
    let project = Project::empty();
    project.write("my team's/$HOME/shop.yaml", SHOP).git("init --quiet");
    let arguments = ["my team's/$HOME/shop.yaml", "--out", "-o & \"x\""];
    outcome(project.command("render").args([arguments[0], "--out=-o & \"x\""])).status(0);
    disturb(&project, "my team's/$HOME/shop.yaml", "-o & \"x\"");
    let pasted = settle(&project, "", &[arguments[0], "--out=-o & \"x\""]);
    let render = r#"infragen render 'my team'\''s/$HOME/shop.yaml' --out './-o & "x"'"#;
    assert!(pasted.contains(&format!("{render} --only docker-compose.prod.yml --force")), "{pasted:?}");
    let check = outcome(project.command("golden check").arg(arguments[0])).status(1);
    check.out(r"infragen golden update 'my team'\''s/$HOME/shop.yaml'");
}

#[test]
fn from_a_folder_below() {
    let project = Project::shop();
    project.git("init --quiet").write("below/keep", "");
    project.run("render shop").status(0);
    disturb(&project, "profiles/shop.yaml", "deploy/shop");
    let pasted = settle(&project, "below", &[]);
    assert!(pasted.iter().any(|fix| fix.starts_with("git add ")), "{pasted:?}");
    let names: Vec<Value> = project.run_in("below", "diff ../profiles/shop.yaml --format json").json()["profiles"].as_array().expect("a list").clone();
    assert_eq!(names[0]["name"], "shop", "a report is named by the profile's name");
}
