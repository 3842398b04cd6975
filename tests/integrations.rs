//! What calls infragen in CI: run as far as it can be without its platform.
#![cfg(unix)]

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::document;
use serde_json::Value;
use std::process::Command;
use support::{Outcome, PROGRAM, Project, copy, is_update, outcome, repository, text_of, tree};

const COMPOSE: &str = "deploy/production/docker-compose.prod.yml";

/// The example in a work tree of its own, with everything in the index.
fn example() -> Project {
    let project = Project::empty();
    copy(&repository("examples/gate"), &project.path(""));
    project.git("init --quiet").git("add --all");
    project
}

/// Lines of a shell that finds `infragen`, with some variables.
fn shell(project: &Project, lines: &str, variables: &[(&str, &str)]) -> Outcome {
    let bin = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::symlink(PROGRAM, bin.path().join("infragen")).expect("a link");
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    shell.args(["-e", "-o", "pipefail", "-c", lines]).current_dir(project.path("")).env_clear().env("PATH", path).envs(variables.iter().copied());
    outcome(&mut shell)
}

#[test]
fn the_example_is_in_step() {
    if is_update() {
        let run = |arguments: &[&str]| {
            let mut command = Command::new(PROGRAM);
            outcome(command.args(arguments).current_dir(repository("examples/gate")).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))))
                .status(0);
        };
        run(&["render", "production", "--force", "--prune"]);
        run(&["golden", "update"]);
    }
    let outcome = example().run("check");
    assert_eq!(outcome.status, 0, "if the change is meant: UPDATE=1 cargo test --test integrations\n{outcome}");
    assert!(outcome.stdout.contains("goldens   all") && tree(&repository("examples/gate/golden")).len() > 2, "{outcome}");
}

/// Runs the steps of the action as a runner would: each `run` in its shell, with its variables.
fn action(project: &Project, inputs: &[(&str, &str)]) -> Outcome {
    let action = document(&text_of("action.yml"));
    let place = repository("").display().to_string();
    let temporary = project.path("runner");
    std::fs::create_dir_all(&temporary).expect("a folder");
    let file = |name: &str| temporary.join(name).display().to_string();
    let value = |text: &str| {
        let name = text.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let Some(name) = name else { return text.to_owned() };
        let declared = &action["inputs"][name];
        assert!(declared["description"].is_string(), "{name} is no input");
        inputs
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(|| declared["default"].as_str().unwrap_or_default().to_owned(), |(_, value)| (*value).to_owned())
    };
    let mut last = None;
    for step in action["runs"]["steps"].as_array().expect("steps") {
        assert_eq!(step["shell"], "bash");
        let run = step["run"].as_str().expect("a script");
        assert!(!run.contains("${{"), "what is written into a script is run as a part of it");
        let mut variables = vec![
            ("GITHUB_ACTION_PATH".to_owned(), place.clone()),
            ("GITHUB_PATH".to_owned(), file("path")),
            ("GITHUB_OUTPUT".to_owned(), file("output")),
            ("GITHUB_STEP_SUMMARY".to_owned(), file("summary")),
            ("RUNNER_TEMP".to_owned(), temporary.display().to_string()),
            ("CI".to_owned(), "true".to_owned()),
        ];
        for (name, text) in step["env"].as_object().into_iter().flatten() {
            variables.push((name.clone(), value(text.as_str().expect("text"))));
        }
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let folder = value(step["working-directory"].as_str().unwrap_or("."));
        last = Some(shell(project, &format!("cd '{folder}'\n{run}"), &variables));
    }
    last.expect("a step")
}

#[test]
fn the_action_annotates_sums_up_and_fails() {
    let project = example();
    project.write(".git/info/exclude", "runner\n");
    assert_eq!(action(&project, &[]).status(0).stdout, "");
    assert!(project.read("runner/summary").contains("| files | all "), "{}", project.read("runner/summary"));
    project.edit(COMPOSE, "unless-stopped", "always");
    let _ = std::fs::remove_file(project.path("runner/output"));
    let outcome = action(&project, &[]).status(1);
    assert!(outcome.stdout.starts_with(&format!("::error file={COMPOSE},line=")), "{outcome}");
    let output = project.read("runner/output");
    let of = |name: &str| output.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).expect("it is said").to_owned();
    assert_eq!(of("status"), "1");
    assert!(std::fs::read_to_string(of("report")).expect("a report").contains("### infragen: 1 of "));
    let sarif: Value = serde_json::from_str(&std::fs::read_to_string(of("sarif")).expect("a report")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "hand_edited");
    // Each output of the action is one of its step.
    let outputs = document(&text_of("action.yml"))["outputs"].clone();
    for (name, declared) in outputs.as_object().expect("outputs") {
        assert_eq!(declared["value"], format!("${{{{ steps.check.outputs.{name} }}}}"));
        assert!(!of(name).is_empty());
    }
    action(&project, &[("profiles", "production")]).status(1);
    action(&project, &[("profiles", "nothing --force $(touch x)")]).status(2);
    assert!(!project.path("x").exists());
    project.git("checkout --quiet -- .");
    action(&project, &[("golden-dir", "nowhere")]).status(1);
    action(&project, &[("profiles", "production"), ("fail-on", "error")]).status(0);
}

#[test]
fn the_job_of_gitlab_runs_and_keeps_its_reports() {
    let template = document(&text_of("integrations/gitlab/infragen.gitlab-ci.yml"));
    let job = &template["infragen"];
    let lines: Vec<&str> = job["script"].as_array().expect("a script").iter().map(|line| line.as_str().expect("text")).collect();
    let run = |project: &Project| {
        let place = project.path("").display().to_string();
        let mut variables = vec![("CI", "true"), ("CI_PROJECT_DIR", place.as_str())];
        variables.extend(job["variables"].as_object().expect("variables").iter().map(|(name, value)| (name.as_str(), value.as_str().expect("text"))));
        shell(project, &lines.join("\n"), &variables)
    };
    let project = example();
    run(&project).status(0);
    project.edit(COMPOSE, "unless-stopped", "always");
    run(&project).status(1).out("hand_edited");
    for path in job["artifacts"]["paths"].as_array().expect("paths") {
        assert!(project.read(path.as_str().expect("text")).contains("hand_edited"), "{path}");
    }
}

#[test]
fn the_hooks_stop_what_is_not_in_step() {
    let hooks = document(&text_of(".pre-commit-hooks.yaml"));
    let entry = |id: &str| {
        let hook = hooks.as_array().expect("hooks").iter().find(|hook| hook["id"] == id).unwrap_or_else(|| panic!("{id} is no hook")).clone();
        assert!(hook["language"] == "rust" && hook["pass_filenames"] == false && hook["name"].is_string(), "{hook}");
        hook["entry"].as_str().expect("a command").to_owned()
    };
    // Those that the example names are there.
    let config = document(&text_of("examples/gate/.pre-commit-config.yaml"));
    let named: Vec<String> = config["repos"][0]["hooks"].as_array().expect("hooks").iter().map(|hook| hook["id"].as_str().expect("text").to_owned()).collect();
    let project = example();
    for id in &named {
        shell(&project, &entry(id), &[]).status(0);
    }
    // What is staged counts, not what is in the folder.
    project.edit(COMPOSE, "unless-stopped", "always");
    shell(&project, &entry("infragen-diff"), &[]).status(0);
    project.git("add --all");
    shell(&project, &entry("infragen-diff"), &[]).status(1).out("hand_edited");
    project.edit("profiles/production.yaml", "tag: \"1.0.0\"", "tag: latest");
    shell(&project, &entry("infragen-lint"), &[]).status(1).out("latest-tag");
}

#[test]
fn the_examples_call_what_is_there() {
    let workflow = document(&text_of("examples/gate/.github/workflows/deployment.yml"));
    let step = &workflow["jobs"]["infragen"]["steps"][1];
    let inputs = document(&text_of("action.yml"))["inputs"].clone();
    for (name, _) in step["with"].as_object().expect("inputs") {
        assert!(inputs[name].is_object(), "{name}");
    }
    let job = document(&text_of("examples/gate/.gitlab-ci.yml"));
    let place = job["include"][0]["remote"].as_str().expect("a place");
    assert!(place.ends_with("integrations/gitlab/infragen.gitlab-ci.yml") && job["infragen"]["image"].is_string());
}
