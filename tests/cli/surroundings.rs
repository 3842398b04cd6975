//! Wherever a project is, and whatever became of its files: drift is found, and named.

use crate::support::{Outcome, Project, SHOP, outcome};
use serde_json::Value;

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const WEB: &str = "deploy/shop/k8s/web.yaml";
const LOCK: &str = "deploy/shop/infragen.lock";
const COMMIT: &str = "-c user.name=a -c user.email=a@b.c commit --quiet --all -m x";

fn rendered() -> Project {
    let project = Project::shop();
    project.run("render shop").status(0);
    project
}

fn committed() -> Project {
    let project = rendered();
    project.git("init --quiet").git("add --all").git(COMMIT);
    project
}

/// Path and state of all that drifted.
fn drifted(outcome: &Outcome) -> Vec<(String, String)> {
    let json = outcome.json();
    let files = json["profiles"].as_array().expect("profiles").iter().flat_map(|profile| profile["files"].as_array().expect("files"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    files.filter(|file| file["state"] != "up_to_date").map(|file| (text(&file["path"]), text(&file["state"]))).collect()
}

#[track_caller]
fn assert_drift(project: &Project, expected: &[(&str, &str)]) {
    let outcome = project.run("diff --format json");
    let found = drifted(&outcome);
    let expected: Vec<(String, String)> = expected.iter().map(|(path, state)| ((*path).to_owned(), (*state).to_owned())).collect();
    assert_eq!(found, expected, "{outcome}");
    assert_eq!(outcome.status, i32::from(!expected.is_empty()), "{outcome}");
}

#[test]
fn untracked_deleted_staged_and_unstaged() {
    let project = committed();
    project.git(&format!("rm --quiet --cached {WEB}"));
    assert_drift(&project, &[(WEB, "untracked")]);
    project.git("reset --quiet --hard");
    std::fs::remove_file(project.path(WEB)).expect("it is there");
    assert_drift(&project, &[(WEB, "missing")]);
    project.git("reset --quiet --hard").edit(COMPOSE, "unless-stopped", "always");
    assert_drift(&project, &[(COMPOSE, "hand_edited")]);
    project.git("add --all");
    assert_drift(&project, &[(COMPOSE, "hand_edited")]);
    // Staged, and undone in the folder: that is what the folder has.
    project.edit(COMPOSE, "always", "unless-stopped");
    assert_drift(&project, &[]);
    project.run("diff --against index").status(1);
}

#[test]
fn a_profile_that_was_renamed() {
    let project = committed();
    std::fs::rename(project.path("profiles/shop.yaml"), project.path("profiles/store.yaml")).expect("it can be renamed");
    // Another name, another folder: all of it is missing there, and what is left of the old one belongs to nobody.
    let outcome = project.run("diff --format json").status(1);
    let states = drifted(&outcome);
    let of = |folder: &str| states.iter().filter(|(path, _)| path.starts_with(folder)).map(|(_, state)| state.as_str()).collect::<Vec<_>>();
    assert_eq!((of("deploy/store/"), of("deploy/shop/")), (vec!["missing"; 8], vec!["orphan"; 8]), "{outcome}");
    project.run("diff").status(1).out("shop (the profile is gone): 8 of 8 files drifted");
    project.run("check").status(1).out("8 missing, 8 orphan");
    project.run("diff store").status(1).out("store: 8 of 8 files drifted");
    project.run("render store").status(0);
    // An edit is not thrown away unasked.
    project.edit(COMPOSE, "unless-stopped", "always");
    project.run("diff").status(1).out(&format!("{COMPOSE}  orphan, hand_edited   infragen render shop --prune --force\n"));
    project.run("render shop").status(2).err("error[unknown-profile]");
    project.run("render shop --prune --dry-run").status(1).out("shop: 7 removed, 1 left alone (nothing was written)");
    assert_eq!(project.tree("deploy/shop").len(), 9);
    project.run("render shop --prune").status(1).out("shop: 7 removed, 1 left alone");
    project.run("diff").status(1).out("shop (the profile is gone): 1 of 1 files drifted");
    project.run("render shop --prune --force").status(0).out("shop: 1 removed");
    assert!(project.tree("deploy/shop").is_empty());
    project.git("add --all");
    project.run("diff").status(0);
}

#[test]
fn a_profile_that_is_gone_from_another_folder() {
    let project = Project::empty();
    project.write("profiles/a.yaml", format!("{SHOP}output: {{dir: out/a}}\n")).write("profiles/b.yaml", format!("{SHOP}output: {{dir: out/b}}\n"));
    project.write("infra/c.yaml", format!("{SHOP}output: {{dir: out/c}}\n"));
    project.run("render a b infra/c.yaml").status(0);
    project.run("diff").status(0);
    project.git("init --quiet").git("add --all");
    std::fs::remove_file(project.path("profiles/b.yaml")).expect("it is there");
    std::fs::remove_file(project.path("infra/c.yaml")).expect("it is there");
    // The index has them still.
    project.run("diff --against index").status(0);
    project.git("add --all");
    for command in ["diff --against index", "diff"] {
        project.run(command).status(1).out("b (the profile is gone): 8 of 8 files drifted").out("c (the profile is gone): 8 of 8 files drifted");
    }
    project.run("render infra/c.yaml b --prune").status(0).out("b: 8 removed").out("c: 8 removed");
    project.run("diff").status(0).out("a: 8 files up to date");
}

#[test]
fn a_profile_that_was_renamed_and_keeps_its_folder() {
    let project = committed();
    std::fs::remove_file(project.path("profiles/shop.yaml")).expect("it is there");
    project.write("profiles/store.yaml", format!("{SHOP}output: {{dir: deploy/shop}}\n"));
    project.run("diff").status(2).err("error[output-clash]").err("after a profile was renamed, remove that file");
    std::fs::remove_file(project.path(LOCK)).expect("it is there");
    project.run("render store --force").status(0);
    project.run("diff").status(0);
}

#[test]
#[cfg(unix)]
fn a_folder_or_a_link_in_the_place_of_a_file() {
    let project = committed();
    std::fs::rename(project.path(WEB), project.path("elsewhere.yaml")).expect("it can be moved");
    std::os::unix::fs::symlink(project.path("elsewhere.yaml"), project.path(WEB)).expect("a link");
    assert_drift(&project, &[(WEB, "hand_edited")]);
    project.run("diff").status(1).out("a symbolic link stands where the file has to be\n").out("infragen render shop --only k8s/web.yaml --force\n");
    project.run("render shop --only k8s/web.yaml --force").status(0);
    assert_drift(&project, &[]);
    std::fs::remove_file(project.path(WEB)).expect("it is there");
    project.write(&format!("{WEB}/inside"), "mine\n");
    assert_drift(&project, &[(WEB, "hand_edited")]);
    for (format, words) in [("text", "a folder stands where the file has to be"), ("markdown", "`hand_edited`: a folder stands"), ("github", "a folder stands")]
    {
        project.run(&format!("diff --format {format}")).status(1).out(words);
    }
    project.run("render shop --force").status(2).err("error[unsafe-output]");
    // The way out loses nothing.
    let json = project.run("diff --format json").json();
    let fix = json["profiles"][0]["files"].as_array().expect("files").iter().find_map(|file| file["fix"].as_str()).expect("a fix");
    assert_eq!(fix, format!("mv {WEB} {WEB}.moved && infragen render shop"));
    std::fs::rename(project.path(WEB), project.path(&format!("{WEB}.moved"))).expect("it can be moved");
    project.run("render shop").status(0);
    assert_drift(&project, &[]);
    assert_eq!(project.read(&format!("{WEB}.moved/inside")), "mine\n");
}

#[test]
fn a_checkout_with_other_line_ends() {
    let project = committed();
    project.write(".gitattributes", "*.yaml text eol=crlf\nprofiles/*.yaml text eol=crlf\n").git("add --all").git(COMMIT);
    for path in [WEB, "profiles/shop.yaml"] {
        std::fs::remove_file(project.path(path)).expect("it is there");
    }
    project.git("checkout --quiet -- .");
    assert!(project.read(WEB).contains("\r\n") && project.read("profiles/shop.yaml").contains("\r\n"));
    // The profile means the same; the file is not what is rendered, and the report says why.
    assert_drift(&project, &[(WEB, "hand_edited")]);
    project.run("diff").status(1).out("every line ends in CR LF, and nothing else differs");
    // What git has is right.
    project.run("diff --against index").status(0);
}

#[test]
fn names_that_differ_in_case_alone() {
    let project = Project::empty();
    project.write("profiles/shop.yaml", SHOP).write("profiles/Shop.yaml", SHOP);
    let is_sensitive = project.tree("profiles").len() == 2;
    if is_sensitive {
        // One folder on the machines of half the team.
        project.run("render shop Shop").status(2).err("error[output-clash]").err("`Shop`").err("`shop`");
        project.run("diff").status(2).err("error[output-clash]");
        assert!(!project.path("deploy").exists());
        project.write("profiles/Shop.yaml", format!("{SHOP}output: {{dir: deploy/other}}\n"));
        project.run("render shop Shop").status(0);
    }
}

#[test]
fn two_profiles_that_claim_a_file() {
    let project = rendered();
    project.write("profiles/other.yaml", format!("{SHOP}output: {{dir: deploy/shop}}\n"));
    for command in ["diff", "check", "render shop other"] {
        project.run(command).status(2).err("error[output-clash]").err("`shop`").err("`other`");
    }
    // One folder within the other: a file of one has the path of a file of the other.
    project.write("profiles/other.yaml", format!("{SHOP}output: {{dir: deploy/shop/k8s}}\n"));
    project.run("render shop other").status(0);
    project.run("diff").status(0);
}

#[test]
fn an_artifact_that_git_ignores() {
    let project = rendered();
    project.write(".gitignore", "*.prod.yml\n").git("init --quiet").git("add --all");
    assert_drift(&project, &[(COMPOSE, "untracked")]);
    let json = project.run("diff --format json").json();
    let fix = json["profiles"][0]["files"].as_array().expect("files").iter().find_map(|file| file["fix"].as_str()).expect("a fix");
    assert_eq!(fix, format!("git add --force {COMPOSE}"), "without it git would refuse");
    project.run("diff --format markdown").status(1).out("the file is right, but git is told to ignore it");
    project.git(fix.strip_prefix("git ").expect("git's"));
    assert_drift(&project, &[]);
}

#[test]
fn a_lock_that_is_gone_broken_merged_or_newer() {
    let project = rendered();
    let lock = project.read(LOCK);
    let newer = lock.replace(&format!("'{}'", env!("CARGO_PKG_VERSION")), "'99.0.0'");
    let with_more = format!("{newer}shape: 2\n");
    for text in ["", "\0\0", "<<<<<<< HEAD\nprofile: shop\n=======\nprofile: shop\n>>>>>>> other\n", newer.as_str(), with_more.as_str()] {
        project.write(LOCK, text);
        assert_drift(&project, &[]);
        project.run("render shop").status(0);
        assert_eq!(project.read(LOCK), lock, "{text:?}");
    }
    // What another version wrote, it wrote from the same profile.
    project.write(LOCK, newer.replace(&infragen::plan::digest(project.read(WEB).as_bytes()), &infragen::plan::digest(b"other\n"))).write(WEB, "other\n");
    assert_drift(&project, &[(WEB, "generator_changed")]);
    std::fs::remove_file(project.path(LOCK)).expect("it is there");
    assert_drift(&project, &[(WEB, "hand_edited")]);
}

#[test]
fn with_and_without_git() {
    // None at all, and none to be asked.
    let project = rendered();
    assert_drift(&project, &[]);
    outcome(project.command("diff").env("PATH", "/nonexistent")).status(0);
    // A repository without a commit.
    project.git("init --quiet");
    assert_eq!(drifted(&project.run("diff --format json").status(1)).len(), 8);
    // Here it has to be asked, and is not there.
    outcome(project.command("diff").env("PATH", "/nonexistent")).status(2).err("error[git-failed]");
    project.git("add --all");
    assert_drift(&project, &[]);
    project.git(COMMIT).git("checkout --quiet --detach");
    assert_drift(&project, &[]);
    // Rendering does not ask.
    outcome(project.command("render shop").env("PATH", "/nonexistent")).status(0);
}

#[test]
fn in_a_shallow_clone_a_worktree_and_a_submodule() {
    let origin = committed();
    origin.edit("profiles/shop.yaml", "services:\n", "# More.\nservices:\n").git(COMMIT);
    let place = format!("file://{}", origin.path("").display());
    let project = Project::empty();
    project.git("init --quiet").git(&format!("clone --quiet --depth 1 {place} shallow"));
    project.git(&format!("-c protocol.file.allow=always submodule --quiet add {place} module"));
    origin.git("worktree add --quiet tree");
    for (at, folder) in [(&project, "shallow"), (&project, "module"), (&origin, "tree")] {
        at.run_in(folder, "diff").status(0).out("shop: 8 files up to date");
        at.run_in(&format!("{folder}/deploy/shop"), "diff").status(0);
        at.git(&format!("-C {folder} rm --quiet --cached {WEB}"));
        at.run_in(folder, "diff").status(1).out("untracked");
    }
}

#[test]
fn the_same_twice_is_the_same_bytes() {
    let project = committed();
    project.edit(COMPOSE, "unless-stopped", "always").edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.write("profiles/other.yaml", SHOP);
    for command in ["diff", "check"] {
        for format in ["text", "json", "github", "sarif", "markdown"] {
            let run = || project.run(&format!("{command} --format {format}")).status(1).stdout;
            assert_eq!(run(), run(), "{command} {format}");
        }
    }
}

#[test]
fn drift_is_no_business_of_lint_explain_and_schema() {
    let project = committed();
    let before: Vec<Outcome> = ["lint", "explain services.web.port --profile shop", "schema"].map(|command| project.run(command).status(0)).into();
    project.edit(COMPOSE, "unless-stopped", "always").write(LOCK, "<<<<<<<\n");
    std::fs::remove_file(project.path(WEB)).expect("it is there");
    project.run("diff").status(1);
    let after: Vec<Outcome> = ["lint", "explain services.web.port --profile shop", "schema"].map(|command| project.run(command).status(0)).into();
    assert!(before.iter().zip(&after).all(|(before, after)| before.stdout == after.stdout && before.stderr == after.stderr));
}
