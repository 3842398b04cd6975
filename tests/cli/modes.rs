//! A script that cannot be executed is not what is rendered, although its text is.
#![cfg(unix)]

use crate::support::Project;
use infragen::golden::{self, Comparison, Difference};
use infragen::pipeline::Pipeline;
use infragen::plan::{Options, Output, Plan, Staging, State, plan};
use infragen::render::{Artifact, Draft, Engine, Syntax, Template};
use infragen::stack::Stack;
use std::os::unix::fs::PermissionsExt;

static SCRIPT: Template = Template { name: "test/script", text: "true", syntax: Syntax::Shell, includes: &[] };

/// Two files of one text, `run` and `text`; the first one is a script.
fn drafts() -> Vec<Draft> {
    let draft = |path: &str| {
        let artifact = Artifact { executable: path == "run", ..Artifact::new(path, &SCRIPT, &serde_json::json!({})) };
        Engine::default().render(artifact).expect("it can be rendered")
    };
    vec![draft("run"), draft("text")]
}

fn stack(project: &Project) -> Stack {
    let cwd = project.path("");
    let located = infragen::profile::locate("shop", &cwd, &infragen::source::Files::default()).expect("it is there");
    Pipeline::new(&cwd).stack(&located).expect("it is right")
}

fn mode(project: &Project, path: &str) -> u32 {
    project.path(path).metadata().expect("it is there").permissions().mode() & 0o777
}

fn set_mode(project: &Project, path: &str, mode: u32) {
    std::fs::set_permissions(project.path(path), PermissionsExt::from_mode(mode)).expect("a mode");
}

#[test]
fn in_an_output_folder() {
    let project = Project::shop();
    let stack = stack(&project);
    let output = Output::named(&project.path("out"), &project.path(""));
    let look = || plan(&stack, drafts(), &output, true, &None).expect("it can be compared");
    let write = |plan: &Plan<'_>, force| {
        let mut staging = Staging::default();
        staging.plan(plan, &output, Options { force, full: true, ..Options::default() }).expect("it can be prepared");
        staging.put().expect("it can be written");
    };
    let states = |plan: &Plan<'_>| plan.files.iter().map(|file| (file.state, file.wrong_mode)).collect::<Vec<_>>();
    write(&look(), false);
    assert_eq!((mode(&project, "out/run"), mode(&project, "out/text")), (0o755, 0o644));
    assert_eq!(states(&look()), [(State::UpToDate, None), (State::UpToDate, None)]);
    // Who may read and execute it besides its owner is the owner's business.
    set_mode(&project, "out/run", 0o700);
    set_mode(&project, "out/text", 0o600);
    assert_eq!(states(&look()), [(State::UpToDate, None), (State::UpToDate, None)]);
    set_mode(&project, "out/run", 0o640);
    let planned = look();
    assert_eq!(states(&planned), [(State::HandEdited, Some(0o640)), (State::UpToDate, None)]);
    // It is somebody's work, as an edit of the text is.
    write(&planned, false);
    assert_eq!(mode(&project, "out/run"), 0o640);
    write(&planned, true);
    assert_eq!((mode(&project, "out/run"), mode(&project, "out/text")), (0o751, 0o600));
    assert_eq!(states(&look()), [(State::UpToDate, None), (State::UpToDate, None)]);
}

#[test]
fn what_is_no_script_cannot_be_executed() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let web = "deploy/shop/k8s/web.yaml";
    set_mode(&project, web, 0o755);
    project.run("diff").status(1).out("-mode 755\n+mode 644: it is no script, and must not be executable\n");
    project.git("init --quiet").git("add --all");
    project.run("diff --format markdown").status(1).out("the file can be executed, and is no script");
    // For those who have no modes, every file looks like one.
    project.git("config core.fileMode false");
    project.run("diff").status(0);
    project.git("config core.fileMode true");
    let patch = project.run("diff --format patch").status(1).stdout;
    project.write("p.patch", patch).git("apply p.patch");
    assert_eq!(mode(&project, web), 0o644);
    project.run("diff").status(0);
    set_mode(&project, web, 0o755);
    project.run("render shop").status(1);
    project.run("render shop --force").status(0);
    assert_eq!(mode(&project, web), 0o644);
}

#[test]
fn in_a_golden_tree() {
    let project = Project::empty();
    let folder = golden::folder(&project.path(""), "shop");
    let look = || golden::compare(&folder, drafts()).expect("it can be compared");
    let write = |comparison: &Comparison| {
        let mut staging = Staging::default();
        golden::update(&mut staging, &folder, comparison).expect("it can be prepared");
        staging.put().expect("it can be written");
    };
    write(&look());
    assert_eq!((mode(&project, "golden/shop/run"), look().1), (0o755, Vec::new()));
    set_mode(&project, "golden/shop/text", 0o755);
    assert_eq!(look().1, [("text".to_owned(), Difference::Mode(0o755))]);
    write(&look());
    assert_eq!((mode(&project, "golden/shop/text"), look().1), (0o644, Vec::new()));
    set_mode(&project, "golden/shop/run", 0o644);
    assert_eq!(look().1, [("run".to_owned(), Difference::Mode(0o644))]);
    write(&look());
    assert_eq!((mode(&project, "golden/shop/run"), look().1), (0o755, Vec::new()));
}
