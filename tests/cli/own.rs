//! Files that are kept by hand, and the version that a profile wants.

use crate::support::{Project, SHOP};
use serde_json::{Value, json};

const CONFIG: &str = "deploy/shop/k8s/config.yaml";
const UNMANAGED: &str = "# Ours.\nunmanaged:\n  # Since March.\n  k8s/config.yaml: {reason: tuned by hand}\n";

fn owned() -> Project {
    let project = Project::shop();
    project.write("profiles/shop.yaml", format!("{SHOP}{UNMANAGED}"));
    project
}

fn file(project: &Project, path: &str) -> Value {
    let json = project.run("diff --format json").json();
    json["profiles"][0]["files"].as_array().expect("files").iter().find(|file| file["path"] == path).expect("it is there").clone()
}

#[test]
fn what_is_kept_by_hand_is_not_written_and_is_no_drift() {
    let project = owned();
    project.write(CONFIG, "by hand\n");
    project.run("render shop --force").status(0).out("shop: 7 created, 1 kept by hand\n");
    assert_eq!(project.read(CONFIG), "by hand\n");
    assert!(!project.read("deploy/shop/infragen.lock").contains("config.yaml"));
    project.run("diff").status(0).out("shop: 8 files up to date");
    assert_eq!(file(&project, CONFIG), json!({ "path": CONFIG, "state": "unmanaged", "also": [], "fix": null }));
    project.run("check").status(0);
    project.run("golden update").status(0);
    assert!(!project.path("golden/shop/k8s/config.yaml").exists(), "a golden is what is written");
    project.run("render shop --prune --force").status(0);
    assert_eq!(project.read(CONFIG), "by hand\n");
    // One that was rendered before is let go.
    let project = Project::shop();
    project.run("render shop").status(0);
    project.write("profiles/shop.yaml", format!("{SHOP}{UNMANAGED}")).edit(CONFIG, "LOG_LEVEL: INFO", "LOG_LEVEL: OTHER");
    project.run("render shop --prune --force").status(0);
    assert!(project.read(CONFIG).contains("LOG_LEVEL: OTHER") && !project.read("deploy/shop/infragen.lock").contains("config.yaml"));
}

#[test]
fn it_has_to_be_there_and_in_git() {
    let project = owned();
    project.run("render shop").status(0);
    assert_eq!(file(&project, CONFIG), json!({ "path": CONFIG, "state": "missing", "also": ["unmanaged"], "fix": format!("infragen adopt shop {CONFIG}") }));
    project.run("diff --format patch").status(1).out("left out, because it is kept by hand");
    project.write(CONFIG, "by hand\n").git("init --quiet").git("add --all").git(&format!("rm --quiet --cached {CONFIG}"));
    assert_eq!(file(&project, CONFIG), json!({ "path": CONFIG, "state": "untracked", "also": ["unmanaged"], "fix": format!("git add {CONFIG}") }));
    assert_eq!(project.run("diff --format patch").status(1).stdout, "", "nothing is to be removed");
    project.run("diff --against index").status(1).out(&format!("git add {CONFIG}"));
    project.git("add --all");
    project.run("diff").status(0);
    project.run("diff --against index").status(0);
}

#[test]
fn it_must_be_a_file_that_is_rendered() {
    let project = owned();
    project.edit("profiles/shop.yaml", "k8s/config.yaml", "k8s/confg.yaml");
    for command in ["render shop", "diff", "check", "golden check", "render shop --stdout --only k8s/web.yaml"] {
        project.run(command).status(2).err("error[unmatched-patch]").err("did you mean `k8s/config.yaml`?");
    }
    project.write("profiles/shop.yaml", format!("{SHOP}unmanaged: {{k8s/config.yaml: {{}}}}\n"));
    project.run("diff").status(2).err("error[missing-key]").err("reason");
}

#[test]
fn own_prints_what_adopt_removes() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let lines = project.run(&format!("own shop {CONFIG}")).status(0).err("profiles/shop.yaml").stdout;
    assert_eq!(lines, "unmanaged:\n  k8s/config.yaml: { reason: \"...\" }\n");
    assert_eq!(project.run("own shop k8s/config.yaml").stdout, lines);
    assert_eq!(project.run_in("deploy/shop/k8s", "own shop config.yaml").stdout, lines);
    project.write("profiles/shop.yaml", format!("{SHOP}{lines}"));
    project.run("own shop k8s/config.yaml").status(2).err("kept by hand already");
    project.run(&format!("adopt shop {CONFIG}")).status(0);
    assert_eq!(project.read("profiles/shop.yaml"), SHOP);
    project.run("adopt shop k8s/config.yaml").status(2).err("is not kept by hand");
    project.run("own shop k8s/other.yaml").status(2).err("is no file that `shop` renders");
    project.run("diff").status(0);
}

#[test]
fn adopt_leaves_the_rest_of_the_profile_alone() {
    let project = owned();
    let two = "unmanaged:\n  # Since March.\n  k8s/config.yaml: {reason: tuned by hand}\n  # The other.\n  k8s/web.yaml:\n    reason: mine\n# End.\n";
    project.write("profiles/shop.yaml", format!("{SHOP}{two}"));
    project.run("adopt shop k8s/config.yaml").status(0);
    assert_eq!(project.read("profiles/shop.yaml"), format!("{SHOP}unmanaged:\n  # The other.\n  k8s/web.yaml:\n    reason: mine\n# End.\n"));
    // One line, and one that is inherited.
    project.write("profiles/shop.yaml", format!("{SHOP}unmanaged: {{k8s/config.yaml: {{reason: a}}, k8s/web.yaml: {{reason: b}}}}\n"));
    project.run("adopt shop k8s/config.yaml").status(0);
    assert_eq!(project.read("profiles/shop.yaml"), format!("{SHOP}unmanaged: {{k8s/web.yaml: {{reason: b}}}}\n"));
    project.write("profiles/base.yaml", "version: 1\nabstract: true\nunmanaged: {k8s/web.yaml: {reason: b}}\n");
    project.write("profiles/shop.yaml", SHOP.replace("version: 1\n", "version: 1\nextends: [base.yaml]\n"));
    let before = project.tree("profiles");
    project.run("adopt shop k8s/web.yaml").status(2).err("it is inherited from profiles/base.yaml");
    assert_eq!(project.tree("profiles"), before);
}

/// A version that is not this one.
const OTHER: &str = "99.1";

#[test]
fn another_version_goes_on_where_bytes_are_equal() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.run("golden update").status(0);
    let this = env!("CARGO_PKG_VERSION").rsplit_once('.').expect("numbers").0;
    for (pin, status) in [(this, 1), (env!("CARGO_PKG_VERSION"), 1), (OTHER, 2)] {
        project.write("profiles/shop.yaml", format!("{SHOP}generator: \"{pin}\"\n"));
        // Equal bytes are clean, whatever the version.
        for command in ["diff", "check", "golden check", "render shop", "render shop --stdout", "diff --format json"] {
            project.run(command).status(0);
        }
        // What a hand did is no matter of the version: this one renders what is known.
        let path = "deploy/shop/k8s/web.yaml";
        let web = project.read(path);
        project.edit(path, "kind: Deployment", "kind: Deploymen");
        project.run("diff").status(1).out("hand_edited");
        project.write(path, web);
        project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
        let before = project.tree("deploy");
        for command in ["diff", "check", "golden check", "diff --format json"] {
            project.run(command).status(status);
        }
        if status == 2 {
            project.run("diff").status(2).err("error[other-generator]").err("wants infragen 99.1");
            for command in ["render shop", "render shop --force", "render shop --stdout", "golden update"] {
                project.run(command).status(2).err("error[other-generator]");
            }
            assert_eq!(project.tree("deploy"), before, "nothing was written");
        }
        // What has nothing to do with files goes on.
        project.run("lint").status(0);
        project.run("config shop").status(0);
    }
    project.write("profiles/shop.yaml", format!("{SHOP}generator: \"1\"\n"));
    project.run("diff").status(2).err("generator");
}

/// What matches no file is said before anything is rendered.
#[test]
fn lint_speaks_of_what_matches_no_file() {
    let project = Project::shop();
    project.write("profiles/shop.yaml", format!("{SHOP}unmanaged: {{docker-compose.yml: {{reason: ours}}}}\n"));
    for command in ["lint", "lint --format json", "check"] {
        let outcome = project.run(command).status(2);
        assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains("unmatched-patch"), "{outcome}");
    }
    project.write("profiles/shop.yaml", format!("{SHOP}snippets: {{x: {{file: k8s/wbe.yaml, after: a, text: b, reason: ours}}}}\n"));
    project.run("lint").status(2).err("error[unmatched-patch]").err("did you mean `k8s/web.yaml`?");
}
