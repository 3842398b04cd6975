//! Files as git's index has them: what a commit would hold.

use super::git::{self, failed, run};
use super::{Content, output};
use crate::diagnostics::Diagnostic;
use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::path::Path;

/// The files below one folder, by their path in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index(BTreeMap<String, Content>);

impl Index {
    /// All files, by their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &Content)> {
        self.0.iter()
    }

    /// What the index has at a path.
    pub fn read(&self, path: &str) -> Content {
        if let Some(content) = self.0.get(path) {
            return content.clone();
        }
        let below = format!("{path}/");
        let is_folder = self.0.range(below.clone()..).next().is_some_and(|(other, _)| other.starts_with(&below));
        if is_folder { Content::Other("a folder") } else { Content::Missing }
    }
}

/// One line of `git ls-files --stage`.
struct Entry {
    mode: String,
    object: String,
    stage: String,
    path: String,
}

/// What the index has below each folder. It is asked once for each work tree.
///
/// A folder outside of any work tree has no index: that is an error, and so is all that git cannot say.
pub fn index(folders: &[&Path]) -> Vec<Result<Index, Diagnostic>> {
    let mut answers: Vec<Result<Index, Diagnostic>> = folders.iter().map(|folder| Err(no_work_tree(folder))).collect();
    for (top, places) in git::by_work_tree(folders) {
        let specs = places.iter().map(|(_, below)| if below.is_empty() { "." } else { below.as_str() });
        let answer = listed(&top, ["--literal-pathspecs"], specs);
        for (at, below) in &places {
            let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
            answers[*at] = answer.clone().map(|Index(all)| {
                let below = all.range(prefix.clone()..).map_while(|(path, content)| Some((path.strip_prefix(&prefix)?.to_owned(), content.clone())));
                Index(below.collect())
            });
        }
    }
    answers
}

/// What the index of a work tree has at paths, each with git's notation for which are meant.
///
/// # Errors
/// What git cannot say.
pub(super) fn of<'a>(top: &Path, specs: impl IntoIterator<Item = &'a str>) -> Result<Index, Diagnostic> {
    listed(top, [], specs)
}

fn listed<'a, const N: usize>(top: &Path, options: [&'a str; N], specs: impl IntoIterator<Item = &'a str>) -> Result<Index, Diagnostic> {
    let arguments = options.into_iter().chain(["ls-files", "-z", "--cached", "--stage", "--"]).chain(specs);
    run(top, arguments, None).and_then(|listed| read(top, &entries(&listed)))
}

fn no_work_tree(folder: &Path) -> Diagnostic {
    let message = format!("`{}` is in no git work tree: there is no index to compare with", output::real(folder).display());
    Diagnostic::error("git-failed", message).help("without `--against index`, the files that are there are compared")
}

fn entries(listed: &[u8]) -> Vec<Entry> {
    let one = |line: &[u8]| {
        let (facts, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
        let mut facts = facts.split(' ').map(str::to_owned);
        Some(Entry { mode: facts.next()?, object: facts.next()?, stage: facts.next()?, path: path.to_owned() })
    };
    listed.split(|byte| *byte == 0).filter_map(one).collect()
}

/// The contents of all entries.
fn read(top: &Path, entries: &[Entry]) -> Result<Index, Diagnostic> {
    let is_file = |entry: &&Entry| entry.stage == "0" && entry.mode.starts_with("100");
    let objects: String = entries.iter().filter(is_file).flat_map(|entry| [entry.object.as_str(), "\n"]).collect();
    let answer = if objects.is_empty() { Vec::new() } else { run(top, ["cat-file", "--batch"], Some(&objects))? };
    let (mut files, mut rest) = (BTreeMap::new(), answer.as_slice());
    for entry in entries {
        let content = match (entry.stage.as_str(), entry.mode.as_str()) {
            ("0", mode) if mode.starts_with("100") => {
                let bytes = next(&mut rest).ok_or_else(|| failed(&format!("it does not have what `{}` holds", entry.path)))?;
                Content::File { bytes, mode: u32::from_str_radix(mode, 8).ok().map(|mode| mode & 0o777) }
            }
            ("0", "120000") => Content::Other("a symbolic link"),
            ("0", _) => Content::Other("a submodule"),
            _ => Content::Other("not merged yet"),
        };
        files.insert(entry.path.clone(), content);
    }
    Ok(Index(files))
}

/// The next object of `git cat-file --batch`: a line with its size, its bytes, and a newline.
fn next(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let size: usize = std::str::from_utf8(&rest[..end]).ok()?.rsplit(' ').next()?.parse().ok()?;
    let bytes = rest.get(end + 1..end + 1 + size)?.to_vec();
    *rest = rest.get(end + 2 + size..)?;
    Some(bytes)
}

/// A text as the standard input of a command: a file, so that nobody waits for the other to read.
pub(super) fn input(text: &str) -> std::io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}
