//! Bad input that takes more than one file to make: a clear message, status 2, nothing written, no panic.
//!
//! The messages stand in `tests/invalid/`, as those of `tests/invalid.rs` do.
#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use support::{Outcome, Project, SHOP, compare, finish, outcome};

/// All that is in a project: folders, too.
fn everything(project: &Project) -> BTreeSet<(String, Vec<u8>)> {
    fn walk(folder: &Path, found: &mut BTreeSet<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.display().to_string();
            if path.is_symlink() {
                found.insert((name, path.read_link().expect("a link").into_os_string().into_encoded_bytes()));
            } else if path.is_dir() {
                found.insert((name, Vec::new()));
                walk(&path, found);
            } else {
                found.insert((name, std::fs::read(&path).expect("a readable file")));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&project.path(""), &mut found);
    found
}

/// Runs a command that must fail, leave everything as it is, and print what stands in `tests/invalid/MESSAGE.stderr`.
#[track_caller]
fn refused(project: &Project, arguments: &str, message: &str) -> Outcome {
    let before = everything(project);
    let outcome = project.run(arguments).status(2);
    let after = everything(project);
    let changed: Vec<&String> = after.symmetric_difference(&before).map(|(path, _)| path).collect();
    assert!(changed.is_empty(), "something was written: {changed:?}\n{outcome}");
    let code = message.split('/').next().unwrap_or_default();
    assert!(outcome.stderr.contains(&format!("error[{code}]")), "{outcome}");
    assert!(!outcome.stderr.contains(&project.path("").display().to_string()), "the message has an absolute path\n{outcome}");
    if let Err(difference) = compare(&format!("tests/invalid/{message}.stderr"), &outcome.stderr) {
        panic!("{difference}");
    }
    outcome
}

#[test]
fn a_huge_file() {
    let project = Project::shop();
    project.write("profiles/shop.yaml", format!("{SHOP}x-text: {}\n", "a".repeat(10_000_000)));
    refused(&project, "render shop", "too-large/ten-megabytes");
    project.write("profiles/shop.yaml", format!("{SHOP}x-list: [{}]\n", "1, ".repeat(30_000)));
    refused(&project, "render shop", "too-large/many-values");
}

/// A pipe that nobody writes into would let a reader wait for ever; a device may never end.
#[test]
fn a_profile_that_is_no_regular_file() {
    let project = Project::empty();
    symlink("/dev/zero", project.path("profiles/zero.yaml")).expect("a link");
    refused(&project, "render zero", "unreadable-file/device");
    let made = std::process::Command::new("mkfifo").arg(project.path("profiles/pipe.yaml")).status().expect("mkfifo is installed");
    assert!(made.success());
    project.write("profiles/child.yaml", "version: 1\nextends: [pipe.yaml]\n");
    let _socket = std::os::unix::net::UnixListener::bind(project.path("profiles/socket.yaml")).expect("a socket");
    for (arguments, message) in [
        ("render pipe", "unreadable-file/pipe"),
        ("diff profiles/pipe.yaml", "unreadable-file/pipe-by-path"),
        ("golden check pipe", "unreadable-file/pipe-by-path"),
        ("render child", "unreadable-file/pipe-in-extends"),
        ("render socket", "unreadable-file/socket"),
    ] {
        ends(&project, arguments);
        // `everything` would read the pipe, too.
        let outcome = project.run(arguments).status(2);
        if let Err(difference) = compare(&format!("tests/invalid/{message}.stderr"), &outcome.stderr) {
            panic!("{arguments}: {difference}");
        }
    }
    assert!(!project.path("deploy").exists());
    ends(&project, "lint");
}

/// Fails where a command does not end by itself.
#[track_caller]
fn ends(project: &Project, arguments: &str) {
    let mut child = project.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    for _ in 0..500 {
        if child.try_wait().expect("it can be asked").is_some() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().expect("it can be ended");
    panic!("`{arguments}` waits for something");
}

#[test]
fn one_profile_in_two_files() {
    let project = Project::shop();
    project.write("profiles/shop.yml", SHOP).write("profiles/other.yaml", SHOP);
    refused(&project, "render shop", "ambiguous-profile/two-endings");
    for command in ["diff", "diff --format json", "lint", "golden check"] {
        let outcome = refused(&project, command, "ambiguous-profile/of-all");
        assert!(command.starts_with("golden") || outcome.stdout.contains("other") || outcome.stdout.contains("1 profile"), "{outcome}");
    }
    refused(&project, "golden update", "ambiguous-profile/two-endings");
    // A path says which one is meant.
    project.run("render profiles/shop.yml").status(0);
}

#[test]
fn a_mark_of_the_byte_order() {
    let project = Project::shop();
    let wrong = SHOP.replace("version: 1", "versio: 1");
    project.write("profiles/shop.yaml", format!("\u{feff}{wrong}"));
    let marked = project.run("lint shop").status(2);
    project.write("profiles/shop.yaml", wrong);
    assert_eq!(marked.stderr, project.run("lint shop").status(2).err("profiles/shop.yaml:1:1").stderr);
    // The mark is no key and no text: the files are those of the profile without it.
    project.write("profiles/shop.yaml", SHOP);
    project.run("render shop").status(0);
    project.write("profiles/base.yaml", format!("\u{feff}{SHOP}abstract: true\n"));
    project.write("profiles/shop.yaml", "\u{feff}version: 1\r\nextends: [base.yaml]\r\n");
    project.run("render shop").status(0).out("8 unchanged");
    project.write("profiles/shop.yaml", "\u{feff}");
    project.run("render shop").status(2).err("error[empty-profile]");
}

#[test]
fn a_folder_instead_of_a_profile() {
    let project = Project::empty();
    project.write("profiles/shop.yaml/keep", "");
    refused(&project, "render shop", "unreadable-file/folder-by-name");
    // Where all profiles are meant, a folder is none of them.
    project.run("lint").status(0).out("0 findings in 0 profiles");
}

#[test]
fn no_project() {
    let project = Project::empty();
    std::fs::remove_dir(project.path("profiles")).expect("it is empty");
    refused(&project, "render production", "unknown-profile/no-project");
    for command in ["diff", "lint", "golden check"] {
        refused(&project, command, "unknown-profile/no-project-and-no-name");
    }
    project.write("profiles", "a file\n");
    refused(&project, "render production", "unknown-profile/no-project");
}

#[test]
fn no_profile() {
    let project = Project::empty();
    refused(&project, "render production", "unknown-profile/none");
}

#[test]
fn a_file_that_is_no_name() {
    let project = Project::empty();
    project.write("profiles/staging (old).yaml", SHOP).write("profiles/shop.yaml", SHOP);
    let outcome = refused(&project, "lint", "invalid-name/file");
    assert_eq!(outcome.stdout.lines().last(), Some("0 findings in 1 profile"), "{outcome}");
}

#[test]
fn a_file_where_a_folder_has_to_be() {
    let project = Project::shop();
    project.write("deploy", "a file\n");
    refused(&project, "render shop", "unsafe-output/file-for-a-folder");
    refused(&project, "diff shop", "unsafe-output/file-for-a-folder-in-diff");
    refused(&project, "render shop --out deploy", "unsafe-output/file-for-out");
    project.write("out/k8s", "a file\n");
    refused(&project, "render shop --out out", "unsafe-output/file-for-a-folder-in-out");
}

#[test]
fn a_folder_where_a_file_has_to_be() {
    let project = Project::shop();
    project.write("deploy/shop/docker-compose.prod.yml/keep", "");
    project.run("render shop").status(1).out("left alone  deploy/shop/docker-compose.prod.yml");
    refused(&project, "render shop --force", "unsafe-output/folder-for-a-file");
    let project = Project::shop();
    project.write("deploy/shop/infragen.lock/keep", "");
    refused(&project, "render shop", "unsafe-output/folder-for-the-lock");
}

#[test]
fn two_profiles_with_one_folder() {
    let project = Project::shop();
    project.write("profiles/other.yaml", format!("{SHOP}output: {{dir: deploy/shop}}\n"));
    project.run("render shop").status(0);
    refused(&project, "render other", "output-clash/render");
    refused(&project, "diff other", "output-clash/diff");
    refused(&project, "render shop other", "output-clash/together");
    std::fs::remove_dir_all(project.path("deploy")).expect("it was rendered");
    refused(&project, "render shop other", "output-clash/together");
}

#[test]
fn a_repository_that_git_cannot_read() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.write(".git", "no repository\n");
    refused(&project, "diff shop", "git-failed/broken");
}

#[test]
fn links_that_lead_out_of_the_output_folder() {
    let project = Project::shop();
    project.write("elsewhere/keep", "").write("deploy/shop/keep", "");
    symlink(project.path("elsewhere"), project.path("deploy/shop/k8s")).expect("a link");
    refused(&project, "render shop", "unsafe-output/linked-folder");
    refused(&project, "render shop --force", "unsafe-output/linked-folder");
    // Even a link that leads to a folder of the project: nobody can see from the path what is written.
    let project = Project::shop();
    project.write("elsewhere/keep", "");
    symlink("elsewhere", project.path("deploy")).expect("a link");
    refused(&project, "render shop", "unsafe-output/linked-output");
    let project = Project::shop();
    project.write("elsewhere/keep", "").write("out/keep", "");
    symlink("../elsewhere", project.path("out/k8s")).expect("a link");
    refused(&project, "render shop --out out", "unsafe-output/linked-folder-in-out");
    // A link that leads nowhere.
    std::fs::remove_file(project.path("out/k8s")).expect("the link");
    symlink("../nowhere", project.path("out/k8s")).expect("a link");
    refused(&project, "render shop --out out", "unsafe-output/linked-folder-in-out");
}

#[test]
fn a_lock_that_names_files_elsewhere() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let digest = infragen::plan::digest(b"mine\n");
    for path in ["../../mine", "/tmp/mine", "k8s/../../../mine"] {
        project.write("mine", "mine\n");
        let lock = project.read("deploy/shop/infragen.lock");
        project.write("deploy/shop/infragen.lock", format!("{lock}  '{path}': {digest}\n"));
        let before = everything(&project);
        // Whatever it says of such a lock: it neither removes nor overwrites what is not below.
        let outcome = project.run("render shop --prune --force");
        assert!(project.path("mine").exists() && outcome.status != 1, "{path}: {outcome}");
        assert!(outcome.status == 0 || everything(&project) == before, "{path}: {outcome}");
        project.write("deploy/shop/infragen.lock", lock);
    }
}

#[test]
fn output_that_cannot_be_written() {
    let project = Project::shop();
    std::fs::create_dir(project.path("deploy")).expect("a folder");
    std::fs::set_permissions(project.path("deploy"), PermissionsExt::from_mode(0o555)).expect("a mode");
    if File::create(project.path("deploy/probe")).is_ok() {
        // Root may write everywhere: a file where a folder has to be is what stops it.
        return;
    }
    refused(&project, "render shop", "io-error/read-only");
}

/// A limit on the size of files stops a write in its middle, as a full disk does.
#[test]
fn a_disk_that_is_full() {
    let project = Project::shop();
    let before = everything(&project);
    let mut shell = std::process::Command::new("sh");
    // The signal is ignored, so that the write fails. Blocks are of 512 or 1024 bytes: the manifests are larger than one.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" render shop", support::PROGRAM]).current_dir(project.path("")).env_clear();
    let outcome = outcome(&mut shell).status(2);
    if let Err(difference) = compare("tests/invalid/io-error/full-disk.stderr", &outcome.stderr) {
        panic!("{difference}");
    }
    assert_eq!(everything(&project), before, "nothing is left: no half of a file, no temporary one, and no folder that was made for them");
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_nobody_can_take() {
    let project = Project::shop();
    for arguments in ["render shop --stdout", "schema", "lint", "diff", "diff --format json", "golden check"] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let outcome = finish(&project.command(arguments).stdout(full).output().expect("it starts")).status(2);
        assert!(outcome.is_sound(), "{outcome}");
        if let Err(difference) = compare("tests/invalid/io-error/full-output.stderr", &outcome.stderr) {
            panic!("{arguments}: {difference}");
        }
    }
    for arguments in ["--help", "--version"] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        assert!(finish(&project.command(arguments).stdout(full).output().expect("it starts")).is_sound());
    }
    // Messages that cannot be printed are no reason to panic, either.
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    assert_eq!(project.command("render nothing").stderr(full).status().expect("it starts").code(), Some(2));
}
