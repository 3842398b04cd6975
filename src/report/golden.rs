//! What is said of goldens.

/// How a golden differs from what is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoldenState {
    /// It is rendered, but there is no golden.
    Missing,
    /// There is a golden, but it is not rendered.
    Extra,
    /// Text or mode is another.
    Changed,
    /// The tree belongs to no profile.
    Unreferenced,
}

impl GoldenState {
    /// The word in all formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
            Self::Unreferenced => "unreferenced",
        }
    }

    /// What is wrong with it, behind its path.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "is rendered, but has no golden",
            Self::Extra => "is a golden, but is not rendered",
            Self::Changed => "differs from what is rendered",
            Self::Unreferenced => "belongs to no profile: remove it",
        }
    }
}

/// A golden that is not what is rendered.
#[derive(Debug)]
pub struct GoldenReport {
    /// Its path, as messages show it.
    pub path: String,
    /// How it differs.
    pub state: GoldenState,
    /// The command that makes it what is rendered; `None` if it has to be removed by hand.
    pub fix: Option<String>,
    /// The differences, for people.
    pub difference: String,
    /// The first line that differs, from 1.
    pub line: usize,
}

impl GoldenReport {
    /// One line, and the differences.
    pub fn text(&self) -> String {
        format!("{} {}\n{}", self.path, self.state.sentence(), self.difference)
    }
}
