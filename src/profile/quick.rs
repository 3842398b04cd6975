//! A quick yes: most profiles are right, and the whole schema with its validator is prepared only where one may not be.
//!
//! `quick.json` is the schema that [`super::schema`] makes from the types, without the texts for people. It is made by
//! `UPDATE=1 cargo test`, which compares the two, too.

use crate::values::{Check, FORMATS};
use serde_json::{Map, Value};

/// Keywords that say something to people only.
const TEXTS: [&str; 9] =
    ["$schema", "title", "description", "examples", "pattern", "errorMessage", "enumDescriptions", "markdownEnumDescriptions", "deprecated"];

/// The rules of a complete profile.
pub struct Quick {
    document: Value,
}

impl Quick {
    /// Reads the rules.
    pub fn new() -> Self {
        // Rules that cannot be read accept nothing: then the validator decides.
        Self { document: serde_json::from_str(include_str!("quick.json")).unwrap_or_default() }
    }

    /// True if the schema accepts a profile. False says nothing: a keyword that is not known here is left to the validator.
    pub fn accepts(&self, profile: &Value) -> bool {
        accepts(&self.document, profile)
    }
}

/// A schema without what is for people only.
pub fn rules(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let child = |keyword: &String, value: &Value| match value {
                // The names in there are those of keys of a profile.
                Value::Object(named) if ["properties", "patternProperties"].contains(&keyword.as_str()) => {
                    named.iter().map(|(name, schema)| (name.clone(), rules(schema))).collect()
                }
                value => rules(value),
            };
            let kept = keywords.iter().filter(|(keyword, _)| !TEXTS.contains(&keyword.as_str()));
            Value::Object(kept.map(|(keyword, value)| (keyword.clone(), child(keyword, value))).collect())
        }
        Value::Array(items) => items.iter().map(rules).collect(),
        other => other.clone(),
    }
}

fn accepts(schema: &Value, value: &Value) -> bool {
    match schema {
        Value::Bool(any) => *any,
        Value::Object(keywords) => keywords.iter().all(|(keyword, argument)| holds(keywords, keyword, argument, value)),
        _ => false,
    }
}

/// True if one keyword of a schema holds, which it does for a value of a kind that it says nothing of.
fn holds(keywords: &Map<String, Value>, keyword: &str, argument: &Value, value: &Value) -> bool {
    match (keyword, argument) {
        ("type", Value::String(kind)) => is(kind, value),
        ("type", Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(|kind| is(kind, value)),
        ("enum", Value::Array(choices)) => choices.contains(value),
        ("const", only) => only == value,
        ("format", Value::String(name)) => value.as_str().is_none_or(|text| check(name).is_some_and(|check| check(text).is_ok())),
        ("minimum", least) => value.as_f64().is_none_or(|number| least.as_f64().is_some_and(|least| number >= least)),
        ("maximum", most) => value.as_f64().is_none_or(|number| most.as_f64().is_some_and(|most| number <= most)),
        ("minItems", least) => value.as_array().is_none_or(|items| least.as_u64().is_some_and(|least| items.len() as u64 >= least)),
        ("minProperties", least) => value.as_object().is_none_or(|keys| least.as_u64().is_some_and(|least| keys.len() as u64 >= least)),
        ("items", schema) => value.as_array().is_none_or(|items| items.iter().all(|item| accepts(schema, item))),
        ("required", Value::Array(names)) => value.as_object().is_none_or(|keys| names.iter().filter_map(Value::as_str).all(|name| keys.contains_key(name))),
        ("propertyNames", schema) => value.as_object().is_none_or(|keys| keys.keys().all(|name| accepts(schema, &Value::String(name.clone())))),
        ("properties", Value::Object(known)) => value.as_object().is_none_or(|keys| {
            let pairs = keys.iter().filter_map(|(name, value)| Some((known.get(name)?, value)));
            pairs.into_iter().all(|(schema, value)| accepts(schema, value))
        }),
        // The only pattern there is, and it takes anything.
        ("patternProperties", Value::Object(patterns)) => patterns.iter().all(|(pattern, schema)| pattern == "^x-" && *schema == Value::Object(Map::new())),
        ("additionalProperties", schema) => value.as_object().is_none_or(|keys| {
            let known = keywords.get("properties").and_then(Value::as_object);
            let may_be_own = keywords.contains_key("patternProperties");
            let others = keys.iter().filter(|(name, _)| !known.is_some_and(|known| known.contains_key(*name)) && !(may_be_own && name.starts_with("x-")));
            others.into_iter().all(|(_, value)| accepts(schema, value))
        }),
        ("allOf", Value::Array(schemas)) => schemas.iter().all(|schema| accepts(schema, value)),
        ("if", condition) => !accepts(condition, value) || keywords.get("then").is_none_or(|then| accepts(then, value)),
        ("then", _) => keywords.contains_key("if"),
        _ => false,
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn check(name: &str) -> Option<Check> {
    FORMATS.iter().find(|(format, ..)| *format == name).map(|(.., check)| *check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::schema::Schema;
    use crate::source::Sources;
    use crate::yaml::{self, Accept};
    use std::path::{Path, PathBuf};

    fn repository(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    #[test]
    fn the_committed_rules_are_those_of_the_types() {
        let mut made = serde_json::to_string(&rules(&Schema::new().document)).expect("it is JSON");
        made.push('\n');
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(repository("src/profile/quick.json"), &made).expect("it can be written");
        }
        let committed = std::fs::read_to_string(repository("src/profile/quick.json")).unwrap_or_default();
        assert!(made == committed, "src/profile/quick.json is not what the types say: UPDATE=1 cargo test");
    }

    /// All YAML files of the repository that hold one document, as JSON.
    fn samples() -> Vec<Value> {
        let mut found = Vec::new();
        let mut open = ["profiles", "tests", "golden"].map(repository).to_vec();
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(next).expect("a readable folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if let Some(text) = std::fs::read_to_string(&path).ok().filter(|_| path.extension().is_some_and(|ending| ending == "yaml")) {
                    let id = Sources::default().add(&path, String::new(), String::new());
                    found.extend(yaml::parse_one(id, &text, Accept::RENDERED).ok().flatten().map(|node| node.to_json()));
                }
            }
        }
        found
    }

    /// The value with one part of it changed, for each part and each change.
    fn changed(value: &Value) -> Vec<Value> {
        let others = [
            Value::Null,
            0.into(),
            (-1).into(),
            1.5.into(),
            100_000_000.into(),
            true.into(),
            "".into(),
            "x".into(),
            Value::Array(Vec::new()),
            serde_json::json!({}),
            serde_json::json!({ "x-y": 1 }),
        ];
        let mut found = others.to_vec();
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    found.extend(changed(item).into_iter().map(|other| {
                        let mut items = items.clone();
                        items[at] = other;
                        Value::Array(items)
                    }));
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    let mut without = fields.clone();
                    without.shift_remove(name);
                    found.push(Value::Object(without.clone()));
                    without.insert(format!("{name}x"), field.clone());
                    found.push(Value::Object(without));
                    found.extend(changed(field).into_iter().map(|other| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), other);
                        Value::Object(fields)
                    }));
                }
            }
            _ => {}
        }
        found
    }

    /// The quick yes is the validator's, for everything that lies in the repository and for whatever is one step from a right profile.
    #[test]
    fn the_validator_says_the_same() {
        let (quick, schema) = (Quick::new(), Schema::new());
        let samples = samples();
        let right: Vec<&Value> = samples.iter().filter(|sample| quick.accepts(sample)).collect();
        assert!(right.len() > 40 && samples.len() > right.len() + 40, "{} of {}", right.len(), samples.len());
        let largest = right.iter().max_by_key(|sample| sample.to_string().len()).expect("there is one");
        for sample in samples.iter().chain(&changed(largest)) {
            assert_eq!(quick.accepts(sample), schema.validator.is_valid(sample), "{sample:#}");
        }
    }
}
