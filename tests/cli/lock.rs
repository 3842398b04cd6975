//! The lock: what was written last. It can be lost and broken, and nothing is lost by it.

use crate::support::{Project, SHOP};

const LOCK: &str = "deploy/shop/infragen.lock";

#[test]
fn it_is_made_again() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let lock = project.read(LOCK);
    std::fs::remove_file(project.path(LOCK)).expect("it is there");
    project.run("diff").status(0);
    assert_eq!(project.run("render shop").status(0).stdout, "shop: 8 unchanged\n");
    assert_eq!(project.read(LOCK), lock);
}

#[test]
fn without_it_a_file_that_differs_is_somebodys() {
    let project = Project::shop();
    project.run("render shop").status(0);
    std::fs::remove_file(project.path(LOCK)).expect("it is there");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", "LOG_LEVEL: WARNING");
    project.run("diff").status(1).out("deploy/shop/k8s/config.yaml  hand_edited");
    project.run("render shop").status(1).out("left alone  deploy/shop/k8s/config.yaml");
    project.run("render shop --force").status(0);
    project.run("diff").status(0);
}

#[test]
fn a_broken_one_is_none() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let lock = project.read(LOCK);
    let broken: [&[u8]; 9] = [
        b"",
        b"\n",
        b"{",
        b"<<<<<<< HEAD\na: 1\n=======\n",
        b"- a\n",
        b"generator: 1\n",
        b"\xff\xfe\0",
        b"generator: 'x'\nstack: y\nfiles: [a]\n",
        b"generator: 'x'\nstack: y\nfiles: {a: [b]}\n",
    ];
    for text in broken {
        project.write(LOCK, text);
        project.run("diff").status(0);
        project.run("render shop").status(0);
        assert_eq!(project.read(LOCK), lock, "{text:?}");
    }
}

#[test]
fn it_lists_each_file_in_order_and_itself_not() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let lock = infragen::plan::Lock::parse(&project.read(LOCK)).expect("it can be read");
    let mut files = project.tree("deploy/shop");
    files.remove("infragen.lock");
    assert!(lock.files.keys().eq(files.keys()), "{:?}", lock.files);
    for (path, content) in files {
        assert_eq!(lock.files[&path], infragen::plan::digest(&content), "{path}");
    }
    let text = project.read(LOCK);
    let listed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert!(text.starts_with("# ") && listed.len() == 8, "{text}");
}

#[test]
fn two_profiles_do_not_take_each_others_files() {
    let project = Project::shop();
    project.write("profiles/other.yaml", format!("{SHOP}output: {{dir: deploy/shop}}\n"));
    project.run("render shop").status(0);
    let before = project.tree("deploy");
    // Both claim the same paths: that names both profiles, and nothing is written.
    project.run("render other").status(2).err("shop").err("other");
    project.run("render other --force").status(2);
    project.run("render other --prune --force").status(2);
    assert_eq!(project.tree("deploy"), before);
    project.run("render shop other").status(2);
}

#[test]
fn without_it_an_orphan_is_known_by_its_first_line() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.edit("profiles/shop.yaml", ", kubernetes: {quotas: false}", "").write("deploy/shop/k8s/mine.yaml", "a: 1\n");
    std::fs::remove_file(project.path("deploy/shop/infragen.lock")).expect("it is there");
    let outcome = project.run("diff").status(1).out("deploy/shop/k8s/web.yaml  orphan, hand_edited   infragen render shop --prune --force\n");
    assert!(!outcome.stdout.contains("mine.yaml"), "{outcome}");
    project.run("render shop --prune --force").status(0);
    assert_eq!(project.tree("deploy/shop/k8s").into_keys().collect::<Vec<_>>(), ["mine.yaml"]);
    project.run("diff").status(0);
}
