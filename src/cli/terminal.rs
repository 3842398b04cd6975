//! What terminals can show.

use std::io::IsTerminal;

/// True where colours are shown and wanted.
pub fn colour(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Fewer are done before anybody could read it.
const MANY: usize = 20;

/// How far a run is, on a terminal; a pipe gets nothing.
pub struct Progress {
    total: usize,
    is_shown: bool,
}

impl Progress {
    /// Of so many profiles.
    pub fn of(total: usize) -> Self {
        Self { total, is_shown: total >= MANY && std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb") }
    }

    /// So many are done.
    pub fn at(&self, done: usize) {
        if self.is_shown {
            super::run::note(&format!("\r\x1b[K{done} of {} profiles", self.total));
        }
    }

    /// Takes the line away, for something else to be printed.
    pub fn clear(&self) {
        if self.is_shown {
            super::run::note("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
