//! The real readers of env files against what `infragen::envfile` says of them: Docker Compose, bash, dash, python-dotenv.
//!
//! A program that is not installed is skipped; with INFRAGEN_REQUIRE_TOOLS=1 that is a failure.

#[path = "support/env_files.rs"]
mod env_files;
#[path = "support/readers/mod.rs"]
mod readers;
#[path = "support/texts.rs"]
mod texts;

use env_files::{HANDWRITTEN, random, values};
use infragen::envfile::{Assignment, parse, quote};
use readers::{Reader, Reading, differences, python_dotenv, shell};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

type Variables = BTreeMap<String, String>;

/// A file for a reader, and what it has to read in it.
struct Case {
    text: String,
    expected: Variables,
}

fn files() -> Vec<String> {
    HANDWRITTEN.iter().map(|text| (*text).to_owned()).chain(random(300)).collect()
}

fn owned(values: BTreeMap<&str, &str>) -> Variables {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn names(variables: &Variables) -> Vec<&str> {
    variables.keys().map(String::as_str).collect()
}

/// The lines of a statement.
fn lines<'a>(one: &Assignment, text: &'a str) -> &'a str {
    let start = text[..one.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[one.span.end..].find('\n').map_or(text.len(), |length| one.span.end + length);
    &text[start..end]
}

/// What `reader` has to read: each statement that its model takes, and each file in which it differs nowhere from Compose.
/// The numbers are those of the statements and of the files that Compose reads alike.
fn cases(reader: Reader, model: fn(&str) -> Reading) -> (Vec<Case>, usize, usize) {
    let (mut cases, mut alike, mut whole) = (Vec::new(), 0, 0);
    let written = values(300).into_iter().map(|value| format!("A={}\n", quote(&value)));
    for text in files().into_iter().chain(written) {
        let parsed = parse(&text);
        let same = |one: &Assignment| !differences(one, &text).contains(&reader);
        for one in &parsed.assignments {
            let lines = lines(one, &text);
            if let Reading::Sets { name, value } = model(lines) {
                if same(one) {
                    alike += 1;
                    assert_eq!((&name, &value), (&one.name, &one.value), "{lines:?}");
                }
                cases.push(Case { text: format!("{lines}\n"), expected: [(name, value)].into() });
            }
        }
        if parsed.is_readable_by_compose() && !parsed.assignments.is_empty() && parsed.assignments.iter().all(same) {
            whole += 1;
            let expected = owned(parsed.values());
            cases.push(Case { text, expected });
        }
    }
    (cases, alike, whole)
}

/// The path of a program that can be started.
#[track_caller]
fn program(name: &str, path: impl Into<PathBuf>, arguments: &[&str]) -> Option<PathBuf> {
    let path = path.into();
    let starts = Command::new(&path).args(arguments).stdin(Stdio::null()).output().is_ok_and(|done| done.status.success());
    if !starts {
        assert!(std::env::var("INFRAGEN_REQUIRE_TOOLS").as_deref() != Ok("1"), "{name} is not installed; .ci/install-tools installs it");
        println!("skip  {name}  (not installed)");
    }
    starts.then_some(path)
}

/// A command in an environment of PATH and HOME alone.
fn cleared(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
}

/// What Compose reads with `--env-file`, or its message.
///
/// One service asks for the names that we found. The other one takes the same file as its `env_file`, and so shows all names;
/// its values count for nothing, because `$` sees the values of `--env-file` there.
fn compose(docker: &Path, text: &str, names: &[&str]) -> Result<Variables, String> {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file can be written");
    write("values", text);
    let services = json!({"asked": {"image": "none", "environment": names}, "all": {"image": "none", "env_file": ["values"]}});
    write("compose.yaml", &json!({"name": "one", "services": services}).to_string());
    let arguments = ["compose", "--env-file", "values", "--file", "compose.yaml", "config", "--format", "json"];
    let done = cleared(docker).current_dir(folder.path()).args(arguments).output().expect("docker starts");
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let config: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let environment = |service: &str| config["services"][service]["environment"].as_object().cloned().unwrap_or_default();
    let asked = environment("asked");
    // In Compose's own output, `$$` stands for `$`. A name that is only in the second service has no value here.
    let value = |name: &String| asked.get(name).and_then(Value::as_str).map_or_else(|| "(not asked for)".to_owned(), |value| value.replace("$$", "$"));
    Ok(environment("all").keys().map(|name| (name.clone(), value(name))).collect())
}

/// What Compose says of a file that it does not take; anything else is a mistake of the test.
const REFUSALS: &[&str] = &["failed to read ", "setenv: invalid argument"];

#[test]
#[ignore = "needs docker compose"]
fn compose_reads_the_same() {
    let Some(docker) = program("docker compose", "docker", &["compose", "version"]) else { return };
    let files = files();
    let part = |files: &[String]| {
        let (mut read, mut refused, mut wrong) = (0, 0, String::new());
        for text in files {
            let parsed = parse(text);
            let ours = owned(parsed.values());
            match compose(&docker, text, &names(&ours)) {
                Ok(theirs) if parsed.is_readable_by_compose() && theirs == ours => read += 1,
                Err(why) if !parsed.is_readable_by_compose() && REFUSALS.iter().any(|refusal| why.contains(refusal)) => refused += 1,
                theirs => writeln!(wrong, "{text:?}\n  we: {ours:?} {:?}\n  Compose: {theirs:?}", parsed.problems).expect("a string"),
            }
        }
        (read, refused, wrong)
    };
    // A process for each file, and two of them at a time.
    let (first, second) = files.split_at(files.len() / 2);
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| part(second));
        (part(first), other.join().expect("no panic"))
    });
    let (read, refused, wrong) = (first.0 + second.0, first.1 + second.1, first.2 + &second.2);
    assert!(wrong.is_empty(), "\n{wrong}");
    println!("ok    docker compose: {read} files read, {refused} refused");
    assert!(read > 250 && refused > 50, "the files are of both kinds");
}

#[test]
#[ignore = "needs docker compose"]
fn compose_reads_what_is_written() {
    let Some(docker) = program("docker compose", "docker", &["compose", "version"]) else { return };
    let values: Variables = values(1000).into_iter().enumerate().map(|(index, value)| (format!("V{index}"), value)).collect();
    let text: String = values.iter().flat_map(|(name, value)| [name.clone(), "=".to_owned(), quote(value), "\n".to_owned()]).collect();
    let theirs = compose(&docker, &text, &names(&values)).expect("Compose reads the file");
    let wrong: Vec<_> = values.iter().filter(|(name, value)| theirs.get(*name) != Some(*value)).map(|(name, value)| (value, theirs.get(name))).collect();
    assert!(wrong.is_empty() && theirs.len() == values.len(), "{wrong:#?}");
    println!("ok    docker compose: {} written values read", values.len());
}

/// Each case in a subshell. What a shell itself puts into the environment does not count.
fn sourced(shell: &Path, cases: &[Case], locale: Option<&str>) -> Vec<Variables> {
    let folder = TempDir::new().expect("a temporary folder");
    for (index, case) in cases.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.env")), &case.text).expect("a file can be written");
    }
    // Without a PATH: nothing that a file says by mistake can start a program.
    let script = "PATH=/nonexistent; for file in *.env; do (set -a; . \"./$file\"; exec /usr/bin/env -0 >\"$file.out\"); done";
    let mut command = Command::new(shell);
    command.env_clear().envs(locale.map(|locale| ("LC_ALL", locale))).current_dir(folder.path());
    command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the shell starts");
    let of_the_shell = ["_", "PWD", "OLDPWD", "SHLVL", "LC_ALL", "PATH"];
    let variables = |index: usize| {
        let text = std::fs::read_to_string(folder.path().join(format!("{index}.env.out"))).unwrap_or_default();
        let pairs = text.split_terminator('\0').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| !of_the_shell.contains(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    (0..cases.len()).map(variables).collect()
}

#[track_caller]
fn compare(name: &str, cases: &[Case], theirs: &[Variables]) {
    assert_eq!(cases.len(), theirs.len());
    let differs = cases.iter().zip(theirs).filter(|(case, theirs)| case.expected != **theirs);
    let wrong: String =
        differs.map(|(case, theirs)| format!("{:?}\n  we: {:?}\n  {name}: {theirs:?}\n", case.text, case.expected)).collect::<Vec<_>>().concat();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
#[ignore = "needs bash and dash"]
fn shells_read_the_same() {
    let (cases, alike, whole) = cases(Reader::Shell, shell);
    for (name, locale) in [("bash", None), ("bash", Some("C.UTF-8")), ("dash", None)] {
        let Some(path) = program(name, format!("/bin/{name}"), &["-c", ":"]) else { continue };
        compare(name, &cases, &sourced(&path, &cases, locale));
        println!("ok    {name} {}: {} readings, {alike} statements and {whole} files as Compose", locale.unwrap_or("C"), cases.len());
    }
    assert!(alike > 200 && whole > 100, "{alike} statements, {whole} files");
}

#[test]
#[ignore = "needs python-dotenv"]
fn python_dotenv_reads_the_same() {
    let (cases, alike, whole) = cases(Reader::Libraries, python_dotenv);
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map_or_else(|| home.join(".cache"), PathBuf::from);
    let Some(python) = program("python-dotenv", cache.join("infragen/tools/venv/bin/python3"), &["-c", "import dotenv"]) else { return };
    let folder = TempDir::new().expect("a temporary folder");
    for (index, case) in cases.iter().enumerate() {
        std::fs::write(folder.path().join(index.to_string()), &case.text).expect("a file can be written");
    }
    let script = "import dotenv, json, sys; print(json.dumps([dotenv.dotenv_values(str(n), interpolate=False) for n in range(int(sys.argv[1]))]))";
    let done = Command::new(python).args(["-c", script, &cases.len().to_string()]).current_dir(folder.path()).stdin(Stdio::null()).output();
    let done = done.expect("python starts");
    let theirs: Vec<BTreeMap<String, Option<String>>> = serde_json::from_slice(&done.stdout).expect("JSON");
    // A name without `=` is listed without a value.
    let set = |file: BTreeMap<String, Option<String>>| file.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let theirs: Vec<Variables> = theirs.into_iter().map(set).collect();
    compare("python-dotenv", &cases, &theirs);
    println!("ok    python-dotenv: {} readings, {alike} statements and {whole} files as Compose", cases.len());
    assert!(alike > 200 && whole > 100, "{alike} statements, {whole} files");
}
