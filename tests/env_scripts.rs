//! The scripts for servers without infragen: they say what `infragen env check` says, and write what is in the env file.
#![cfg(unix)]

#[path = "support/env_files.rs"]
mod env_files;
#[path = "support/env_mutations.rs"]
mod env_mutations;
mod support;
#[path = "support/texts.rs"]
mod texts;

#[path = "env_scripts/deploy.rs"]
mod deploy;
#[path = "env_scripts/install.rs"]
mod install;

use env_mutations::{Dice, mutated};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Outcome, PROGRAM, Project, text_of};

/// Three secrets with the names of the files that `tests/envfiles_compose.rs` gives to Compose.
const LETTERS: &str = "\
version: 1
project: {name: shop}
environment: {kind: production}
services:
  web:
    kind: web
    image: {name: example/web, tag: '1'}
    port: 8080
    health: {command: [check]}
    env: {B: {param: {format: integer}}}
    secrets: {A: {}, C: {}}
secrets: {A: {}, C: {source: external, min_length: 3}}
targets: {compose: {}, dotenv: {}, scripts: {}}
";

/// A project whose profile is rendered to `deploy`.
fn rendered(profile: &str) -> Project {
    let project = Project::empty();
    project.write("profiles/prod.yaml", format!("{profile}output: {{dir: deploy}}\n"));
    project.run("render prod").status(0);
    project
}

/// A command in an environment of `PATH` alone.
fn cleared(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_clear();
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

fn run(program: &str, folder: &Path, arguments: &[&str]) -> Outcome {
    support::finish(&cleared(program, folder, arguments).output().expect("it starts"))
}

/// The env file that is written to `deploy/FILE`, readable by its owner alone.
fn put(project: &Project, file: &str, content: impl AsRef<[u8]>) {
    project.write(&format!("deploy/{file}"), content);
    std::fs::set_permissions(project.path(&format!("deploy/{file}")), PermissionsExt::from_mode(0o600)).expect("a mode");
}

/// What the two say if it is not the same.
fn difference(project: &Project, file: &str, text: &str) -> Option<String> {
    put(project, file, text);
    let folder = project.path("deploy");
    let script = run("bash", &folder, &["scripts/validate_config.sh", file]);
    let program = run(PROGRAM, &folder, &["env", "check", "prod", file]);
    let same = (&script.stdout, script.status) == (&program.stdout, program.status) && script.stderr.is_empty();
    (!same).then(|| format!("{text}\n=== validate_config.sh: {script}\n=== env check: {program}"))
}

/// Runs both on each file, two at a time, and prints how many of them agree.
#[track_caller]
fn agree(what: &str, profile: &str, files: &[String]) {
    let project = rendered(profile);
    let part = |name: &str, files: &[String]| -> Vec<String> {
        files.iter().enumerate().filter_map(|(at, text)| difference(&project, &format!("{name}-{at}.env"), text)).collect()
    };
    let (first, second) = files.split_at(files.len() / 2);
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(|| part("b", second));
        [part("a", first), other.join().expect("no panic")].concat()
    });
    println!("ok    {what}: {} of {} files, validate_config.sh and env check agree", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty(), "{} differ\n\n{}", wrong.len(), wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n"));
}

/// A file without mistakes for `tests/support/env.yaml`.
fn good() -> String {
    let project = rendered(&text_of("tests/support/env.yaml"));
    project.run("env generate prod").status(0);
    let text = project.read("deploy/.env.production");
    // Random values differ from run to run: these do not.
    let mut dice = Dice(7);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let value = match line.split_once('=').map_or("", |(name, _)| name) {
            "HOOK_URL" => "https://hooks.example.com/x",
            "TOKEN" => "tok-5f2c9a7e",
            "WAREHOUSE_PASSWORD" => "Wq7-xTz9_pL2kVb4",
            "WAREHOUSE_URL" => "'postgresql://reader:Wq7-xTz9_pL2kVb4@warehouse.example.com:5433/facts?sslmode=require'",
            name @ ("CACHE_PASSWORD" | "DATABASE_PASSWORD" | "KEY" | "SALT") => {
                let value: String = (0..48).map(|_| char::from(b"0123456789abcdefGHIJKLMNOPQRSTUV"[dice.below(32)])).collect();
                lines.push(format!("{name}={value}"));
                continue;
            }
            "PIN_PHRASE" => "candle-orbit-velvet-tunnel-pepper-glacier-anchor-willow",
            name @ ("CACHE_URL" | "DATABASE_URL") => {
                let parts = if name == "CACHE_URL" { ["redis://:", "@cache:6379/0"] } else { ["postgresql://shop_owner:", "@database:5432/shop"] };
                let password = lines.iter().rev().find_map(|line| line.strip_prefix(&name.replace("_URL", "_PASSWORD="))).unwrap_or_default();
                lines.push(format!("{name}={}{password}{}", parts[0], parts[1]));
                continue;
            }
            _ => {
                lines.push(line.to_owned());
                continue;
            }
        };
        lines.push(format!("{}{value}", &line[..=line.find('=').unwrap_or_default()]));
    }
    lines.join("\n") + "\n"
}

#[test]
#[ignore = "needs bash"]
fn both_take_a_good_file() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    put(&project, ".env.production", good());
    let folder = project.path("deploy");
    let outcome = run("bash", &folder, &["scripts/validate_config.sh"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome}");
    assert!(outcome.stdout.ends_with(".env.production: 1 to be supplied\n"), "{outcome}");
    assert_eq!(difference(&project, "x.env", &good()), None);
}

#[test]
#[ignore = "needs bash"]
fn they_agree_on_files_with_mistakes() {
    let (good, mut dice) = (good(), Dice(20_260_731));
    let files: Vec<String> = (0..300).map(|_| mutated(&good, &mut dice)).collect();
    agree("files with mistakes", &text_of("tests/support/env.yaml"), &files);
}

#[test]
#[ignore = "needs bash"]
fn they_agree_on_files_that_readers_disagree_on() {
    let files: Vec<String> = env_files::HANDWRITTEN.iter().map(|text| (*text).to_owned()).chain(env_files::random(150)).collect();
    agree("files that readers disagree on", LETTERS, &files);
}

#[test]
#[ignore = "needs bash"]
fn they_agree_on_development() {
    let (good, mut dice) = (good(), Dice(3));
    let files: Vec<String> = (0..20).map(|_| mutated(&good, &mut dice)).collect();
    let profile = text_of("tests/support/env.yaml").replace("kind: production", "kind: development").replace(", storage: 1Gi", "");
    agree("development", &profile, &files);
}

/// What is wrong with the file as a whole.
#[test]
#[ignore = "needs bash"]
fn they_agree_on_the_file() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    let folder = project.path("deploy");
    let same = |arguments: &[&str], what: &str| {
        let script = run("bash", &folder, &[&["scripts/validate_config.sh"], arguments].concat());
        let program = run(PROGRAM, &folder, &[&["env", "check", "prod"], arguments].concat());
        assert_eq!((script.stdout.as_str(), script.status), (program.stdout.as_str(), program.status), "{what}: {script}");
        assert!(!script.stdout.contains('\0') && script.stdout.contains(what), "{what}: {script}");
    };
    put(&project, "link-target.env", good());
    std::os::unix::fs::symlink("link-target.env", project.path("deploy/link.env")).expect("a link");
    same(&["link.env"], "link.env: 1 to be supplied");
    for mode in [0o640, 0o604, 0o400, 0o700, 0o4600, 0o777] {
        put(&project, "mode.env", good());
        std::fs::set_permissions(project.path("deploy/mode.env"), PermissionsExt::from_mode(mode)).expect("a mode");
        same(&["mode.env"], if mode == 0o4600 { "1 to be supplied" } else { "error[file-mode]" });
    }
    let kib = |bytes: usize| format!("# {}\n", "x".repeat(bytes - 3));
    put(&project, "large.env", kib(256 * 1024 + 1));
    same(&["large.env"], "error[too-large]: the file is larger than 256 KiB");
    put(&project, "full.env", kib(256 * 1024));
    same(&["full.env"], "error[missing-variable]");
    // A long line takes a second, and not the square of it.
    let long = "aB3$xyz-".repeat(31_000);
    for (at, text) in
        [format!("KEY='{long}'\n"), format!("KEY={}1f\n", long.replace('$', "4")), long.replace('$', "_"), format!("A={}#\n", " ".repeat(250_000))]
            .iter()
            .enumerate()
    {
        let file = format!("long-{at}.env");
        put(&project, &file, text);
        same(&[file.as_str()], "error");
    }
    // So does one that is all escapes, in each kind of quotes, and one of many lines.
    for (at, text) in [
        format!("KEY=\"{}\"\n", "\\\\".repeat(64_000)),
        format!("KEY=\"{}\"\n", "\\n\\0101".repeat(18_000)),
        format!("KEY='{}x'\n", "\\'".repeat(64_000)),
        format!("KEY='{}'\n", "\n".repeat(128_000)),
    ]
    .iter()
    .enumerate()
    {
        let file = format!("escapes-{at}.env");
        put(&project, &file, text);
        // Of the processor's time, which other programs do not change.
        let script = run("bash", &folder, &["-c", "ulimit -t 30; exec bash scripts/validate_config.sh \"$0\"", &file]);
        let program = run(PROGRAM, &folder, &["env", "check", "prod", &file]);
        assert_eq!((script.stdout.as_str(), script.status), (program.stdout.as_str(), program.status), "{file}: {script}");
    }
    let bytes: [&[u8]; 9] = [
        b"A=1\nB=2\nC=\0\nD=\0\n",
        b"A=1\n\nC=\xc3\xa9\nD=\xff",
        b"A=\0\n",
        b"A=\xff\n",
        b"\xff\xfeA\0",
        b"A=\xed\xa0\x80\n",
        b"A=\xc0\x80\n",
        b"A=\xf4\x90\x80\x80\n",
        b"A=\xe2\x82\n",
    ];
    for (at, bytes) in bytes.iter().enumerate() {
        let file = format!("bytes-{at}.env");
        put(&project, &file, bytes);
        same(&[file.as_str()], "error[binary-file]");
    }
    project.git("init --quiet").git("add --force deploy/link-target.env");
    same(&["link-target.env"], "error[tracked-file]");
    same(&["large.env"], "error[too-large]");
}

#[test]
#[ignore = "needs bash"]
fn a_file_that_cannot_be_read_is_status_2() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    let folder = project.path("deploy");
    project.write("deploy/folder/keep", "");
    assert!(Command::new("mkfifo").arg(project.path("deploy/pipe")).status().is_ok_and(|status| status.success()), "mkfifo is there");
    for script in ["scripts/validate_config.sh", "scripts/install_secrets.sh"] {
        for (argument, why) in [
            ("nothing.env", "cp .env.production.example .env.production, and fill it in"),
            ("folder", "folder cannot be read"),
            ("pipe", "pipe cannot be read"),
            ("--format", "--format is no option; see --help"),
        ] {
            let outcome = run("bash", &folder, &[script, argument]);
            assert!(outcome.status == 2 && outcome.stdout.is_empty() && outcome.stderr.contains(why), "{script} {argument}: {outcome}");
        }
        for help in ["-h", "--help"] {
            let outcome = run("bash", &folder, &[script, help]);
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{script}: {outcome}");
            assert!(
                outcome.stdout.contains(&format!("  {script} ")) && outcome.stdout.contains("[FILE]\n") && outcome.stdout.contains("Exit status: 0"),
                "{script}: {outcome}"
            );
            assert!(outcome.stdout.lines().all(|line| !line.starts_with(['#', '}'])) && !outcome.stdout.contains("set -"), "{outcome}");
        }
        // From anywhere: the default file is the one beside the scripts.
        let outcome = run(&format!("deploy/{script}"), &project.path(""), &[]);
        assert!(outcome.status == 2 && outcome.stderr.contains(".env.production"), "{outcome}");
    }
}
