//! Edits of YAML text at the places of its tree: all that is not changed stays as it is, comments included.

use crate::key_path::{KeyPath, Segment};
use crate::render::escape::yaml as print;
use crate::source::Sources;
use crate::yaml::{self, Accept, Map, Node, Value};
use serde_json::Value as Json;
use std::path::Path;

/// The documents of a text; `None` if it is not YAML.
pub fn documents(text: &str, accept: Accept) -> Option<Vec<Node>> {
    let id = Sources::default().add(Path::new(""), String::new(), String::new());
    yaml::parse_all(id, text, accept).ok()
}

/// One change of a text: what stands between two bytes becomes something else.
struct Change {
    start: usize,
    end: usize,
    text: String,
}

/// Changes that are being collected.
struct Editor<'t> {
    text: &'t str,
    changes: Vec<Change>,
}

/// The text with a map merged into one of its nodes.
///
/// # Errors
/// What cannot be changed, in words, with the path below the node.
pub fn merge(text: &str, node: &Node, patch: &serde_json::Map<String, Json>) -> Result<String, String> {
    let mut editor = Editor { text, changes: Vec::new() };
    let map = node.as_map().ok_or("it is no map")?;
    if editor.is_flow(node) {
        return Err("it stands on one line".into());
    }
    editor.merge(node, map, patch, &KeyPath::root())?;
    Ok(editor.done())
}

/// The text without a key below one of its nodes; items of lists are named by their `name`.
///
/// # Errors
/// As [`merge`].
pub fn remove(text: &str, node: &Node, path: &KeyPath) -> Result<String, String> {
    let mut editor = Editor { text, changes: Vec::new() };
    let Some((Segment::Key(last), above)) = path.0.split_last() else { return Err("nothing is named".into()) };
    let mut chain: Vec<(Option<&yaml::Entry>, &Node)> = vec![(None, node)];
    for segment in above {
        let at = chain.last().map_or(node, |(_, node)| node);
        let next = match (&at.value, segment) {
            (Value::Map(map), Segment::Key(key)) => map.get(key).map(|entry| (Some(entry), &entry.node)),
            (Value::List(items), Segment::Key(name)) => items.iter().find(|item| name_of(item) == Some(name)).map(|item| (None, item)),
            _ => None,
        };
        chain.push(next.ok_or_else(|| format!("there is no `{path}`"))?);
    }
    // A map without a key would be nothing: then the key above it goes, if it may, or its value is `{}`.
    let (above, node) = chain.last().copied().unwrap_or((None, node));
    let map = node.as_map().ok_or_else(|| format!("there is no `{path}`"))?;
    let entry = map.get(last).ok_or_else(|| format!("there is no `{path}`"))?;
    if let Some(above) = above.filter(|_| map.len() == 1 || editor.is_flow(node)) {
        let Json::Object(mut rest) = node.to_json() else { return Err(format!("`{path}` is in no map")) };
        rest.shift_remove(last);
        editor.own(above, path)?;
        editor.set(above, &Json::Object(rest));
        return Ok(editor.done());
    }
    if editor.is_flow(node) || map.len() == 1 {
        return Err(format!("`{path}` stands alone in its item"));
    }
    editor.own(entry, path)?;
    let mut start = editor.line_start(entry.key.range().start);
    let column = entry.key.range().start - start;
    if !text[start..entry.key.range().start].trim().is_empty() {
        return Err(format!("`{path}` is the first key of an item of a list"));
    }
    // What is said of it goes with it.
    while let Some(before) = start.checked_sub(1).map(|end| editor.line_start(end)) {
        let line = &text[before..start];
        if line.trim_start().starts_with('#') && line.len() - line.trim_start().len() == column {
            start = before;
        } else {
            break;
        }
    }
    let end = editor.line_end(editor.end_of(&entry.node).max(entry.key.range().end));
    editor.changes.push(Change { start, end: (end + 1).min(text.len()), text: String::new() });
    Ok(editor.done())
}

/// True if each item of the list can be told by its name.
fn is_by_name(items: &[Json]) -> bool {
    !items.is_empty() && items.iter().all(|item| item["name"].is_string())
}

fn name_of(item: &Node) -> Option<&str> {
    item.as_map().and_then(|map| map.get("name")).and_then(|entry| entry.node.as_text())
}

impl Editor<'_> {
    fn is_flow(&self, node: &Node) -> bool {
        let is_collection = matches!(node.value, Value::Map(_) | Value::List(_));
        is_collection && self.text[node.span.range().start..].starts_with(['{', '['])
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |length| at + length)
    }

    /// Where a node's own text ends: behind its last character, comments left out.
    fn end_of(&self, node: &Node) -> usize {
        let range = node.span.range();
        let last = match &node.value {
            _ if self.is_flow(node) => None,
            Value::Map(map) => map.values().map(|entry| self.end_of(&entry.node).max(entry.key.range().end)).max(),
            Value::List(items) => items.iter().map(|item| self.end_of(item)).max(),
            _ => None,
        };
        last.unwrap_or_else(|| range.start + self.text[range.clone()].trim_end().len())
    }

    /// Refuses a value that another place shares: an alias stands for it.
    #[allow(clippy::unused_self, reason = "it reads like its neighbours")]
    fn own(&self, entry: &yaml::Entry, path: &KeyPath) -> Result<(), String> {
        if entry.node.span.start < entry.key.end { Err(format!("`{path}` is shared with other places of the file")) } else { Ok(()) }
    }

    fn merge(&mut self, node: &Node, map: &Map, wanted: &serde_json::Map<String, Json>, path: &KeyPath) -> Result<(), String> {
        let mut new = Vec::new();
        for (key, value) in wanted {
            let path = path.key(key.as_str());
            let Some(entry) = map.get(key) else {
                new.push((key, value));
                continue;
            };
            if matches(&entry.node, value) {
                continue;
            }
            self.own(entry, &path)?;
            match (&entry.node.value, value) {
                (Value::Map(inner), Json::Object(wanted)) if !self.is_flow(&entry.node) && !inner.is_empty() => {
                    self.merge(&entry.node, inner, wanted, &path)?;
                }
                (Value::List(items), Json::Array(wanted))
                    if !self.is_flow(&entry.node) && is_by_name(wanted) && items.iter().all(|item| name_of(item).is_some()) =>
                {
                    self.merge_list(items, wanted, &path)?;
                }
                // What stands on one line is written anew.
                _ => self.set(entry, &merged(&entry.node.to_json(), value)),
            }
        }
        let Some(first) = map.values().next().filter(|_| !new.is_empty()) else { return Ok(()) };
        let column = first.key.range().start - self.line_start(first.key.range().start);
        let at = self.line_end(self.end_of(node));
        for (key, value) in new {
            let text = print::tree(&tera::Value::from_serializable(&serde_json::json!({ key.as_str(): value })), column);
            self.changes.push(Change { start: at, end: at, text });
        }
        Ok(())
    }

    /// Items are told by their names; those that are new come last.
    fn merge_list(&mut self, items: &[Node], wanted: &[Json], path: &KeyPath) -> Result<(), String> {
        for (index, change) in wanted.iter().enumerate() {
            let path = path.index(index);
            let known = items.iter().find(|item| name_of(item) == change["name"].as_str());
            match (known.map(|item| (item, &item.value)), change) {
                (Some((item, Value::Map(map))), Json::Object(change)) if !self.is_flow(item) => self.merge(item, map, change, &path)?,
                (Some((item, _)), change) => {
                    let range = item.span.range();
                    let text = print::flow(&tera::Value::from_serializable(&merged(&item.to_json(), change)));
                    self.changes.push(Change { start: range.start, end: range.start + self.text[range].trim_end().len(), text });
                }
                (None, change) => {
                    let (Some(first), Some(last)) = (items.first(), items.last()) else { continue };
                    let start = self.line_start(first.span.range().start);
                    let dash = self.text[start..].find('-').unwrap_or_default();
                    let at = self.line_end(self.end_of(last));
                    let text = print::tree(&tera::Value::from_serializable(&[change]), dash);
                    self.changes.push(Change { start: at, end: at, text });
                }
            }
        }
        Ok(())
    }

    /// Replaces the value of a key.
    fn set(&mut self, entry: &yaml::Entry, value: &Json) {
        let key = entry.key.range();
        let colon = key.end + self.text[key.end..].find(':').map_or(0, |at| at + 1);
        let line = self.line_start(key.start);
        let indent = key.start - line + 2;
        let has_lines = value.as_object().is_some_and(|map| !map.is_empty()) || value.as_array().is_some_and(|items| !items.is_empty());
        let printed = tera::Value::from_serializable(value);
        let was_flow = self.is_flow(&entry.node) && !matches!(&entry.node.value, Value::Map(map) if map.is_empty());
        let text = if has_lines && !was_flow { print::tree(&printed, indent) } else { format!(" {}", print::flow(&printed)) };
        self.changes.push(Change { start: colon, end: self.end_of(&entry.node).max(colon), text });
    }

    /// The text with all changes, in the order of their places. Of several at one place, the deepest was noted first.
    fn done(mut self) -> String {
        self.changes.sort_by_key(|change| change.start);
        let (mut text, mut at) = (String::with_capacity(self.text.len()), 0);
        for change in &self.changes {
            text.push_str(self.text.get(at..change.start).unwrap_or_default());
            text.push_str(&change.text);
            at = at.max(change.end);
        }
        text.push_str(&self.text[at..]);
        text
    }
}

/// True if merging the value would change nothing.
pub fn matches(node: &Node, value: &Json) -> bool {
    let there = node.to_json();
    merged(&there, value) == there
}

/// What a merge makes of two values.
pub fn merged(there: &Json, patch: &Json) -> Json {
    match (there, patch) {
        (Json::Object(there), Json::Object(patch)) => {
            let mut map = there.clone();
            for (key, value) in patch {
                let value = map.get(key).map_or_else(|| value.clone(), |there| merged(there, value));
                map.insert(key.clone(), value);
            }
            Json::Object(map)
        }
        (Json::Array(there), Json::Array(patch)) if is_by_name(there) && is_by_name(patch) => {
            let mut list = there.clone();
            for change in patch {
                match list.iter_mut().find(|item| item["name"] == change["name"]) {
                    Some(item) => *item = merged(item, change),
                    None => list.push(change.clone()),
                }
            }
            Json::Array(list)
        }
        _ => patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = "\
# Top
spec:
  replicas: 3 # three
  # Why it rolls
  strategy:
    type: RollingUpdate
  empty: {}
  flow: {a: 1, b: [x, z]}
  containers:
    - name: api
      image: a:1
      # Ports
      ports: [80]
    - name: side
      image: b
  last: |
    text
# End
";

    fn apply(patch: &Json) -> String {
        let node = documents(TEXT, Accept::RENDERED).expect("YAML").remove(0);
        let text = merge(TEXT, &node, patch.as_object().expect("a map")).expect("it can be merged");
        let after = documents(&text, Accept::RENDERED).unwrap_or_else(|| panic!("no YAML: {text}")).remove(0);
        assert_eq!(after.to_json(), merged(&node.to_json(), patch), "{text}");
        assert!(TEXT.lines().filter(|line| line.contains('#')).all(|line| text.contains(line.split_once('#').expect("a comment").1)), "{text}");
        text
    }

    #[test]
    fn a_merge_keeps_what_it_does_not_change() {
        for patch in [
            json!({"spec": {"replicas": 5}}),
            json!({"spec": {"replicas": {"a": [1, {"b": 2}]}}}),
            json!({"spec": {"strategy": {"more": {"x": "y: z"}}, "new": [1, 2]}, "top": true}),
            json!({"spec": {"empty": {"a": 1}, "flow": {"a": 2, "c": {"d": "e"}}}}),
            json!({"spec": {"containers": [{"name": "side", "image": "c", "env": [{"name": "A", "value": "1"}]}, {"name": "new", "image": "d"}]}}),
            json!({"spec": {"containers": [{"name": "api", "ports": [81]}], "last": "other\ntext\n"}}),
            json!({"spec": {"flow": "none"}, "z": {"a": {"b": []}}}),
            json!({"spec": {"strategy": "none", "last": "x", "after": 1}, "a": 1, "b": 2}),
        ] {
            apply(&patch);
        }
        let text = apply(&json!({"spec": {"replicas": 5, "containers": [{"name": "api", "tty": true}]}}));
        assert!(text.contains("  replicas: 5 # three\n") && text.contains("      ports: [80]\n      tty: true\n    - name: side\n"), "{text}");
    }

    #[test]
    fn a_key_goes_with_what_is_said_of_it() {
        let node = documents(TEXT, Accept::RENDERED).expect("YAML").remove(0);
        let without = |path: &str| remove(TEXT, &node, &KeyPath::parse(path).expect("a path"));
        assert_eq!(without("spec.strategy").expect("it goes"), TEXT.replace("  # Why it rolls\n  strategy:\n    type: RollingUpdate\n", ""));
        assert_eq!(without("spec.strategy.type").expect("it goes"), TEXT.replace("strategy:\n    type: RollingUpdate\n", "strategy: {}\n"));
        assert_eq!(without("spec.containers.api.ports").expect("it goes"), TEXT.replace("      # Ports\n      ports: [80]\n", ""));
        assert_eq!(without("spec.flow.a").expect("it goes"), TEXT.replace("{a: 1, b: [x, z]}", "{b: [x, z]}"));
        assert_eq!(without("spec.last").expect("it goes"), TEXT.replace("  last: |\n    text\n", ""));
        for path in ["nothing", "spec.nothing.a", "spec.containers.other.ports", "spec.containers.api.name"] {
            assert!(without(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_shared_is_not_changed_in_secret() {
        let text = "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: 1\n";
        let node = documents(text, Accept::RENDERED).expect("YAML").remove(0);
        let change = |patch: Json| merge(text, &node, patch.as_object().expect("a map"));
        assert!(change(json!({"c": {"b": 2}})).is_err());
        assert_eq!(change(json!({"d": {"b": 2}})), Ok(text.replace("  e: 1\n", "  e: 1\n  b: 2\n")));
        assert!(remove(text, &node, &KeyPath::parse("c.b").expect("a path")).is_err());
    }
}
