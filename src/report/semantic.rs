//! What two YAML files say differently: by document, path and value. How it is written is no matter.

use super::{FileReport, redact};
use crate::values::{Cpu, Scalar, Size};
use crate::yaml::{self, Accept};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// One thing that is said differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// `KIND/NAME` of the document; empty where the file is one document.
    pub document: String,
    /// Path below it.
    pub path: String,
    /// What is there, as JSON; `None` if nothing.
    pub old: Option<String>,
    /// What is rendered, as JSON; `None` if nothing.
    pub new: Option<String>,
}

impl Change {
    /// One line.
    pub fn text(&self) -> String {
        let place = [self.document.as_str(), self.path.as_str()].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
        let place = if place.is_empty() { "the whole".to_owned() } else { place };
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("~ {place}: {old} -> {new}"),
            (Some(old), None) => format!("- {place}: {old}"),
            (None, new) => format!("+ {place}: {}", new.as_deref().unwrap_or_default()),
        }
    }
}

/// Lists whose order means nothing. That of arguments and of variables means something.
const SETS: [&str; 15] = [
    "accessModes",
    "cap_add",
    "cap_drop",
    "configs",
    "expose",
    "hosts",
    "networks",
    "policyTypes",
    "ports",
    "profiles",
    "resources",
    "secrets",
    "security_opt",
    "tmpfs",
    "verbs",
];

/// Keys whose values are amounts: `1000m` is `1`.
const AMOUNTS: [&str; 9] = ["cpu", "cpus", "memory", "mem_limit", "shm_size", "size", "sizeLimit", "storage", "ephemeral-storage"];

/// What is said differently in a file that is there and rendered; `None` where one of them is no YAML.
pub fn changes(report: &FileReport) -> Option<Vec<Change>> {
    let file = &report.file;
    let (rendered, current) = (file.rendered.as_ref()?, std::str::from_utf8(file.current.as_deref()?).ok()?);
    let ending = Path::new(&file.path).extension()?;
    if ending != "yaml" && ending != "yml" {
        return None;
    }
    let (old, new) = (documents(current)?, documents(&rendered.text)?);
    let mut found = Vec::new();
    let names: Vec<&String> = old.iter().chain(&new).map(|(name, _)| name).collect::<BTreeSet<_>>().into_iter().collect();
    for name in names {
        let of = |list: &[(String, Value)]| list.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        compare(name, "", "", of(&old).as_ref(), of(&new).as_ref(), &mut found);
    }
    // What somebody typed may be a secret.
    for change in &mut found {
        let key = change.path.rsplit('.').next().unwrap_or_default();
        if let Some(old) = change.old.as_mut().filter(|_| !file.is_as_written) {
            if redact::shown(&file.path, &format!("{key}: {old}\n"), &rendered.text).redacted {
                redact::HIDDEN.clone_into(old);
            }
        }
    }
    Some(found)
}

/// The documents by kind and name. Two of one name are told by their place.
fn documents(text: &str) -> Option<Vec<(String, Value)>> {
    let id = crate::source::Sources::default().add(Path::new(""), String::new(), String::new());
    let mut list: Vec<(String, Value)> = Vec::new();
    for document in yaml::parse_all(id, text, Accept::RENDERED).ok()?.iter().map(yaml::Node::to_json) {
        let name = match (document["kind"].as_str(), document["metadata"]["name"].as_str()) {
            (Some(kind), Some(name)) => format!("{kind}/{name}"),
            (Some(kind), None) => kind.to_owned(),
            _ => String::new(),
        };
        let same = list.iter().filter(|(known, _)| *known == name || known.starts_with(&format!("{name}#"))).count();
        list.push((if same > 0 { format!("{name}#{}", same + 1) } else { name }, document));
    }
    Some(list)
}

fn compare(document: &str, path: &str, key: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (old, new) {
        (None, None) => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                compare(document, &below(key), key, old.get(key), new.get(key), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            if let (Some(old_names), Some(new_names)) = (names(old), names(new)) {
                // A variable may refer to those before it.
                let is_ordered = key == "env";
                let common =
                    |names: &[&str], other: &[&str]| names.iter().filter(|name| other.contains(name)).map(|name| (*name).to_owned()).collect::<Vec<_>>();
                if is_ordered && common(&old_names, &new_names) != common(&new_names, &old_names) {
                    found.push(change(document, &below("(order)"), Some(&serde_json::json!(old_names)), Some(&serde_json::json!(new_names))));
                }
                for name in old_names.iter().chain(&new_names).collect::<BTreeSet<_>>() {
                    let of = |list: &'_ [Value]| list.iter().find(|item| item["name"] == **name).cloned();
                    compare(document, &below(name), name, of(old).as_ref(), of(new).as_ref(), found);
                }
                return;
            }
            if SETS.contains(&key) {
                old.iter().filter(|item| !new.contains(item)).for_each(|item| found.push(change(document, path, Some(item), None)));
                new.iter().filter(|item| !old.contains(item)).for_each(|item| found.push(change(document, path, None, Some(item))));
                return;
            }
            for at in 0..old.len().max(new.len()) {
                compare(document, &format!("{path}[{at}]"), key, old.get(at), new.get(at), found);
            }
        }
        (old, new) if same(key, old, new) => {}
        (old, new) => found.push(change(document, path, old, new)),
    }
}

/// The names of all items, if each has one of its own.
fn names(items: &[Value]) -> Option<Vec<&str>> {
    let names: Vec<&str> = items.iter().map(|item| item["name"].as_str()).collect::<Option<_>>()?;
    (!names.is_empty() && names.iter().collect::<BTreeSet<_>>().len() == names.len()).then_some(names)
}

fn change(document: &str, path: &str, old: Option<&Value>, new: Option<&Value>) -> Change {
    Change { document: document.to_owned(), path: path.to_owned(), old: old.map(ToString::to_string), new: new.map(ToString::to_string) }
}

/// True if both are one value, or one amount in two ways.
fn same(key: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let amount = |value: &Value| {
        let text = text(value)?;
        if key.starts_with("cpu") { Cpu::parse(&text).ok().map(|cpu| cpu.to_string()) } else { Size::parse(&text).ok().map(|size| size.to_string()) }
    };
    let is_amount = AMOUNTS.contains(&key);
    old == new || (is_amount && old.and_then(amount).is_some_and(|old| new.and_then(amount) == Some(old)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(old: &str, new: &str) -> Vec<String> {
        let (old, new) = (documents(old).expect("YAML"), documents(new).expect("YAML"));
        let mut found = Vec::new();
        for name in old.iter().chain(&new).map(|(name, _)| name).collect::<BTreeSet<_>>() {
            let of = |list: &[(String, Value)]| list.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            compare(name, "", "", of(&old).as_ref(), of(&new).as_ref(), &mut found);
        }
        found.iter().map(Change::text).collect()
    }

    #[test]
    fn form_is_no_difference() {
        for (old, new) in [
            ("a: 1\nb: [x, 'y']\n", "# c\nb:\n  - x\n  - \"y\"\na: 1\n"),
            ("kind: A\nmetadata: {name: a}\n---\nkind: B\nmetadata: {name: b}\n", "kind: B\nmetadata: {name: b}\n---\nkind: A\nmetadata: {name: a}\n"),
            ("limits: {cpu: 1000m, memory: 1Gi}\n", "limits: {cpu: 1, memory: 1024Mi}\n"),
            ("cap_drop: [A, B]\n", "cap_drop: [B, A]\n"),
            ("containers: [{name: a, x: 1}, {name: b}]\n", "containers: [{name: b}, {x: 1, name: a}]\n"),
        ] {
            assert_eq!(lines(old, new), [""; 0], "{old}");
        }
    }

    #[test]
    fn each_difference_has_its_place() {
        for (old, new, expected) in [
            ("a: {b: 1}\n", "a: {b: 2, c: x}\n", vec!["~ a.b: 1 -> 2", "+ a.c: \"x\""]),
            ("args: [a, b]\n", "args: [b, a]\n", vec!["~ args[0]: \"a\" -> \"b\"", "~ args[1]: \"b\" -> \"a\""]),
            ("env: [{name: A, value: x}, {name: B}]\n", "env: [{name: B}, {name: A, value: x}]\n", vec!["~ env.(order): [\"A\",\"B\"] -> [\"B\",\"A\"]"]),
            (
                "kind: A\nmetadata: {name: a}\nspec: {x: [{name: n, v: 1}]}\n",
                "kind: A\nmetadata: {name: a}\nspec: {x: [{name: n, v: 2}]}\n",
                vec!["~ A/a spec.x.n.v: 1 -> 2"],
            ),
            ("ports: ['1', '2']\n", "ports: ['2', '3']\n", vec!["- ports: \"1\"", "+ ports: \"3\""]),
            ("memory: 1Gi\nname: 1000m\n", "memory: 1G\nname: '1'\n", vec!["~ memory: \"1Gi\" -> \"1G\"", "~ name: \"1000m\" -> \"1\""]),
        ] {
            assert_eq!(lines(old, new), expected, "{old}");
        }
    }
}
