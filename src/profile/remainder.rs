//! What is left of a profile when its mistakes are taken out: good enough to look for further mistakes, so that all of a run are
//! reported together.

use super::inherited::Inherited;
use super::schema::Schema;
use super::{Loaded, keys, violations};
use crate::diagnostics::Diagnostic;
use crate::key_path::{KeyPath, Segment};
use crate::source::{Sources, Span};
use crate::yaml::{self, Accept, Map, Node, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Taking one part out may leave the part around it incomplete: so many times.
const ROUNDS: usize = 6;

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
    /// What it holds: all names and values that somebody has written there.
    content: BTreeSet<String>,
    /// True for a whole section whose entries have no names that could be read.
    is_section: bool,
    /// True for a word that decides over the map that it is in: another one stands for it, so that nothing is gone.
    is_choice: bool,
}

impl Part {
    /// True if a mistake may be there only because another word was chosen than the one that is meant.
    fn may_have_chosen(&self, error: &Diagnostic, path: &KeyPath) -> bool {
        let named = format!("`{}`", self.above.0.last().map(ToString::to_string).unwrap_or_default());
        // What something of another kind has to offer is not known.
        if error.code == "unknown-reference" {
            return error.message.starts_with(&named);
        }
        // One of the map itself, or of who wants something of it that the other choice does not have.
        path.0.starts_with(&self.above.0) || (self.above.0.len() > 1 && error.message.contains(&named))
    }

    /// True if what a message says is not there may have its name in this section.
    fn may_have_named(&self, message: &str) -> bool {
        let kinds: &[&str] = match self.words.last().map_or("", String::as_str) {
            "services" => &["service"],
            "backing_services" => &["backing service", "PostgreSQL server", "value of", " of `"],
            "secrets" => &["secret"],
            "backups" => &["backup"],
            "env_groups" => &["block", "variable"],
            "env" => &["variable"],
            "volumes" => &["volume"],
            "ports" => &["port", "value of"],
            _ => return true,
        };
        kinds.iter().any(|kind| message.contains(kind))
    }
}

/// A key that stands for another one.
struct Renamed {
    above: KeyPath,
    old: String,
    new: String,
    /// True if only the key is wrong, so that what is below it can be looked at as if it were right.
    is_misspelt: bool,
    /// What is taken out if it cannot be renamed.
    part: Part,
}

impl Remainder {
    /// The rest of `tree` without what `errors` are about; `None` if nothing useful is left. What is found below keys that are only
    /// misspelt is added to `errors`.
    pub fn of(schema: &Schema, mut tree: Node, errors: &mut Vec<Diagnostic>, sources: &Sources) -> Option<Self> {
        let (mut taken, mut renamed) = (Vec::new(), Vec::new());
        let mut open: Vec<Diagnostic> = errors.clone();
        for round in 0..ROUNDS {
            for error in &open {
                let path = error.path.as_ref()?;
                // What is missing is as the message proposes it: of the rest of its map there is more to say.
                if let Some(key) = proposed(error).and_then(|entry| add(&mut tree, &path.0, entry)) {
                    taken.push(Part { above: path.clone(), words: vec![key], is_named: false, content: BTreeSet::new(), is_section: false, is_choice: false });
                    continue;
                }
                // In a list the places of the others would change.
                let end = path.0.iter().position(|segment| matches!(segment, Segment::Index(_))).unwrap_or(path.0.len());
                let path = KeyPath(path.0[..end].to_vec());
                let Some(Segment::Key(key)) = path.0.last() else { return None };
                // Help that offers something starts with the offer.
                let help = error.help.as_deref().unwrap_or_default();
                let offers = help.starts_with("did you mean `") || help.starts_with("choose one of `");
                let meant = help.split('`').nth(1).filter(|_| offers).map(|word| word.trim_matches('"'));
                let above = path.parent();
                let lost = find(&tree, &path.0);
                let mut content = BTreeSet::new();
                if let Some(lost) = lost {
                    words_in(lost, &mut content);
                }
                let part = Part {
                    is_named: has_names(&schema.document, &above),
                    is_section: has_names(&schema.document, &path) && lost.is_some_and(|lost| !matches!(lost.value, Value::Map(_))),
                    words: std::iter::once(key.as_str()).chain(meant).map(str::to_owned).collect(),
                    above: above.clone(),
                    content,
                    is_choice: error.code == "invalid-value" && meant.is_some(),
                };
                match meant {
                    // A key that is meant to be another one stands for that: what it holds is there.
                    Some(new) if matches!(error.code, "unknown-key" | "invalid-name") => {
                        let is_misspelt = error.code == "unknown-key" && help.ends_with("`?");
                        renamed.push(Renamed { above, old: key.clone(), new: new.to_owned(), is_misspelt, part });
                    }
                    // A choice decides over too much to be left out: another one stands for it.
                    Some(word) if error.code == "invalid-value" => {
                        let number = word.parse().ok().filter(|_| lost.is_some_and(|lost| matches!(lost.value, Value::Int(_)))).map(Value::Int);
                        take(&mut tree, &path.0, Some(number.unwrap_or_else(|| Value::Text(word.to_owned()))));
                        taken.push(part);
                    }
                    _ => {
                        take(&mut tree, &path.0, written_instead(error, key));
                        taken.push(part);
                    }
                }
            }
            // The inner ones first, as long as the names above them hold.
            renamed.sort_by_key(|renamed| std::cmp::Reverse(renamed.above.0.len()));
            let mut below: Vec<KeyPath> = Vec::new();
            for key in renamed.drain(..) {
                let place = rename(&mut tree, &key);
                // What stands under its right name is not gone.
                match place.filter(|_| key.is_misspelt) {
                    Some(place) => below.push(place),
                    None => taken.push(key.part),
                }
            }
            let json = tree.to_json();
            open = violations::find(schema, &json, &tree, sources);
            if round == 0 {
                // Below the key, or beside it, where it chooses which keys there are.
                let is_below = |error: &&Diagnostic| {
                    let path = error.path.as_ref();
                    path.is_some_and(|path| {
                        below.iter().any(|key| path.0.starts_with(&key.0) || (error.code == "unknown-key" && path.parent() == key.parent()))
                    })
                };
                errors.extend(open.iter().filter(is_below).cloned());
            }
            if open.is_empty() {
                return serde_json::from_value(json)
                    .ok()
                    .map(|profile| Self { loaded: Loaded { profile, tree, kinds: BTreeMap::new(), inherited: Inherited::default() }, taken: Taken(taken) });
            }
        }
        None
    }
}

impl Taken {
    /// True if all that was taken out stands in these sections.
    pub fn is_of(&self, sections: &[&str]) -> bool {
        let section = |part: &Part| part.above.0.first().map_or_else(|| part.words.first().cloned().unwrap_or_default(), ToString::to_string);
        self.0.iter().all(|part| sections.contains(&section(part).as_str()))
    }

    /// True if a mistake that was found in the rest may be there only because something was taken out.
    pub fn explain(&self, error: &Diagnostic) -> bool {
        let root = KeyPath::root();
        let path = error.path.as_ref().unwrap_or(&root);
        let label = error.primary.iter().map(|label| label.text.as_str());
        let texts: Vec<String> =
            [error.message.as_str(), error.help.as_deref().unwrap_or_default()].into_iter().chain(label).map(str::to_owned).chain([path.to_string()]).collect();
        let mentions = |word: &String| texts.iter().any(|text| words_of(text).any(|known| known == word));
        // What is said to be missing, or not needed, may be so only in the rest.
        let is_about_others = matches!(error.code, "unknown-reference" | "unused");
        let is_in_content = |part: &Part| is_about_others && error.message.split('`').skip(1).step_by(2).any(|name| part.content.contains(name));
        self.0.iter().any(|part| {
            if part.is_choice {
                return part.may_have_chosen(error, path);
            }
            // What a service lacks may be missing at the one that it is like. A key that is there is of its own.
            let may_be_of_another = error.code != "misplaced-key";
            let in_services = |path: &KeyPath| may_be_of_another && path.0.len() <= 3 && path.0.first() == Some(&Segment::Key("services".into()));
            let is_near = path.0.starts_with(&part.above.0) || part.above.0.starts_with(&path.0) || (in_services(path) && in_services(&part.above));
            // Others may lack what is wrong of the one that they name: its check, of which they wait.
            let of_service = matches!(part.above.0.as_slice(), [Segment::Key(section), Segment::Key(name)]
                if ["services", "backing_services"].contains(&section.as_str()) && error.code == "contradiction" && error.message.contains(&format!("`{name}`")));
            let is_gap = *path == part.above && error.code == "missing-key";
            is_gap
                || ((part.is_named || is_near || of_service) && part.words.iter().any(mentions))
                || (is_about_others && part.is_section && (error.code == "unused" || part.may_have_named(&error.message)))
                || is_in_content(part)
        })
    }
}

/// True if the keys of the map at a path are names of the user's own.
fn has_names(schema: &Json, path: &KeyPath) -> bool {
    keys::explain(schema, path).is_ok_and(|texts| texts.iter().any(|text| text.is_by_name))
}

/// All names and values that stand in a value, and the words of those that are texts.
fn words_in(node: &Node, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(key, entry)| {
            found.insert(key.clone());
            words_in(&entry.node, found);
        }),
        Value::List(list) => list.iter().for_each(|item| words_in(item, found)),
        Value::Text(text) => found.extend(words_of(text).chain([text.as_str()]).map(str::to_owned)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').filter(|word| !word.is_empty())
}

/// What stands at a path of keys.
fn find<'n>(node: &'n Node, path: &[Segment]) -> Option<&'n Node> {
    match (&node.value, path) {
        (_, []) => Some(node),
        (Value::Map(map), [Segment::Key(key), rest @ ..]) => find(&map.get(key)?.node, rest),
        _ => None,
    }
}

/// The entry that a message says to add for a key that is missing.
fn proposed(error: &Diagnostic) -> Option<Map> {
    let entry = error.help.as_deref()?.strip_prefix("add `").filter(|_| error.code == "missing-key")?.split('`').next()?;
    map_of(entry, error)
}

/// What a message says to write in place of the value of `key`.
fn written_instead(error: &Diagnostic, key: &str) -> Option<Value> {
    let entry = error.help.as_deref()?.strip_prefix("write ").filter(|_| matches!(error.code, "wrong-type" | "invalid-value"))?.split('`').nth(1)?;
    let mut map = map_of(entry, error)?;
    map.shift_remove(key).filter(|_| map.is_empty()).map(|entry| entry.node.value)
}

/// A map that a message has in its help, as if it stood where the mistake is.
fn map_of(text: &str, error: &Diagnostic) -> Option<Map> {
    let span = error.primary.as_ref()?.span;
    let mut node = yaml::parse_one(span.source, text, Accept::PROFILE).ok()??;
    move_to(&mut node, span);
    if let Value::Map(map) = node.value { Some(map) } else { None }
}

/// Gives all of a value one place.
fn move_to(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| {
            entry.key = span;
            move_to(&mut entry.node, span);
        }),
        Value::List(list) => list.iter_mut().for_each(|item| move_to(item, span)),
        _ => {}
    }
}

/// Adds an entry to the map at a path; its key if it is new there.
fn add(node: &mut Node, path: &[Segment], entry: Map) -> Option<String> {
    match (&mut node.value, path) {
        (Value::Map(map), []) => {
            let (key, value) = entry.into_iter().next()?;
            (!map.contains_key(&key)).then(|| {
                map.insert(key.clone(), value);
                key
            })
        }
        (Value::Map(map), [Segment::Key(key), rest @ ..]) => add(&mut map.get_mut(key)?.node, rest, entry),
        (Value::List(list), [Segment::Index(at), rest @ ..]) => add(list.get_mut(*at)?, rest, entry),
        _ => None,
    }
}

/// Gives an entry the key that was meant, unless there is one; where it is then.
fn rename(tree: &mut Node, key: &Renamed) -> Option<KeyPath> {
    let mut node = tree;
    for segment in &key.above.0 {
        let (Value::Map(map), Segment::Key(key)) = (&mut node.value, segment) else { return None };
        node = &mut map.get_mut(key)?.node;
    }
    let Value::Map(map) = &mut node.value else { return None };
    let entry = map.shift_remove(&key.old)?;
    if map.contains_key(&key.new) {
        return None;
    }
    map.insert(key.new.clone(), entry);
    Some(key.above.key(key.new.as_str()))
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
