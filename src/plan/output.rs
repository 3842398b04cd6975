//! An output folder: the only way to the disk, and never out of the folder.

use super::Index;
use crate::diagnostics::Diagnostic;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Missing,
    /// A file.
    File {
        /// What it holds.
        bytes: Vec<u8>,
        /// Its mode, where the system has modes.
        mode: Option<u32>,
    },
    /// Something that is no file of its own: a folder, a link.
    Other(&'static str),
}

/// No artifact is in more folders than so many.
const DEEPEST: usize = 3;

/// A folder that artifacts go to.
#[derive(Clone, Debug)]
pub struct Output {
    folder: PathBuf,
    /// Everything below this must be a real folder: a link could lead elsewhere.
    trusted: PathBuf,
    /// How messages name the folder.
    shown: String,
    /// Messages show paths relative to it.
    cwd: PathBuf,
    /// Files are read from here, in the place of the folder.
    index: Option<Index>,
}

impl Output {
    /// The folder `below` of a project's root.
    pub fn in_project(root: &Path, below: &str, cwd: &Path) -> Self {
        let folder = root.join(below);
        let shown = folder.strip_prefix(cwd).unwrap_or(&folder).display().to_string();
        Self { folder, trusted: root.to_owned(), shown, cwd: cwd.to_owned(), index: None }
    }

    /// A folder that the user named.
    pub fn named(folder: &Path, cwd: &Path) -> Self {
        let full = cwd.join(folder);
        Self { trusted: full.clone(), folder: full, shown: folder.display().to_string(), cwd: cwd.to_owned(), index: None }
    }

    /// The same folder, as git's index has it.
    #[must_use]
    pub fn as_in(self, index: Index) -> Self {
        Self { index: Some(index), ..self }
    }

    /// True if what is read is git's index.
    pub fn is_index(&self) -> bool {
        self.index.is_some()
    }

    /// True unless git was told that this file system has no modes: there, every file can be executed.
    pub fn has_modes(&self) -> bool {
        self.is_index() || super::git::has_modes(&self.folder)
    }

    /// What stands at an artifact's path on the disk.
    ///
    /// # Errors
    /// As [`Output::read`].
    pub fn read_from_disk(&self, path: &str) -> Result<Content, Diagnostic> {
        Self { index: None, ..self.clone() }.read(path)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder, as messages show it.
    pub fn shown_folder(&self) -> &str {
        if self.shown.is_empty() { "." } else { self.shown.trim_end_matches('/') }
    }

    /// The folder's path without links: one for each folder.
    pub fn real(&self) -> PathBuf {
        real(&self.folder)
    }

    /// The folder's path from the top of the git work tree that it is in; `None` outside one.
    pub fn path_in_work_tree(&self) -> Option<String> {
        super::git::place(&self.folder).map(|(_, below)| below)
    }

    /// A path in the folder, as messages show it.
    pub fn shown(&self, path: &str) -> String {
        if self.shown.is_empty() { path.to_owned() } else { format!("{}/{path}", self.shown.trim_end_matches('/')) }
    }

    /// The file system's path of an artifact.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// What stands at an artifact's path.
    ///
    /// # Errors
    /// Anything but "nothing there".
    pub fn read(&self, path: &str) -> Result<Content, Diagnostic> {
        if let Some(index) = &self.index {
            return Ok(index.read(path));
        }
        self.refuse_links(path)?;
        let full = self.path(path);
        let metadata = match std::fs::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Content::Missing),
            Err(error) => return Err(self.failed("read", path, &error)),
        };
        if metadata.is_symlink() {
            return Ok(Content::Other("a symbolic link"));
        }
        if metadata.is_dir() {
            return Ok(Content::Other("a folder"));
        }
        if !metadata.is_file() {
            return Ok(Content::Other("no regular file"));
        }
        let bytes = std::fs::read(&full).map_err(|error| self.failed("read", path, &error))?;
        Ok(Content::File { bytes, mode: mode(&metadata) })
    }

    /// The paths of all files in the folder: as far down as files are rendered, and never through a link.
    pub fn files(&self) -> Vec<String> {
        if let Some(index) = &self.index {
            return index.files().map(|(path, _)| path.clone()).collect();
        }
        let (mut list, mut open) = (Vec::new(), vec![(self.folder.clone(), 0)]);
        while let Some((folder, depth)) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && depth < DEEPEST => open.push((path, depth + 1)),
                    Ok(kind) if kind.is_file() => {
                        let below = path.strip_prefix(&self.folder).unwrap_or(&path);
                        list.push(below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
                    }
                    _ => {}
                }
            }
        }
        list
    }

    /// Refuses a path whose folders lead out of the output folder.
    ///
    /// # Errors
    /// Names the link.
    pub fn refuse_links(&self, path: &str) -> Result<(), Diagnostic> {
        if Path::new(path).components().any(|component| !matches!(component, Component::Normal(_))) {
            return Err(Diagnostic::error("internal-error", format!("internal error: the artifact `{path}` leaves the output folder")));
        }
        // Where the folder itself is trusted, the walk below ends before it.
        if self.folder == self.trusted && self.folder.is_file() {
            return Err(Diagnostic::error("unsafe-output", format!("`{}` is a file where a folder has to be", self.shown_folder())).help("move it away"));
        }
        let full = self.path(path);
        let folders = full.parent().unwrap_or(&full).ancestors().take_while(|folder| **folder != *self.trusted);
        for folder in folders {
            let shown = folder.strip_prefix(&self.cwd).unwrap_or(folder);
            match std::fs::symlink_metadata(folder) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(Diagnostic::error(
                        "unsafe-output",
                        format!("`{}` is a symbolic link: what is written there would leave the output folder", shown.display()),
                    )
                    .help("replace the link by a folder, or choose another one with `output.dir` or `--out`"));
                }
                Ok(metadata) if !metadata.is_dir() => {
                    return Err(Diagnostic::error("unsafe-output", format!("`{}` is a file where a folder has to be", shown.display())).help("move it away"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// An error of the file system, in words.
    pub fn failed(&self, what: &str, path: &str, error: &std::io::Error) -> Diagnostic {
        Diagnostic::error("io-error", format!("cannot {what} `{}`: {}", self.shown(path), crate::diagnostics::io_reason(error)))
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
fn mode(metadata: &std::fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// The path without links, as far as it is there.
pub fn real(path: &Path) -> PathBuf {
    let real = path.ancestors().find_map(|above| Some(above.canonicalize().ok()?.join(path.strip_prefix(above).ok()?)));
    real.unwrap_or_else(|| path.to_owned())
}
