//! The state of each file.

use super::{Content, LOCK_FILE, Lock, Output, Tracked, digest, stack_digest};
use crate::diagnostics::{self, Diagnostic};
use crate::key_path::KeyPath;
use crate::render::{Draft, Rendered};
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
    /// Somebody keeps it by hand, and the profile says so.
    Unmanaged,
    /// It is what the profile renders.
    UpToDate,
}

impl State {
    /// All of them; the first that holds is a file's state.
    pub const ALL: [Self; 9] = [
        Self::Conflict,
        Self::HandEdited,
        Self::Missing,
        Self::Orphan,
        Self::GeneratorChanged,
        Self::ProfileChanged,
        Self::Untracked,
        Self::Unmanaged,
        Self::UpToDate,
    ];

    /// What happened, in one sentence without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Conflict => "the profile changed, and somebody edited the file",
            Self::HandEdited => "somebody edited the file, or made it by hand",
            Self::Missing => "the file is not there",
            Self::Orphan => "the file was rendered once, and is no more",
            Self::GeneratorChanged => "this version of infragen renders the file in another way",
            Self::ProfileChanged => "the profile changed, and the file was not rendered again",
            Self::Untracked => "the file is right, but git does not have it",
            Self::Unmanaged => "somebody keeps the file by hand, as the profile says",
            Self::UpToDate => "the file is what the profile renders",
        }
    }

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
            Self::Unmanaged => "unmanaged",
            Self::UpToDate => "up_to_date",
        }
    }

    /// True if the gate is closed by it.
    pub fn is_drift(self) -> bool {
        !matches!(self, Self::Unmanaged | Self::UpToDate)
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
    /// What is rendered; `None` for an orphan, and for what is kept by hand.
    pub rendered: Option<Rendered>,
    /// What is there; `None` if nothing or no file.
    pub current: Option<Vec<u8>>,
    /// True if what is there is what the last render wrote, to the byte.
    pub is_as_written: bool,
    /// What is there that is no file of its own, such as a folder or a link.
    pub blocked: Option<&'static str>,
    /// True if what is there can be executed.
    pub is_executable: bool,
    /// The mode of a script that cannot be executed, or of another file that can.
    pub wrong_mode: Option<u32>,
    /// Its state.
    pub state: State,
    /// Further states that hold.
    pub also: Vec<State>,
}

/// All files of a profile.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The files, sorted by path.
    pub files: Vec<FileState>,
    /// The lock as it was.
    pub lock: Option<Lock>,
    /// What was rendered.
    pub stack: &'a Stack,
}

/// Compares what is rendered with an output folder. Without `all`, what was not rendered is left alone.
///
/// A draft that is there already, byte for byte, is not verified again; all others are.
///
/// # Errors
/// What cannot be read cannot be compared.
pub fn plan<'a>(stack: &'a Stack, drafts: Vec<Draft>, output: &Output, all: bool, tracked: &Tracked) -> Result<Plan<'a>, Vec<Diagnostic>> {
    let lock = lock_of(stack, output).map_err(|error| vec![error])?;
    let is_of_another = lock.as_ref().is_some_and(|lock| lock.generator != env!("CARGO_PKG_VERSION"));
    let other_generator = is_of_another && lock.as_ref().is_some_and(|lock| lock.stack == stack_digest(stack));
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for draft in drafts {
        let known = lock.as_ref().and_then(|lock| lock.files.get(draft.path())).map(String::as_str);
        match output.read(draft.path()).and_then(|content| compare(draft, content, known, other_generator, || output.has_modes())) {
            Ok(file) => {
                let is_untracked = file.current.is_some() && tracked.as_ref().is_some_and(|tracked| !tracked.contains(&file.path));
                let file = match file.state {
                    // Which of the two it is, nobody knows.
                    State::ProfileChanged if is_of_another => FileState { also: vec![State::GeneratorChanged], ..file },
                    _ => file,
                };
                files.push(match file.state {
                    State::UpToDate if is_untracked => FileState { state: State::Untracked, ..file },
                    _ if is_untracked => FileState { also: [file.also.as_slice(), &[State::Untracked]].concat(), ..file },
                    _ => file,
                });
            }
            Err(error) => errors.push(error),
        }
    }
    for unmanaged in stack.unmanaged.iter().filter(|_| all) {
        match output.read(&unmanaged.path) {
            Ok(content) => files.push(by_hand(&unmanaged.path, content, tracked)),
            Err(error) => errors.push(error),
        }
    }
    if all && lock.is_none() {
        // Nobody knows any more what was written: what says so itself is found.
        for path in output.files() {
            let is_rendered = stack.unmanaged.iter().any(|unmanaged| unmanaged.path == path) || files.iter().any(|file| file.path == path);
            if let (false, Ok(Content::File { bytes, mode })) = (is_rendered, output.read(&path)) {
                if is_marked(&bytes, &stack.mark()) {
                    files.push(orphan(path, bytes, mode, false));
                }
            }
        }
    }
    if let Some(lock) = lock.as_ref().filter(|_| all) {
        match orphans(lock, output, |path| !files.iter().any(|file| file.path == path)) {
            Ok(orphans) => files.extend(orphans),
            Err(error) => errors.extend(error),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    // Drift would be told of what this version renders: nobody knows if the one that is wanted would.
    let is_as_then = |file: &FileState| {
        let known = lock.as_ref().and_then(|lock| lock.files.get(&file.path));
        file.rendered.as_ref().is_none_or(|rendered| known.is_some_and(|known| *known == digest(rendered.text.as_bytes())))
    };
    let differs = files.iter().any(|file| !matches!(file.state, State::UpToDate | State::Untracked) && !is_as_then(file));
    errors.extend(pinned(stack).filter(|_| differs));
    diagnostics::sort(&mut errors);
    if errors.is_empty() { Ok(Plan { files, lock, stack }) } else { Err(errors) }
}

/// The files of a lock that are there, and are rendered no more.
///
/// # Errors
/// What cannot be read.
pub fn orphans(lock: &Lock, output: &Output, is_orphan: impl Fn(&str) -> bool) -> Result<Vec<FileState>, Vec<Diagnostic>> {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for (path, known) in lock.files.iter().filter(|(path, _)| is_orphan(path)) {
        match output.read(path) {
            Ok(Content::File { bytes, mode }) => {
                let is_as_written = *known == digest(&bytes);
                files.push(orphan(path.clone(), bytes, mode, is_as_written));
            }
            Ok(Content::Missing | Content::Other(_)) => {}
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

fn orphan(path: String, bytes: Vec<u8>, mode: Option<u32>, is_as_written: bool) -> FileState {
    FileState {
        path,
        rendered: None,
        current: Some(bytes),
        is_as_written,
        blocked: None,
        is_executable: mode.is_some_and(|mode| mode & 0o100 != 0),
        wrong_mode: None,
        state: State::Orphan,
        // Somebody's work, too.
        also: if is_as_written { Vec::new() } else { vec![State::HandEdited] },
    }
}

/// True if a file says in its first lines that it was made for a profile.
fn is_marked(bytes: &[u8], mark: &str) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]);
    head.lines().take(3).any(|line| line.contains(mark))
}

/// A file that somebody keeps by hand: it has to be there, and in git; what it says is nobody's business.
fn by_hand(path: &str, content: Content, tracked: &Tracked) -> FileState {
    let (current, blocked) = match content {
        Content::File { bytes, .. } => (Some(bytes), None),
        Content::Missing => (None, None),
        Content::Other(what) => (None, Some(what)),
    };
    let is_untracked = tracked.as_ref().is_some_and(|tracked| !tracked.contains(path));
    let (state, also) = match (&current, blocked) {
        (None, None) => (State::Missing, vec![State::Unmanaged]),
        _ if is_untracked => (State::Untracked, vec![State::Unmanaged]),
        _ => (State::Unmanaged, Vec::new()),
    };
    FileState { path: path.to_owned(), rendered: None, current, is_as_written: false, blocked, is_executable: false, wrong_mode: None, state, also }
}

/// What is said where the profile wants another version of infragen than this one.
pub fn pinned(stack: &Stack) -> Option<Diagnostic> {
    let wanted = stack.generator.as_ref().filter(|wanted| !wanted.takes(env!("CARGO_PKG_VERSION")))?;
    let at = KeyPath::of(&["generator"]);
    let message = format!("the profile wants infragen {wanted}, and this is {}, whose files differ from those that are there", env!("CARGO_PKG_VERSION"));
    let error = Diagnostic::error("other-generator", message).label(stack.origins.place(&at), "wanted here").at(at);
    Some(error.help(format!("run infragen {wanted}; or write the new version here, render, and look at what changes")))
}

/// The lock of a folder. One that cannot be read is none; one of another profile is refused.
fn lock_of(stack: &Stack, output: &Output) -> Result<Option<Lock>, Diagnostic> {
    let lock = match output.read(LOCK_FILE)? {
        Content::File { bytes, .. } => std::str::from_utf8(&bytes).ok().and_then(Lock::parse),
        // A link is replaced by the next lock.
        Content::Missing | Content::Other("a symbolic link") => None,
        Content::Other(what) => {
            let message = format!("`{}` is {what} where a file has to be", output.shown(LOCK_FILE));
            return Err(Diagnostic::error("unsafe-output", message).help("move it away"));
        }
    };
    match lock {
        Some(Lock { profile: other, .. }) if other != stack.profile => {
            let message = format!("`{}` belongs to the profile `{other}`, and `{}` would write there, too", output.shown(LOCK_FILE), stack.profile);
            Err(Diagnostic::error("output-clash", message).help("give one of them another `output.dir`; after a profile was renamed, remove that file"))
        }
        lock => Ok(lock),
    }
}

/// `known` is the digest of what was written last.
fn compare(draft: Draft, content: Content, known: Option<&str>, other_generator: bool, has_modes: impl Fn() -> bool) -> Result<FileState, Diagnostic> {
    let blocked = if let Content::Other(what) = content { Some(what) } else { None };
    let (absent, current, mode) = match content {
        Content::File { bytes, mode } => (State::HandEdited, Some(bytes), mode),
        Content::Missing => (State::Missing, None, None),
        Content::Other(_) => (State::HandEdited, None, None),
    };
    let rendered = draft.accept(current.as_deref())?;
    let wrong_mode = mode.filter(|mode| rendered.lacks(*mode) || (rendered.must_not_be_executable(*mode) && has_modes()));
    let state = match &current {
        None if blocked.is_some() && known.is_some_and(|known| known != digest(rendered.text.as_bytes())) => State::Conflict,
        None => absent,
        Some(bytes) if bytes == rendered.text.as_bytes() => {
            if wrong_mode.is_some() {
                State::HandEdited
            } else {
                State::UpToDate
            }
        }
        Some(bytes) => match known {
            // Its mode is of somebody's hand.
            Some(known) if known == digest(bytes) && wrong_mode.is_some() => State::Conflict,
            Some(known) if known == digest(bytes) => {
                if other_generator {
                    State::GeneratorChanged
                } else {
                    State::ProfileChanged
                }
            }
            // The profile still renders what it rendered then: only a hand can have changed the file.
            Some(known) if known == digest(rendered.text.as_bytes()) => State::HandEdited,
            Some(_) => State::Conflict,
            None => State::HandEdited,
        },
    };
    Ok(FileState {
        path: rendered.path.clone(),
        rendered: Some(rendered),
        current,
        is_as_written: matches!(state, State::ProfileChanged | State::GeneratorChanged),
        blocked,
        is_executable: mode.is_some_and(|mode| mode & 0o100 != 0),
        wrong_mode,
        state,
        also: Vec::new(),
    })
}
