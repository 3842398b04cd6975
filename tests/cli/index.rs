//! `diff --against index`: what would be committed, whatever is in the folder.

use crate::support::{Outcome, Project, text_of};
use serde_json::Value;

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const WEB: &str = "deploy/shop/k8s/web.yaml";
const LOCK: &str = "deploy/shop/infragen.lock";

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
    assert_eq!(
        only(&outcome, COMPOSE),
        ("hand_edited".into(), format!("infragen render shop --only docker-compose.prod.yml --force && git add {COMPOSE} {LOCK}"))
    );
    // Only staged: the file itself is right again.
    project.edit(COMPOSE, "always", "unless-stopped");
    project.run("diff").status(0);
    let outcome = project.run("diff --against index --format json").status(1);
    assert_eq!(only(&outcome, COMPOSE), ("hand_edited".into(), format!("git add {COMPOSE} {LOCK}")));
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
    assert_eq!(only(&outcome, WEB), ("missing".into(), format!("git add {WEB} {LOCK}")));
    // Rendered once, and no more.
    project.git("add --all").edit("profiles/shop.yaml", ", dotenv: {}", "").git("add profiles");
    let orphan = "deploy/shop/.env.production.example";
    let outcome = project.run("diff --against index").status(1);
    let outcome = outcome.out(&format!("{orphan}  orphan   infragen render shop --prune && git rm --quiet --cached {orphan}\n"));
    outcome.out(&format!("{COMPOSE}  profile_changed   infragen render shop && git add {COMPOSE} {LOCK}\n"));
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
    // An index without a file, and one without a rendered file.
    project.git("init --quiet");
    project.run("diff --against index").status(0).err("the index holds no profile");
    project.git("add profiles");
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

#[test]
fn the_profile_is_that_of_the_index_too() {
    let project = Project::empty();
    let base = "abstract: true\nversion: 1\nproject: {name: shop}\n";
    let shop = crate::support::SHOP.replace("version: 1\n", "version: 1\nextends: [parts/base.yaml]\ntemplates: own\n");
    project.write("profiles/shop.yaml", shop).write("profiles/parts/base.yaml", base);
    project.write("own/kubernetes/namespace.yaml", text_of("templates/kubernetes/namespace.yaml"));
    project.run("render shop").status(0);
    project.git("init --quiet").git("add --all");
    project.run("diff --against index").status(0);
    // What somebody is writing, and did not stage: in the profile, in what it extends, in a template.
    for (path, text) in
        [("profiles/shop.yaml", "services: broken\n"), ("profiles/parts/base.yaml", "x: [\n"), ("own/kubernetes/namespace.yaml", "{{ nothing }}\n")]
    {
        let before = project.read(path);
        project.write(path, format!("{before}{text}"));
        project.run("diff").status(2);
        project.run("diff --against index").status(0).out("shop: 8 files up to date");
        project.write(path, before);
    }
    project.write("profiles/new.yaml", crate::support::SHOP);
    project.run("diff --against index").status(0).out("shop: 8 files up to date");
    std::fs::remove_file(project.path("profiles/shop.yaml")).expect("it is there");
    project.run("diff --against index").status(0).out("shop: 8 files up to date");
    project.run("diff shop --against index").status(0);
    project.git("checkout --quiet profiles/shop.yaml").git("rm --quiet --cached profiles/shop.yaml");
    project.run("diff shop --against index").status(2).err("error[unknown-profile]");
    project.git("add profiles/shop.yaml");
    std::fs::remove_file(project.path("profiles/new.yaml")).expect("it is there");
    // Files of a profile that is not staged: staging it is a part of the way out.
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.run("render shop").status(0);
    project.git("add deploy");
    let outcome = project.run("diff --against index --format json").status(1);
    let json = outcome.json();
    let fixes: Vec<&str> = json["profiles"][0]["files"].as_array().expect("files").iter().filter_map(|file| file["fix"].as_str()).collect();
    assert!(!fixes.is_empty() && fixes.iter().all(|fix| fix.starts_with("git add profiles/shop.yaml && infragen render shop")), "{fixes:?}");
    project.git("add profiles/shop.yaml");
    project.run("diff --against index").status(0);
}

#[test]
fn a_profile_that_is_a_link_is_read_through_it() {
    let project = committed();
    std::fs::rename(project.path("profiles/shop.yaml"), project.path("shop.yaml")).expect("it can be moved");
    std::os::unix::fs::symlink("../shop.yaml", project.path("profiles/shop.yaml")).expect("a link");
    project.git("add --all").write("shop.yaml", "broken\n");
    project.run("diff").status(2);
    project.run("diff --against index").status(0).out("shop: 8 files up to date");
}

#[test]
fn a_fix_stages_what_git_ignores() {
    let project = committed();
    project.git(&format!("rm --quiet --cached {WEB}")).write(".gitignore", "web.yaml\n").git("add --all");
    let outcome = project.run("diff --against index --format json").status(1);
    assert_eq!(only(&outcome, WEB), ("missing".into(), format!("git add --force {WEB} {LOCK}")));
}

#[test]
fn a_profile_that_is_not_staged_is_the_first_thing_to_stage() {
    let project = committed();
    project.write("profiles/new.yaml", crate::support::SHOP);
    project.run("render new").status(0);
    project.git("add deploy");
    project.run("diff --against index").status(1).out("new (the profile is not staged): 8 of 8 files drifted").out("orphan   git add profiles/new.yaml\n");
    project.git("add profiles/new.yaml");
    project.run("diff --against index").status(0);
}

#[test]
fn line_ends_of_a_checkout_are_not_those_of_the_index() {
    let project = committed();
    project.git("config core.autocrlf true");
    project.run("diff --against index").status(0).out("shop: 8 files up to date");
}

#[test]
fn what_is_staged_by_its_fix_is_in_step_in_a_clone() {
    let project = committed();
    project.git("-c user.name=a -c user.email=a@b.c commit --quiet -m x");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING").git("add profiles");
    let json = project.run("diff --against index --format json").status(1).json();
    for fix in json["profiles"][0]["files"].as_array().expect("files").iter().filter_map(|file| file["fix"].as_str()) {
        let (render, stage) = fix.split_once(" && git ").expect("two commands");
        project.run(render.strip_prefix("infragen ").expect("ours")).status(0);
        project.git(stage);
    }
    project.git("-c user.name=a -c user.email=a@b.c commit --quiet -m y").git("clone --quiet . clone");
    project.run_in("clone", "check --fail-on never").status(0).out("locks     right");
}
