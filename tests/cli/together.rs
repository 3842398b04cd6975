//! Several profiles in one command: all of them are written, or nothing is.

use crate::support::{Project, SHOP};

/// All folders and files below a folder of the project.
fn paths(project: &Project, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![project.path(folder)];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            found.push(entry.path().strip_prefix(project.path("")).expect("it is below").display().to_string());
            if entry.path().is_dir() {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Two profiles, `shop` and `other`.
fn two() -> Project {
    let project = Project::shop();
    project.write("profiles/other.yaml", SHOP);
    project
}

#[test]
fn one_that_cannot_be_compared_stops_all() {
    let project = two();
    project.write("deploy/other", "a file\n");
    project.run("render shop other").status(2).err("error[unsafe-output]").err("nothing was written");
    assert_eq!(paths(&project, "deploy"), ["deploy/other"]);
}

#[test]
fn one_that_cannot_be_written_stops_all() {
    let project = two();
    project.write("deploy/other/k8s/web.yaml/keep", "");
    let before = paths(&project, "");
    project.run("render shop other --force").status(2).err("error[unsafe-output]").err("nothing was written");
    assert_eq!(paths(&project, ""), before, "no file, no temporary file, and no folder");
    project.run("render shop").status(0);
}

#[test]
fn what_cannot_be_written_is_said_of_each() {
    let project = two();
    project.write("deploy/other", "a file\n").write("deploy/shop", "a file\n");
    project.run("render shop other").status(2).err("`deploy/shop`").err("`deploy/other`");
}

#[test]
fn one_folder_for_two_is_seen_before_the_first_is_written() {
    let project = two();
    project.write("profiles/other.yaml", format!("{SHOP}output: {{dir: deploy/shop}}\n"));
    for arguments in ["render shop other", "render other shop --force", "render shop other --dry-run", "diff", "diff --format json", "lint", "lint other"] {
        let outcome = project.run(arguments).status(2);
        assert_eq!(outcome.stderr.matches("error[").count(), 1, "{arguments}: {outcome}");
        outcome.err("error[output-clash]").err("`shop`").err("`other`").err("`deploy/shop`");
        assert!(!project.path("deploy").exists(), "{arguments}");
    }
    // What is printed goes nowhere: there is nothing to clash.
    project.run("render shop other --stdout").status(0);
}

#[test]
fn goldens_of_two_profiles_of_one_name_clash() {
    let project = Project::shop();
    project.write("more/shop.yaml", SHOP.replace("port: 8080", "port: 8081"));
    let outcome = project.run("golden update shop more/shop.yaml").status(2).err("error[output-clash]").err("nothing was written");
    assert!(outcome.stderr.contains("profiles/shop.yaml") && outcome.stderr.contains("more/shop.yaml"), "{outcome}");
    assert!(!project.path("golden").exists());
}

#[test]
fn a_golden_tree_that_cannot_be_written_stops_all() {
    let project = two();
    std::fs::create_dir_all(project.path("golden/shop/k8s/web.yaml")).expect("a folder");
    let before = paths(&project, "");
    project.run("golden update").status(2).err("error[unsafe-output]").err("nothing was written");
    assert_eq!(paths(&project, ""), before);
}

#[test]
#[cfg(unix)]
fn a_profile_under_two_names_of_its_path_is_one() {
    let project = Project::shop();
    project.write("below/keep", "");
    std::os::unix::fs::symlink(project.path("profiles"), project.path("link")).expect("a link");
    project.run("render shop below/../profiles/shop.yaml link/shop.yaml").status(0).out("shop: 8 created");
    assert_eq!(project.run("diff shop below/../profiles/shop.yaml").stdout.matches("shop: ").count(), 1);
}

#[test]
fn each_has_a_name_of_its_own_on_a_host_and_in_a_cluster() {
    let project = Project::shop();
    for (profile, name) in [("production", "shop"), ("production-EU.west", "shop-production-eu-west"), ("eu", "shop-eu")] {
        project.write(&format!("profiles/{profile}.yaml"), SHOP);
        project.run(&format!("render {profile}")).status(0);
        let compose = project.read(&format!("deploy/{profile}/docker-compose.prod.yml"));
        assert!(compose.contains(&format!("\nname: {name}\n")), "{compose}");
        let namespace = project.read(&format!("deploy/{profile}/k8s/namespace.yaml"));
        assert!(namespace.contains(&format!("\n  name: {name}\n")), "{namespace}");
    }
}
