//! What two YAML files say differently: by document, path and value. How it is written is no matter.

use super::{FileReport, redact};
use crate::key_path::KeyPath;
use crate::plan::State;
use crate::values::amount::{self, Notation};
use crate::yaml::{self, Accept};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// One thing that is said differently.
#[derive(Debug, PartialEq)]
pub struct Change {
    /// `KIND/NAME` of the Kubernetes object, `SECTION/NAME` in a Compose file, as in the target of a patch; empty for the rest of a file.
    pub document: String,
    /// Path below it.
    pub path: KeyPath,
    /// What is there; `None` if nothing.
    pub old: Option<Value>,
    /// What is rendered; `None` if nothing.
    pub new: Option<Value>,
    /// The option of a command that it is the value of, if that sounds secret.
    option: Option<String>,
}

impl Change {
    /// One line.
    pub fn text(&self) -> String {
        let path = self.path.to_string();
        let place = [self.document.as_str(), &path].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
        let place = if place.is_empty() { "the whole".to_owned() } else { place };
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("~ {place}: {old} -> {new}"),
            (Some(old), None) => format!("- {place}: {old}"),
            (None, Some(new)) => format!("+ {place}: {new}"),
            (None, None) => place,
        }
    }
}

/// Lists whose order means nothing. That of arguments, of variables and of containers that run one after another means something.
const SETS: [&str; 24] = [
    "accessModes",
    "cap_add",
    "cap_drop",
    "configs",
    "depends_on",
    "drop",
    "egress",
    "expose",
    "from",
    "hosts",
    "ingress",
    "matchExpressions",
    "networks",
    "policyTypes",
    "ports",
    "profiles",
    "resources",
    "secrets",
    "security_opt",
    "tmpfs",
    "to",
    "tolerations",
    "verbs",
    "volumes",
];

/// Lists of named items whose order means something: a variable may refer to those before it, and these containers follow one another.
const ORDERED: [&str; 2] = ["env", "initContainers"];

/// Keys that tell the items of a list apart, if each has one of its own.
const IDENTITIES: [&str; 2] = ["name", "mountPath"];

/// Sections of a Compose file that hold objects by name.
const SECTIONS: [&str; 5] = ["services", "networks", "volumes", "secrets", "configs"];

/// What is said differently in a file that is there and rendered; `None` where one of them is no YAML.
pub fn changes(report: &FileReport) -> Option<Vec<Change>> {
    let file = &report.file;
    if !matches!(Path::new(&file.path).extension()?.to_str(), Some("yaml" | "yml")) {
        return None;
    }
    // Their texts are not kept.
    if matches!(file.state, State::UpToDate | State::Untracked) {
        return Some(Vec::new());
    }
    let (rendered, current) = (file.rendered.as_ref()?, std::str::from_utf8(file.current.as_deref()?).ok()?);
    let mut found = between(current, &rendered.text)?;
    // What somebody typed may be a secret.
    for change in found.iter_mut().filter(|_| !file.is_as_written) {
        let Some(old) = &mut change.old else { continue };
        let mut keys = change.path.0.iter().rev().map(ToString::to_string);
        let key = keys.by_ref().find(|key| key != "value").unwrap_or_default();
        let called = change.option.as_deref().unwrap_or(&key);
        hide(called, old, &Known { rendered: &rendered.text, secrets: &report.secrets }, change.document.starts_with("Secret") || change.option.is_some());
    }
    Some(found)
}

/// What is known of secrets.
struct Known<'a> {
    rendered: &'a str,
    secrets: &'a [String],
}

/// Leaves out what looks like a secret, by its own name or by that of the item that it is the value of.
fn hide(key: &str, value: &mut Value, known: &Known, is_secret: bool) {
    match value {
        Value::Object(map) => {
            let is_secret = is_secret || map.get("kind").is_some_and(|kind| kind == "Secret");
            let item = map.get("name").and_then(Value::as_str).map(str::to_owned);
            for (key, value) in map.iter_mut() {
                let name = item.as_deref().filter(|_| key == "value").unwrap_or(key);
                hide(name, value, known, is_secret && !["apiVersion", "kind", "metadata"].contains(&name));
            }
        }
        Value::Array(items) => {
            let mut is_value = false;
            for item in items {
                let is_option = item.as_str().is_some_and(redact::is_option_of_secret);
                hide(key, item, known, is_secret || is_value);
                is_value = is_option;
            }
        }
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            if is_secret || text.lines().any(|line| redact::is_hidden(&format!("{key}: \"{line}\""), known.rendered, known.secrets)) {
                *scalar = redact::HIDDEN.into();
            }
        }
    }
}

/// What the second text says differently from the first; `None` if one of them is no YAML.
fn between(old: &str, new: &str) -> Option<Vec<Change>> {
    let (old, new) = (documents(old)?, documents(new)?);
    let mut found = Vec::new();
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let notation = if [&old, &new].iter().any(|list| list.get(name).is_some_and(|value| value.get("kind").is_some())) {
            Notation::Kubernetes
        } else {
            Notation::Compose
        };
        Comparison { document: name, notation, found: &mut found }.compare(&KeyPath::root(), "", old.get(name), new.get(name));
    }
    Some(found)
}

/// Puts what a merge key brings where it is brought, as whoever reads the file does: keys of its own come first, then the first that brings one.
fn expand(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(expand);
            let brought = match map.shift_remove("<<") {
                Some(Value::Array(list)) => list,
                one => one.into_iter().collect(),
            };
            for (key, value) in brought.into_iter().filter_map(|one| if let Value::Object(map) = one { Some(map) } else { None }).flatten() {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(expand),
        _ => {}
    }
}

/// What a text holds, by name. Two of one name are told by their place.
fn documents(text: &str) -> Option<IndexMap<String, Value>> {
    let id = crate::source::Sources::default().add(Path::new(""), String::new(), String::new());
    let mut list = IndexMap::new();
    let mut add = |name: String, value| {
        let same = list.keys().filter(|known: &&String| **known == name || known.starts_with(&format!("{name}#"))).count();
        list.insert(if same > 0 { format!("{name}#{}", same + 1) } else { name }, value);
    };
    for mut document in yaml::parse_all(id, text, Accept::RENDERED).ok()?.iter().map(yaml::Node::to_json) {
        expand(&mut document);
        match (document["kind"].as_str(), document["metadata"]["name"].as_str()) {
            (Some(kind), Some(name)) => add(format!("{kind}/{name}"), document),
            (Some(kind), None) => add(kind.to_owned(), document),
            (None, _) => {
                let sections = if document["services"].is_object() { SECTIONS.as_slice() } else { &[] };
                for section in sections {
                    let Some(Value::Object(objects)) = document.as_object_mut().and_then(|document| document.shift_remove(*section)) else { continue };
                    objects.into_iter().for_each(|(name, object)| add(format!("{section}/{name}"), object));
                }
                add(String::new(), document);
            }
        }
    }
    Some(list)
}

struct Comparison<'a> {
    document: &'a str,
    notation: Notation,
    found: &'a mut Vec<Change>,
}

impl Comparison<'_> {
    fn compare(&mut self, path: &KeyPath, key: &str, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                    self.compare(&path.key(key), key, old.get(key), new.get(key));
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => self.compare_lists(path, key, old, new),
            (old, new) if self.is_same(key, old, new) => {}
            (old, new) => self.add(path, old.cloned(), new.cloned()),
        }
    }

    fn compare_lists(&mut self, path: &KeyPath, key: &str, old: &[Value], new: &[Value]) {
        if let Some((old, new)) = IDENTITIES.iter().find_map(|identity| Some((by(identity, old)?, by(identity, new)?))) {
            let common = |list: &IndexMap<&str, &Value>, other: &IndexMap<&str, &Value>| {
                list.keys().filter(|name| other.contains_key(*name)).map(|name| (*name).to_owned()).collect::<Vec<_>>()
            };
            let (before, after) = (common(&old, &new), common(&new, &old));
            if ORDERED.contains(&key) && before != after {
                self.add(path, Some(json!(before)), Some(json!(after)));
            }
            for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                self.compare(&path.key(*name), name, old.get(name).copied(), new.get(name).copied());
            }
        } else if SETS.contains(&key) {
            let rest = |list: &[Value], other: &[Value]| {
                let mut other: Vec<Option<&Value>> = other.iter().map(Some).collect();
                let mut rest = list.to_vec();
                rest.retain(|item| other.iter_mut().find(|other| **other == Some(item)).and_then(Option::take).is_none());
                rest
            };
            for item in rest(old, new) {
                self.add(path, Some(item), None);
            }
            for item in rest(new, old) {
                self.add(path, None, Some(item));
            }
        } else {
            for at in 0..old.len().max(new.len()) {
                let before = self.found.len();
                self.compare(&path.index(at), key, old.get(at), new.get(at));
                let option = at.checked_sub(1).and_then(|at| old.get(at)?.as_str()).filter(|option| redact::is_option_of_secret(option));
                self.found[before..].iter_mut().for_each(|change| change.option = option.map(str::to_owned));
            }
        }
    }

    fn add(&mut self, path: &KeyPath, old: Option<Value>, new: Option<Value>) {
        self.found.push(Change { document: self.document.to_owned(), path: path.clone(), old, new, option: None });
    }

    /// True if both are one value, or one amount in two notations.
    fn is_same(&self, key: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
        let amount = |value: Option<&Value>| match value? {
            Value::String(text) => amount::of(key, text, self.notation),
            Value::Number(number) => amount::of(key, &number.to_string(), self.notation),
            _ => None,
        };
        old == new || amount(old).is_some_and(|old| amount(new) == Some(old))
    }
}

/// The items by what tells them apart, if something does.
fn by<'v>(identity: &str, items: &'v [Value]) -> Option<IndexMap<&'v str, &'v Value>> {
    let named: IndexMap<&str, &Value> = items.iter().map(|item| Some((item[identity].as_str()?, item))).collect::<Option<_>>()?;
    (!named.is_empty() && named.len() == items.len()).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(old: &str, new: &str) -> Vec<String> {
        between(old, new).expect("YAML").iter().map(Change::text).collect()
    }

    #[test]
    fn form_is_no_difference() {
        for (old, new) in [
            ("a: 1\nb: [x, 'y']\n", "# c\nb:\n  - x\n  - \"y\"\na: 1\n"),
            ("kind: A\nmetadata: {name: a}\n---\nkind: B\nmetadata: {name: b}\n", "kind: B\nmetadata: {name: b}\n---\nkind: A\nmetadata: {name: a}\n"),
            ("kind: A\nlimits: {cpu: 1000m, memory: 1Gi}\n", "kind: A\nlimits: {cpu: 1, memory: 1024Mi}\n"),
            ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{x: 1}, {x: 2, z: 1}]}\n", "a: {x: 1, y: 2}\nb: {x: 1, y: 3}\nc: {x: 1, z: 1}\n"),
            ("cap_drop: [A, B]\n", "cap_drop: [B, A]\n"),
            ("containers: [{name: a, x: 1}, {name: b}]\n", "containers: [{name: b}, {x: 1, name: a}]\n"),
            ("services: {a: {memory: 1g}, b: {}}\n", "services: {b: {}, a: {memory: 1024m}}\n"),
            ("kind: A\nx: [{name: v, mountPath: /a}, {name: v, mountPath: /b}]\n", "kind: A\nx: [{name: v, mountPath: /b}, {name: v, mountPath: /a}]\n"),
        ] {
            assert_eq!(lines(old, new), [""; 0], "{old}");
        }
    }

    #[test]
    fn each_difference_has_its_place() {
        for (old, new, expected) in [
            ("a: {b: 1}\n", "a: {b: 2, c: x}\n", vec!["~ a.b: 1 -> 2", "+ a.c: \"x\""]),
            ("args: [a, b]\n", "args: [b, a]\n", vec!["~ args[0]: \"a\" -> \"b\"", "~ args[1]: \"b\" -> \"a\""]),
            ("env: [{name: A, value: x}, {name: B}]\n", "env: [{name: B}, {name: A, value: x}]\n", vec!["~ env: [\"A\",\"B\"] -> [\"B\",\"A\"]"]),
            (
                "kind: A\nmetadata: {name: a}\nspec: {x: [{name: n, v: 1}]}\n",
                "kind: A\nmetadata: {name: a}\nspec: {x: [{name: n, v: 2}]}\n",
                vec!["~ A/a spec.x.n.v: 1 -> 2"],
            ),
            ("ports: ['1', '2']\n", "ports: ['2', '3']\n", vec!["- ports: \"1\"", "+ ports: \"3\""]),
            ("kind: A\nmemory: 1Gi\nname: 1000m\n", "kind: A\nmemory: 1G\nname: '1'\n", vec!["~ A memory: \"1Gi\" -> \"1G\"", "~ A name: \"1000m\" -> \"1\""]),
            ("services: {a: {x: 1}}\n", "services: {a: {x: 2}}\nvolumes: {v: {}}\n", vec!["~ services/a x: 1 -> 2", "+ volumes/v: {}"]),
            ("a: {b.c/d: 1}\n", "a: {b.c/d: 2}\n", vec!["~ a.\"b.c/d\": 1 -> 2"]),
            ("initContainers: [{name: a}, {name: b}]\n", "initContainers: [{name: b}, {name: a}]\n", vec!["~ initContainers: [\"a\",\"b\"] -> [\"b\",\"a\"]"]),
            ("x: {tmpfs: [a, a]}\n", "x: {tmpfs: [a]}\n", vec!["- x.tmpfs: \"a\""]),
        ] {
            assert_eq!(lines(old, new), expected, "{old}");
        }
    }
}
