//! What is left of a profile when its mistakes are taken out: good enough to look for further mistakes, so that all of a run are
//! reported together.

use super::schema::Schema;
use super::{Loaded, violations};
use crate::diagnostics::Diagnostic;
use crate::key_path::{KeyPath, Segment};
use crate::source::Sources;
use crate::yaml::{Node, Value};
use std::collections::BTreeMap;

/// Taking one part out may leave the part around it incomplete: so many times.
const ROUNDS: usize = 6;

/// Sections whose entries are referred to by their names.
const NAMED: [&str; 4] = ["services", "backing_services", "env_groups", "secrets"];

/// A profile without the parts that have mistakes.
#[derive(Debug)]
pub struct Remainder {
    /// What is left.
    pub loaded: Loaded,
    /// What is not.
    pub taken: Taken,
}

/// All parts that were taken out.
#[derive(Debug)]
pub struct Taken(Vec<Part>);

#[derive(Debug)]
struct Part {
    /// What it was a part of.
    above: KeyPath,
    /// Its key, and the key that was meant.
    words: Vec<String>,
    /// True for what others may refer to by its name.
    is_named: bool,
}

impl Remainder {
    /// The rest of `tree` without what `errors` are about; `None` if nothing useful is left.
    pub fn of(schema: &Schema, mut tree: Node, errors: &[Diagnostic], sources: &Sources) -> Option<Self> {
        let mut taken = Vec::new();
        let mut open: Vec<Diagnostic> = errors.to_vec();
        for _ in 0..ROUNDS {
            for error in &open {
                let path = error.path.as_ref()?;
                // In a list the places of the others would change.
                let end = path.0.iter().position(|segment| matches!(segment, Segment::Index(_))).unwrap_or(path.0.len());
                let path = KeyPath(path.0[..end].to_vec());
                let Some(Segment::Key(key)) = path.0.last() else { return None };
                // Help that offers something starts with the offer.
                let offers = error.help.as_deref().filter(|help| help.starts_with("did you mean `") || help.starts_with("choose one of `"));
                let meant = offers.and_then(|help| help.split('`').nth(1));
                let words = std::iter::once(key.as_str()).chain(meant).map(str::to_owned).collect();
                let above = path.parent();
                taken.push(Part { is_named: NAMED.iter().any(|section| above == KeyPath::of(&[section])), above, words });
                // A choice decides over too much to be left out: another one stands for it.
                let number = |word: &str| word.parse().ok().filter(|_| is_number(&tree, &path.0)).map(Value::Int);
                let choice = meant.filter(|_| error.code == "invalid-value").map(|word| number(word).unwrap_or_else(|| Value::Text(word.to_owned())));
                take(&mut tree, &path.0, choice);
            }
            let json = tree.to_json();
            open = violations::find(schema, &json, &tree, sources);
            if open.is_empty() {
                return serde_json::from_value(json).ok().map(|profile| Self { loaded: Loaded { profile, tree, kinds: BTreeMap::new() }, taken: Taken(taken) });
            }
        }
        None
    }
}

impl Taken {
    /// True if a mistake that was found in the rest may be there only because something was taken out.
    pub fn explain(&self, error: &Diagnostic) -> bool {
        let root = KeyPath::root();
        let path = error.path.as_ref().unwrap_or(&root);
        let label = error.primary.iter().map(|label| label.text.as_str());
        let texts: Vec<String> =
            [error.message.as_str(), error.help.as_deref().unwrap_or_default()].into_iter().chain(label).map(str::to_owned).chain([path.to_string()]).collect();
        let mentions = |word: &String| texts.iter().any(|text| words_of(text).any(|known| known == word));
        self.0.iter().any(|part| {
            // What a service lacks may be missing at the one that it is like.
            let in_services = |path: &KeyPath| path.0.first() == Some(&Segment::Key("services".into()));
            let is_near = path.0.starts_with(&part.above.0) || part.above.0.starts_with(&path.0) || (in_services(path) && in_services(&part.above));
            let is_gap = *path == part.above && error.code == "missing-key";
            is_gap || ((part.is_named || is_near) && part.words.iter().any(mentions))
        })
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').filter(|word| !word.is_empty())
}

/// True if a whole number stands at a path of keys.
fn is_number(node: &Node, path: &[Segment]) -> bool {
    match (&node.value, path) {
        (Value::Map(map), [Segment::Key(key), rest @ ..]) => map.get(key).is_some_and(|entry| is_number(&entry.node, rest)),
        (value, []) => matches!(value, Value::Int(_)),
        _ => false,
    }
}

/// Removes the entry at a path of keys, or gives it another value; nothing if it is not there.
fn take(node: &mut Node, path: &[Segment], instead: Option<Value>) {
    let (Value::Map(map), [Segment::Key(key), rest @ ..]) = (&mut node.value, path) else { return };
    match (map.get_mut(key), instead) {
        (Some(entry), instead) if !rest.is_empty() => take(&mut entry.node, rest, instead),
        (Some(entry), Some(value)) => entry.node.value = value,
        _ => drop(map.shift_remove(key)),
    }
}
