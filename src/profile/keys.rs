//! What the language says about one key: read from the schema, whose texts are the doc comments of [`super::model`].

use crate::diagnostics::nearest;
use crate::key_path::{KeyPath, Segment};
use crate::values::FORMATS;
use serde_json::Value;

/// What the language says about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyText {
    /// For which variant of the map above it, such as `kind: postgres`; empty for all.
    pub variant: String,
    /// Meaning, unit, default.
    pub description: String,
    /// What may be written: the end of the sentence "expected ...".
    pub expects: String,
    /// The words to choose from, each with its meaning.
    pub choices: Vec<(String, String)>,
    /// True if its keys are names of the user's own.
    pub is_by_name: bool,
    /// The keys of a map, or of each thing in a map by name, with the first sentence about each.
    pub keys: Vec<(String, String)>,
    /// Values as a profile would have them.
    pub examples: Vec<String>,
}

/// A path that the language does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// The longest part that it has.
    pub above: KeyPath,
    /// The key below that it does not have.
    pub key: String,
    /// The key that may be meant.
    pub nearest: Option<String>,
    /// All keys that there are.
    pub known: Vec<String>,
}

/// A schema with the variant that it belongs to.
type Found<'s> = (String, &'s Value);

/// What the schema says about the key at a path; in maps by name, any name is fine. More than one if the variants of a map differ.
///
/// # Errors
/// The first part of the path that is no key.
pub fn explain(schema: &Value, path: &KeyPath) -> Result<Vec<KeyText>, UnknownKey> {
    let mut texts: Vec<KeyText> = Vec::new();
    // What is said of a map by name is true of each thing in it.
    let of_map = rules(schema, &path.parent()).into_iter().find_map(|map| map["description"].as_str()).unwrap_or_default();
    for (variant, schema) in find(schema, path)? {
        let mut text = text(variant, schema);
        if text.description.is_empty() {
            of_map.clone_into(&mut text.description);
        }
        match texts.iter_mut().find(|known| KeyText { variant: String::new(), ..(*known).clone() } == KeyText { variant: String::new(), ..text.clone() }) {
            // Said once for all variants that say the same.
            Some(known) if known.variant != text.variant => known.variant = format!("{}, {}", known.variant, text.variant),
            Some(_) => {}
            None => texts.push(text),
        }
    }
    if let [only] = texts.as_mut_slice() {
        only.variant.clear();
    }
    Ok(texts)
}

/// Where a key of this name may stand, the shortest paths first; `NAME` stands for any name.
pub fn named(schema: &Value, key: &str) -> Vec<KeyPath> {
    let mut found: Vec<KeyPath> = Vec::new();
    let mut level: Vec<(KeyPath, Found)> = vec![(KeyPath::root(), (String::new(), schema))];
    while !level.is_empty() {
        let mut next: Vec<(KeyPath, Found)> = Vec::new();
        for (path, schema) in level.iter().flat_map(|(path, found)| with_variants(found).into_iter().map(move |(_, schema)| (path, schema))) {
            next.extend(properties(schema).map(|(key, schema)| (path.key(key.as_str()), (String::new(), schema))));
            let any = schema.get("additionalProperties").filter(|any| any.is_object());
            next.extend(any.map(|any| (path.key("NAME"), (String::new(), any))));
        }
        for (path, _) in next.iter().filter(|(path, _)| path.0.last().is_some_and(|last| last.to_string() == key)) {
            if !found.contains(path) {
                found.push(path.clone());
            }
        }
        level = next;
    }
    found
}

/// The schemas of the key at a path: one for each variant that has it.
fn find<'s>(schema: &'s Value, path: &KeyPath) -> Result<Vec<Found<'s>>, UnknownKey> {
    let mut at: Vec<Found> = vec![(String::new(), schema)];
    for (depth, segment) in path.0.iter().enumerate() {
        let above: Vec<Found> = at.iter().flat_map(with_variants).collect();
        let next: Vec<Found> = match segment {
            Segment::Key(key) => above.iter().filter_map(|(variant, schema)| Some((variant.clone(), child(schema, key)?))).collect(),
            Segment::Index(_) => above.iter().filter_map(|(variant, schema)| Some((variant.clone(), schema.get("items")?))).collect(),
        };
        if next.is_empty() {
            let mut known: Vec<String> = above.iter().flat_map(|(_, schema)| properties(schema)).map(|(key, _)| key.clone()).collect();
            known.sort();
            known.dedup();
            let key = segment.to_string();
            let nearest = nearest(&key, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(UnknownKey { above: KeyPath(path.0[..depth].to_vec()), key, nearest, known });
        }
        at = next;
    }
    Ok(at)
}

/// What the schema asks of the value at a path: one for each variant that has it; nothing where the language has no such path.
pub fn rules<'s>(schema: &'s Value, path: &KeyPath) -> Vec<&'s Value> {
    find(schema, path).unwrap_or_default().into_iter().map(|(_, rule)| rule).collect()
}

/// A default as the value that a profile would have; `None` if no profile can say it.
pub fn value_of(schema: &Value, path: &KeyPath, shown: &str) -> Option<Value> {
    let found = find(schema, path).ok()?;
    found.into_iter().find_map(|(_, schema)| {
        let takes = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|list| list.iter().any(|known| known == kind));
        let number = shown.parse::<i64>().ok().filter(|_| takes("integer") || takes("number")).map(Value::from);
        let truth = shown.parse::<bool>().ok().filter(|_| takes("boolean")).map(Value::from);
        let has_format = |text: &str| match schema["format"].as_str().and_then(|format| FORMATS.iter().find(|(name, ..)| *name == format)) {
            Some((.., check)) => check(text).is_ok(),
            None => schema["enum"].as_array().is_none_or(|words| words.iter().any(|word| word == text)),
        };
        let text = Some(shown).filter(|text| takes("string") && has_format(text)).map(Value::from);
        number.or(truth).or(text)
    })
}

/// The schema itself and what its variants add, each with the condition in words.
fn with_variants<'s>((variant, schema): &Found<'s>) -> Vec<Found<'s>> {
    let mut list = vec![(variant.clone(), *schema)];
    for case in schema["allOf"].as_array().into_iter().flatten() {
        let tag = case["if"]["properties"].as_object().and_then(|map| map.iter().next());
        let word = tag.map(|(tag, value)| format!("{tag}: {}", value["const"].as_str().unwrap_or_default())).unwrap_or_default();
        list.push((word, &case["then"]));
    }
    list
}

fn child<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    // A tag stands in each variant, too, and says nothing there.
    let own = schema["properties"].get(key).filter(|schema| schema.as_object().is_some_and(|map| !map.is_empty()));
    own.or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object()))
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten().filter(|(_, schema)| schema.as_object().is_some_and(|map| !map.is_empty()))
}

fn text(variant: String, schema: &Value) -> KeyText {
    let of = |key: &str| schema[key].as_str().unwrap_or_default().to_owned();
    let strings = |key: &str| schema[key].as_array().into_iter().flatten().map(plain).collect::<Vec<_>>();
    let each = schema.get("additionalProperties").filter(|each| each.is_object()).unwrap_or(schema);
    let variants = with_variants(&(String::new(), each));
    // The first one is what all have.
    let count = variants.len() - 1;
    let mut found: Vec<(&String, &str, Vec<&str>)> = Vec::new();
    for (variant, (name, schema)) in variants.iter().flat_map(|(variant, schema)| properties(schema).map(move |property| (variant.as_str(), property))) {
        match found.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., of)) => of.push(variant),
            None => found.push((name, first_sentence(schema["description"].as_str().unwrap_or_default()), vec![variant])),
        }
    }
    let is_of_some = |of: &[&str]| !of.contains(&"") && of.len() < count;
    let with = |of: &[&str]| if is_of_some(of) { format!(" With `{}`.", of.join("` or `")) } else { String::new() };
    let keys = found.into_iter().map(|(name, about, of)| (name.clone(), format!("{about}{}", with(&of)))).collect();
    let choices = strings("enum").into_iter().zip(strings("enumDescriptions")).collect();
    let examples = strings("examples");
    let is_by_name = schema.get("additionalProperties").is_some_and(Value::is_object);
    KeyText { variant, description: of("description"), expects: expects(schema), choices, is_by_name, keys, examples }
}

/// What may be written, in words.
fn expects(schema: &Value) -> String {
    if let Some(message) = schema["errorMessage"].as_str() {
        return message.strip_prefix("Expected ").unwrap_or(message).to_owned();
    }
    if schema["enumDescriptions"].is_array() {
        return "one of the words below".into();
    }
    match schema["type"].as_str() {
        Some("boolean") => "`true` or `false`".into(),
        Some("integer") => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            _ => "a whole number".into(),
        },
        Some("array") => format!("a list, each item: {}", expects(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            let name = if schema["propertyNames"].is_object() { format!("; each name: {}", expects(&schema["propertyNames"])) } else { String::new() };
            format!("a map by name, each: {}{name}", expects(&schema["additionalProperties"]))
        }
        Some("object") => "a map with the keys below".into(),
        None if schema["type"].is_null() => "any value".into(),
        _ => "a text".into(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |at| &text[..=at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(path: &str) -> Result<Vec<KeyText>, UnknownKey> {
        explain(&super::super::schema::published(), &KeyPath::parse(path).expect("a path"))
    }

    #[test]
    fn keys_are_found_below_names_and_in_variants() {
        let replicas = about("services.api.replicas").expect("a key");
        assert!(replicas[0].description.contains("Default") && replicas[0].expects.contains("a whole number from 1"), "{replicas:?}");
        let kind = about("environment.kind").expect("a key");
        assert!(kind[0].choices.len() == 3 && kind[0].choices.iter().all(|(_, text)| text.ends_with('.')), "{kind:?}");
        let versions = about("backing_services.x.version").expect("a key");
        assert!(versions.len() == 2 && versions[0].variant == "kind: postgres", "{versions:?}");
        let services = about("services").expect("a key");
        assert!(services[0].expects.starts_with("a map by name"), "{services:?}");
        assert!(about("edge").expect("a key")[0].keys.iter().any(|(key, text)| key == "tls" && text == "Where TLS ends."));
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        let error = about("services.api.replcas").expect_err("no key");
        assert_eq!((error.above.to_string().as_str(), error.key.as_str(), error.nearest.as_deref()), ("services.api", "replcas", Some("replicas")));
        assert!(error.known.contains(&"port".to_owned()));
        assert!(about("services.api.port.x").expect_err("a number has no keys").known.is_empty());
    }

    /// Each key that the schema has is explained: it has a description, and says what it takes.
    #[test]
    fn every_key_has_a_text() {
        fn visit(schema: &Value, path: &KeyPath, wrong: &mut Vec<String>) {
            for text in explain(schema, path).unwrap_or_default() {
                if !path.0.is_empty() && (text.description.is_empty() || text.expects.is_empty()) {
                    wrong.push(path.to_string());
                }
                for (key, about) in &text.keys {
                    if about.is_empty() {
                        wrong.push(format!("{path}.{key}"));
                    }
                    visit(schema, &path.key(key), wrong);
                }
            }
        }
        let schema = super::super::schema::published();
        let mut wrong = Vec::new();
        for path in
            ["project", "environment", "services.a", "backing_services.a", "edge", "edge.hosts.a.routes.b", "secrets.A", "observability", "targets", "output"]
        {
            visit(&schema, &KeyPath::parse(path).expect("a path"), &mut wrong);
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
