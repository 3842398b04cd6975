//! What `diff` says: the same facts for people, for programs, and for those who review a change.

mod annotations;
mod check;
mod golden;
mod json;
mod markdown;
mod patch;
mod redact;
mod semantic;
mod text;
mod unified;

pub use annotations::{github, sarif};
pub use check::Check;
pub use golden::{GoldenReport, GoldenState};
pub use json::{json, pretty};
pub use markdown::{LONGEST, markdown};
pub use patch::patch;
pub use redact::{Shown, hidden_from, shown};
pub use semantic::{Change, changes};
pub use text::{semantic, summary, text};
pub use unified::{paint, unified, wrong_mode};

use crate::plan::{FileState, LockProblem, State};

/// What is said of one profile.
#[derive(Debug)]
pub struct ProfileReport {
    /// Its name.
    pub name: String,
    /// The profile's file, as messages show it.
    pub file: String,
    /// Why it is not there, although its files are.
    pub gone: Option<&'static str>,
    /// The command that shows all of the report, for a shell in the folder that it is made in.
    pub again: String,
    /// Its files, sorted by path.
    pub files: Vec<FileReport>,
    /// The lock's path, what is wrong with it, and the command that settles that. `diff` says nothing of it, `check` does.
    pub lock: Option<(String, LockProblem, String)>,
}

/// What is said of one file.
#[derive(Debug)]
pub struct FileReport {
    /// Its path, as messages show it.
    pub path: String,
    /// Its path for `git apply`: from the top of the work tree, or as it is shown where there is none.
    pub patch_path: String,
    /// The command that settles its state, for a shell in the folder that the report is made in.
    pub fix: Option<String>,
    /// Names of the profile's secrets: what somebody gave them is never shown.
    pub secrets: Vec<String>,
    /// What is there, what is rendered, and the state that follows.
    pub file: FileState,
}

impl FileReport {
    /// True if the gate is closed by it.
    pub fn is_drift(&self) -> bool {
        self.file.state.is_drift()
    }

    /// The text that is there, as far as it may be shown; empty if nothing is there.
    pub fn current(&self) -> Shown {
        let current = String::from_utf8_lossy(self.file.current.as_deref().unwrap_or_default());
        // What infragen wrote itself holds no secret.
        if self.file.is_as_written {
            Shown { text: current.into_owned(), redacted: false }
        } else {
            shown(&self.file.path, &current, self.rendered(), &self.secrets)
        }
    }

    /// The text that is rendered; empty for an orphan.
    pub fn rendered(&self) -> &str {
        self.file.rendered.as_ref().map_or("", |file| file.text.as_str())
    }

    /// What happened to it, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        match (&self.file.rendered, self.file.wrong_mode, self.file.blocked) {
            (_, _, Some(what)) => format!("{what} stands where the file has to be"),
            (Some(rendered), Some(_), _) if rendered.executable => "the script cannot be executed".into(),
            (Some(_), Some(_), _) => "the file can be executed, and is no script".into(),
            _ if self.file.state == State::Untracked && self.is_ignored() => "the file is right, but git is told to ignore it".into(),
            _ => self.form().unwrap_or(self.file.state.sentence()).to_owned(),
        }
    }

    /// True if git would not take it without being forced.
    fn is_ignored(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.contains("git add --force "))
    }

    /// What has to be thought of before the fix is run, if anything is: what a hand wrote is lost by it.
    pub fn is_to_be_moved(&self) -> bool {
        self.file.state.is_by_hand() && self.file.blocked.is_none() && self.form().is_none() && self.current().text != self.rendered()
    }

    /// What differs, if that is nothing that can be read.
    pub fn form(&self) -> Option<&'static str> {
        let (current, rendered) = (std::str::from_utf8(self.file.current.as_deref()?).ok()?, self.file.rendered.as_ref()?.text.as_str());
        if current.replace("\r\n", "\n") == rendered && current != rendered {
            Some("every line ends in CR LF, and nothing else differs")
        } else if format!("{current}\n") == rendered {
            Some("its last line has no newline at its end, and nothing else differs")
        } else if current.strip_prefix('\u{feff}') == Some(rendered) {
            Some("it begins with a byte order mark, and nothing else differs")
        } else {
            None
        }
    }

    /// The first line of the file that differs, from 1; `None` if it is not there.
    pub fn first_difference(&self) -> Option<usize> {
        let current = self.file.current.as_ref()?;
        let current = String::from_utf8_lossy(current);
        Some(if current == self.rendered() { 1 } else { first_difference(&current, self.rendered()) })
    }
}

/// The first line of a text that another one has not, from 1.
pub fn first_difference(text: &str, other: &str) -> usize {
    let same = text.split('\n').zip(other.split('\n')).take_while(|(there, rendered)| there == rendered).count();
    (same + 1).min(text.lines().count().max(1))
}

/// How many files are in each state, in the order of the states.
pub fn counts<'r>(reports: impl IntoIterator<Item = &'r ProfileReport>) -> Vec<(State, usize)> {
    let mut list: Vec<(State, usize)> = Vec::new();
    for state in reports.into_iter().flat_map(|report| &report.files).map(|file| file.file.state) {
        match list.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => list.push((state, 1)),
        }
    }
    list.sort();
    list
}
