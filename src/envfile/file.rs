//! The env file on the disk: read whole, replaced whole, with a copy of what was there.

use super::check::{Content, Facts, MAX_KIB};
use crate::diagnostics::{Diagnostic, io_reason};
use crate::interrupt;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// What is added to the file's name for the copy of what was there before.
pub const BACKUP: &str = ".backup";

/// Reads a file for a look at it.
///
/// # Errors
/// A file that is not there or cannot be read.
pub fn read(path: &Path, shown: &str) -> Result<(Content, Facts), Diagnostic> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(shown, &error))?;
    let bytes = bytes(path, shown, &metadata)?;
    Ok((content(&bytes), Facts { mode: mode(&metadata), tracked: false }))
}

fn content(bytes: &[u8]) -> Content {
    if bytes.len() as u64 > MAX_KIB * 1024 {
        return Content::TooLarge;
    }
    let is_text = |line: &[u8]| !line.contains(&0) && std::str::from_utf8(line).is_ok();
    match bytes.split(|byte| *byte == b'\n').position(|line| !is_text(line)) {
        Some(at) => Content::Binary { line: at + 1 },
        None => Content::Text(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// A pipe would never end, so that nothing but a regular file is opened.
fn bytes(path: &Path, shown: &str, metadata: &Metadata) -> Result<Vec<u8>, Diagnostic> {
    if !metadata.is_file() {
        return Err(Diagnostic::error("unreadable-file", format!("`{shown}` is no regular file")).help("name the env file itself"));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_KIB * 1024 + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| unreadable(shown, &error))
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot read `{shown}`: {}", io_reason(error));
    if error.kind() == ErrorKind::NotFound {
        return Diagnostic::error("missing-file", message).help("`infragen env generate PROFILE` makes it; its .example says what belongs into it");
    }
    Diagnostic::error("unreadable-file", message).help("see who may read it")
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(super::OWNER_ONLY))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    super::check::OWNER_ONLY
}

/// A file that is about to be filled in. While this lives, no other `env generate` works in the folder.
pub struct Draft {
    path: PathBuf,
    shown: String,
    folder: PathBuf,
    /// What the file held; `None` if there was none.
    before: Option<Vec<u8>>,
    /// Released when it is dropped.
    _lock: Option<File>,
}

impl Draft {
    /// Reads the file, if it is there.
    ///
    /// # Errors
    /// A folder that is not there; something that is no regular file of its own, or no text.
    pub fn open(path: &Path, shown: &str) -> Result<Self, Diagnostic> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let lock = File::open(&folder).map_err(|error| {
            Diagnostic::error("missing-file", format!("cannot use the folder of `{shown}`: {}", io_reason(&error)))
                .help("`infragen render PROFILE` makes it; or name another file with `--out`")
        })?;
        // Where the file system has no locks, the comparison before the last step has to do.
        let lock = lock.lock().is_ok().then_some(lock);
        let before = before(path, shown)?;
        if let Some(bytes) = &before {
            let problem = match content(bytes) {
                Content::Text(_) => None,
                Content::Binary { line } => Some(format!("holds bytes that are no text on line {line}")),
                Content::TooLarge => Some(format!("is larger than {MAX_KIB} KiB")),
            };
            if let Some(problem) = problem {
                return Err(Diagnostic::error("unreadable-file", format!("`{shown}` {problem}")).help("is this the right file? Nothing was changed"));
            }
        }
        Ok(Self { path: path.to_owned(), shown: shown.to_owned(), folder, before, _lock: lock })
    }

    /// What the file held; `None` if there was none.
    pub fn text(&self) -> Option<&str> {
        self.before.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Lets nobody but the owner read what is there already.
    ///
    /// # Errors
    /// A file that is somebody else's.
    pub fn close(&self) -> Result<(), Diagnostic> {
        if std::fs::metadata(&self.path).is_ok_and(|metadata| mode(&metadata) & 0o777 == super::OWNER_ONLY) {
            return Ok(());
        }
        restrict(&self.path).map_err(|error| {
            Diagnostic::error("io-error", format!("cannot change the mode of `{}`: {}", self.shown, io_reason(&error))).help("chmod 600 it, as its owner")
        })
    }

    /// Name of the copy of what was there.
    pub fn backup(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(BACKUP);
        self.folder.join(name)
    }

    /// Puts the text in the file's place, readable by its owner alone. What was there is kept beside it.
    ///
    /// # Errors
    /// The first thing that fails; the file is then as it was.
    pub fn replace(self, text: &str) -> Result<(), Diagnostic> {
        let failed = |error: &std::io::Error| {
            Diagnostic::error("io-error", format!("cannot write `{}`: {}", self.shown, io_reason(error)))
                .help("nothing was changed; see the folder's owner and free space")
        };
        let stage = |bytes: &[u8]| -> std::io::Result<tempfile::NamedTempFile> {
            // Nobody else may read it at any time: that is how temporary files are made.
            let mut file = interrupt::temporary(&self.folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            keep_owner(&self.path, file.as_file())?;
            Ok(file)
        };
        let new = stage(text.as_bytes()).map_err(|error| failed(&error))?;
        let old = self.before.as_deref().map(stage).transpose().map_err(|error| failed(&error))?;
        if before(&self.path, &self.shown)? != self.before {
            return Err(Diagnostic::error("changed-meanwhile", format!("`{}` was changed while its values were made: nothing was written", self.shown))
                .help("save it in your editor, and run the command again"));
        }
        let _undisturbed = interrupt::hold();
        let Some(old) = old else {
            return new.persist_noclobber(&self.path).map(drop).map_err(|error| failed(&error.error));
        };
        old.persist(self.backup()).map_err(|error| failed(&error.error))?;
        new.persist(&self.path).map(drop).map_err(|error| failed(&error.error))
    }
}

/// The bytes of the file; `None` if there is none. A link is not followed: its target would be replaced by a file elsewhere.
fn before(path: &Path, shown: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(shown, &error)),
        Ok(metadata) if metadata.is_symlink() => {
            Err(Diagnostic::error("unsafe-output", format!("`{shown}` is a symbolic link")).help("name the file that it leads to with `--out`"))
        }
        Ok(metadata) => bytes(path, shown, &metadata).map(Some),
    }
}

/// A file that root fills in goes on belonging to whom it belonged.
#[cfg(unix)]
fn keep_owner(path: &Path, file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let Ok(before) = std::fs::metadata(path) else { return Ok(()) };
    let now = file.metadata()?;
    if (before.uid(), before.gid()) == (now.uid(), now.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &File) -> std::io::Result<()> {
    Ok(())
}
