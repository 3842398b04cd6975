//! What is wrong with an input: code, fact, place and next step. Data only; [`text`] and [`json`] print it.

pub mod codes;
pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use crate::key_path::KeyPath;
use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Info,
    /// Unwise.
    Warning,
    /// Leaves no Stack, or a finding that must be settled.
    Error,
}

impl Severity {
    /// The word that all formats use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// One mistake or finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the problem, such as `unknown-key`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, in one sentence without a full stop.
    pub message: String,
    /// Key path in the profile, where there is one.
    pub path: Option<KeyPath>,
    /// The place that the message is about.
    pub primary: Option<Label>,
    /// Further places that belong to it.
    pub related: Vec<Label>,
    /// What to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place; the builder methods add the rest.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), path: None, primary: None, related: Vec::new(), help: None }
    }

    /// Sets the key path.
    #[must_use]
    pub fn at(mut self, path: KeyPath) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets the place and what is said there.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Sets the next step.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// Sorts by place, then by code, and drops repetitions: the order that every format shows.
pub fn sort(list: &mut Vec<Diagnostic>) {
    list.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.primary.as_ref().map(|l| l.span), d.path.clone(), d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    list.dedup();
}

/// What the system says, without Rust's error number.
pub fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// The nearest of `known` to a misspelt `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Of a short word, two other letters are another word.
    let limit = match word.chars().count() {
        ..6 => 1,
        length => 1 + length / 4,
    };
    nearest_within(limit, word, known)
}

/// The nearest of `known` to a word, from which it differs by no more than so many letters.
pub fn nearest_within<'a>(limit: usize, word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(d, candidate)| *d <= limit || (word.len() >= 3 && candidate.starts_with(word)))
        .min_by_key(|(d, candidate)| (*d, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Edit distance with transpositions (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitute.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_and_nothing_else() {
        let known = ["replicas", "resources", "port", "env"];
        assert_eq!(nearest("replcias", known), Some("replicas"));
        assert_eq!(nearest("Port", known), Some("port"));
        assert_eq!(nearest("volumes", known), None);
    }
}
