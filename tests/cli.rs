//! What the commands do: exit status, what is printed, what is written.

mod support;

#[path = "cli/check.rs"]
mod check;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/endings.rs"]
mod endings;
#[path = "cli/fixes.rs"]
mod fixes;
#[path = "cli/index.rs"]
mod index;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/lock.rs"]
mod lock;
#[path = "cli/modes.rs"]
mod modes;
#[path = "cli/own.rs"]
mod own;
#[path = "cli/patches.rs"]
mod patches;
#[path = "cli/render.rs"]
mod render;
#[path = "cli/reports.rs"]
mod reports;
#[path = "cli/same_bytes.rs"]
mod same_bytes;
#[path = "cli/surroundings.rs"]
mod surroundings;
#[path = "cli/together.rs"]
mod together;

use support::Project;

#[test]
fn help_is_data() {
    let project = Project::empty();
    for arguments in [
        "--help",
        "render --help",
        "diff --help",
        "check --help",
        "golden --help",
        "golden check --help",
        "lint --help",
        "schema --help",
        "config --help",
        "explain --help",
    ] {
        let outcome = project.run(arguments).status(0).quiet().out("Usage: infragen");
        assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 100), "{outcome}");
    }
    project.run("--help").out("Exit status: 0 clean, 1 drift or findings, 2 usage, profile or I/O error.");
    project.run("--version").status(0).quiet().out(env!("CARGO_PKG_VERSION"));
}

#[test]
fn wrong_usage_is_status_2() {
    let project = Project::shop();
    let wrong = [
        "",
        "rendr shop",
        "render",
        "render shop --forse",
        "render shop --target k8s",
        "render shop --stdout --dry-run",
        "render shop --stdout --out x",
        "render shop --prune --only x",
        "render shop --prune --target nginx",
        "diff shop --format yaml",
        "lint --fail-on never-ever",
        "golden",
        "golden bless",
        "schema shop",
    ];
    for arguments in wrong {
        let outcome = project.run(arguments).status(2);
        assert!(outcome.stdout.is_empty() && !outcome.stderr.is_empty(), "{arguments}: {outcome}");
    }
    project.run("render shop --target k8s").err("there are: docker, compose, nginx, kubernetes, dotenv");
    assert!(!project.path("deploy").exists() && !project.path("x").exists(), "nothing was written");
}

#[test]
fn a_closed_pipe_is_no_mistake() {
    let project = Project::shipped();
    for arguments in ["render production --stdout", "schema", "diff", "lint --fail-on never", "golden check", "--help"] {
        let expected = project.run(arguments).status;
        let mut child = project.command(arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let outcome = support::finish(&child.wait_with_output().expect("it ends")).quiet();
        assert_eq!(outcome.status, expected, "{arguments}: who closes the pipe has seen enough");
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let project = Project::shop();
    for arguments in ["diff", "lint", "render nothing"] {
        let outcome = project.run(arguments);
        assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'), "{outcome}");
    }
}

#[test]
fn a_profile_is_a_name_or_a_path_from_anywhere() {
    let project = Project::shop();
    project.write("a/b/keep", "");
    project.run_in("a/b", "render shop --dry-run").status(0).out("shop: ");
    project.run_in("a/b", "render ../../profiles/shop.yaml").status(0);
    assert!(project.path("deploy/shop/docker-compose.prod.yml").is_file(), "a path of a profile is relative to its project");
    project.run("render profiles/shop.yaml").status(0).out("shop: 8 unchanged");
    project.run_in("profiles", "render shop.yaml").status(0).out("shop: 8 unchanged");
    project.run_in("a", &format!("render {}", project.path("profiles/shop.yaml").display())).status(0).out("shop: 8 unchanged");
    project.run_in("a", "diff").status(0).out("shop: 8 files up to date");
    // A profile outside of any project is a project of its own.
    project.write("profiles/other.yml", support::SHOP).run("render other").status(0).out("created  deploy/other/k8s/web.yaml");
}

#[test]
fn a_profile_that_is_named_twice_is_taken_once() {
    let project = Project::shop();
    project.run("render shop shop").status(0).out("shop: 8 created");
    project.run("render shop profiles/shop.yaml").status(0).out("shop: 8 unchanged");
    assert_eq!(project.run("diff shop shop").status(0).stdout, "shop: 8 files up to date\n");
    project.run("golden update shop shop").status(0);
    project.run("golden check shop shop").status(0);
}
