//! The same profile gives the same bytes: whenever, wherever, whoever renders it.

use crate::support::{Project, outcome};

#[test]
fn twice_and_over_itself() {
    let (first, second) = (Project::shipped(), Project::shipped());
    for project in [&first, &second] {
        project.run("render production development minimal").status(0);
    }
    assert_eq!(first.tree("deploy"), second.tree("deploy"));
    first.run("render production development minimal --force").status(0);
    assert_eq!(first.tree("deploy"), second.tree("deploy"));
}

#[test]
fn in_another_folder_and_from_another_one() {
    let project = Project::shipped();
    project.run("render production").status(0);
    let expected = project.tree("deploy/production");
    project.run("render production --out out/a").status(0).out("created  out/a/nginx/nginx.conf");
    assert_eq!(project.tree("out/a"), expected);
    project.write("below/keep", "");
    project.run_in("below", "render production --out ../out/b").status(0);
    assert_eq!(project.tree("out/b"), expected);
    let absolute = Project::empty();
    project.run(&format!("render production --out {}", absolute.path("c").display())).status(0);
    assert_eq!(absolute.tree("c"), expected);
    // The copy is compared as the original is.
    project.run("diff production --out out/a").status(0);
    project.edit("out/a/nginx/nginx.conf", "least_conn;", "ip_hash;");
    project.run("diff production --out out/a").status(1).out("out/a/nginx/nginx.conf  hand_edited");
    project.run("diff production").status(0);
}

#[test]
#[cfg(unix)]
fn through_a_link_that_the_user_named() {
    let project = Project::shop();
    project.write("real/keep", "");
    std::os::unix::fs::symlink("real", project.path("link")).expect("a link");
    project.run("render shop --out link").status(0).out("created  link/k8s/web.yaml");
    assert!(project.path("real/k8s/web.yaml").is_file() && project.path("link").is_symlink());
}

#[test]
fn whatever_the_environment_says() {
    let project = Project::shipped();
    project.run("render production").status(0);
    let expected = project.tree("deploy/production");
    let environments: [&[(&str, &str)]; 3] = [
        &[("TZ", "Asia/Kathmandu"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("HOME", "/nonexistent"), ("USER", "somebody")],
        &[("TZ", "America/St_Johns"), ("LANG", "C"), ("HOME", ""), ("NO_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "20"), ("RUST_LOG", "trace")],
        &[("CI", "true"), ("SOURCE_DATE_EPOCH", "0"), ("CLICOLOR_FORCE", "1"), ("API_TAG", "9.9.9"), ("HTTP_PORT", "1"), ("GIT_DIR", "/nonexistent")],
    ];
    for (at, environment) in environments.into_iter().enumerate() {
        outcome(project.command(&format!("render production --out out/{at}")).envs(environment.iter().copied())).status(0).quiet();
        assert_eq!(project.tree(&format!("out/{at}")), expected, "{environment:?}");
    }
}

#[test]
fn whatever_the_order_of_the_files_on_the_disk() {
    let project = Project::empty();
    for name in ["zeta", "alpha", "mid"] {
        project.write(&format!("profiles/{name}.yaml"), crate::support::SHOP);
    }
    let printed = project.run("diff").status(1).stdout;
    let order: Vec<&str> = printed.lines().filter(|line| line.contains(" drifted ")).filter_map(|line| line.split(':').next()).collect();
    assert_eq!(order, ["alpha", "mid", "zeta"]);
}

#[test]
fn no_artifact_says_where_or_when_it_was_made() {
    let project = Project::shipped();
    project.run("render production development minimal").status(0);
    let root = project.path("").display().to_string();
    for (path, content) in project.tree("deploy") {
        let text = String::from_utf8(content).expect("UTF-8");
        assert!(!text.contains(&root) && !text.contains("/tmp/."), "{path} has an absolute path");
        assert!(path.ends_with("infragen.lock") || !text.contains(env!("CARGO_PKG_VERSION")), "{path} has infragen's version");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.contains('\r'), "{path} does not end in one newline");
        // A script starts with what runs it.
        let comment = text.strip_prefix("#!/usr/bin/env bash\n").unwrap_or(&text);
        assert!(path.ends_with("infragen.lock") || comment.starts_with("# Made by infragen. Change the profile `"), "{path} does not say what made it");
    }
}
