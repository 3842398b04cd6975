//! Whether a lock says what is there: a wrong one makes `diff` tell the wrong story of the next change.

use super::{Content, LOCK_FILE, Output, Plan, State, Tracked, digest};
use crate::diagnostics::Diagnostic;

/// What is wrong with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockProblem {
    /// There are rendered files, and no lock.
    Missing,
    /// It is no lock: broken, or with marks of a merge.
    Unreadable,
    /// It does not list what is rendered and there, or with other digests.
    Stale,
    /// Git does not have it.
    Untracked,
}

impl LockProblem {
    /// The word in all formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Stale => "stale",
            Self::Untracked => "untracked",
        }
    }

    /// What is wrong, in one sentence without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "the lock is not there: a change by hand and one of the profile cannot be told apart",
            Self::Unreadable => "the lock cannot be read: it is broken, or was left in the middle of a merge",
            Self::Stale => "the lock does not list what is there",
            Self::Untracked => "the lock is right, but git does not have it",
        }
    }
}

/// What is wrong with the lock of a folder, if anything is. The version that wrote it is no matter: equal bytes are clean.
///
/// # Errors
/// A lock that cannot be read from the disk.
pub fn lock_problem(plan: &Plan, output: &Output, tracked: &Tracked) -> Result<Option<LockProblem>, Diagnostic> {
    let Some(lock) = &plan.lock else {
        let is_there = output.read(LOCK_FILE)? != Content::Missing;
        let is_rendered = plan.files.iter().any(|file| file.current.is_some());
        return Ok(if is_there { Some(LockProblem::Unreadable) } else { Some(LockProblem::Missing).filter(|_| is_rendered) });
    };
    let is_right = |state| matches!(state, State::UpToDate | State::Untracked);
    // What drifted is told of the file itself.
    let differs = plan
        .files
        .iter()
        .filter(|file| is_right(file.state) && file.rendered.is_some())
        .any(|file| lock.files.get(&file.path) != file.current.as_deref().map(digest).as_ref());
    let more = lock.files.keys().any(|path| !plan.files.iter().any(|file| file.path == *path));
    if differs || more {
        return Ok(Some(LockProblem::Stale));
    }
    Ok(tracked.as_ref().filter(|tracked| !tracked.contains(LOCK_FILE)).map(|_| LockProblem::Untracked))
}
