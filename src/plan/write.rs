//! A plan carried out: every file is complete before the first one is put in place.

use super::{LOCK_FILE, Lock, Output, Plan, State, digest};
use crate::diagnostics::Diagnostic;
use std::io::Write;
use std::path::Path;

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

/// Carries out a plan, or only says what it would do.
///
/// # Errors
/// The first thing that fails; until all files are complete, nothing that was there has changed.
pub fn apply(plan: &Plan, output: &Output, options: Options) -> Result<Vec<Done>, Diagnostic> {
    let Options { force, prune, dry_run, full } = options;
    let mut lock = plan.lock.clone().unwrap_or_default();
    let mut staged = Vec::new();
    let mut removed = Vec::new();
    let mut done = Vec::new();
    for file in &plan.files {
        let action = match (&file.rendered, file.state) {
            (None, _) if prune => {
                // An orphan that was edited is somebody's work, too.
                let edited = file.current.as_deref().map(digest) != plan.lock.as_ref().and_then(|lock| lock.files.get(&file.path)).cloned();
                if edited && !force {
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
                match state {
                    State::UpToDate | State::Untracked => Action::Unchanged,
                    State::Missing => {
                        staged.push((file.path.as_str(), rendered.text.as_str(), rendered.executable));
                        Action::Created
                    }
                    _ => {
                        staged.push((file.path.as_str(), rendered.text.as_str(), rendered.executable));
                        Action::Updated
                    }
                }
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
        plan.stack.clone_into(&mut lock.stack);
    }
    env!("CARGO_PKG_VERSION").clone_into(&mut lock.generator);
    plan.profile.clone_into(&mut lock.profile);
    if lock.stack.is_empty() {
        plan.stack.clone_into(&mut lock.stack);
    }
    let lock_text = lock.text();
    let lock_changed = plan.lock.as_ref().map(Lock::text).as_deref() != Some(lock_text.as_str());
    let complete = stage(&staged, output)?;
    let lock = stage(&if lock_changed { vec![(LOCK_FILE, lock_text.as_str(), false)] } else { Vec::new() }, output)?;
    put(complete, output)?;
    for path in removed {
        std::fs::remove_file(output.path(path)).map_err(|error| output.failed("remove", path, &error))?;
    }
    // Last: what could not be done is not remembered as done.
    put(lock, output)?;
    Ok(done)
}

/// A complete file that waits beside its place.
struct Staged<'a> {
    path: &'a str,
    temporary: tempfile::NamedTempFile,
}

/// Puts files in place when all of them are complete: path, text, and whether it is a script.
pub(crate) fn write_all(files: &[(&str, &str, bool)], output: &Output) -> Result<(), Diagnostic> {
    put(stage(files, output)?, output)
}

fn stage<'a>(files: &[(&'a str, &'a str, bool)], output: &Output) -> Result<Vec<Staged<'a>>, Diagnostic> {
    let mut complete = Vec::new();
    for &(path, text, executable) in files {
        output.refuse_links(path)?;
        let full = output.path(path);
        let folder = full.parent().unwrap_or(output.folder());
        let failed = |error: &std::io::Error| output.failed("write", path, error);
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        if full.is_dir() && !full.is_symlink() {
            return Err(Diagnostic::error("unsafe-output", format!("`{}` is a folder where a file has to be", output.shown(path))).help("move it away"));
        }
        let mut temporary = tempfile::Builder::new().prefix(".infragen-").tempfile_in(folder).map_err(|error| failed(&error))?;
        temporary.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
        set_mode(temporary.path(), &full, executable).map_err(|error| failed(&error))?;
        complete.push(Staged { path, temporary });
    }
    Ok(complete)
}

fn put(complete: Vec<Staged<'_>>, output: &Output) -> Result<(), Diagnostic> {
    for Staged { path, temporary } in complete {
        temporary.persist(output.path(path)).map_err(|error| output.failed("write", path, &error.error))?;
    }
    Ok(())
}

/// A file keeps the mode that it had; a new one gets the usual. A script can always be executed.
#[cfg(unix)]
fn set_mode(temporary: &Path, target: &Path, executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let usual = if executable { 0o755 } else { 0o644 };
    let mode = match std::fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => metadata.permissions().mode() & 0o777 | if executable { 0o111 } else { 0 },
        _ => usual,
    };
    std::fs::set_permissions(temporary, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: &Path, _: bool) -> std::io::Result<()> {
    Ok(())
}
