//! What git knows of output folders.

use super::output;
use crate::diagnostics::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The paths below a folder that are in the index; `None` outside a work tree.
pub type Tracked = Option<BTreeSet<String>>;

/// What git tracks below each folder. It is asked once for each work tree, whatever the number of folders.
///
/// A repository that git refuses to read, or git itself missing, is an error: then nothing can be said.
pub fn tracked(folders: &[&Path]) -> Vec<Result<Tracked, Diagnostic>> {
    let mut answers: Vec<Result<Tracked, Diagnostic>> = folders.iter().map(|_| Ok(None)).collect();
    for (top, places) in by_work_tree(folders) {
        let specs = places.iter().map(|(_, below)| if below.is_empty() { "." } else { below.as_str() });
        match run(&top, ["--literal-pathspecs", "ls-files", "-z", "--cached", "--"].into_iter().chain(specs), None) {
            Ok(listed) => {
                let listed: BTreeSet<&str> = listed.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok()).collect();
                for (at, below) in &places {
                    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
                    let found = listed.range(prefix.as_str()..).map_while(|path| path.strip_prefix(&prefix));
                    answers[*at] = Ok(Some(found.filter(|path| !path.is_empty()).map(str::to_owned).collect()));
                }
            }
            Err(error) => places.iter().for_each(|(at, _)| answers[*at] = Err(error.clone())),
        }
    }
    answers
}

/// The folders by the work tree that they are in, each with its place in the list and its path below the top.
pub(super) fn by_work_tree(folders: &[&Path]) -> BTreeMap<PathBuf, Vec<(usize, String)>> {
    let mut trees: BTreeMap<PathBuf, Vec<(usize, String)>> = BTreeMap::new();
    for (at, folder) in folders.iter().enumerate() {
        if let Some((top, below)) = place(folder) {
            trees.entry(top).or_default().push((at, below));
        }
    }
    trees
}

/// True if a file is in the index.
///
/// # Errors
/// As [`tracked`].
pub fn is_tracked(file: &Path) -> Result<bool, Diagnostic> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else { return Ok(false) };
    let answer = tracked(&[folder]).pop().unwrap_or(Ok(None))?;
    Ok(answer.is_some_and(|tracked| tracked.contains(name)))
}

/// The top of the work tree that a folder is in, and the folder's path below it. The folder need not be there.
pub fn place(folder: &Path) -> Option<(PathBuf, String)> {
    let real = output::real(folder);
    let top = real.ancestors().find(|above| above.join(".git").exists())?;
    let below: Vec<_> = real.strip_prefix(top).ok()?.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Some((top.to_owned(), below.join("/")))
}

/// False where git found, or was told, that the file system keeps no modes.
pub(super) fn has_modes(folder: &Path) -> bool {
    let Some((top, _)) = place(folder) else { return true };
    run(&top, ["config", "--type=bool", "--get", "core.fileMode"], None).map_or(true, |answer| answer != b"false\n")
}

/// The paths below a folder that git is told to ignore, although they are there.
///
/// # Errors
/// As [`tracked`].
pub fn ignored(folder: &Path, paths: &[&str]) -> Result<BTreeSet<String>, Diagnostic> {
    let (Some((top, below)), false) = (place(folder), paths.is_empty()) else { return Ok(BTreeSet::new()) };
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let asked: String = paths.iter().flat_map(|path| [prefix.as_str(), path, "\0"]).collect();
    // Status 1: none of them is.
    let listed = command(&top, ["check-ignore", "-z", "--stdin"], Some(&asked)).map_err(|error| failed(&not_run(&error)))?;
    match listed.status.code() {
        Some(0 | 1) => {
            Ok(listed.stdout.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok()?.strip_prefix(&prefix)).map(str::to_owned).collect())
        }
        _ => Err(failed(&complaint(&listed.stderr))),
    }
}

pub(super) fn failed(reason: &str) -> Diagnostic {
    Diagnostic::error("git-failed", format!("git cannot say which of the files it has: {reason}"))
        .help("without it, a file that nobody committed would go unnoticed")
}

/// Why git could not be run.
pub(super) fn not_run(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound { "the program `git` is not installed".into() } else { crate::diagnostics::io_reason(error) }
}

fn complaint(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).lines().next().and_then(|line| line.split(": /").next()).unwrap_or("it failed").to_owned()
}

/// What git prints.
pub(super) fn run<'a>(top: &Path, arguments: impl IntoIterator<Item = &'a str>, input: Option<&str>) -> Result<Vec<u8>, Diagnostic> {
    let output = command(top, arguments, input).map_err(|error| failed(&not_run(&error)))?;
    if output.status.success() { Ok(output.stdout) } else { Err(failed(&complaint(&output.stderr))) }
}

fn command<'a>(top: &Path, arguments: impl IntoIterator<Item = &'a str>, input: Option<&str>) -> std::io::Result<Output> {
    let stdin = match input {
        Some(text) => Stdio::from(super::index::input(text)?),
        None => Stdio::null(),
    };
    Command::new("git").args(arguments).current_dir(top).stdin(stdin).output()
}
