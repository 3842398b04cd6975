//! What the schema objects to, in words: never a pattern, a type of Rust or a keyword of JSON Schema.

use super::hints::{self, scalar};
use super::schema::Schema;
use super::{foreign, keys, shapes};
use crate::diagnostics::{Diagnostic, nearest};
use crate::key_path::KeyPath;
use crate::source::{Sources, Span};
use crate::values::FORMATS;
use crate::yaml::{Node, Value};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value as Json;

/// All objections to `json`, which is `tree` without places.
pub fn find(schema: &Schema, json: &Json, tree: &Node, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for error in schema.validator.iter_errors(json) {
        let place = Place::find(tree, error.instance_path().as_str());
        found.extend(explain(schema, &error, &place, tree, sources));
    }
    // A value of the wrong type is no choice and no quantity either: once is enough.
    let wrong: Vec<Option<KeyPath>> = found.iter().filter(|d| d.code == "wrong-type").map(|d| d.path.clone()).collect();
    found.retain(|d| d.code == "wrong-type" || !wrong.contains(&d.path));
    // A misspelt name is said once, whatever it lacks.
    let mut misspelt: Vec<Option<KeyPath>> = Vec::new();
    found.retain(|d| {
        let is_misspelt = d.code == "missing-key" && d.help.as_deref().is_some_and(|help| help.starts_with("did you mean `"));
        let is_new = !is_misspelt || !misspelt.contains(&d.path);
        misspelt.extend(is_misspelt.then(|| d.path.clone()));
        is_new
    });
    // A key that is missing because it is misspelt is one mistake.
    let meant: Vec<(KeyPath, String)> = found
        .iter()
        .filter(|d| d.code == "unknown-key")
        .filter_map(|d| Some((d.path.as_ref()?.parent(), d.help.as_deref()?.strip_prefix("did you mean `")?.split('`').next()?.to_owned())))
        .collect();
    // So is one that the next step for another key of the map has, too.
    let told: Vec<(KeyPath, String)> = found
        .iter()
        .filter(|d| d.code == "invalid-value")
        .filter_map(|d| Some((d.path.as_ref()?.parent(), d.help.clone().filter(|help| help.starts_with("write `"))?)))
        .collect();
    let is_told = |d: &Diagnostic| {
        let key = d.message.rsplit('`').nth(1).unwrap_or_default();
        told.iter().any(|(path, help)| d.path.as_ref() == Some(path) && help.contains(&format!("`{key}: ")))
    };
    // What one next step settles is said once.
    let mut steps: Vec<(KeyPath, String)> = Vec::new();
    found.retain(|d| {
        let step = d.path.as_ref().filter(|_| d.code == "unknown-key").map(KeyPath::parent).zip(d.help.clone().filter(|help| help.contains("? Write `")));
        let is_new = step.as_ref().is_none_or(|step| !steps.contains(step));
        steps.extend(step);
        is_new
    });
    let others: Vec<KeyPath> = found.iter().filter(|d| d.code == "unknown-key").filter_map(|d| Some(d.path.as_ref()?.parent())).collect();
    // What looks missing may be in a file that is meant to be extended.
    let extends = found.iter().any(|d| d.help.as_deref().is_some_and(|help| help.starts_with("did you mean `extends`?")));
    found.retain(|d| !(extends && d.code == "missing-key" && d.path == Some(KeyPath::root())));
    let is_instead = |d: &Diagnostic| d.message.contains("needs one of the keys") && d.path.as_ref().is_some_and(|path| others.contains(path));
    found.retain(|d| d.code != "missing-key" || !(is_told(d) || is_instead(d)));
    found.retain(|d| d.code != "missing-key" || !meant.iter().any(|(path, key)| d.path.as_ref() == Some(path) && d.message.contains(&format!("`{key}`"))));
    found
}

/// Fractions such as `1.0` where only text is taken. As JSON they are the text that is written, so that nothing is lost where a number
/// and a text will do; an editor, and every other reader of YAML, takes them for the number 1.
pub fn fractions(schema: &Schema, tree: &Node, sources: &Sources) -> Vec<Diagnostic> {
    fn visit(schema: &Schema, place: &Place<'_>, tree: &Node, sources: &Sources, found: &mut Vec<Diagnostic>) {
        match &place.node.value {
            Value::Map(map) => map.iter().for_each(|(name, entry)| {
                visit(schema, &Place { path: place.path.key(name.as_str()), node: &entry.node, key: entry.key }, tree, sources, found);
            }),
            Value::List(list) => list.iter().enumerate().for_each(|(at, item)| {
                visit(schema, &Place { path: place.path.index(at), node: item, key: item.span }, tree, sources, found);
            }),
            Value::Float(_) if place.node.is_whole_fraction() => {
                let rules = keys::rules(&schema.document, &place.path);
                if let Some(rule) = rules.first().filter(|_| rules.iter().all(|rule| rule["type"] == "string")) {
                    found.push(wrong_type(place, rule, None, tree, sources));
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    visit(schema, &Place { path: KeyPath::root(), node: tree, key: tree.span }, tree, sources, &mut found);
    found
}

/// A value in the tree, by the pointer that the validator gives.
pub struct Place<'a> {
    /// Its path.
    pub path: KeyPath,
    /// The value.
    pub node: &'a Node,
    /// The key that leads to the value, or the value itself.
    pub key: Span,
}

impl<'a> Place<'a> {
    fn find(tree: &'a Node, pointer: &str) -> Self {
        let mut place = Self { path: KeyPath::root(), node: tree, key: tree.span };
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match &place.node.value {
                Value::Map(map) => {
                    let Some(entry) = map.get(&part) else { break };
                    place = Self { path: place.path.key(part), node: &entry.node, key: entry.key };
                }
                Value::List(list) => {
                    let Some((at, item)) = part.parse().ok().and_then(|at: usize| list.get(at).map(|item| (at, item))) else { break };
                    place = Self { path: place.path.index(at), node: item, key: item.span };
                }
                _ => break,
            }
        }
        place
    }

    /// Another entry of the map that it is in, with nearly its name, that another file has; and the place of its key.
    fn inherited_sibling<'t>(&self, tree: &'t Node) -> Option<(&'t str, Span)> {
        let (name, above) = (self.path.0.last()?.to_string(), hints::keys(&self.path));
        let (_, above) = above.split_last()?;
        let map = hints::at(tree, above)?.as_map().filter(|_| !above.is_empty())?;
        let others = map.iter().filter(|(other, entry)| **other != name && entry.key.source != self.key.source);
        let near = nearest(&name, others.map(|(other, _)| other.as_str()))?;
        map.get_key_value(near).map(|(other, entry)| (other.as_str(), entry.key))
    }

    fn error(&self, code: &'static str, message: String, label: impl Into<String>) -> Diagnostic {
        // A map's or a list's own span is its whole block; its key is where a reader looks.
        let span = if matches!(self.node.value, Value::Map(_) | Value::List(_)) { self.key } else { self.node.span };
        Diagnostic::error(code, message).at(self.path.clone()).label(span, label)
    }
}

fn explain(schema: &Schema, error: &ValidationError<'_>, place: &Place<'_>, tree: &Node, sources: &Sources) -> Vec<Diagnostic> {
    let at_keyword = error.schema_path().as_str();
    let parent = at_keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
    let rule = schema.document.pointer(parent).unwrap_or(&Json::Null);
    let expected = rule.get("errorMessage").and_then(Json::as_str).map(lower_first);
    let path = &place.path;
    if let (Kind::Type { .. } | Kind::Enum { .. } | Kind::Format { .. }, Some(help)) = (error.kind(), shapes::with_less(place)) {
        let (code, message) = match error.kind() {
            Kind::Type { .. } => ("wrong-type", format!("`{path}` has a value of another type")),
            Kind::Enum { .. } => ("invalid-value", format!("`{path}` has an unknown value")),
            _ => ("invalid-value", format!("`{path}` has a value that is not valid")),
        };
        return vec![place.error(code, message, "this ends in what does not belong to it").help(help)];
    }
    let one = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let others = |key: &str| hints::other_variants(&schema.document, parent, key);
            return unexpected.iter().map(|key| unknown_key(key, (place, tree), (rule, &schema.document), &others(key))).collect();
        }
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let owner = if path.0.is_empty() { "the profile".to_owned() } else { format!("`{path}`") };
            if let Some(key) = misspelt_tag(rule, property, place.node) {
                return vec![unknown_key(key, (place, tree), (rule, &schema.document), &[])];
            }
            if let Some((sibling, at)) = place.inherited_sibling(tree) {
                // Of a name that is there nothing would be missing.
                let message = format!("{owner} needs the key `{property}`: nothing of this name is inherited");
                return vec![
                    Diagnostic::error("missing-key", message)
                        .at(path.clone())
                        .label(place.key, "a new one")
                        .related(at, "this is inherited")
                        .help(format!("did you mean `{sibling}`? What is new here needs `{property}`")),
                ];
            }
            place
                .error("missing-key", format!("{owner} needs the key `{property}`"), "missing here")
                .help(hints::missing(path, property, tree).unwrap_or_else(|| describe(rule, property)))
        }
        Kind::Type { .. } => wrong_type(place, rule, expected, tree, sources),
        Kind::Enum { options } => {
            let words: Vec<String> = options.as_array().into_iter().flatten().map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned)).collect();
            let list = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let given = place.node.as_text().unwrap_or_default();
            let choose = || {
                let near = nearest(given, words.iter().map(String::as_str));
                near.map_or_else(
                    || format!("choose one of {list}{}", foreign::any_other(&place.path)),
                    |near| format!("did you mean `{near}`? There are: {list}"),
                )
            };
            let help = foreign::choice(&place.path, given, tree).map_or_else(choose, std::borrow::Cow::into_owned);
            place.error("invalid-value", format!("`{path}` has an unknown value"), "not one of the choices").help(help)
        }
        Kind::Format { format } => {
            let text = scalar_text(place.node, sources);
            // A version without quotes is a number, and `*` stands for something else.
            let quoted = |meant: String| if format == "version" || format == "cron" { format!("\"{meant}\"") } else { meant };
            let meant = text.as_deref().and_then(|text| hints::with_port(&place.path, text, tree).or_else(|| hints::value(format, text))).map(quoted);
            let elsewhere = text.as_deref().and_then(|text| hints::elsewhere(&place.path, format, text, tree));
            let reason = text.and_then(|text| FORMATS.iter().find(|f| f.0 == format).and_then(|f| f.4(&text).err()));
            place
                .error("invalid-value", format!("`{path}` has a value that is not valid"), reason.unwrap_or_else(|| "not valid".into()))
                .help(elsewhere.or_else(|| offer(meant, expected)).unwrap_or_else(|| "correct the value".into()))
        }
        Kind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default().to_owned();
            let expects = rule.pointer("/propertyNames/errorMessage").or(rule.get("errorMessage")).and_then(Json::as_str).map(lower_first);
            let key = place.node.as_map().and_then(|map| map.get(&name)).map_or(place.key, |entry| entry.key);
            let meant = rule.pointer("/propertyNames/format").or(rule.get("format")).and_then(Json::as_str).and_then(|format| hints::value(format, &name));
            let instead = hints::name(path, &name, tree);
            Diagnostic::error("invalid-name", format!("`{}` cannot be a name in `{path}`", name.escape_debug()))
                .at(path.key(name))
                .label(key, "this name")
                .help(instead.or_else(|| offer(meant, expects)).unwrap_or_else(|| "choose another name".into()))
        }
        Kind::Minimum { .. } | Kind::Maximum { .. } | Kind::ExclusiveMinimum { .. } | Kind::ExclusiveMaximum { .. } => {
            // `1.0` is 1 for people.
            let bound = |key: &str| rule.get(key).map(|bound| bound.as_f64().map_or_else(|| bound.to_string(), |number| number.to_string()));
            let help = match (bound("minimum"), bound("maximum")) {
                (Some(low), Some(high)) => format!("expected a number from {low} to {high}"),
                (Some(low), None) => format!("expected {low} or more"),
                (_, Some(high)) => format!("expected {high} or less"),
                _ => "expected another number".to_owned(),
            };
            place.error("out-of-range", format!("`{path}` is out of range"), "this number").help(help)
        }
        Kind::AnyOf { .. } => {
            // All alternatives are keys that may be written.
            let alternatives = rule["anyOf"].as_array().into_iter().flatten().filter_map(|one| one.pointer("/required/0")?.as_str());
            let keys: Vec<String> = alternatives.map(|key| format!("`{key}`")).collect();
            place.error("missing-key", format!("`{path}` needs one of the keys {}", keys.join(" and ")), "missing here").help(expected.unwrap_or_default())
        }
        Kind::MinItems { .. } | Kind::MinProperties { .. } => {
            place.error("empty-value", format!("`{path}` is empty"), "nothing in here").help("write at least one, or remove the key")
        }
        _ => place
            .error("invalid-value", format!("`{path}` has a value that is not valid"), "here")
            .help(expected.unwrap_or_else(|| "see the description of the key".into())),
    };
    vec![one]
}

/// What may have been meant, and what is expected.
fn offer(meant: Option<String>, expected: Option<String>) -> Option<String> {
    match (meant, expected) {
        (Some(meant), Some(expected)) => Some(format!("did you mean `{meant}`? Expected: {}", expected.trim_start_matches("expected "))),
        (Some(meant), None) => Some(format!("did you mean `{meant}`?")),
        (None, expected) => expected,
    }
}

/// So many keys are listed where none of them is near; more of them are no help.
const LISTED: usize = 14;

fn unknown_key(key: &str, (place, tree): (&Place<'_>, &Node), (rule, schema): (&Json, &Json), others: &[String]) -> Diagnostic {
    let known: Vec<&str> = rule.get("properties").and_then(Json::as_object).into_iter().flat_map(|p| p.keys()).map(String::as_str).collect();
    let owner = if place.path.0.is_empty() { "a profile".to_owned() } else { format!("`{}`", place.path) };
    let others = others.iter().map(|other| format!("`{other}`")).collect::<Vec<_>>().join(" or ");
    let help = match (foreign::key(place, key, tree), nearest(key, known.iter().copied())) {
        (Some(hint), _) => hint,
        _ if !others.is_empty() => {
            if known.len() <= LISTED {
                format!("it goes with {others}; this one has: {}", known.join(", "))
            } else {
                format!("it goes with {others}; `infragen explain {}` says which key goes with what", place.path)
            }
        }
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => without_colon(key, place, &known)
            .or_else(|| hints::declared_elsewhere(place, key, schema))
            .or_else(|| foreign::near_key(place, key, tree))
            .unwrap_or_else(|| if known.is_empty() { "it has no keys".to_owned() } else { list_of_keys(key, place, &known, schema) }),
    };
    let span = place.node.as_map().and_then(|map| map.get(key)).map_or(place.key, |entry| entry.key);
    Diagnostic::error("unknown-key", format!("{owner} has no key `{}`", key.escape_debug())).at(place.path.key(key)).label(span, "unknown key").help(help)
}

/// `project {name: shop}` is the key `project {name` for YAML.
fn without_colon(key: &str, place: &Place<'_>, known: &[&str]) -> Option<String> {
    let (word, rest) = key.split_once(' ')?;
    let near = nearest(word, known.iter().copied())?;
    let value = place.node.as_map().and_then(|map| map.get(key)).and_then(|entry| hints::plain(&entry.node)).unwrap_or_default();
    Some(format!("did you mean `{near}`? Write `{near}: {rest}: {}`: a colon is missing", value.trim_matches('"')))
}

/// All keys of a map; where they are many, how to see what each is for, and where the language has a key of this name.
fn list_of_keys(key: &str, place: &Place<'_>, known: &[&str], schema: &Json) -> String {
    if known.len() <= LISTED || place.path.0.is_empty() {
        return format!("it has: {}", known.join(", "));
    }
    // Words that stand everywhere say nothing.
    let elsewhere = keys::named(schema, key);
    let command = format!("`infragen explain {}` lists its keys", place.path);
    match elsewhere.as_slice() {
        [path, more @ ..] if more.len() < 4 => format!("`{key}` is a key elsewhere, `{path}`; {command}"),
        _ => command,
    }
}

fn wrong_type(place: &Place<'_>, rule: &Json, expected: Option<String>, tree: &Node, sources: &Sources) -> Diagnostic {
    let accepts = |kind: &str| match &rule["type"] {
        Json::String(only) => only == kind,
        Json::Array(kinds) => kinds.iter().any(|k| k == kind),
        _ => false,
    };
    let found = match &place.node.value {
        Value::Float(_) if accepts("integer") && !accepts("number") => "a fraction",
        value => value.in_words(),
    };
    let wanted =
        [("string", "text"), ("integer", "a whole number"), ("number", "a number"), ("boolean", "`true` or `false`"), ("array", "a list"), ("object", "a map")];
    let wanted: Vec<&str> = wanted.iter().filter(|(kind, _)| accepts(kind)).map(|(_, words)| *words).collect();
    let written = sources.slice(place.node.span);
    let hint = shapes::build_of_folder(place, sources).or_else(|| shapes::shape(place, rule, tree));
    let help = match &place.node.value {
        Value::Int(_) | Value::Float(_) if rule["format"] == "size" => format!("write it with a unit: `{written}Mi`"),
        // A rate is of so many in a second.
        Value::Int(_) if rule["format"] == "rate" => format!("write it with a unit: `{written}/s`"),
        Value::Int(_) | Value::Float(_) if rule["format"] == "duration" => format!("write it with a unit: `{written}s`"),
        Value::Text(text) if accepts("object") && unspaced(text, rule).is_some() => {
            let (key, value) = unspaced(text, rule).unwrap_or_default();
            format!("put a space behind the colon: `{key}: {value}`")
        }
        _ if hint.is_some() => hint.unwrap_or_default(),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if !choices(rule).is_empty() => format!("choose one of {}", choices(rule).join(", ")),
        // The version of a store is its major one: releases are the image's own affair.
        Value::Float(number) if rule["format"] == "version" && hints::keys(&place.path).first() == Some(&"backing_services") => {
            format!("write it in quotes: `\"{}\"`", number.split('.').next().unwrap_or_default())
        }
        // What quotes do not settle is no text of this kind.
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if accepts("string") && is_refused(rule, written) => {
            expected.or_else(|| example(rule).map(|example| format!("write a text, such as `{example}`"))).unwrap_or_else(|| "write a text".into())
        }
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if accepts("string") => format!("write it in quotes: `\"{written}\"`"),
        Value::Text(_) if accepts("boolean") => "write `true` or `false`".to_owned(),
        Value::Text(text) if accepts("integer") && text.parse::<i64>().is_ok() => format!("write it without quotes: `{text}`"),
        Value::Text(text) if accepts("integer") && (text.contains("{{") || text.contains('$')) => {
            "write a number: a profile is no template, and another environment has another number in a profile of its own".to_owned()
        }
        Value::Text(text) if accepts("array") => format!("write a list: `[{}]`", text.split_whitespace().map(scalar).collect::<Vec<_>>().join(", ")),
        Value::List(items) if accepts("string") => {
            let items: Vec<_> = items.iter().filter_map(|item| scalar_text(item, sources)).collect();
            format!("write one text in quotes: `\"{}\"`", items.join(","))
        }
        _ => expected.unwrap_or_else(|| match keys_of(rule) {
            Some(keys) if accepts("object") => format!("write a map; it has: {keys}"),
            _ if accepts("object") && rule["additionalProperties"].is_object() => "write a map, with one line `NAME: value` for each".to_owned(),
            _ => format!("write {}", wanted.join(" or ")),
        }),
    };
    place.error("wrong-type", format!("`{}` must be {}, not {found}", place.path, wanted.join(" or ")), format!("this is {found}")).help(help)
}

/// The one entry of a map without the space behind its colon: `name:shop`.
fn unspaced<'t>(text: &'t str, rule: &Json) -> Option<(&'t str, &'t str)> {
    let (key, value) = text.split_once(':').filter(|(_, value)| !value.is_empty() && !value.starts_with([' ', '\n']) && !value.starts_with("//"))?;
    let has_texts = match &rule["additionalProperties"]["type"] {
        Json::String(only) => only == "string",
        Json::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    };
    (rule["properties"].get(key).is_some() || (has_texts && !is_refused(&rule["propertyNames"], key))).then_some((key, value))
}

/// True for a text that the format of a value does not take.
fn is_refused(rule: &Json, text: &str) -> bool {
    rule["format"].as_str().and_then(|format| FORMATS.iter().find(|known| known.0 == format)).is_some_and(|known| (known.4)(text).is_err())
}

/// The words of a choice.
fn choices(rule: &Json) -> Vec<String> {
    rule["enum"].as_array().into_iter().flatten().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect()
}

/// The keys that a map may have, where they are no names of the user's.
fn keys_of(rule: &Json) -> Option<String> {
    let known: Vec<&str> = rule.get("properties").and_then(Json::as_object).into_iter().flat_map(|p| p.keys()).map(String::as_str).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// The key that is meant to be the one which chooses among variants: until it is chosen, no key of theirs is unknown.
fn misspelt_tag<'n>(rule: &Json, tag: &str, node: &'n Node) -> Option<&'n str> {
    let Value::Map(map) = &node.value else { return None };
    let variants = rule["allOf"].as_array()?.iter().filter_map(|one| one["then"]["properties"].as_object());
    let known: Vec<&str> = variants.flat_map(|properties| properties.keys()).map(String::as_str).collect();
    map.keys().map(String::as_str).find(|key| !known.contains(key) && !key.starts_with("x-") && nearest(key, [tag]).is_some())
}

/// What to write for a key that is missing, and its description.
fn describe(rule: &Json, property: &str) -> String {
    let wanted = &rule["properties"][property];
    if let Some(words) = wanted["enum"].as_array().filter(|words| words.len() > 1) {
        let words: Vec<String> = words.iter().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect();
        let [first, others @ ..] = words.as_slice() else { return String::new() };
        return format!("add `{property}: {}`, or another one: {}", first.trim_matches('`'), others.join(", "));
    }
    let entry = format!("{property}: {}", example(wanted).unwrap_or_else(|| "...".into()));
    // Its example is what is to be added.
    let text = wanted["description"].as_str().map(|text| text.split(" Example: `").next().unwrap_or(text));
    text.map_or_else(|| format!("add `{entry}`"), |text| format!("add `{entry}` ({})", lower_first(text.trim_end_matches('.'))))
}

/// A value that a schema takes: an example, the first choice, or a map of what it has to have.
fn example(schema: &Json) -> Option<String> {
    // What the description has as an example is written as a profile has it.
    if let Some((_, rest)) = schema["description"].as_str().and_then(|text| text.split_once("Example: `")) {
        return rest.split('`').next().map(str::to_owned);
    }
    if let Some(least) = schema["minimum"].as_u64().filter(|_| schema["examples"].is_null()) {
        return Some(least.to_string());
    }
    if let Some(word) = schema["examples"].get(0).or(schema["enum"].get(0)) {
        return Some(word.as_str().map_or_else(|| word.to_string(), |text| scalar(text).into_owned()));
    }
    let keys = schema["required"].as_array()?.iter().filter_map(Json::as_str);
    let entry = |key: &str| Some(format!("{key}: {}", example(&schema["properties"][key])?));
    Some(format!("{{{}}}", keys.map(entry).collect::<Option<Vec<_>>>()?.join(", ")))
}

fn scalar_text(node: &Node, sources: &Sources) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(_) | Value::Float(_) => Some(sources.slice(node.span).to_owned()),
        _ => None,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
