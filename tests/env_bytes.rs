//! Secrets of exactly so many bytes: what is generated is one, and both checks refuse every other size and shape.
#![cfg(unix)]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use support::{Project, finish};

const PROFILE: &str = "\
version: 1
project: {name: shop}
environment: {kind: production}
services:
  worker:
    kind: worker
    image: {name: example/worker, tag: '1'}
    user: '10001'
    health: {command: [check]}
    secrets: {CIPHER_KEY: {}, SEAL: {}}
secrets: {CIPHER_KEY: {generate: {bytes: 32}}, SEAL: {generate: {kind: base64, bytes: 32}}}
targets: {compose: {}, dotenv: {}, scripts: {}}
output: {dir: deploy}
";

/// The values of the two, and what is said of each; nothing of a good one.
const SAMPLES: [(&str, &str, &[&str]); 6] = [
    ("8d1f03a7c5e29b6470fae1b2c3d4059687a9bcde0f1e2d3c4b5a69788796a5b4", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ+/ZzXcVbB1qE=", &[]),
    ("8d1f03a7c5e29b6470fae1b2c3d40596", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ+/ZzXcVbB1qE=", &["weak-secret"]),
    ("8d1f03a7c5e29b6470fae1b2c3d4059687a9bcde0f1e2d3c4b5a69788796a5b4ff", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ+/ZzXcVbB1qE=", &["weak-secret"]),
    ("zd1f03a7c5e29b6470fae1b2c3d4059687a9bcde0f1e2d3c4b5a69788796a5b4", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ+/ZzXcVbB1qE=", &["malformed-value"]),
    ("8d1f03a7c5e29b6470fae1b2c3d4059687a9bcde0f1e2d3c4b5a69788796a5b4", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ-_ZzXcVbB1qE=", &["malformed-value"]),
    ("8d1f03a7c5e29b6470fae1b2c3d4059687a9bcde0f1e2d3c4b5a69788796a5b4", "mF3kQ9xLv7Nw8RtY6uI3oP5aS0dG2hJ=", &["weak-secret"]),
];

fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/prod.yaml", PROFILE);
    project.run("render prod").status(0);
    project
}

fn put(project: &Project, cipher: &str, seal: &str) {
    project.write("deploy/.env.production", format!("CIPHER_KEY={cipher}\nSEAL={seal}\n"));
    std::fs::set_permissions(project.path("deploy/.env.production"), PermissionsExt::from_mode(0o600)).expect("a mode");
}

/// The rules that are named, in the order of their lines.
fn rules(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.split_once("error[")).filter_map(|(_, rest)| rest.split_once(']')).map(|(rule, _)| rule.to_owned()).collect()
}

#[test]
fn what_is_generated_has_its_size() {
    let project = project();
    project.run("env generate prod").status(0);
    let file = project.read("deploy/.env.production");
    let value = |name: &str| file.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).expect("a value").trim_matches('\'').to_owned();
    assert_eq!((value("CIPHER_KEY").len(), value("SEAL").len()), (64, 44));
    assert!(value("SEAL").ends_with('=') && !value("SEAL").ends_with("=="), "32 bytes are ten groups of three, and two");
    project.run("env check prod").status(0);
    let example = project.read("deploy/.env.production.example");
    assert!(example.contains("# Exactly 32 bytes in hex: openssl rand -hex 32\n"), "{example}");
    assert!(example.contains("# Exactly 32 bytes in base64: openssl rand -base64 32 | tr -d '\\n'\n"), "{example}");
}

#[test]
fn another_size_or_shape_is_refused() {
    let project = project();
    for (cipher, seal, expected) in SAMPLES {
        put(&project, cipher, seal);
        let outcome = project.run("env check prod");
        assert_eq!(rules(&format!("{}{}", outcome.stdout, outcome.stderr)), expected, "{cipher} {seal}: {}{}", outcome.stdout, outcome.stderr);
    }
}

#[test]
#[ignore = "needs bash"]
fn the_script_says_the_same() {
    let project = project();
    for (cipher, seal, _) in SAMPLES {
        put(&project, cipher, seal);
        let here = project.run("env check prod");
        let there = finish(&Command::new("bash").arg("scripts/validate_config.sh").current_dir(project.path("deploy")).output().expect("it starts"));
        let (here, there) = (format!("{}{}", here.stdout, here.stderr), format!("{}{}", there.stdout, there.stderr));
        assert_eq!(rules(&here), rules(&there), "{here}\n{there}");
    }
}
