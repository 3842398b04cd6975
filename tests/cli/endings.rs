//! However a run ends: files are old or new, never half, and nothing that waits is left behind.
#![cfg(unix)]

use crate::support::{PROGRAM, Project, SHOP, outcome};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names of temporary files below a folder.
fn temporary(project: &Project) -> Vec<String> {
    project.tree("").into_keys().filter(|path| path.rsplit('/').next().is_some_and(|name| name.starts_with(".infragen-"))).collect()
}

/// Two versions of a project with many files, the second of them not rendered yet.
fn many() -> Project {
    let project = Project::empty();
    for at in 0..20 {
        project.write(&format!("profiles/shop-{at}.yaml"), SHOP);
    }
    project
}

fn names() -> String {
    (0..20).map(|at| format!("shop-{at} ")).collect::<Vec<_>>().concat()
}

#[test]
fn an_interruption_leaves_old_or_new_files() {
    let project = many();
    let whole = many();
    whole.run(&format!("render {}", names())).status(0);
    let expected = whole.tree("deploy");
    for wait in [0, 20, 60, 100, 150, 200, 300, 400, 600, 900] {
        let mut child = project.command(&format!("render {}", names())).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(wait));
        let signal = if wait % 40 == 0 { "-TERM" } else { "-INT" };
        Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status().expect("kill is there");
        child.wait().expect("it ends");
        assert_eq!(temporary(&project), [""; 0], "after {wait} ms");
        for (path, content) in project.tree("deploy") {
            assert!(expected.get(&path) == Some(&content), "{path} is not whole, after {wait} ms");
        }
    }
    project.run(&format!("render {}", names())).status(0);
    assert_eq!(project.tree("deploy"), expected);
}

/// A disk that is full: no file may become larger than a few blocks.
#[test]
fn a_full_disk_leaves_what_was_there() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let before = project.tree("deploy");
    project.edit("profiles/shop.yaml", "LOG_LEVEL: INFO", &format!("LOG_LEVEL: INFO, LONG: {}", "x".repeat(8000)));
    let full = |arguments: &str| {
        let line = format!("trap '' XFSZ; ulimit -f 4; exec '{PROGRAM}' {arguments}");
        outcome(Command::new("bash").args(["-c", &line]).current_dir(project.path("")).env_clear().env("PATH", std::env::var("PATH").expect("a path")))
    };
    full("render shop").status(2).err("error[io-error]").err("nothing was written");
    assert_eq!(project.tree("deploy"), before);
    assert_eq!(temporary(&project), [""; 0]);
    full("golden update").status(2).err("nothing was written");
    assert!(!project.path("golden").exists());
    // What is printed to it is said to be lost.
    let mut to_full = project.command("diff");
    to_full.stdout(std::fs::File::options().write(true).open("/dev/full").expect("a device"));
    outcome(&mut to_full).status(2).err("cannot write the output");
}

#[test]
fn a_closed_pipe_stops_no_writing() {
    let project = many();
    let mut child = project.command(&format!("render {}", names())).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait_with_output().expect("it ends").status.success());
    project.run("diff").status(0);
}

#[test]
fn renders_at_once_do_not_corrupt_each_other() {
    let project = Project::shop();
    let other = SHOP.replace("LOG_LEVEL: INFO", "LOG_LEVEL: OTHER").replace(", dotenv: {}", "");
    project.write("other/shop.yaml", &other);
    for _ in 0..3 {
        // One folder, two contents of it.
        let line = |at: usize| if at.is_multiple_of(2) { "render shop --force --prune" } else { "render other/shop.yaml --out deploy/shop --force --prune" };
        let run = |at: usize| project.command(line(at)).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let children: Vec<_> = (0..8).map(run).collect();
        for child in children {
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(temporary(&project), [""; 0]);
        let is_first = project.run("diff shop").status == 0;
        let is_second = project.run("diff other/shop.yaml --out deploy/shop").status == 0;
        assert!(is_first != is_second, "all files are of one run, the last");
    }
}

/// A terminal gets to know how far it is; a pipe gets nothing.
#[test]
fn progress_is_for_terminals() {
    let project = Project::empty();
    for at in 0..500 {
        project.write(&format!("profiles/p{at}.yaml"), SHOP);
    }
    let piped = project.run("diff").status(1).quiet();
    assert!(piped.stdout.contains("500 profiles, 4000 files: 4000 missing\n"), "{}", piped.stdout.lines().last().unwrap_or_default());
    if Command::new("script").arg("--version").output().is_err() {
        return;
    }
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &format!("'{PROGRAM}' diff >/dev/null"), "/dev/null"]).current_dir(project.path("")).stdin(Stdio::null()).env("TERM", "xterm");
    let shown = String::from_utf8_lossy(&terminal.output().expect("it runs").stdout).into_owned();
    assert!(shown.contains("\r\u{1b}[K250 of 500 profiles") && shown.ends_with("\r\u{1b}[K"), "{shown:?}");
}

#[test]
fn ten_thousand_lines_are_no_matter() {
    let project = Project::shop();
    let lines = (0..10_100).map(|at| format!("          {}line {at}\n", if at % 3 == 0 { "" } else { "# " })).collect::<Vec<_>>().concat();
    let files = format!("    env: {{LOG_LEVEL: INFO}}\n    files:\n      /etc/web.conf:\n        text: |\n{lines}");
    project.edit("profiles/shop.yaml", "    env: {LOG_LEVEL: INFO}\n", &files);
    project.run("render shop").status(0);
    let path = "deploy/shop/k8s/files.yaml";
    let text = project.read(path);
    assert!(text.lines().count() > 10_000);
    project.run("diff").status(0);
    // Everything is another, and in another order.
    let turned = text.lines().rev().map(|line| format!("{line} more\n")).collect::<Vec<_>>().concat();
    project.write(path, turned);
    for format in ["text", "json", "github", "sarif", "markdown", "patch"] {
        project.run(&format!("diff --format {format}")).status(1);
    }
}

#[test]
fn what_cannot_be_read_is_no_drift() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let web = project.path("deploy/shop/k8s/web.yaml");
    let folder = project.path("deploy/shop/k8s");
    // Root may read everything: links in a circle nobody can.
    std::fs::rename(&folder, project.path("away")).expect("it can be moved");
    std::os::unix::fs::symlink("k8s", &folder).expect("a link");
    for command in ["diff", "check", "diff --format json"] {
        project.run(command).status(2);
    }
    std::fs::remove_file(&folder).expect("a link");
    std::fs::rename(project.path("away"), &folder).expect("it can be moved");
    project.run("diff").status(0);
    std::fs::set_permissions(&web, PermissionsExt::from_mode(0o0)).expect("a mode");
    if std::fs::read(&web).is_err() {
        project.run("diff").status(2).err("error[io-error]");
    }
    std::fs::set_permissions(&web, PermissionsExt::from_mode(0o644)).expect("a mode");
    // The lock, too.
    let lock = project.path("deploy/shop/infragen.lock");
    std::fs::remove_file(&lock).expect("it is there");
    std::fs::create_dir(&lock).expect("a folder");
    project.run("diff").status(2).err("error[unsafe-output]");
}
