//! `diff --against index`: what would be committed, whatever is in the folder.

use crate::support::{Outcome, Project};
use serde_json::Value;

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const WEB: &str = "deploy/shop/k8s/web.yaml";

fn committed() -> Project {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.git("init --quiet").git("add --all");
    project
}

/// The file's state and fix; there is no other drift.
#[track_caller]
fn only(outcome: &Outcome, path: &str) -> (String, String) {
    let json = outcome.json();
    let drifted: Vec<&Value> = json["profiles"][0]["files"].as_array().expect("files").iter().filter(|file| !file["fix"].is_null()).collect();
    assert!(drifted.len() == 1 && drifted[0]["path"] == path, "{drifted:?}");
    (drifted[0]["state"].as_str().expect("text").to_owned(), drifted[0]["fix"].as_str().expect("text").to_owned())
}

#[test]
fn what_is_staged_alone_is_looked_at() {
    let project = committed();
    project.run("diff --against index").status(0).out("shop: 8 files up to date");
    // Only in the folder.
    project.edit(COMPOSE, "unless-stopped", "always");
    project.run("diff").status(1);
    project.run("diff --against index").status(0);
    // In both.
    project.git("add --all");
    let outcome = project.run("diff --against index --format json").status(1);
    assert_eq!(only(&outcome, COMPOSE), ("hand_edited".into(), format!("infragen render shop --force && git add {COMPOSE}")));
    // Only staged: the file itself is right again.
    project.edit(COMPOSE, "always", "unless-stopped");
    project.run("diff").status(0);
    let outcome = project.run("diff --against index --format json").status(1);
    assert_eq!(only(&outcome, COMPOSE), ("hand_edited".into(), format!("git add {COMPOSE}")));
    project.git(&format!("add {COMPOSE}"));
    project.run("diff --against index").status(0);
}

#[test]
fn the_patch_is_for_the_index() {
    let project = committed();
    project.edit(COMPOSE, "unless-stopped", "always").git("add --all").edit(COMPOSE, "always", "unless-stopped");
    let patch = project.run("diff --against index --format patch").status(1).stdout;
    project.write("fix.patch", patch).git("apply --cached fix.patch");
    project.run("diff --against index").status(0);
}

#[test]
fn what_is_not_staged_is_missing() {
    let project = committed();
    project.git(&format!("rm --quiet --cached {WEB}"));
    let outcome = project.run("diff --against index --format json").status(1);
    assert_eq!(only(&outcome, WEB), ("missing".into(), format!("git add {WEB}")));
    // Rendered once, and no more.
    project.git("add --all").edit("profiles/shop.yaml", ", dotenv: {}", "");
    let orphan = "deploy/shop/.env.production.example";
    let outcome = project.run("diff --against index").status(1);
    let outcome = outcome.out(&format!("{orphan}  orphan   infragen render shop --prune && git rm --quiet --cached {orphan}\n"));
    outcome.out(&format!("{COMPOSE}  profile_changed   infragen render shop && git add {COMPOSE}\n"));
    project.run("render shop --prune").status(0);
    project.run("diff --against index").status(1).out(&format!("{orphan}  orphan   git rm --quiet --cached {orphan}\n"));
    project.git(&format!("rm --quiet --cached {orphan} deploy/shop/.gitignore")).git("add --all");
    project.run("diff --against index").status(0);
}

#[test]
#[cfg(unix)]
fn links_folders_and_merges_are_no_files() {
    let project = committed();
    std::fs::remove_file(project.path(WEB)).expect("it is there");
    std::os::unix::fs::symlink("config.yaml", project.path(WEB)).expect("a link");
    project.git("add --all");
    assert_eq!(only(&project.run("diff --against index --format json").status(1), WEB).0, "hand_edited");
    std::fs::remove_file(project.path(WEB)).expect("it is there");
    project.write(&format!("{WEB}/inside"), "").git("add --all");
    assert_eq!(only(&project.run("diff --against index --format json").status(1), WEB).0, "hand_edited");
}

#[test]
fn modes_are_those_of_the_index() {
    let project = Project::shipped();
    project.run("render production").status(0);
    project.git("init --quiet").git("add --all");
    project.run("diff production --against index").status(0);
    project.git("update-index --chmod=-x deploy/production/scripts/deploy_prod.sh");
    project.run("diff production --against index").status(1).out("+mode 755: it is a script");
}

#[test]
fn without_a_work_tree_there_is_nothing_to_compare() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.run("diff --against index").status(2).err("error[git-failed]").err("no git work tree");
    // An index without a file.
    project.git("init --quiet");
    let outcome = project.run("diff --against index").status(1);
    assert_eq!(outcome.stdout.matches("  missing   git add ").count(), 8, "{outcome}");
}

#[test]
fn from_below_the_top_and_in_a_tree_of_a_worktree() {
    let project = Project::empty();
    project.write("team/app/profiles/shop.yaml", crate::support::SHOP);
    project.run_in("team/app", "render shop").status(0);
    project.git("init --quiet").git("add --all").git("-c user.name=a -c user.email=a@b.c commit --quiet -m x");
    project.run_in("team/app/deploy", "diff --against index").status(0).out("shop: 8 files up to date");
    project.git("worktree add --quiet other");
    project.run_in("other/team/app", "diff --against index").status(0).out("shop: 8 files up to date");
    project.git("-C other rm --quiet --cached team/app/deploy/shop/k8s/web.yaml");
    project.run_in("other/team/app", "diff --against index").status(1).out("missing");
    project.run_in("team/app", "diff --against index").status(0);
}
