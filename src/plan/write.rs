//! Plans carried out: every file of every profile is complete before the first one is put in place.

use super::{FileState, LOCK_FILE, Output, Plan, State, digest, stack_digest};
use crate::diagnostics::Diagnostic;
use crate::interrupt;
use crate::render::Rendered;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Created,
    /// It was replaced.
    Updated,
    /// It was right already.
    Unchanged,
    /// Somebody's work was left alone: it differs from what the profile renders.
    Left,
    /// An orphan was removed.
    Removed,
    /// An orphan was left.
    Orphan,
    /// It is kept by hand.
    Unmanaged,
}

impl Action {
    /// The word that `render` prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Left => "left alone",
            Self::Removed => "removed",
            Self::Orphan => "orphan",
            Self::Unmanaged => "kept by hand",
        }
    }
}

/// One file and what was done to it.
#[derive(Debug)]
pub struct Done {
    /// Path in the output folder.
    pub path: String,
    /// What was done.
    pub action: Action,
}

/// How a plan is carried out.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// Overwrite what was edited or made by hand.
    pub force: bool,
    /// Remove orphans.
    pub prune: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// All files of the profile were rendered.
    pub full: bool,
}

/// What is going to be written for all profiles of a run: complete files that wait beside their places.
///
/// Dropped before [`Staging::put`], it leaves everything as it was.
#[derive(Debug, Default)]
pub struct Staging<'a> {
    parts: Vec<Part<'a>>,
    /// Behind the parts: a folder can be removed when nothing waits in it any more.
    folders: NewFolders,
}

/// What is going to be written into one output folder.
#[derive(Debug)]
struct Part<'a> {
    output: &'a Output,
    files: Vec<Waiting<'a>>,
    removed: Vec<&'a str>,
    lock: Option<Waiting<'a>>,
}

/// A complete file beside its place.
#[derive(Debug)]
struct Waiting<'a> {
    path: &'a str,
    temporary: tempfile::NamedTempFile,
}

impl<'a> Staging<'a> {
    /// Prepares what a plan says, or only says it.
    ///
    /// # Errors
    /// The first thing that cannot be prepared.
    pub fn plan(&mut self, plan: &'a Plan<'_>, output: &'a Output, options: Options) -> Result<Vec<Done>, Diagnostic> {
        let Options { force, prune, dry_run, full } = options;
        let mut lock = plan.lock.clone().unwrap_or_default();
        let mut written = Vec::new();
        let mut removed = Vec::new();
        let mut done = Vec::new();
        for file in &plan.files {
            let action = match (&file.rendered, file.state) {
                (None, state) if state != State::Orphan => {
                    // What was written there once is somebody else's now.
                    lock.files.remove(&file.path);
                    Action::Unmanaged
                }
                (None, _) if prune => {
                    // An orphan that was edited is somebody's work, too.
                    if !file.is_as_written && !force {
                        Action::Left
                    } else {
                        lock.files.remove(&file.path);
                        removed.push(file.path.as_str());
                        Action::Removed
                    }
                }
                (None, _) => Action::Orphan,
                (Some(_), state) if state.is_by_hand() && !force => Action::Left,
                (Some(rendered), state) => {
                    lock.files.insert(file.path.clone(), digest(rendered.text.as_bytes()));
                    let action = match state {
                        State::UpToDate | State::Untracked => Action::Unchanged,
                        State::Missing => Action::Created,
                        _ => Action::Updated,
                    };
                    written.extend(Some(rendered).filter(|_| action != Action::Unchanged));
                    action
                }
            };
            done.push(Done { path: file.path.clone(), action });
        }
        if dry_run {
            return Ok(done);
        }
        if full {
            // What was rendered once and was removed by hand is nobody's any more.
            lock.files.retain(|path, _| plan.files.iter().any(|file| file.path == *path));
        }
        if full || lock.stack.is_empty() {
            lock.stack = stack_digest(plan.stack);
        }
        env!("CARGO_PKG_VERSION").clone_into(&mut lock.generator);
        plan.stack.profile.clone_into(&mut lock.profile);
        lock.from = plan.stack.file_elsewhere();
        let lock = if plan.lock.as_ref() == Some(&lock) { None } else { Some(lock.text()) };
        self.part(output, &written, removed, lock.as_deref())?;
        Ok(done)
    }

    /// Prepares to remove what is left of a profile that is not there any more, and its lock with the last of it.
    ///
    /// # Errors
    /// The first thing that cannot be prepared.
    pub fn clear(&mut self, orphans: &'a [FileState], output: &'a Output, options: Options) -> Result<Vec<Done>, Diagnostic> {
        let (removed, kept): (Vec<&FileState>, Vec<&FileState>) = orphans.iter().partition(|file| file.is_as_written || options.force);
        let done = |file: &FileState, action| Done { path: file.path.clone(), action };
        let mut list: Vec<Done> = removed.iter().map(|file| done(file, Action::Removed)).chain(kept.iter().map(|file| done(file, Action::Left))).collect();
        list.sort_by(|a, b| a.path.cmp(&b.path));
        if !options.dry_run {
            let lock = kept.is_empty().then_some(LOCK_FILE);
            self.part(output, &[], removed.iter().map(|file| file.path.as_str()).chain(lock).collect(), None)?;
        }
        Ok(list)
    }

    /// Prepares files of a folder without a lock.
    ///
    /// # Errors
    /// The first thing that cannot be prepared.
    pub fn files(&mut self, output: &'a Output, written: &[&'a Rendered], removed: Vec<&'a str>) -> Result<(), Diagnostic> {
        self.part(output, written, removed, None)
    }

    fn part(&mut self, output: &'a Output, written: &[&'a Rendered], removed: Vec<&'a str>, lock: Option<&str>) -> Result<(), Diagnostic> {
        let mut files = Vec::with_capacity(written.len());
        for file in written {
            files.push(self.folders.stage(output, &file.path, &file.text, file.executable)?);
        }
        for path in &removed {
            // A folder that takes no new file lets none go, either: that has to be known before the first is put in place.
            let full = output.path(path);
            tempfile::tempfile_in(full.parent().unwrap_or(output.folder())).map_err(|error| output.failed("remove", path, &error))?;
        }
        let lock = lock.map(|text| self.folders.stage(output, LOCK_FILE, text, false)).transpose()?;
        self.parts.push(Part { output, files, removed, lock });
        Ok(())
    }

    /// Puts all files in place.
    ///
    /// # Errors
    /// The first thing that fails. What was put in place before it stays.
    pub fn put(mut self) -> Result<(), Diagnostic> {
        // An interruption waits until all of them are in place.
        let _undisturbed = interrupt::hold();
        for Part { output, files, removed, lock } in std::mem::take(&mut self.parts) {
            for file in files {
                file.put(output)?;
            }
            for path in removed {
                match std::fs::remove_file(output.path(path)) {
                    // Somebody else was faster.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    removed => removed.map_err(|error| output.failed("remove", path, &error))?,
                }
                // A folder that is not empty stays.
                let full = output.path(path);
                let above = full.ancestors().skip(1).take_while(|above| above.starts_with(output.folder()));
                above.map_while(|above| std::fs::remove_dir(above).ok()).for_each(drop);
            }
            // Last: what could not be done is not remembered as done.
            if let Some(lock) = lock {
                lock.put(output)?;
            }
        }
        self.folders.0.clear();
        Ok(())
    }
}

impl Waiting<'_> {
    fn put(self, output: &Output) -> Result<(), Diagnostic> {
        self.temporary.persist(output.path(self.path)).map(drop).map_err(|error| output.failed("write", self.path, &error.error))
    }
}

/// Folders that this run made. Those that are still empty when it is dropped are removed again.
#[derive(Debug, Default)]
struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// A complete file beside its place, and the folders above it.
    fn stage<'a>(&mut self, output: &Output, path: &'a str, text: &str, executable: bool) -> Result<Waiting<'a>, Diagnostic> {
        output.refuse_links(path)?;
        let full = output.path(path);
        let folder = full.parent().unwrap_or(output.folder());
        let failed = |error: &std::io::Error| output.failed("write", path, error);
        self.make(folder).map_err(|error| failed(&error))?;
        let replaced = std::fs::symlink_metadata(&full).ok();
        if replaced.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(Diagnostic::error("unsafe-output", format!("`{}` is a folder where a file has to be", output.shown(path))).help("move it away"));
        }
        let mut temporary = interrupt::temporary(folder).map_err(|error| failed(&error))?;
        temporary.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
        set_mode(temporary.as_file(), replaced.as_ref(), executable).map_err(|error| failed(&error))?;
        Ok(Waiting { path, temporary })
    }

    /// Makes a folder and those above it.
    fn make(&mut self, folder: &Path) -> std::io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.make(above)?;
        }
        match std::fs::create_dir(folder) {
            Ok(()) => {
                interrupt::made(folder);
                self.0.push(folder.to_owned());
            }
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // A folder that is not empty stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// A file keeps the mode that it had; a new one gets the usual. A script can always be executed, and nothing else.
#[cfg(unix)]
fn set_mode(file: &File, replaced: Option<&std::fs::Metadata>, executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let usual = if executable { 0o755 } else { 0o644 };
    let mode = match replaced {
        Some(metadata) if metadata.is_file() && executable => metadata.permissions().mode() & 0o777 | 0o111,
        Some(metadata) if metadata.is_file() => metadata.permissions().mode() & 0o666,
        _ => usual,
    };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: Option<&std::fs::Metadata>, _: bool) -> std::io::Result<()> {
    Ok(())
}
