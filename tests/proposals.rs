//! What a message proposes is accepted where it proposes it: for each sample of tests/invalid and each mistake of tests/mistakes whose
//! help has a piece of a profile in it, that piece is put in, and the message is gone.

mod support;

use infragen::diagnostics::Diagnostic;
use infragen::key_path::{KeyPath, Segment};
use infragen::pipeline::Pipeline;
use infragen::profile::locate;
use infragen::source::Sources;
use infragen::yaml::{Accept, parse_one};
use serde_json::{Map, Value};
use std::path::Path;
use support::{Project, assert_none, copy, repository, tree};

/// Help that starts like this has a piece of a profile as its first quotation, or behind `Write` and `Such as`.
const PROPOSES: [&str; 8] =
    ["write `", "write a map", "write a list: `", "write it in quotes: `", "write it with a unit: `", "write it without quotes: `", "add `", "did you mean `"];

/// Where a proposal is not all that has to be written, and why.
const NEEDS_MORE: [(&str, &str); 13] = [
    ("invalid/unknown-key/probe-that-others-wait-for", "it stands in place of both probes"),
    ("mistakes/build-of-a-folder", "there is no Dockerfile"),
    ("invalid/invalid-value/backing-service", "a store of another kind has other keys"),
    ("invalid/invalid-value/pair-of-keys", "it stands in place of the key above"),
    ("invalid/invalid-value/runtime", "it stands in place of the key above"),
    ("invalid/missing-key/build-of-nothing", "`runtime` has a `version`, which is said"),
    ("invalid/missing-key/file-without-content", "the mode is that of a text"),
    ("invalid/remove-missing/typo", "nothing else says what is taken out"),
    ("invalid/wrong-type/list-for-map", "the service has no image"),
    ("invalid/unknown-key/several-", "the sample has other mistakes there"),
    ("invalid/unknown-key/top-level", "the section has no service"),
    ("mistakes/limits-without-limits", "it stands in place of both keys"),
    ("invalid/wrong-type/extends-", "the sample has no parent of that name"),
];

fn json(text: &str) -> Option<Value> {
    let id = Sources::default().add(Path::new(""), String::new(), text.to_owned());
    parse_one(id, text, Accept::PROFILE).ok().flatten().map(|node| node.to_json())
}

/// The map that holds what a path leads to, and the key.
fn place<'j>(root: &'j mut Value, path: &KeyPath) -> Option<(&'j mut Map<String, Value>, String)> {
    let (last, above) = path.0.split_last()?;
    let mut at = root;
    for segment in above {
        at = match segment {
            Segment::Key(key) => at.get_mut(key)?,
            Segment::Index(index) => at.get_mut(*index)?,
        };
    }
    Some((at.as_object_mut()?, last.to_string()))
}

/// The profiles that are meant by what the help of an error proposes: in one of them it stands where it belongs. Nothing if nothing is
/// proposed, or only a word in capitals, which stands for what the user knows; an error if it cannot be pasted.
fn followed(profile: &Value, error: &Diagnostic) -> Option<Result<Vec<Value>, String>> {
    let help = error.help.as_deref().filter(|help| PROPOSES.iter().any(|start| help.starts_with(start)))?;
    let path = error.path.as_ref().filter(|path| !path.0.is_empty() || error.code == "missing-key")?;
    let further = ["? Write `", "? Such as `", ", such as `"].iter().find_map(|start| help.split_once(start).map(|(_, rest)| rest));
    let further = further.filter(|_| help.starts_with("did you mean `") && !help.contains("? Expected: "));
    let piece = further.map_or_else(|| help.split('`').nth(1), |rest| rest.split('`').next())?;
    if piece.contains("...") {
        return Some(Err(format!("`{piece}` cannot be pasted")));
    }
    if ["NAME", "FILE", "FOLDER", "ADDRESS"].iter().any(|word| piece.contains(word)) || piece.ends_with(':') {
        return None;
    }
    let value = json(piece)?;
    let mut candidates = Vec::new();
    if let Some(entries) = value.as_object().filter(|_| piece.contains(": ")) {
        // `name: a` and `tag: "1"` are two keys.
        let second = help.split_once("` and `").and_then(|(_, rest)| json(rest.split('`').next()?));
        let second = second.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        // Below the key, in its place, beside it, or beside the map that it is in.
        for (at, stays) in [(path.key("x"), true), (path.clone(), false), (path.clone(), true), (path.parent(), true)] {
            let mut changed = profile.clone();
            if let Some((map, key)) = place(&mut changed, &at) {
                if !stays {
                    map.shift_remove(&key);
                }
                map.extend(entries.clone().into_iter().chain(second.clone()));
                candidates.push(changed);
            }
        }
        return Some(Ok(candidates));
    }
    let mut changed = profile.clone();
    if let Some((map, key)) = place(&mut changed, path) {
        let old = map.get(&key)?.clone();
        let missing = error.message.rsplit('`').nth(1).unwrap_or_default();
        match old {
            Value::Array(items) if error.code == "remove-missing" => {
                let is_meant = |item: &Value| item.as_str().is_some_and(|text| error.message.contains(&format!("`{text}`")));
                drop(map.insert(key, items.into_iter().map(|item| if is_meant(&item) { Value::from(piece) } else { item }).collect()));
            }
            Value::Array(items) if error.code == "missing-parent" => drop(map.insert(key, vec![value; items.len()].into())),
            Value::String(text) if error.code == "unknown-reference" && text.contains(missing) => {
                drop(map.insert(key, text.replacen(missing, piece, 1).into()));
            }
            // A name that is there under another one.
            old if error.code == "missing-key" && help.starts_with("did you mean `") => {
                map.shift_remove(&key);
                map.insert(piece.to_owned(), old);
            }
            Value::Object(mut own) if error.code == "unmatched-patch" && own.contains_key("target") => {
                own.insert("target".into(), value);
                drop(map.insert(key, Value::Object(own)));
            }
            old if error.code == "unknown-key" || error.code == "invalid-name" || error.code == "unknown-reference" || error.code == "unmatched-patch" => {
                map.shift_remove(&key);
                map.insert(piece.to_owned(), old);
            }
            _ => drop(map.insert(key, value)),
        }
        candidates.push(changed);
    }
    Some(Ok(candidates)).filter(|candidates| candidates.as_ref().is_ok_and(|list| !list.is_empty()))
}

fn errors(project: &Project, pipeline: &mut Pipeline, file: &str) -> Vec<Diagnostic> {
    let Ok(located) = locate(file, &project.path(""), &infragen::source::Files::default()) else { return Vec::new() };
    pipeline.stack(&located).err().unwrap_or_default()
}

/// What is wrong with what is proposed for the mistakes of one file.
fn check(project: &Project, pipeline: &mut Pipeline, file: &str) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    let Some(profile) = std::fs::read_to_string(repository(file)).ok().and_then(|text| json(&text)) else { return (0, wrong) };
    let before = errors(project, pipeline, file);
    for error in before.clone() {
        let Some(followed) = followed(&profile, &error) else { continue };
        tried += 1;
        let next = format!("{}.next.yaml", file.trim_end_matches(".yaml"));
        let path = error.path.clone().unwrap_or_default();
        let mut object = |changed: Value| {
            project.write(&next, changed.to_string());
            let is_near = |other: &Diagnostic| other.path.as_ref().is_some_and(|other| other.0.starts_with(&path.parent().0));
            let is_new = |other: &Diagnostic| !before.iter().any(|known| known.message == other.message) || other.message == error.message;
            let found = errors(project, pipeline, &next).into_iter().filter(|other| is_near(other) && is_new(other));
            found.map(|other| format!("{}: {:?}", other.message, other.help)).collect::<Vec<String>>()
        };
        let objections = match followed {
            Err(reason) => vec![reason],
            Ok(candidates) => candidates.into_iter().map(&mut object).min_by_key(Vec::len).unwrap_or_default(),
        };
        if !objections.is_empty() && !NEEDS_MORE.iter().any(|(start, _)| file.contains(start)) {
            wrong.push(format!("{file}: {}\n  help: {}\n  then: {objections:?}", error.message, error.help.unwrap_or_default()));
        }
    }
    (tried, wrong)
}

#[test]
fn what_is_proposed_is_accepted() {
    let project = Project::empty();
    let mut files = Vec::new();
    for folder in ["tests/invalid", "tests/mistakes"] {
        copy(&repository(folder), &project.path(folder));
        let samples = tree(&repository(folder)).into_keys().filter(|path| path.strip_suffix(".yaml").is_some_and(|stem| !stem.ends_with("right")));
        // What another sample extends is no profile by itself.
        files.extend(samples.filter(|path| path.matches('/').count() == 1).map(|path| format!("{folder}/{path}")));
    }
    let mut pipeline = Pipeline::new(&project.path(""));
    let results: Vec<(usize, Vec<String>)> = files.iter().map(|file| check(&project, &mut pipeline, file)).collect();
    let tried: usize = results.iter().map(|(tried, _)| tried).sum();
    assert_none(&results.into_iter().flat_map(|(_, wrong)| wrong).collect::<Vec<_>>());
    assert!(tried > 100, "only {tried} proposals were tried");
}
