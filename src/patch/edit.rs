//! Edits of rendered YAML: all that is not changed stays as it is, comments included.

use crate::key_path::KeyPath;
use crate::render::escape::yaml as print;
use crate::source::Sources;
use crate::yaml::{self, Accept, Node, Value};
use serde_json::{Map, Value as Json};
use std::path::Path;
use std::str::FromStr;
use yaml_edit::{Document, Mapping, YamlFile, YamlNode};

/// The documents of a text; `None` if it is not YAML.
pub fn documents(text: &str, accept: Accept) -> Option<Vec<Node>> {
    let id = Sources::default().add(Path::new(""), String::new(), String::new());
    yaml::parse_all(id, text, accept).ok()
}

/// Where a map stands in a file: the document, from 0, and the keys that lead to it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The document.
    pub document: usize,
    /// Keys below it.
    pub keys: &'a [&'a str],
}

impl Place<'_> {
    /// The map itself.
    pub fn node<'n>(&self, documents: &'n [Node]) -> Option<&'n Node> {
        self.keys.iter().try_fold(documents.get(self.document)?, |node, key| child(node, key))
    }

    fn mapping(&self, file: &YamlFile) -> Option<Mapping> {
        let document = file.documents().nth(self.document)?.as_mapping()?;
        self.keys.iter().try_fold(document, |map, key| map.get_mapping(*key))
    }
}

/// The value of a key, or the item of that name.
pub fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(map) => map.get(key).map(|entry| &entry.node),
        Value::List(items) => items.iter().find(|item| child(item, "name").and_then(Node::as_text) == Some(key)),
        _ => None,
    }
}

/// The text with a map merged into one of its maps.
///
/// # Errors
/// What cannot be changed, in words.
pub fn merge(text: &str, place: Place<'_>, patch: &Map<String, Json>) -> Result<String, String> {
    edit(text, place, |map, there| {
        merge_map(map, there, patch).ok_or("it cannot be merged")?;
        *there = merged(there, &Json::Object(patch.clone()));
        Ok(())
    })
}

/// The text without a key below one of its maps, and without the comment above it; items of lists are named by their `name`.
///
/// # Errors
/// As [`merge`].
pub fn remove(text: &str, place: Place<'_>, path: &KeyPath) -> Result<String, String> {
    let missing = || format!("there is no `{path}`");
    let keys: Vec<String> = path.0.iter().map(ToString::to_string).collect();
    let Some((last, above)) = keys.split_last() else { return Err("nothing is named".into()) };
    let documents = documents(text, Accept::RENDERED).unwrap_or_default();
    let parent = above.iter().try_fold(place.node(&documents).ok_or_else(missing)?, |node, key| child(node, key)).ok_or_else(missing)?;
    let text = match &parent.value {
        Value::Map(map) => without_comment(text, map.get(last).ok_or_else(missing)?.key.range().start),
        _ => text.to_owned(),
    };
    edit(&text, place, |map, there| remove_from(map, there, &keys).ok_or_else(|| format!("`{path}` cannot be removed")))
}

/// The text without the lines above a place that are comments in its column: they speak of it.
fn without_comment(text: &str, at: usize) -> String {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = line_start(at);
    let mut start = end;
    while start > 0 {
        let before = line_start(start - 1);
        let line = &text[before..start];
        if !line.trim_start().starts_with('#') || line.len() - line.trim_start().len() != at - end {
            break;
        }
        start = before;
    }
    format!("{}{}", &text[..start], &text[end..])
}

/// Changes one map of a text, and looks at the result: it has to say what the change says, and nothing else.
fn edit(text: &str, place: Place<'_>, change: impl FnOnce(&Mapping, &mut Json) -> Result<(), String>) -> Result<String, String> {
    let values = |text: &str| documents(text, Accept::RENDERED).map(|list| list.iter().map(Node::to_json).collect::<Vec<_>>());
    let mut expected = values(text).ok_or("it is not YAML")?;
    let file = YamlFile::from_str(text).map_err(|_| "it cannot be edited")?;
    let map = place.mapping(&file).ok_or("it is no map")?;
    let there = expected.get_mut(place.document).and_then(|document| place.keys.iter().try_fold(document, |value, key| value.get_mut(*key)));
    change(&map, there.ok_or("it is no map")?)?;
    let text = file.to_string();
    if values(&text) == Some(expected) { Ok(text) } else { Err("the result would say something else".into()) }
}

/// `None` where something is not written as it reads: an alias, or a key that is merged from elsewhere.
fn merge_map(map: &Mapping, there: &Json, patch: &Map<String, Json>) -> Option<()> {
    for (key, value) in patch {
        let old = there.get(key).unwrap_or(&Json::Null);
        match (old, value) {
            (Json::Null, _) => set(map, key, value)?,
            (old, value) if merged(old, value) == *old => {}
            (Json::Object(old), Json::Object(value)) if !old.is_empty() => merge_map(&map.get_mapping(key.as_str())?, &there[key], value)?,
            (Json::Array(items), Json::Array(wanted)) if is_by_name(items) && is_by_name(wanted) => {
                let list = map.get_sequence(key.as_str())?;
                for change in wanted {
                    match (items.iter().position(|item| item["name"] == change["name"]), change) {
                        (Some(at), Json::Object(change)) => {
                            let YamlNode::Mapping(item) = list.get(at)? else { return None };
                            merge_map(&item, &items[at], change)?;
                        }
                        _ => list.push(fragment(change)?.as_mapping()?),
                    }
                }
            }
            (old, value) => set(map, key, &merged(old, value))?,
        }
    }
    Some(())
}

fn remove_from(map: &Mapping, there: &mut Json, keys: &[String]) -> Option<()> {
    let (key, rest) = keys.split_first()?;
    if rest.is_empty() {
        map.remove(key.as_str());
        return there.as_object_mut()?.shift_remove(key).map(drop);
    }
    match there.get_mut(key)? {
        Json::Array(items) => {
            let (name, rest) = rest.split_first()?;
            let at = items.iter().position(|item| item["name"] == name.as_str())?;
            let list = map.get_sequence(key.as_str())?;
            if rest.is_empty() {
                list.remove(at);
                items.remove(at);
                return Some(());
            }
            let YamlNode::Mapping(item) = list.get(at)? else { return None };
            // An item is told by its name.
            (rest != ["name"]).then(|| remove_from(&item, &mut items[at], rest))?
        }
        inner => remove_from(&map.get_mapping(key.as_str())?, inner, rest),
    }
}

/// Gives a key a value, in the notation of all that is rendered.
fn set(map: &Mapping, key: &str, value: &Json) -> Option<()> {
    let document = fragment(value)?;
    if let Some(value) = document.as_mapping() {
        map.set(key, value);
    } else if let Some(value) = document.as_sequence() {
        map.set(key, value);
    } else {
        map.set(key, document.as_scalar()?);
    }
    Some(())
}

/// A value as a document of its own.
fn fragment(value: &Json) -> Option<Document> {
    let printed = tera::Value::from_serializable(value);
    let has_lines = value.as_object().is_some_and(|map| !map.is_empty()) || value.as_array().is_some_and(|items| !items.is_empty());
    Document::from_str(&if has_lines { print::tree(&printed, 0) } else { print::flow(&printed) }).ok()
}

/// True if each item of the list can be told by its name.
fn is_by_name(items: &[Json]) -> bool {
    !items.is_empty() && items.iter().all(|item| item["name"].is_string())
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

    const WHOLE: Place<'_> = Place { document: 0, keys: &[] };
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
        let text = merge(TEXT, WHOLE, patch.as_object().expect("a map")).unwrap_or_else(|error| panic!("{patch}: {error}"));
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
        let without = |path: &str| remove(TEXT, WHOLE, &KeyPath::parse(path).expect("a path"));
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
        let change = |patch: Json| merge(text, WHOLE, patch.as_object().expect("a map"));
        assert!(change(json!({"c": {"b": 2}})).is_err());
        assert_eq!(change(json!({"d": {"b": 2}})), Ok(text.replace("  e: 1\n", "  e: 1\n  b: 2\n")));
        assert!(remove(text, WHOLE, &KeyPath::parse("c.b").expect("a path")).is_err());
    }
}
