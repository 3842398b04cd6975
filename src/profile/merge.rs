//! Merging: maps deeply, everything else is replaced. A map whose `kind` changes is replaced, too.

use crate::diagnostics::{Diagnostic, nearest};
use crate::key_path::{KeyPath, Segment};
use crate::yaml::{Entry, Map, Node, Value};

/// Puts `over` on top of `base`. Keys keep the order in which they first appeared.
pub fn merge(base: &mut Map, over: Map) {
    merge_at(&mut Vec::new(), base, over);
}

fn merge_at(path: &mut Vec<String>, base: &mut Map, over: Map) {
    for (key, entry) in over {
        path.push(key.clone());
        match base.get_mut(&key) {
            Some(below) => merge_entry(path, below, entry),
            None => {
                base.insert(key, entry);
            }
        }
        path.pop();
    }
}

fn merge_entry(path: &mut Vec<String>, below: &mut Entry, above: Entry) {
    match (&mut below.node.value, above.node.value) {
        (Value::Map(base), Value::Map(over)) if !kind_changes(path, base, &over) => {
            below.key = above.key;
            below.node.span = above.node.span;
            merge_at(path, base, over);
        }
        (_, value) => *below = Entry { key: above.key, node: Node { value, span: above.node.span } },
    }
}

/// Only where `kind`, or the `server` of `run`, says what the map is: elsewhere it is a name like any other.
fn kind_changes(path: &[String], base: &Map, over: &Map) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let tag = match path.as_slice() {
        ["environment"] | ["services" | "backing_services", _] | ["edge", "tls"] => "kind",
        ["services", _, "run"] => "server",
        _ => return false,
    };
    let kind = |map: &Map| map.get(tag).and_then(|entry| entry.node.as_text().map(str::to_owned));
    matches!((kind(base), kind(over)), (Some(base), Some(over)) if base != over)
}

/// Takes what `remove` names out of `base`.
///
/// # Errors
/// Each path that is malformed or not there.
pub fn remove(base: &mut Map, list: &Node) -> Vec<Diagnostic> {
    let Value::List(paths) = &list.value else { return Vec::new() };
    let mut errors = Vec::new();
    for item in paths {
        let Some(text) = item.as_text() else { continue };
        match KeyPath::parse(text) {
            Ok(path) => {
                if let Err((missing, near)) = take(base, &path) {
                    let error = Diagnostic::error("remove-missing", format!("`remove` names `{path}`, but nothing that is extended has `{missing}`"));
                    let help =
                        near.map_or_else(|| "remove this line, or correct the path".to_owned(), |near| format!("did you mean `{near}`?{}", quoting(&near)));
                    errors.push(error.at(KeyPath::of(&["remove"])).label(item.span, "not there").help(help));
                }
            }
            Err(reason) => {
                let error = Diagnostic::error("invalid-value", format!("this is no key path: {reason}"));
                errors.push(
                    error
                        .at(KeyPath::of(&["remove"]))
                        .label(item.span, "here")
                        .help("write keys with dots between them, such as `services.api.env.DEBUG`; quote a key that has dots itself"),
                );
            }
        }
    }
    errors
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

/// Removes one path; the error is the part that is missing and a path that may have been meant.
fn take(base: &mut Map, path: &KeyPath) -> Result<(), (KeyPath, Option<KeyPath>)> {
    let mut map = base;
    let mut walked = KeyPath::root();
    for (at, segment) in path.0.iter().enumerate() {
        let Segment::Key(key) = segment else { return Err((path.clone(), None)) };
        let here = walked.key(key.as_str());
        if !map.contains_key(key) {
            if let Some(meant) = with_dots(map, &walked, &path.0[at..]) {
                return Err((here, Some(meant)));
            }
            let near = nearest(key, map.keys().map(String::as_str)).map(|near| {
                let mut meant = walked.key(near);
                meant.0.extend(path.0[at + 1..].iter().cloned());
                meant
            });
            return Err((here, near));
        }
        if at + 1 == path.0.len() {
            map.shift_remove(key);
            return Ok(());
        }
        map = match map.get_mut(key).map(|entry| &mut entry.node.value) {
            Some(Value::Map(next)) => next,
            _ => return Err((here.key("?"), None)),
        };
        walked = here;
    }
    Err((path.clone(), None))
}
