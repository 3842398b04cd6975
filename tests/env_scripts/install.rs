//! `scripts/install_secrets.sh` writes each secret for its readers.

use crate::support::{Outcome, Project, text_of, tree};
use crate::{put, rendered, run};
use infragen::envfile::quote;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

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
    "<x>",
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

/// An env file that gives each variable its value, and what each file has to hold.
fn odd(project: &Project, shift: usize) -> (String, BTreeMap<String, String>) {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (at, [_, _, variable]) in files(project).into_iter().enumerate() {
        values.entry(variable).or_insert_with(|| ODD[(at + shift) % ODD.len()].to_owned());
    }
    (values.iter().map(|(name, value)| format!("{name}={}\n", quote(value))).collect::<Vec<_>>().concat(), values)
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
        let said = format!("==> {} files in secrets/, each for its reader alone\n==> if services run already: docker compose ", list.len());
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
    let (text, mut values) = odd(&project, 0);
    put(&project, "odd.env", &text);
    project.write("deploy/secrets/10002/OLD", "x").write("deploy/secrets/4711/KEY", "x").write("deploy/secrets/with space/x", "x");
    // What a run left that was killed, and what is not the script's.
    project.write("deploy/secrets/.new/any/KEY", "x").write("deploy/secrets/tls.crt", "mine");
    install(&project, "odd.env").status(0);
    let found = secrets(&project);
    assert_eq!(found["tls.crt"].0, b"mine");
    assert_eq!(found.len(), files(&project).len() + 1, "{:?}", found.keys());
    // An optional one without a value is there, and empty: the service starts.
    assert!(values.remove("ODD_SECRET").is_some());
    put(&project, "odd.env", values.iter().map(|(name, value)| format!("{name}={}\n", quote(value))).collect::<Vec<_>>().concat());
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
    let without = |name: &str| good.split_inclusive('\n').filter(|line| !line.starts_with(name)).collect::<String>();
    let (no_key, no_token) = (without("KEY="), without("TOKEN="));
    let secret = "Zq7Wx9Rt4Lp2";
    for (text, why) in [
        (format!("{good}two words {secret}\n"), "Docker Compose cannot read this line: there is a space in the name"),
        (format!("{no_key}KEY='{secret}\n"), "Docker Compose cannot read this line: a quote is not closed"),
        (no_key.clone(), "KEY in x.env has no value; scripts/validate_config.sh says what else is missing"),
        (format!("{no_key}KEY=\n"), "KEY in x.env has no value"),
        (format!("{no_key}KEY\n"), "KEY in x.env has no value"),
        (format!("{good}TOKEN=''\n"), "TOKEN in x.env has no value"),
        (format!("{no_token}TOKEN=${secret}\n"), "TOKEN in x.env has a $ outside single quotes: put the value into single quotes"),
        (format!("{no_token}TOKEN=\"\\0044{secret}\"\n"), "TOKEN in x.env has a $ outside single quotes"),
        (format!("{no_token}TOKEN={secret}\0\n"), "x.env holds bytes that are no text"),
        (String::new(), "has no value"),
    ] {
        put(&project, "x.env", &text);
        let outcome = install(&project, "x.env");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{outcome}");
        assert!(outcome.stderr.starts_with("error: ") && outcome.stderr.contains(why), "{why}: {outcome}");
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
    put(&project, "x.env", good.lines().filter(|line| !line.starts_with("file:")).map(|line| format!("{line}\n")).collect::<Vec<_>>().concat());
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
