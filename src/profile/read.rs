//! One profile file to one tree, or to all that is wrong with its text.

use super::depth;
use super::mistakes::words;
use crate::diagnostics::{Diagnostic, io_reason, nearest};
use crate::key_path::KeyPath;
use crate::source::{Sources, Span};
use crate::yaml::{self, Accept, Entry, Map, Node, Problem, ProblemKind, Value};
use std::io::Read as _;
use std::path::Path;

/// Largest profile, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What some editors put before a text in UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// A file that was read.
pub struct Read {
    /// The whole of it.
    pub span: Span,
    /// Its keys, without those that have no value; of a key that is there twice, the first.
    pub map: Map,
    /// What is wrong with single keys, so that the rest can be looked at.
    pub mistakes: Vec<Diagnostic>,
}

/// Reads a file into a map of nodes. `from` is where another file extends it.
///
/// # Errors
/// What keeps the file from being read.
pub fn read(path: &Path, shown: &str, from: Option<Span>, sources: &mut Sources) -> Result<Read, Vec<Diagnostic>> {
    let text = text(&sources.files.at(path), shown).map_err(|error| vec![error])?;
    let id = sources.add(path, shown.to_owned(), text);
    if let Some(from) = from {
        sources.set_extended_at(id, from);
    }
    let whole = crate::source::span(id, 0..0);
    let parsed = yaml::parse_with_duplicates(id, &sources.get(id).text, Accept::PROFILE);
    let (mut node, duplicates) = match parsed {
        Ok((Some(node), duplicates)) if node.value != Value::Null => (node, duplicates),
        Ok(_) => {
            return Err(vec![
                Diagnostic::error("empty-profile", format!("`{shown}` is empty"))
                    .label(whole, "nothing is written here")
                    .help("a profile starts with `version: 1`"),
            ]);
        }
        Err(problems) => return Err(problems.into_iter().map(explain).collect()),
    };
    let mut mistakes: Vec<Diagnostic> = duplicates.into_iter().map(explain).collect();
    if has_null(&node) {
        split_words(&mut node, &sources.get(id).text, &mut mistakes);
        depth::take_in(&mut node, &mut mistakes);
        find_nulls(&node, &KeyPath::root(), node.span, &mut mistakes);
        drop_nulls(&mut node);
    }
    depth::take_out(&mut node, &mut mistakes);
    match node.value {
        Value::Map(map) => Ok(Read { span: node.span, map, mistakes }),
        _ => {
            Err(vec![Diagnostic::error("wrong-type", "a profile is a map of keys").label(node.span, "this is something else").help("start with `version: 1`")])
        }
    }
}

/// The file that may be meant by one that is not there.
pub fn other_file(path: &Path, named_by: Option<&Path>) -> Option<String> {
    let entries = std::fs::read_dir(path.parent()?).ok()?.flatten();
    let is_profile = |name: &String| Path::new(name).extension().is_some_and(|ending| ending == "yaml" || ending == "yml") && !name.contains(char::is_control);
    let own = named_by.and_then(Path::file_name);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| own.is_none_or(|own| own != name.as_str()));
    let mut names: Vec<String> = names.filter(is_profile).collect();
    names.sort();
    // `prod.yaml` is the beginning of `production.yaml` without the ending.
    let stem = Path::new(path.file_name()?).file_stem()?.to_str()?;
    let by_stem =
        || names.iter().find(|name| Path::new(name).file_stem().and_then(|known| known.to_str()).is_some_and(|known| nearest(stem, [known]).is_some()));
    let near = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str)).or_else(|| by_stem().map(String::as_str));
    match near {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if (1..=8).contains(&names.len()) => {
            let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Some(format!("that folder has {list}; paths in `extends` are relative to the file that names them"))
        }
        None => None,
    }
}

fn text(path: &Path, shown: &str) -> Result<String, Diagnostic> {
    let failed = |error: std::io::Error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound { "missing-file" } else { "unreadable-file" };
        Diagnostic::error(code, format!("cannot read `{shown}`: {}", io_reason(&error)))
    };
    // Asked before it is opened: opening a pipe waits for somebody who writes into it.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Diagnostic::error("unreadable-file", format!("`{shown}` is a folder")).help("name the profile's file in it"));
    }
    if !metadata.is_file() {
        return Err(Diagnostic::error("unreadable-file", format!("`{shown}` is a pipe, a socket or a device")).help("a profile is a regular file"));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Diagnostic::error("too-large", format!("`{shown}` is larger than 1 MiB")).help("a profile is a few dozen lines; is this the right file?"));
    }
    // A mark of the byte order is no part of the text.
    if bytes.starts_with(BOM) {
        bytes.drain(..BOM.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].split(|byte| *byte == b'\n').count();
        Diagnostic::error("not-utf-8", format!("`{shown}` is not UTF-8: line {line} has a byte that belongs to no character")).help("save the file as UTF-8")
    })
}

fn explain(problem: Problem) -> Diagnostic {
    let (code, [message, label, help]) = match problem.kind {
        ProblemKind::Syntax(mistake) => ("yaml-syntax", words(&mistake)),
        ProblemKind::Tab => ("yaml-syntax", ["a tab cannot indent YAML", "this is a tab", "indent with spaces"].map(str::to_owned)),
        ProblemKind::DuplicateKey(key) => {
            ("duplicate-key", [format!("the key `{key}` stands twice in the same map"), "again here".into(), "remove one, or merge the two".into()])
        }
        ProblemKind::ComplexKey => ("yaml-syntax", ["a key must be text", "this key is a list or a map", "write a name before the colon"].map(str::to_owned)),
        ProblemKind::NoKey => (
            "yaml-syntax",
            ["a key is missing before a colon", "nothing stands before it", "write a name before the colon, as in `ready: /health`"].map(str::to_owned),
        ),
        ProblemKind::MergeKey => (
            "merge-key",
            [
                "YAML's merge key `<<` is not part of the profile language",
                "remove this",
                "share variables by `env_groups`, services by `like`, and whole profiles by `extends`",
            ]
            .map(str::to_owned),
        ),
        ProblemKind::Tag(tag) => (
            "yaml-tag",
            [format!("the tag `{tag}` is not part of the profile language"), "on this value".into(), "remove the tag; put text into quotes".into()],
        ),
        ProblemKind::SeveralDocuments => (
            "several-documents",
            ["the file holds more than one document", "the second starts here", "one file is one profile: remove the `---` or split the file"]
                .map(str::to_owned),
        ),
        ProblemKind::TooLarge => (
            "too-large",
            [format!("the profile has more than {} values", yaml::MAX_NODES), "counted up to here".into(), "aliases count as what they stand for".into()],
        ),
        ProblemKind::TooDeep => {
            ("too-large", [format!("the profile is nested deeper than {} levels", yaml::MAX_DEPTH), "here".into(), "no key of a profile is that deep".into()])
        }
    };
    let mut diagnostic = Diagnostic::error(code, message).label(problem.span, label).help(help);
    if let Some(first) = problem.first {
        diagnostic = diagnostic.related(first, "first here");
    }
    diagnostic
}

fn has_null(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(list) => list.iter().any(has_null),
        Value::Map(map) => map.values().any(|entry| has_null(&entry.node)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => false,
    }
}

/// Makes of a key without a value that is meant to be a key and a value, `{name:shop}`, what was meant, and says so.
fn split_words(node: &mut Node, text: &str, found: &mut Vec<Diagnostic>) {
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|item| split_words(item, text, found)),
        Value::Map(map) => {
            let mut rest = Map::new();
            for (word, mut entry) in std::mem::take(map) {
                split_words(&mut entry.node, text, found);
                let written = text.get(entry.key.range()).unwrap_or_default();
                let parts = written.split_once(':').filter(|(key, value)| {
                    let is_word = !key.is_empty() && key.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c));
                    entry.node.value == Value::Null && is_word && !value.is_empty() && !value.starts_with("//")
                });
                match parts.and_then(|(key, value)| Some((key, value, yaml::parse_one(entry.key.source, value, Accept::PROFILE).ok()??))) {
                    Some((key, value, parsed)) => {
                        found.push(
                            Diagnostic::error("yaml-syntax", "a space is missing behind a colon")
                                .label(entry.key, "without it, this is one word")
                                .help(format!("write `{key}: {value}`")),
                        );
                        rest.entry(key.to_owned()).or_insert(Entry { key: entry.key, node: Node { value: parsed.value, span: entry.key } });
                    }
                    None => drop(rest.insert(word, entry)),
                }
            }
            *map = rest;
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
    }
}

/// Takes out what has no value: it has been reported.
fn drop_nulls(node: &mut Node) {
    match &mut node.value {
        Value::List(list) => {
            list.retain(|item| item.value != Value::Null);
            list.iter_mut().for_each(drop_nulls);
        }
        Value::Map(map) => {
            map.retain(|_, entry| entry.node.value != Value::Null);
            map.values_mut().for_each(|entry| drop_nulls(&mut entry.node));
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
    }
}

fn find_nulls(node: &Node, path: &KeyPath, key: Span, found: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Null => found.push(
            Diagnostic::error("null-value", format!("`{path}` has no value"))
                .at(path.clone())
                .label(key, "nothing follows")
                .help(format!("write a value, `{{}}` for an empty map, or remove the key; to remove something inherited, use `remove: [{path}]`")),
        ),
        Value::List(list) => list.iter().enumerate().for_each(|(at, item)| find_nulls(item, &path.index(at), item.span, found)),
        Value::Map(map) => map.iter().for_each(|(name, entry)| find_nulls(&entry.node, &path.key(name.as_str()), entry.key, found)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
    }
}
