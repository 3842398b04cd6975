//! Merging: maps deeply, everything else is replaced. A map whose `kind` changes is replaced, too.

use super::inherited::{Removed, Replaced};
use crate::diagnostics::{Diagnostic, nearest};
use crate::key_path::{KeyPath, Segment};
use crate::source::Span;
use crate::yaml::{Entry, Map, Node, Value};

/// A value that took the place of one of another type.
#[derive(Clone, Debug)]
pub struct Clash {
    /// Where both stand in the profile.
    pub path: KeyPath,
    /// The value that was inherited: its key, and what it is in words.
    pub inherited: (Span, &'static str),
}

/// What a merge replaced.
#[derive(Debug, Default)]
pub struct Merged {
    /// Values by values of another type.
    pub clashes: Vec<Clash>,
    /// Maps by maps of another kind.
    pub replaced: Vec<Replaced>,
}

/// Puts `over` on top of `base`. Keys keep the order in which they first appeared. Whoever finds fault with what is there then wants to
/// know of what was there before: that goes to `merged`.
pub fn merge(base: &mut Map, over: Map, merged: &mut Merged) {
    merge_at(&mut Vec::new(), base, over, merged);
}

fn merge_at(path: &mut Vec<String>, base: &mut Map, over: Map, merged: &mut Merged) {
    for (key, entry) in over {
        path.push(key.clone());
        match base.get_mut(&key) {
            Some(below) => merge_entry(path, below, entry, merged),
            None => {
                base.insert(key, entry);
            }
        }
        path.pop();
    }
}

fn merge_entry(path: &mut Vec<String>, below: &mut Entry, above: Entry, merged: &mut Merged) {
    let kinds = match (&below.node.value, &above.node.value) {
        (Value::Map(base), Value::Map(over)) => other_kind(path, base, over),
        _ => None,
    };
    let is_same_kind = kinds.is_none();
    merged.replaced.extend(kinds);
    match (&mut below.node.value, above.node.value) {
        (Value::Map(base), Value::Map(over)) if is_same_kind => {
            below.key = above.key;
            below.node.span = above.node.span;
            merge_at(path, base, over, merged);
        }
        (before, value) => {
            if before.in_words() != value.in_words() {
                let path = KeyPath(path.iter().cloned().map(Segment::Key).collect());
                merged.clashes.push(Clash { path, inherited: (below.key, before.in_words()) });
            }
            *below = Entry { key: above.key, node: Node { value, span: above.node.span } };
        }
    }
}

/// Only where `kind`, or the `server` of `run`, says what the map is: elsewhere it is a name like any other.
fn other_kind(path: &[String], base: &Map, over: &Map) -> Option<Replaced> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let tag = match names.as_slice() {
        ["environment"] | ["services" | "backing_services", _] | ["edge", "tls"] => "kind",
        ["services", _, "run"] => "server",
        _ => return None,
    };
    let kind = |map: &Map| map.get(tag).and_then(|entry| Some((entry.node.as_text()?.to_owned(), entry.node.span)));
    let (before, after) = kind(base).zip(kind(over)).filter(|(before, after)| before.0 != after.0)?;
    Some(Replaced { path: KeyPath::of(&names), tag, before, after })
}

/// Takes what `remove` names out of `base`, which is all that `own` extends; `extends` is the key that says so.
///
/// # Errors
/// Each path that is malformed or not there; with it that path, if it is one.
pub fn remove(base: &mut Map, list: &Node, own: &Map, extends: Option<Span>, removed: &mut Vec<Removed>) -> Vec<(Option<KeyPath>, Diagnostic)> {
    let Value::List(paths) = &list.value else { return Vec::new() };
    let mut errors = Vec::new();
    let mut taken: Vec<Removed> = Vec::new();
    for item in paths {
        let Some(text) = item.as_text() else { continue };
        match KeyPath::parse(text) {
            Ok(path) => match (edge_hosts(base), take(base, &path)) {
                (mut hosts, Ok(names)) => {
                    let left = edge_hosts(base);
                    hosts.retain(|host| !left.contains(host));
                    taken.push(Removed { path, place: item.span, names, hosts });
                }
                (_, Err(missing)) => {
                    let error = missing.explain(&path, item.span, own, extends, &taken);
                    errors.push((Some(path), error));
                }
            },
            Err(reason) => {
                let error = Diagnostic::error("invalid-value", format!("this is no key path: {reason}"));
                let error = error
                    .at(KeyPath::of(&["remove"]))
                    .label(item.span, "here")
                    .help("write keys with dots between them, such as `services.api.env.DEBUG`; quote a key that has dots itself");
                errors.push((None, error));
            }
        }
    }
    removed.append(&mut taken);
    errors
}

/// The hosts of the edge.
fn edge_hosts(profile: &Map) -> Vec<String> {
    let hosts = profile.get("edge").and_then(|edge| edge.node.as_map()?.get("hosts")?.node.as_map());
    hosts.into_iter().flat_map(|hosts| hosts.keys().cloned()).collect()
}

/// A path of `remove` that leads nowhere.
struct Missing {
    /// The last part of it that is there, and its key.
    above: Option<(KeyPath, Span)>,
    /// Why it does not go on there.
    end: End,
    /// A path that may have been meant, and its key.
    near: Option<(KeyPath, Span)>,
}

enum End {
    /// There is a map without this key.
    NoKey(String),
    /// There is a value, or a list: nothing of it goes by a key.
    NoMap(&'static str),
}

impl Missing {
    fn explain(self, path: &KeyPath, place: Span, own: &Map, extends: Option<Span>, taken: &[Removed]) -> Diagnostic {
        let error = |message: String| Diagnostic::error("remove-missing", message).at(KeyPath::of(&["remove"]));
        if let Some(earlier) = taken.iter().find(|earlier| path.0.starts_with(&earlier.path.0)) {
            return error(format!("`remove` takes out `{path}`, which `{}` has taken out already", earlier.path))
                .label(place, "not there any more")
                .related(earlier.place, "taken out here")
                .help("remove this line");
        }
        let Some(extends) = extends else {
            return error(format!("`remove` names `{path}`, but this profile extends nothing"))
                .label(place, "nothing to take it from")
                .help("remove this line: what is not to be there is not written");
        };
        if let Some(written) = find_key(own, &path.0) {
            return error(format!("`remove` names `{path}`, which this file says itself"))
                .label(place, "only what is inherited can be removed")
                .related(written, "written here")
                .help("delete it there, and remove this line");
        }
        let message = match (&self.end, &self.above) {
            (End::NoMap(what), Some((above, _))) => format!("`remove` names `{path}`, but `{above}` is {what}"),
            (End::NoKey(key), Some((above, _))) => format!("`remove` names `{path}`, but nothing that is extended has `{}`", above.key(key.as_str())),
            (_, None) => format!("`remove` names `{path}`, but nothing that is extended has `{}`", KeyPath(path.0[..1].to_vec())),
        };
        let error = error(message).label(place, "not there");
        match (self.near, self.end, self.above) {
            (Some((near, key)), ..) => error.related(key, "this is there").help(format!("did you mean `{near}`?{}", quoting(&near))),
            (None, End::NoMap(_), Some((above, key))) => {
                error.related(key, "this has no keys").help(format!("write `{above}`, which takes out all of it, or write it anew in this file"))
            }
            (None, _, Some((above, key))) => error.related(key, format!("`{above}` does not have it")).help("remove this line, or correct the path"),
            (None, _, None) => error.related(extends, "what is extended does not have it").help("remove this line, or correct the path"),
        }
    }
}

/// The place of the key that a path leads to.
pub(super) fn find_key(map: &Map, path: &[Segment]) -> Option<Span> {
    let [Segment::Key(key), rest @ ..] = path else { return None };
    let entry = map.get(key)?;
    if rest.is_empty() { Some(entry.key) } else { find_key(entry.node.as_map()?, rest) }
}

/// What has to be known of a path with quotes.
fn quoting(path: &KeyPath) -> &'static str {
    if path.to_string().contains('"') { " A key that has dots itself is quoted" } else { "" }
}

/// The path in which keys that have dots are one: `edge.hosts.api.example.com` is meant to be `edge.hosts."api.example.com"`.
fn with_dots(map: &Map, walked: &KeyPath, rest: &[Segment]) -> Option<KeyPath> {
    let keys: Vec<&str> = rest.iter().map_while(|segment| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None }).collect();
    let length = (2..=keys.len()).rev().find(|length| map.contains_key(&keys[..*length].join(".")))?;
    let mut meant = walked.key(keys[..length].join("."));
    meant.0.extend(rest[length..].iter().cloned());
    Some(meant)
}

/// Removes one path; the names that are gone with it, by which others may refer to it.
fn take(base: &mut Map, path: &KeyPath) -> Result<Vec<String>, Missing> {
    let mut map = base;
    let mut walked = KeyPath::root();
    let mut above = None;
    for (at, segment) in path.0.iter().enumerate() {
        // What is parsed has keys only.
        let key = segment.to_string();
        if !map.contains_key(&key) {
            let meant = with_dots(map, &walked, &path.0[at..]).or_else(|| {
                let mut meant = walked.key(nearest(&key, map.keys().map(String::as_str))?);
                meant.0.extend(path.0[at + 1..].iter().cloned());
                Some(meant)
            });
            // What is offered is there.
            let near = meant.and_then(|meant| find_key(map, &meant.0[at..]).map(|key| (meant, key)));
            return Err(Missing { above, end: End::NoKey(key), near });
        }
        if at + 1 == path.0.len() {
            let gone = map.shift_remove(&key);
            let entries = gone.as_ref().filter(|_| at == 0).and_then(|gone| gone.node.as_map());
            return Ok(entries.map_or_else(|| vec![key], |entries| entries.keys().cloned().collect()));
        }
        walked = walked.key(key.as_str());
        let Some(entry) = map.get_mut(&key) else { break };
        above = Some((walked.clone(), entry.key));
        let what = entry.node.value.in_words();
        match &mut entry.node.value {
            Value::Map(next) => map = next,
            _ => return Err(Missing { above, end: End::NoMap(what), near: None }),
        }
    }
    Ok(Vec::new())
}
