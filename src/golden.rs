//! Goldens: blessed copies of what each profile renders.

use crate::diagnostics::{Diagnostic, io_reason};
use crate::plan::{Content, Output, Staging};
use crate::render::{Draft, Rendered};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What differs between a golden tree and what is rendered.
#[derive(Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is rendered, but there is no golden.
    Missing,
    /// There is a golden, but it is not rendered.
    Extra,
    /// The golden's text, which is another.
    Changed(String),
    /// It is a script, and the golden has this mode, with which it cannot be executed.
    Mode(u32),
}

/// What a profile renders, verified, and how the golden tree differs from it.
pub type Comparison = (Vec<Rendered>, Vec<(String, Difference)>);

/// What a golden holds, and its mode.
type Golden = (Vec<u8>, Option<u32>);

/// Where the goldens of a profile are: in `golden/` of the project, or in a folder that was named.
pub fn folder(root: &Path, profile: &str) -> Output {
    Output::in_project(root, &format!("{FOLDER}/{profile}"), root)
}

/// The folder with the goldens of all profiles.
pub const FOLDER: &str = "golden";

/// Compares a golden tree with what is rendered. A draft that is its golden, byte for byte, is not verified again.
///
/// # Errors
/// A tree that cannot be read cannot be compared.
pub fn compare(folder: &Output, drafts: Vec<Draft>) -> Result<Comparison, Vec<Diagnostic>> {
    let mut golden = read_tree(folder).map_err(|error| vec![error])?;
    let mut rendered = Vec::new();
    let mut list = Vec::new();
    let mut errors = Vec::new();
    for draft in drafts {
        let there = golden.remove(draft.path());
        match draft.accept(there.as_ref().map(|(bytes, _)| bytes.as_slice())) {
            Ok(file) => {
                let difference = match there {
                    None => Some(Difference::Missing),
                    Some((bytes, _)) if bytes != file.text.as_bytes() => Some(Difference::Changed(String::from_utf8_lossy(&bytes).into_owned())),
                    Some((_, mode)) => {
                        let is_wrong = |mode: &u32| file.lacks(*mode) || (file.must_not_be_executable(*mode) && folder.has_modes());
                        mode.filter(is_wrong).map(Difference::Mode)
                    }
                };
                list.extend(difference.map(|difference| (file.path.clone(), difference)));
                rendered.push(file);
            }
            Err(error) => errors.push(error),
        }
    }
    list.extend(golden.into_keys().map(|path| (path, Difference::Extra)));
    list.sort_by(|a, b| a.0.cmp(&b.0));
    if errors.is_empty() { Ok((rendered, list)) } else { Err(errors) }
}

/// Prepares what makes the golden tree the rendered one.
///
/// # Errors
/// The first thing that cannot be prepared.
pub fn update<'a>(staging: &mut Staging<'a>, folder: &'a Output, comparison: &'a Comparison) -> Result<(), Diagnostic> {
    let (rendered, differences) = comparison;
    let is_new = |path: &str| differences.iter().any(|(known, difference)| known == path && *difference != Difference::Extra);
    let files: Vec<&Rendered> = rendered.iter().filter(|file| is_new(&file.path)).collect();
    let extra = differences.iter().filter(|(_, difference)| *difference == Difference::Extra).map(|(path, _)| path.as_str());
    staging.files(folder, &files, extra.collect())
}

/// Golden folders that belong to no profile of the list.
///
/// # Errors
/// A folder that cannot be read.
pub fn unreferenced(folder: &Path, profiles: &[String]) -> Result<Vec<PathBuf>, Diagnostic> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", folder, &error)),
    };
    let mut list: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| !profiles.iter().any(|name| path.file_name().is_some_and(|file| file == name.as_str())))
        .collect();
    list.sort();
    Ok(list)
}

/// All files below a folder. Links are refused: what is removed or written through them would be elsewhere.
fn read_tree(folder: &Output) -> Result<BTreeMap<String, Golden>, Diagnostic> {
    let mut files = BTreeMap::new();
    folder.refuse_links("any")?;
    let mut open = vec![folder.folder().to_owned()];
    while let Some(next) = open.pop() {
        let entries = match std::fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed("read", &next, &error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| failed("read", &next, &error))?.path();
            let below = path.strip_prefix(folder.folder()).unwrap_or(&path);
            let relative = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            if path.symlink_metadata().map_err(|error| failed("read", &path, &error))?.is_dir() {
                open.push(path);
                continue;
            }
            match folder.read(&relative)? {
                Content::File { bytes, mode } => drop(files.insert(relative, (bytes, mode))),
                Content::Missing => {}
                Content::Other(what) => {
                    return Err(Diagnostic::error("unsafe-output", format!("`{}` is {what}, not a golden", folder.shown(&relative))).help("remove it"));
                }
            }
        }
    }
    Ok(files)
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("io-error", format!("cannot {what} `{}`: {}", path.display(), io_reason(error)))
}
