//! The file as a whole: who may read it, what kind of file it is, and what is in it besides text.

use crate::support::Project;
use crate::{GOOD, finds, project, put};
use std::os::unix::fs::{PermissionsExt, symlink};

/// Findings that no change of a line makes.
pub const OF_FILES: &[&str] = &[
    "- error[file-mode] the mode of the file is 640 and not 600: its owner alone reads and writes it",
    "- error[tracked-file] git has the file: everybody who has the repository has its secrets",
    "13 error[binary-file] there are bytes here that are no text",
    "- error[too-large] the file is larger than 256 KiB",
];

#[test]
fn others_may_read_it() {
    let project = project();
    for (mode, finding) in [
        (0o640, Some(OF_FILES[0])),
        (0o604, Some("- error[file-mode] the mode of the file is 604 and not 600: its owner alone reads and writes it")),
        (0o700, Some("- error[file-mode] the mode of the file is 700 and not 600: its owner alone reads and writes it")),
        (0o400, Some("- error[file-mode] the mode of the file is 400 and not 600: its owner alone reads and writes it")),
        (0o600, None),
    ] {
        put(&project, GOOD);
        std::fs::set_permissions(project.path("x.env"), PermissionsExt::from_mode(mode)).expect("a mode");
        finds(&project, finding.as_slice());
    }
    // Of a link, what counts is the file.
    put(&project, GOOD);
    symlink("x.env", project.path("link.env")).expect("a link");
    project.run("env check prod link.env").status(0).out("link.env: complete\n");
}

#[test]
fn git_has_it() {
    let project = project();
    put(&project, GOOD);
    project.git("init --quiet");
    finds(&project, &[]);
    project.git("add x.env");
    finds(&project, &OF_FILES[1..2]);
    std::fs::set_permissions(project.path("x.env"), PermissionsExt::from_mode(0o640)).expect("a mode");
    finds(&project, &OF_FILES[0..2]);
    project.git("rm --quiet --cached x.env").write(".gitignore", "x.env\n").git("add .gitignore");
    put(&project, GOOD);
    finds(&project, &[]);
}

#[test]
fn what_is_no_text() {
    let project = project();
    let bytes: [&[u8]; 6] = [b"TOKEN=a\0b\n", b"\0", b"TOKEN=\xff\n", b"\xff\xfeT\0O\0", b"TOKEN=\xc0\x80\n", b"TOKEN=\xe2\x82"];
    for bytes in bytes {
        put(&project, [GOOD.as_bytes(), bytes].concat());
        finds(&project, &OF_FILES[2..3]);
    }
}

#[test]
fn what_is_too_large() {
    let project = project();
    let limit = 256 * 1024;
    let padded = |length: usize| format!("{GOOD}# {}\n", "x".repeat(length - GOOD.len() - 3));
    put(&project, padded(limit));
    finds(&project, &[]);
    put(&project, padded(limit + 1));
    finds(&project, &OF_FILES[3..4]);
    put(&project, vec![0; 20 * limit]);
    finds(&project, &OF_FILES[3..4]);
}

#[test]
fn marks_and_line_ends() {
    let project = project();
    put(&project, format!("\u{feff}{GOOD}"));
    finds(&project, &[]);
    // The first line says it; each of them would be too much. A mark in the middle is no mark.
    let returns = "1 warning[carriage-return] the lines end in carriage returns (Windows): shells take them for a part of the value";
    put(&project, GOOD.replace('\n', "\r\n"));
    finds(&project, &[returns]);
    put(&project, GOOD.replace('\n', "\r\n").replace("tok-5f2c9a7e", ""));
    finds(&project, &[returns, "10 error[not-supplied] TOKEN is supplied from outside and has no value yet"]);
    put(&project, format!("{GOOD}\u{feff}NOTE=x\n"));
    finds(&project, &["13 error[unreadable-line] Docker Compose cannot read this line: the name holds a character that no name has"]);
    put(&project, "");
    let missing = project.run("env check prod x.env").status(1);
    assert_eq!(missing.stdout.matches("error[missing-variable]").count(), 9, "{missing}");
    assert_eq!(missing.stdout.matches("error[not-supplied]").count(), 2, "{missing}");
}

/// Status 2, a reason and a next step; nothing on stdout.
#[track_caller]
fn refused(project: &Project, arguments: &str, code: &str, help: &str) {
    let outcome = project.run(arguments).status(2).err(&format!("error[{code}]")).err("= help: ").err(help);
    assert!(outcome.stdout.is_empty(), "{outcome}");
    assert!(!outcome.stderr.contains(project.path("").to_str().expect("UTF-8")), "the message has an absolute path\n{outcome}");
}

#[test]
fn what_cannot_be_read_is_status_2() {
    let project = project();
    refused(&project, "env check prod", "missing-file", "`infragen env generate PROFILE` makes it");
    refused(&project, "env check prod nothing.env", "missing-file", "its .example says what belongs into it");
    for format in ["json", "github"] {
        refused(&project, &format!("env check prod nothing.env --format {format}"), "missing-file", "its .example says");
    }
    std::fs::create_dir(project.path("folder.env")).expect("a folder");
    refused(&project, "env check prod folder.env", "unreadable-file", "name the env file itself");
    assert!(std::process::Command::new("mkfifo").arg(project.path("pipe.env")).status().is_ok_and(|status| status.success()));
    refused(&project, "env check prod pipe.env", "unreadable-file", "name the env file itself");
    refused(&project, "env check prod /dev/zero", "unreadable-file", "name the env file itself");
    symlink("nowhere", project.path("link.env")).expect("a link");
    refused(&project, "env check prod link.env", "missing-file", "makes it");
    put(&project, GOOD);
    refused(&project, "env check pord x.env", "unknown-profile", "prod");
    project.write("profiles/broken.yaml", "version: 1\n");
    refused(&project, "env check broken x.env", "missing-key", "");
    std::fs::set_permissions(project.path("x.env"), PermissionsExt::from_mode(0o000)).expect("a mode");
    // Root may read everything.
    if std::fs::File::open(project.path("x.env")).is_err() {
        refused(&project, "env check prod x.env", "unreadable-file", "see who may read it");
    }
}

#[test]
fn a_repository_that_git_cannot_read() {
    let project = project();
    put(&project, GOOD);
    project.write(".git", "no repository\n");
    refused(&project, "env check prod x.env", "git-failed", "a file that nobody committed would go unnoticed");
}

#[test]
fn the_file_is_that_of_the_profile() {
    let project = project();
    project.write("deploy/prod/.env.production", GOOD);
    project.run("env check prod").status(1).out("deploy/prod/.env.production: error[file-mode]").out("deploy/prod/.env.production: 1 error\n");
    // Messages name it as seen from here.
    project.run_in("deploy/prod", "env check prod").status(1).out(".env.production: error[file-mode]");
    project.run_in("deploy", "env check ../profiles/prod.yaml prod/.env.production").status(1).out("prod/.env.production: 1 error\n");
}
