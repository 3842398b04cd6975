//! What the tests share: a project in a temporary folder, the built program in a cleared environment, and files to compare with.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The built program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_infragen");

/// A profile of several files on three targets, which renders fast.
pub const SHOP: &str = "\
version: 1
project: {name: shop}
environment: {kind: production}
services:
  web:
    kind: web
    image: {name: example/web, tag: '1'}
    port: 8080
    health: {command: [check]}
    env: {LOG_LEVEL: INFO}
    user: '10001:10001'
targets: {compose: {}, dotenv: {}, kubernetes: {quotas: false}}
";

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file in the repository.
pub fn text_of(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A project in a temporary folder that has a folder `profiles`.
pub struct Project {
    folder: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A project without a profile.
    pub fn empty() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir(project.path("profiles")).expect("an empty folder");
        project
    }

    /// A project with the profile `shop`.
    pub fn shop() -> Self {
        let project = Self::empty();
        project.write("profiles/shop.yaml", SHOP);
        project
    }

    /// A project with the repository's own profiles.
    pub fn shipped() -> Self {
        let project = Self::empty();
        copy(&repository("profiles"), &project.path("profiles"));
        project
    }

    /// A path in the project; the empty one is its folder.
    pub fn path(&self, path: &str) -> PathBuf {
        // The real path: where the folder for temporary files is a link, messages show what it leads to.
        let folder = self.folder.path().canonicalize().expect("the project is there");
        if path.is_empty() { folder } else { folder.join(path) }
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
        std::fs::write(path, content).expect("a file can be written");
        self
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces a part of a file, which must be there once.
    pub fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}:\n{text}");
        self.write(path, text.replace(from, to))
    }

    /// All files below a folder, by their path in it. A link counts as a file that holds where it leads.
    pub fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        tree(&self.path(folder))
    }

    /// Runs the program in the project's folder; arguments are divided by spaces.
    #[track_caller]
    pub fn run(&self, arguments: &str) -> Outcome {
        self.run_in("", arguments)
    }

    /// Runs the program in a folder of the project.
    #[track_caller]
    pub fn run_in(&self, folder: &str, arguments: &str) -> Outcome {
        outcome(self.command(arguments).current_dir(self.path(folder)))
    }

    /// The program in the project's folder, with nothing in its environment but `PATH`.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments.split_whitespace()).current_dir(self.path("")).stdin(Stdio::null()).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    /// Runs git, without anybody's settings.
    pub fn git(&self, arguments: &str) -> &Self {
        let mut command = Command::new("git");
        command.args(arguments.split_whitespace()).current_dir(self.path("")).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path))).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().expect("git is installed");
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        self
    }
}

/// Runs a command to its end. Whatever happens, the program does not panic and finds no mistake of its own.
#[track_caller]
pub fn outcome(command: &mut Command) -> Outcome {
    let outcome = finish(&command.output().expect("the program starts"));
    assert!(outcome.is_sound(), "{outcome}");
    outcome
}

/// How a command ended; it was not killed.
#[track_caller]
pub fn finish(output: &Output) -> Outcome {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the output is UTF-8");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let status = output.status.code().unwrap_or_else(|| panic!("killed: {}\n{stderr}", output.status));
    Outcome { status, stdout, stderr }
}

impl Outcome {
    /// False if the program panicked or found a mistake of its own.
    pub fn is_sound(&self) -> bool {
        !self.stderr.contains("panicked") && !self.stderr.contains("internal error")
    }

    /// Asserts the exit status.
    #[track_caller]
    pub fn status(self, expected: i32) -> Self {
        assert_eq!(self.status, expected, "{self}");
        self
    }

    /// Asserts a part of what was printed on stdout.
    #[track_caller]
    pub fn out(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "`{part}` is not on stdout\n{self}");
        self
    }

    /// Asserts a part of what was printed on stderr.
    #[track_caller]
    pub fn err(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "`{part}` is not on stderr\n{self}");
        self
    }

    /// Asserts that nothing was printed on stderr.
    #[track_caller]
    pub fn quiet(self) -> Self {
        assert_eq!(self.stderr, "", "{self}");
        self
    }

    /// What was printed on stdout, as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

/// All files below a folder, by their path in it; nothing if it is not there.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
                continue;
            }
            let content = match std::fs::read_link(&path) {
                Ok(leads_to) => leads_to.as_os_str().as_encoded_bytes().to_vec(),
                Err(_) => std::fs::read(&path).expect("a readable file"),
            };
            let name = path.strip_prefix(folder).expect("it is below").to_str().expect("UTF-8").replace('\\', "/");
            files.insert(name, content);
        }
    }
    files
}

/// Copies a folder and all that is in it.
pub fn copy(from: &Path, to: &Path) {
    for (path, content) in tree(from) {
        let target = to.join(path);
        std::fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("folders can be made");
        std::fs::write(target, content).expect("a file can be written");
    }
}

/// True if this run writes the expected files instead of comparing with them.
pub fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// Compares a text with a file of the repository, or writes it there. The error is what to show.
pub fn compare(path: &str, actual: &str) -> Result<(), String> {
    let full = repository(path);
    let expected = std::fs::read_to_string(&full).unwrap_or_default();
    if expected == actual && full.is_file() {
        return Ok(());
    }
    if is_update() {
        std::fs::create_dir_all(full.parent().expect("a file is in a folder")).expect("folders can be made");
        std::fs::write(&full, actual).expect("a file can be written");
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
    let diff = diff.unified_diff().context_radius(2).header("expected", "actual").to_string();
    Err(format!("{path} is not what is printed; if the change is meant: UPDATE=1 cargo test\n{diff}"))
}

/// Shows all failures at once.
#[track_caller]
pub fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}
