//! What terminals can show.

use crate::diagnostics::text::Looks;
use std::io::IsTerminal;
use supports_hyperlinks::Stream;
use terminal_size::{Width, terminal_size_of};

/// A terminal that is narrower cannot show a line of a source and where it is.
const NARROWEST: u16 = 40;

/// What stdout shows.
pub fn stdout() -> Looks {
    let stream = std::io::stdout();
    looks(&stream, terminal_size_of(&stream).map(|(width, _)| width), supports_hyperlinks::on(Stream::Stdout))
}

/// What stderr shows.
pub fn stderr() -> Looks {
    let stream = std::io::stderr();
    looks(&stream, terminal_size_of(&stream).map(|(width, _)| width), supports_hyperlinks::on(Stream::Stderr))
}

fn looks(stream: &impl IsTerminal, width: Option<Width>, links: bool) -> Looks {
    if !stream.is_terminal() {
        return Looks::default();
    }
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Looks { colour: !is_dumb && !refused, width: width.map(|Width(columns)| columns.max(NARROWEST).into()), links: links && !is_dumb }
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
