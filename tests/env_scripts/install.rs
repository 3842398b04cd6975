//! `scripts/install_secrets.sh` writes each secret for its readers.

use crate::support::{Outcome, Project, text_of, tree};
use crate::{put, rendered, run};
use infragen::envfile::{parse, quote};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, symlink};

/// What people and programs take for passwords.
const ODD: &[&str] = &[
    "p@ss/w:ord$1'\"# %\\ žluťoučký",
    " spaces around ",
    "line one\nline two\n\n",
    "$(id)`id`${HOME}$$",
    "ends in a backslash\\",
    "\ttab\u{1}\u{7f}\u{1b}[0m",
    "🦀中\u{a0}\u{2028}",
    "-n",
    "%s%d\\n\\x41",
    "*",
    "<x",
    "it's",
    "\"",
    "a\r\nb",
];

fn install(project: &Project, file: &str) -> Outcome {
    run("bash", &project.path("deploy"), &["scripts/install_secrets.sh", file])
}

/// Files below `secrets`, as the script lists them: path, owner, variable.
fn files(project: &Project) -> Vec<[String; 3]> {
    let script = project.read("deploy/scripts/install_secrets.sh");
    let list = script.split_once("FILES=(\n").and_then(|(_, rest)| rest.split_once("\n)")).map(|(list, _)| list.to_owned()).expect("a list");
    list.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().try_into().expect("three words")).collect()
}

/// Root may give files away without Docker.
fn is_root(project: &Project) -> bool {
    std::fs::metadata(project.path("")).expect("it is there").uid() == 0
}

/// What somebody has to think of, or may. Not all profiles have all of them.
const CHOSEN: &[&str] = &["CACHE_PASSWORD", "DATABASE_PASSWORD", "INDEX_PASSWORD", "KEY", "ODD_SECRET", "PIN_PHRASE", "SALT", "TOKEN", "WAREHOUSE_PASSWORD"];

/// A complete env file with strong values that start and end oddly, and what each file has to hold.
fn odd(project: &Project, shift: usize) -> (String, BTreeMap<String, String>) {
    let mut text = "HOOK_URL=https://hooks.example.com/x\nSENTRY_DSN=https://abc@sentry.example.com/7\n".to_owned();
    for (at, name) in CHOSEN.iter().enumerate() {
        let odd = ODD[(at + shift) % ODD.len()];
        let mut strong = "7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2gZhJc".to_owned();
        let end = strong.split_off(3 * at + 1);
        text += &format!("{name}={}\n", quote(&format!("{odd}{end}{strong}{odd}")));
    }
    put(project, "made.env", text);
    project.run("env generate prod --out deploy/made.env").status(0);
    let text = project.read("deploy/made.env");
    let values = parse(&text).values().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (text, values)
}

/// Without the line of this variable.
fn without(text: &str, name: &str) -> String {
    let parsed = parse(text);
    let one = parsed.assignments.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("{name} is in it"));
    format!("{}{}", &text[..one.span.start], text[one.span.end..].trim_start_matches('\n'))
}

/// Everything below `secrets`: bytes, mode and owner.
fn secrets(project: &Project) -> BTreeMap<String, (Vec<u8>, u32, u32)> {
    let folder = project.path("deploy/secrets");
    let look = |path: &String| std::fs::metadata(folder.join(path)).expect("it is there");
    tree(&folder).into_iter().map(|(path, bytes)| (path.clone(), (bytes, look(&path).mode() & 0o7777, look(&path).uid()))).collect()
}

#[test]
#[ignore = "needs bash"]
fn every_reader_gets_its_file() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    if !is_root(&project) {
        println!("skip  install_secrets.sh  (not root)");
        return;
    }
    let list = files(&project);
    assert!(list.iter().any(|[_, owner, _]| owner == "any") && list.iter().any(|[_, owner, _]| owner == "10002"), "{list:?}");
    for shift in 0..ODD.len() {
        let (text, values) = odd(&project, shift);
        put(&project, "odd.env", text);
        let outcome = install(&project, "odd.env");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (0, ""), "{outcome}");
        let said = format!("==> {} files in secrets/, each for its reader alone\n==> if services run already: scripts/deploy_prod.sh docker", list.len());
        assert!(outcome.stderr.starts_with(&said), "{outcome}");
        let found = secrets(&project);
        assert_eq!(found.len(), list.len(), "{:?}", found.keys());
        for [path, owner, variable] in &list {
            let (bytes, mode, uid) = &found[path.trim_start_matches("secrets/")];
            assert_eq!(String::from_utf8_lossy(bytes), values[variable], "{path}: byte by byte");
            let expected = if owner == "any" { (0o444, 0) } else { (0o400, owner.parse().expect("a number")) };
            assert_eq!((*mode, *uid), expected, "{path}");
        }
        assert_eq!(std::fs::metadata(project.path("deploy/secrets")).expect("it is there").mode() & 0o7777, 0o700);
        install(&project, "odd.env").status(0);
        assert_eq!(secrets(&project), found, "a second run changes nothing");
    }
}

#[test]
#[ignore = "needs bash"]
fn what_nothing_mounts_goes() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    if !is_root(&project) {
        println!("skip  install_secrets.sh  (not root)");
        return;
    }
    let (text, _) = odd(&project, 0);
    put(&project, "odd.env", &text);
    project.write("deploy/secrets/10002/OLD", "x").write("deploy/secrets/4711/KEY", "x").write("deploy/secrets/with space/x", "x");
    // What a run left that was killed, and what is not the script's.
    project.write("deploy/secrets/.new/any/KEY", "x").write("deploy/secrets/tls.crt", "mine");
    install(&project, "odd.env").status(0);
    let found = secrets(&project);
    assert_eq!(found["tls.crt"].0, b"mine");
    assert_eq!(found.len(), files(&project).len() + 1, "{:?}", found.keys());
    // An optional one without a value is there, and empty: the service starts.
    put(&project, "odd.env", without(&text, "ODD_SECRET"));
    install(&project, "odd.env").status(0);
    assert_eq!(secrets(&project)["any/ODD_SECRET"].0, b"");
}

/// Nothing is replaced before all is complete.
#[test]
#[ignore = "needs bash"]
fn what_is_incomplete_changes_nothing() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    project.write("deploy/secrets/10002/KEY", "old").write("deploy/secrets/10002/OLD", "old");
    let before = secrets(&project);
    let (good, _) = odd(&project, 0);
    let (no_key, no_token) = (without(&good, "KEY"), without(&good, "TOKEN"));
    let secret = "Zq7Wx9Rt4Lp2";
    for (text, why) in [
        (format!("{good}two words {secret}\n"), "error[unreadable-line]: Docker Compose cannot read this line: there is a space in the name"),
        (format!("{no_key}KEY='{secret}\n"), "error[unreadable-line]: Docker Compose cannot read this line: a quote is not closed"),
        (no_key.clone(), "error[missing-variable]: KEY is required and not in the file"),
        (format!("{no_key}KEY=\n"), "error[empty-variable]: KEY is required and has no value"),
        (format!("{no_key}KEY\n"), "error: KEY in x.env has no value"),
        (format!("{no_key}KEY={secret}\n"), "error[weak-secret]: KEY is weak: it has 12 characters, 32 are needed"),
        (format!("{good}TOKEN=''\n"), "error[duplicate-variable]: TOKEN is set again"),
        (format!("{no_token}TOKEN=${secret}\n"), "error[dollar-outside-quotes]: TOKEN has a $ outside single quotes"),
        (format!("{no_token}TOKEN=\"\\0044{secret}\"\n"), "error[dollar-outside-quotes]: TOKEN has a $ outside single quotes"),
        (format!("{no_token}TOKEN={secret}\0\n"), "error[binary-file]: there are bytes here that are no text"),
        (without(&good, "DATABASE_URL") + "DATABASE_URL=postgresql://a:b@c/d\n", "error[derived-mismatch]: DATABASE_URL does not match"),
        (String::new(), "error[not-supplied]: TOKEN"),
    ] {
        put(&project, "x.env", &text);
        let outcome = install(&project, "x.env");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{outcome}");
        assert!(outcome.stderr.contains(why), "{why}: {outcome}");
        assert!(outcome.stderr.ends_with("error: nothing was installed: correct x.env first\n") || why.starts_with("error: "), "{outcome}");
        assert!(!outcome.stderr.contains(&secret[..6]), "{outcome}");
        assert_eq!(secrets(&project), before, "{why}");
    }
}

#[test]
#[ignore = "needs bash"]
fn the_certificate_is_copied() {
    let everything = text_of("tests/support/everything.yaml").replace("output: {dir: deploy/somewhere}\n", "").replace(", cluster_issuer: letsencrypt", "");
    let project = rendered(
        &everything.lines().map(|line| if line.starts_with("  tls: ") { "  tls: {kind: files}\n".into() } else { format!("{line}\n") }).collect::<String>(),
    );
    let (good, _) = odd(&project, 0);
    put(&project, "x.env", &good);
    let outcome = install(&project, "x.env").status(2).err("secrets/tls.crt is missing: put the certificate and its key there");
    assert!(tree(&project.path("deploy/secrets")).is_empty(), "{outcome}");
    if !is_root(&project) {
        println!("skip  install_secrets.sh  (not root)");
        return;
    }
    project.write("deploy/secrets/tls.crt", "certificate\n").write("deploy/secrets/tls.key", "key");
    install(&project, "x.env").status(0);
    let found = secrets(&project);
    let copies: Vec<_> = found.iter().filter(|(path, _)| path.ends_with("/tls.crt")).map(|(_, (bytes, mode, _))| (bytes.as_slice(), *mode)).collect();
    assert_eq!(copies, [(b"certificate\n".as_slice(), 0o400)], "as it is, with its newline");
}

/// Whoever may exchange the folder decides what services read.
#[test]
#[ignore = "needs bash"]
fn the_folder_is_its_own() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    let (good, _) = odd(&project, 0);
    put(&project, "x.env", &good);
    let folder = project.path("deploy/secrets");
    project.write("elsewhere/tls.crt", "theirs");
    symlink(project.path("elsewhere"), &folder).expect("a link");
    install(&project, "x.env").status(2).err("error: secrets is no folder of its own: move it away");
    assert_eq!(project.tree("elsewhere").len(), 1, "nothing was written there");
    std::fs::remove_file(&folder).expect("the link");
    project.write("deploy/secrets", "a file");
    install(&project, "x.env").status(2).err("error: secrets is no folder of its own");
    std::fs::remove_file(&folder).expect("the file");
    std::fs::create_dir(&folder).expect("a folder");
    symlink(project.path("elsewhere"), folder.join("10002")).expect("a link");
    install(&project, "x.env").status(2).err("error: secrets/10002 is a link: remove it");
    assert_eq!(project.tree("elsewhere").len(), 1, "nothing was written there");
    std::fs::remove_file(folder.join("10002")).expect("the link");
    if is_root(&project) {
        std::os::unix::fs::chown(&folder, Some(4711), None).expect("root may do that");
        install(&project, "x.env").status(2).err("error: secrets is a folder of somebody else");
        // Root works for the owner of the whole.
        std::os::unix::fs::chown(project.path("deploy"), Some(4711), None).expect("root may do that");
        install(&project, "x.env").status(0);
    }
}

/// A deployment that fails goes back to the secrets of what runs, however many were interrupted before it.
#[test]
#[ignore = "needs bash"]
fn the_way_back_leads_to_what_runs() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    if !is_root(&project) {
        println!("skip  install_secrets.sh  (not root)");
        return;
    }
    project.write("deploy/secrets/tls.crt", "certificate\n").write("deploy/secrets/tls.key", "key");
    let script = |arguments: &[&str]| {
        let arguments: Vec<&str> = std::iter::once("scripts/install_secrets.sh").chain(arguments.iter().copied()).collect();
        run("bash", &project.path("deploy"), &arguments).status(0)
    };
    let state = || (secrets(&project), project.read("deploy/.deploy/secrets.env"));
    for (at, name) in ["a.env", "b.env", "c.env"].iter().enumerate() {
        put(&project, name, odd(&project, at).0);
    }
    script(&["a.env"]);
    assert!(!project.path("deploy/.deploy/secrets.before").exists(), "by hand there is no way back");
    let runs = state();
    // One deployment is interrupted, the next one fails.
    script(&["--quiet", "b.env"]);
    script(&["--quiet", "c.env"]);
    assert!(state() != runs, "other values");
    script(&["--restore"]);
    assert!(state() == runs, "those of before the first of the two");
    script(&["--quiet", "b.env"]);
    script(&["--restore"]);
    assert!(state() == runs, "and once more");
}

/// Warnings do not stop it, nor what may come later.
#[test]
#[ignore = "needs bash"]
fn warnings_do_not_stop_it() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    if !is_root(&project) {
        println!("skip  install_secrets.sh  (not root)");
        return;
    }
    let (good, _) = odd(&project, 0);
    put(&project, "x.env", without(&good, "SENTRY_DSN") + "UNKNOWN_NAME=x\n");
    let checked = run("bash", &project.path("deploy"), &["scripts/validate_config.sh", "x.env"]).status(1);
    assert!(checked.stdout.contains("warning[unknown-variable]") && checked.stdout.contains("info[to-be-supplied]"), "{checked}");
    let outcome = install(&project, "x.env").status(0);
    assert!(!outcome.stderr.contains("warning"), "{outcome}");
    put(&project, "x.env", good);
    std::fs::set_permissions(project.path("deploy/x.env"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
    install(&project, "x.env").status(2).err("error[file-mode]");
}

/// Somebody who is not root, but may use the engine.
#[test]
#[ignore = "needs bash, and Docker"]
fn the_engine_gives_files_away() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    let script = project.read("deploy/scripts/install_secrets.sh");
    let image = script.lines().find_map(|line| line.strip_prefix("CHOWN_IMAGE=")).expect("an image").to_owned();
    let has_image = std::process::Command::new("docker").args(["image", "inspect", &image]).output().is_ok_and(|output| output.status.success());
    let Some(socket) = std::fs::metadata("/var/run/docker.sock").ok().filter(|_| has_image && is_root(&project)) else {
        println!("skip  install_secrets.sh  (not root, or no engine with {image})");
        return;
    };
    let (good, values) = odd(&project, 0);
    put(&project, "x.env", good);
    let give =
        |owner: &str| assert!(std::process::Command::new("chown").args(["-R", owner]).arg(project.path("")).status().is_ok_and(|status| status.success()));
    give("4711:4711");
    let groups = format!("--groups={}", socket.gid());
    let as_other =
        |groups: &str| run("setpriv", &project.path("deploy"), &["--reuid=4711", "--regid=4711", groups, "bash", "scripts/install_secrets.sh", "x.env"]);
    let outcome = as_other("--clear-groups");
    assert!(outcome.status == 2 && outcome.stderr.contains("error: the files could not be given to the users that read them"), "{outcome}");
    assert!(secrets(&project).is_empty(), "nothing is left");
    for _ in 0..2 {
        as_other(&groups).status(0);
        let found = secrets(&project);
        let list = files(&project);
        assert_eq!(found.len(), list.len(), "{:?}", found.keys());
        for [path, owner, variable] in list {
            let (bytes, mode, uid) = &found[path.trim_start_matches("secrets/")];
            assert_eq!(String::from_utf8_lossy(bytes), values[&variable], "{path}: byte by byte");
            assert_eq!((*mode, *uid), if owner == "any" { (0o444, 4711) } else { (0o400, owner.parse().expect("a number")) }, "{path}");
        }
    }
    give("0:0");
}
