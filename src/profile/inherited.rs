//! What a profile replaces and takes out of those that it extends: mistakes that follow from it are told as such, with both places.

use crate::diagnostics::{Diagnostic, Label};
use crate::key_path::{KeyPath, Segment};
use crate::source::Span;

/// What did not stay of what is extended.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Maps whose kind is another one, so that nothing of them stays.
    pub(super) replaced: Vec<Replaced>,
    /// What `remove` takes out.
    pub(super) removed: Vec<Removed>,
}

/// A map that took the place of one of another kind.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    /// Where both stand in the profile.
    pub path: KeyPath,
    /// The key that says the kind: `kind` or `server`.
    pub tag: &'static str,
    /// What it said, and where.
    pub before: (String, Span),
    /// What it says, and where.
    pub after: (String, Span),
}

/// A part that `remove` takes out.
#[derive(Clone, Debug)]
pub(super) struct Removed {
    /// The part.
    pub path: KeyPath,
    /// Where that is said.
    pub place: Span,
    /// Its name; of a section those of its entries.
    pub names: Vec<String>,
}

impl Inherited {
    /// The mistakes, with those told together that one replacement or one removal is the reason of.
    pub fn explain(&self, mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for replaced in &self.replaced {
            let is_gap = |error: &mut Diagnostic| error.code == "missing-key" && error.path.as_ref() == Some(&replaced.path);
            let gaps: Vec<Diagnostic> = errors.extract_if(.., is_gap).collect();
            told.extend(replaced.explain(&gaps));
        }
        for removed in &self.removed {
            let uses: Vec<Diagnostic> = errors.extract_if(.., |error| removed.is_missed(error)).collect();
            told.extend(removed.explain(&uses));
        }
        errors.extend(told);
        errors
    }
}

impl Replaced {
    fn explain(&self, gaps: &[Diagnostic]) -> Option<Diagnostic> {
        let first = gaps.first()?;
        let (tag, before, after) = (self.tag, &self.before.0, &self.after.0);
        let added: Vec<&str> = gaps.iter().filter_map(|gap| gap.help.as_deref()?.strip_prefix("add `")?.split('`').next()).collect();
        let added: Vec<String> = added.iter().map(|piece| format!("`{piece}`")).collect();
        let message = format!("`{}` was `{tag}: {before}` in what is extended and is `{tag}: {after}` here, so that nothing else of it stays", self.path);
        let error =
            Diagnostic::error("missing-key", message).at(self.path.clone()).label(self.after.1, "another kind").related(self.before.1, "inherited from here");
        let Some((last, others)) = added.split_last() else { return Some(first.clone()) };
        let keys = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
        Some(error.help(format!("add {keys}, or leave `{tag}: {before}` as it is")))
    }
}

impl Removed {
    /// True for a mistake that is there only because this part is not.
    fn is_missed(&self, error: &Diagnostic) -> bool {
        let name = error.message.rsplit('`').nth(1).unwrap_or_default();
        let is_use = error.code == "unknown-reference" && self.names.iter().any(|known| known == name);
        let in_services = self.path.0.first() == Some(&Segment::Key("services".into()));
        is_use || (in_services && error.code == "missing-key" && error.path == Some(KeyPath::of(&["services"])))
    }

    fn explain(&self, uses: &[Diagnostic]) -> Option<Diagnostic> {
        let references: Vec<&Diagnostic> = uses.iter().filter(|error| error.code == "unknown-reference").collect();
        let related: Vec<Label> =
            references.iter().filter_map(|error| error.primary.as_ref()).map(|label| Label { span: label.span, text: "refers to it".into() }).collect();
        let error = |message: String| Diagnostic::error("unknown-reference", message).at(KeyPath::of(&["remove"])).label(self.place, "taken out here");
        if references.is_empty() {
            let other = uses.first()?;
            return Some(error(format!("`remove` takes out `{}`, and no service is left", self.path)).help(other.help.clone().unwrap_or_default()));
        }
        let mut paths: Vec<String> = references.iter().filter_map(|error| error.path.as_ref().map(|path| format!("`{}`", removable(path)))).collect();
        paths.dedup();
        let message = format!("`remove` takes out `{}`, to which others refer", self.path);
        Some(Diagnostic { related, ..error(message) }.help(format!("remove what refers to it, too: add {} to `remove`; or keep it", paths.join(", "))))
    }
}

/// The part that goes with a reference: a variable with its `from`, a route with its `service`, a list with its item.
fn removable(path: &KeyPath) -> KeyPath {
    let mut path = path.clone();
    while matches!(path.0.last(), Some(Segment::Index(_))) {
        path = path.parent();
    }
    match path.0.last() {
        Some(Segment::Key(key)) if matches!(key.as_str(), "from" | "service" | "volume") => path.parent(),
        _ => path,
    }
}
