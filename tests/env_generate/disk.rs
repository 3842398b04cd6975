//! Folders, links, full disks, and others who write at the same time: nothing is lost.

use crate::support::{self, Project, outcome, tree};
use crate::{BACKUP, FILE, mode, project, values};
use infragen::envfile::Draft;
use std::fs::File;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

/// Runs a command that must fail and leave everything as it is.
#[track_caller]
fn refused(project: &Project, arguments: &str, code: &str, help: &str) {
    let before = project.tree("");
    let outcome = project.run(arguments).status(2).err(&format!("error[{code}]")).err(help);
    assert!(outcome.stdout.is_empty() && !outcome.stderr.contains(project.path("").to_str().expect("UTF-8")), "{outcome}");
    assert_eq!(project.tree(""), before, "nothing was written");
}

#[test]
fn out_names_another_file() {
    let project = project();
    project.run("env generate prod --out mine.env").status(0).out("mine.env: 7 variables");
    assert_eq!(mode(&project.path("mine.env")), 0o600);
    assert!(!project.path(FILE).exists());
    project.run_in("deploy", "env generate prod --out ../mine.env").status(0).out("nothing is missing");
    project.run(&format!("env generate prod --out {}", project.path("deploy/absolute.env").display())).status(0).out("deploy/absolute.env: 7 variables");
    assert!(project.path("deploy/absolute.env").is_file());
}

#[test]
fn what_is_no_file_of_its_own() {
    let project = project();
    project.write("real.env", "KEY=\n");
    symlink(project.path("real.env"), project.path(FILE)).expect("a link");
    refused(&project, "env generate prod", "unsafe-output", "name the file that it leads to with `--out`");
    assert!(project.path(FILE).is_symlink());
    std::fs::remove_file(project.path(FILE)).expect("the link");
    // A link that leads nowhere is no place for a new file, either.
    symlink("nowhere", project.path(FILE)).expect("a link");
    refused(&project, "env generate prod", "unsafe-output", "symbolic link");
    project.write("folder.env/keep", "");
    refused(&project, "env generate prod --out folder.env", "unreadable-file", "name the env file itself");
    refused(&project, "env generate prod --out nowhere/x.env", "missing-file", "`infragen render PROFILE` makes it");
    refused(&project, "env generate nothing", "unknown-profile", "help");
    assert!(std::process::Command::new("mkfifo").arg(project.path("pipe")).status().is_ok_and(|status| status.success()));
    project.run("env generate prod --out pipe").status(2).err("error[unreadable-file]: `pipe` is no regular file");
    project.run("env check prod pipe").status(2).err("error[unreadable-file]: `pipe` is no regular file");
    for (content, what) in
        [(b"KEY=\0\n".to_vec(), "holds bytes that are no text"), (b"KEY=\xff\n".to_vec(), "no text"), (vec![b'#'; 300_000], "is larger than 256 KiB")]
    {
        project.write("bad.env", content);
        std::fs::remove_file(project.path("pipe")).ok();
        refused(&project, "env generate prod --out bad.env", "unreadable-file", what);
    }
}

#[test]
fn the_backup_never_follows_a_link() {
    let project = project();
    project.write(FILE, "KEY=\n").write("elsewhere", "theirs\n");
    symlink(project.path("elsewhere"), project.path(BACKUP)).expect("a link");
    project.run("env generate prod").status(0);
    assert_eq!((project.read("elsewhere").as_str(), project.read(BACKUP).as_str()), ("theirs\n", "KEY=\n"));
    assert!(!project.path(BACKUP).is_symlink() && mode(&project.path(BACKUP)) == 0o600);
}

#[test]
fn a_folder_in_the_place_of_the_backup() {
    let project = project();
    project.write(FILE, "KEY=\n").write(&format!("{BACKUP}/keep"), "");
    refused(&project, "env generate prod", "io-error", "nothing was changed");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let project = project();
    project.write(FILE, "KEY=\n");
    let folder = project.path("deploy/prod");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o555)).expect("a mode");
    if File::create(folder.join("probe")).is_err() {
        refused(&project, "env generate prod", "io-error", "nothing was changed; see the folder's owner and free space");
    } else {
        // Root may write everywhere: somebody else has to try.
        std::fs::remove_file(folder.join("probe")).expect("it is there");
        let before = project.tree("");
        let owned = std::process::Command::new("chown").args(["-R", "4711:4711"]).arg(project.path("")).status();
        assert!(owned.is_ok_and(|status| status.success()), "root gives it away");
        let mut other = std::process::Command::new("setpriv");
        other.args(["--reuid=4711", "--regid=4711", "--clear-groups", support::PROGRAM, "env", "generate", "prod"]).current_dir(project.path(""));
        outcome(&mut other)
            .status(2)
            .err("error[io-error]: cannot write `deploy/prod/.env.production`")
            .err("nothing was changed; see the folder's owner and free space");
        assert_eq!(project.tree(""), before, "nothing was written");
    }
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).expect("a mode");
}

/// A limit on the size of files stops a write in its middle, as a full disk does.
#[test]
fn a_disk_that_is_full() {
    for text in [None, Some(format!("# {}\nKEY=\n", "x".repeat(3000)))] {
        let project = project();
        if let Some(text) = &text {
            project.write(FILE, text);
        }
        let before = project.tree("");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" env generate prod", support::PROGRAM]).current_dir(project.path("")).env_clear();
        outcome(&mut shell).status(2).err("error[io-error]: cannot write `deploy/prod/.env.production`").err("nothing was changed");
        assert_eq!(project.tree(""), before, "nothing is left, no half of a file and no temporary one");
    }
}

#[test]
fn somebody_edits_it_meanwhile() {
    let project = project();
    let path = project.path(FILE);
    let draft = || Draft::open(&path, ".env.production").unwrap_or_else(|error| panic!("{error:?}"));
    let refuses = |draft: Draft, now: Option<&str>| {
        let error = draft.replace("KEY=ours\n").expect_err("it was changed");
        assert_eq!(error.code, "changed-meanwhile", "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), now);
        assert!(tree(&project.path("deploy/prod")).keys().all(|name| [".env.production", "keep"].contains(&name.as_str())), "nothing is left");
    };
    // It appears,
    let open = draft();
    assert_eq!(open.text(), None);
    project.write(FILE, "KEY=theirs\n");
    refuses(open, Some("KEY=theirs\n"));
    // changes,
    let open = draft();
    assert_eq!(open.text(), Some("KEY=theirs\n"));
    project.write(FILE, "KEY=theirs\nTOKEN=too\n");
    refuses(open, Some("KEY=theirs\nTOKEN=too\n"));
    // or goes.
    let open = draft();
    std::fs::remove_file(&path).expect("it is there");
    refuses(open, None);
    // A link in its place is not followed.
    project.write(FILE, "KEY=theirs\n").write("elsewhere", "KEY=theirs\n");
    let open = draft();
    std::fs::remove_file(&path).expect("it is there");
    symlink(project.path("elsewhere"), &path).expect("a link");
    assert_eq!(open.replace("KEY=ours\n").expect_err("a link").code, "unsafe-output");
    assert_eq!(project.read("elsewhere"), "KEY=theirs\n");
}

/// They wait for each other: the second finds nothing to do.
#[test]
fn two_at_once_leave_one_complete_file() {
    for start in [None, Some("# mine\nKEY=\n")] {
        let project = project();
        if let Some(text) = start {
            project.write(FILE, text);
        }
        let children: Vec<_> =
            (0..4).map(|_| project.command("env generate prod").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")).collect();
        let outcomes: Vec<_> = children.into_iter().map(|child| support::finish(&child.wait_with_output().expect("it ends"))).collect();
        assert!(outcomes.iter().all(|outcome| outcome.status == 0), "{outcomes:?}");
        let made = outcomes.iter().filter(|outcome| outcome.stdout.contains(" generated  KEY")).count();
        assert_eq!(made, 1, "one of them fills it in: {outcomes:?}");
        let text = project.read(FILE);
        assert_eq!(values(&text)["KEY"].len(), 48);
        assert!(text.contains(start.map_or("# Made by infragen", |_| "# mine\nKEY=")), "{text}");
        let names: Vec<String> = project.tree("deploy/prod").into_keys().collect();
        assert_eq!(
            names,
            [".env.production", ".env.production.backup", "keep"].into_iter().filter(|name| start.is_some() || !name.ends_with("backup")).collect::<Vec<_>>()
        );
    }
}
