//! The state of each file.

use super::{Content, Lock, Output, digest, git, stack_digest};
use crate::diagnostics::{self, Diagnostic};
use crate::plan::LOCK_FILE;
use crate::render::Rendered;
use crate::stack::Stack;

/// What happened to a file. The first that holds is its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The profile changed, and somebody edited the file.
    Conflict,
    /// Somebody edited it, or made it.
    HandEdited,
    /// It is not there.
    Missing,
    /// It was rendered once and is no more.
    Orphan,
    /// Another version of infragen renders it in another way.
    GeneratorChanged,
    /// The profile changed.
    ProfileChanged,
    /// It is right, but git does not have it.
    Untracked,
    /// It is what the profile renders.
    UpToDate,
}

impl State {
    /// The word in all formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::HandEdited => "hand_edited",
            Self::Missing => "missing",
            Self::Orphan => "orphan",
            Self::GeneratorChanged => "generator_changed",
            Self::ProfileChanged => "profile_changed",
            Self::Untracked => "untracked",
            Self::UpToDate => "up_to_date",
        }
    }

    /// True if the gate is closed by it.
    pub fn is_drift(self) -> bool {
        self != Self::UpToDate
    }

    /// True if writing the file would lose what somebody wrote.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Self::Conflict | Self::HandEdited)
    }
}

/// One file and its state.
#[derive(Debug)]
pub struct FileState {
    /// Path in the output folder.
    pub path: String,
    /// What is rendered; `None` for an orphan.
    pub rendered: Option<Rendered>,
    /// What is there; `None` if nothing or no file.
    pub current: Option<Vec<u8>>,
    /// Its state.
    pub state: State,
    /// Further states that hold.
    pub also: Vec<State>,
}

/// All files of a profile.
#[derive(Debug)]
pub struct Plan {
    /// The files, sorted by path.
    pub files: Vec<FileState>,
    /// The lock as it was.
    pub lock: Option<Lock>,
    /// Digest of the Stack now.
    pub stack: String,
    /// Name of the profile.
    pub profile: String,
}

/// Compares what is rendered with an output folder. Without `all`, what was not rendered is left alone.
///
/// # Errors
/// What cannot be read cannot be compared.
pub fn plan(stack: &Stack, rendered: Vec<Rendered>, output: &Output, all: bool, ask_git: bool) -> Result<Plan, Vec<Diagnostic>> {
    let lock = match output.read(LOCK_FILE).map_err(|error| vec![error])? {
        Content::File(bytes) => std::str::from_utf8(&bytes).ok().and_then(Lock::parse),
        // A link is replaced by the next lock.
        Content::Missing | Content::Other("a symbolic link") => None,
        Content::Other(what) => {
            let message = format!("`{}` is {what} where a file has to be", output.shown(LOCK_FILE));
            return Err(vec![Diagnostic::error("unsafe-output", message).help("move it away")]);
        }
    };
    if let Some(other) = lock.as_ref().map(|lock| &lock.profile).filter(|other| **other != stack.profile) {
        let message = format!("`{}` belongs to the profile `{other}`, and `{}` would write there, too", output.shown(LOCK_FILE), stack.profile);
        return Err(vec![
            Diagnostic::error("output-clash", message).help("give one of them another `output.dir`; after a profile was renamed, remove that file"),
        ]);
    }
    let digest_now = stack_digest(stack);
    let tracked = if ask_git { git::tracked(output.folder()).map_err(|error| vec![error])? } else { None };
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for file in rendered {
        match output.read(&file.path) {
            Ok(content) => {
                let known = lock.as_ref().and_then(|lock| lock.files.get(&file.path)).map(String::as_str);
                let other_generator = lock.as_ref().is_some_and(|lock| lock.stack == digest_now && lock.generator != env!("CARGO_PKG_VERSION"));
                let (state, current) = compare(&file, content, known, other_generator);
                let is_untracked = current.is_some() && tracked.as_ref().is_some_and(|tracked| !tracked.contains(&file.path));
                let (state, also) = match (state, is_untracked) {
                    (State::UpToDate, true) => (State::Untracked, Vec::new()),
                    (state, true) => (state, vec![State::Untracked]),
                    (state, false) => (state, Vec::new()),
                };
                files.push(FileState { path: file.path.clone(), rendered: Some(file), current, state, also });
            }
            Err(error) => errors.push(error),
        }
    }
    for path in lock.iter().filter(|_| all).flat_map(|lock| lock.files.keys()) {
        if files.iter().any(|file| file.path == *path) {
            continue;
        }
        match output.read(path) {
            Ok(Content::File(bytes)) => {
                files.push(FileState { path: path.clone(), rendered: None, current: Some(bytes), state: State::Orphan, also: Vec::new() });
            }
            Ok(Content::Missing | Content::Other(_)) => {}
            Err(error) => errors.push(error),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    diagnostics::sort(&mut errors);
    if errors.is_empty() { Ok(Plan { files, lock, stack: digest_now, profile: stack.profile.clone() }) } else { Err(errors) }
}

fn compare(file: &Rendered, content: Content, known: Option<&str>, other_generator: bool) -> (State, Option<Vec<u8>>) {
    let bytes = match content {
        Content::Missing => return (State::Missing, None),
        Content::Other(_) => return (State::HandEdited, None),
        Content::File(bytes) => bytes,
    };
    if bytes == file.text.as_bytes() {
        return (State::UpToDate, Some(bytes));
    }
    let state = match known {
        Some(known) if known == digest(&bytes) => {
            if other_generator {
                State::GeneratorChanged
            } else {
                State::ProfileChanged
            }
        }
        // The profile still renders what it rendered then: only a hand can have changed the file.
        Some(known) if known == digest(file.text.as_bytes()) => State::HandEdited,
        Some(_) => State::Conflict,
        None => State::HandEdited,
    };
    (state, Some(bytes))
}
