//! Goldens: blessed copies of what each profile renders.

use crate::diagnostics::{Diagnostic, io_reason};
use crate::plan::{self, Content, Output};
use crate::render::Rendered;
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
}

/// Where the goldens of a profile are.
pub fn folder(root: &Path, profile: &str) -> Output {
    Output::in_project(root, &format!("golden/{profile}"), root)
}

/// Compares a golden tree with rendered files.
///
/// # Errors
/// A tree that cannot be read cannot be compared.
pub fn compare(folder: &Output, rendered: &[Rendered]) -> Result<Vec<(String, Difference)>, Diagnostic> {
    let golden = read_tree(folder)?;
    let mut list = Vec::new();
    for file in rendered {
        match golden.get(&file.path) {
            None => list.push((file.path.clone(), Difference::Missing)),
            Some(bytes) if bytes != file.text.as_bytes() => list.push((file.path.clone(), Difference::Changed(String::from_utf8_lossy(bytes).into_owned()))),
            Some(_) => {}
        }
    }
    for path in golden.into_keys() {
        if !rendered.iter().any(|file| file.path == path) {
            list.push((path, Difference::Extra));
        }
    }
    list.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(list)
}

/// Makes the golden tree what is rendered.
///
/// # Errors
/// The first thing that fails; until all files are complete, nothing has changed.
pub fn update(folder: &Output, rendered: &[Rendered], differences: &[(String, Difference)]) -> Result<(), Diagnostic> {
    let is_new = |path: &str| differences.iter().any(|(known, difference)| known == path && *difference != Difference::Extra);
    let files: Vec<(&str, &str, bool)> =
        rendered.iter().filter(|file| is_new(&file.path)).map(|file| (file.path.as_str(), file.text.as_str(), file.executable)).collect();
    plan::write_all(&files, folder)?;
    for (path, _) in differences.iter().filter(|(_, difference)| *difference == Difference::Extra) {
        std::fs::remove_file(folder.path(path)).map_err(|error| folder.failed("remove", path, &error))?;
    }
    Ok(())
}

/// Golden folders that belong to no profile of the list.
///
/// # Errors
/// A folder that cannot be read.
pub fn unreferenced(root: &Path, profiles: &[String]) -> Result<Vec<PathBuf>, Diagnostic> {
    let folder = root.join("golden");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", &folder, &error)),
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
fn read_tree(folder: &Output) -> Result<BTreeMap<String, Vec<u8>>, Diagnostic> {
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
                Content::File(bytes) => drop(files.insert(relative, bytes)),
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
