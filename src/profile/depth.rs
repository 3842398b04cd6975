//! What is indented too little, or too much, so that it belongs to another part of the profile.

use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::yaml::{Entry, Map, Node, Value};

/// Sections with entries of the user's own names, and a key that each entry has.
const SECTIONS: [&str; 2] = ["services", "backing_services"];

/// Puts the lines that stand beside an entry in place of below it where they belong, and says so.
pub fn take_in(root: &mut Node, found: &mut Vec<Diagnostic>) {
    let Value::Map(map) = &mut root.value else { return };
    for section in SECTIONS {
        let Some(Value::Map(entries)) = map.get_mut(section).map(|entry| &mut entry.node.value) else { continue };
        let is_entry = |value: &Value| matches!(value, Value::Null) || matches!(value, Value::Map(map) if map.contains_key("kind"));
        // No entry is called that, and is a text.
        let Some(kind) = entries.get("kind").filter(|entry| matches!(entry.node.value, Value::Text(_))).map(|entry| entry.key) else { continue };
        let Some((owner, _)) = entries.iter().take_while(|(key, _)| *key != "kind").last().filter(|(_, entry)| entry.node.value == Value::Null) else {
            continue;
        };
        let owner = owner.clone();
        let message = format!("`kind` stands beside `{section}.{owner}`, to which it belongs");
        let path = KeyPath::of(&[section, &owner]);
        found.push(
            Diagnostic::error("yaml-syntax", message)
                .at(path)
                .label(kind, "as far to the left as the name")
                .help(format!("indent it by 2 spaces more, as with all lines that belong to `{owner}`")),
        );
        let mut belongs = Map::new();
        let mut rest = Map::new();
        let (mut is_behind, mut is_over) = (false, false);
        for (key, entry) in std::mem::take(entries) {
            is_over |= is_behind && is_entry(&entry.node.value);
            let is_owner = key == owner;
            if is_behind && !is_over {
                belongs.insert(key, entry)
            } else {
                rest.insert(key, entry)
            };
            is_behind |= is_owner;
        }
        if let Some(entry) = rest.get_mut(&owner) {
            entry.node.value = Value::Map(belongs);
        }
        *entries = rest;
    }
}

/// Sections with known keys, and some of these: enough to tell one from an entry that somebody has called so.
const KNOWN: [(&str, &[&str]); 5] = [
    ("project", &["name"]),
    ("edge", &["hosts", "tls", "rate_limit"]),
    ("targets", &["docker", "compose", "nginx", "kubernetes", "dotenv", "scripts"]),
    ("output", &["dir"]),
    ("observability", &["logs", "sentry"]),
];

/// Kinds of services and of backing services.
const KINDS: [&str; 7] = ["web", "worker", "cron", "release", "postgres", "redis", "image"];

/// Puts entries that stand in another one, and sections that stand in another one, where they belong, and says so.
pub fn take_out(root: &mut Node, found: &mut Vec<Diagnostic>) {
    let Value::Map(sections) = &mut root.value else { return };
    for section in SECTIONS {
        let Some(Value::Map(entries)) = sections.get_mut(section).map(|entry| &mut entry.node.value) else { continue };
        let mut out: Vec<(String, Entry)> = Vec::new();
        for (owner, entry) in entries.iter_mut() {
            let Value::Map(keys) = &mut entry.node.value else { continue };
            for (name, inner) in drain(keys, |name, value| !is_section(name, value) && is_entry(value)) {
                let message = format!("`{name}` stands below `{section}.{owner}`, and is one of its own");
                let help = format!("indent it, and all lines below it, by 2 spaces less: as `{owner}` is");
                found.push(error(KeyPath::of(&[section, owner]), message, &inner, help));
                out.push((name, inner));
            }
        }
        for (name, entry) in out {
            entries.entry(name).or_insert(entry);
        }
    }
    let mut out: Vec<(String, Entry)> = Vec::new();
    for (above, entry) in sections.iter_mut().filter(|(above, _)| SECTIONS.contains(&above.as_str()) || KNOWN.iter().any(|(known, _)| known == above)) {
        let Value::Map(entries) = &mut entry.node.value else { continue };
        for (name, inner) in drain(entries, is_section) {
            let message = format!("`{name}` stands below `{above}`, and is a section of the profile");
            let help = "start it at the left margin, and indent all lines below it by as much less".to_owned();
            found.push(error(KeyPath::of(&[above]), message, &inner, help));
            out.push((name, inner));
        }
    }
    for (name, entry) in out {
        sections.entry(name).or_insert(entry);
    }
}

fn error(path: KeyPath, message: String, entry: &Entry, help: String) -> Diagnostic {
    Diagnostic::error("yaml-syntax", message).at(path).label(entry.key, "too far to the right").help(help)
}

/// Takes some entries out of a map.
fn drain(map: &mut Map, is_it: impl Fn(&str, &Value) -> bool) -> Vec<(String, Entry)> {
    let names: Vec<String> = map.iter().filter(|(name, entry)| is_it(name, &entry.node.value)).map(|(name, _)| name.clone()).collect();
    names.into_iter().filter_map(|name| map.shift_remove(&name).map(|entry| (name, entry))).collect()
}

/// True for what can only be a service or a backing service.
fn is_entry(value: &Value) -> bool {
    let Value::Map(map) = value else { return false };
    let text = |key: &str| map.get(key).and_then(|entry| entry.node.as_text());
    text("like").is_some() || text("kind").is_some_and(|kind| KINDS.contains(&kind))
}

/// True for what can only be a section.
fn is_section(name: &str, value: &Value) -> bool {
    let Value::Map(map) = value else { return false };
    if SECTIONS.contains(&name) {
        return !map.is_empty() && map.values().all(|entry| is_entry(&entry.node.value));
    }
    KNOWN.iter().any(|(known, keys)| *known == name && keys.iter().any(|key| map.contains_key(*key))) && !is_entry(value)
}
