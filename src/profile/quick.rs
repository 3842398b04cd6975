//! A quick yes: most profiles are right, and the whole schema with its validator is prepared only where one may not be.
//!
//! `quick.json` is the schema that [`super::schema`] makes from the types, without the texts for people. It is made by
//! `UPDATE=1 cargo test`, which compares the two, too.

use crate::values::{Check, FORMATS};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The rules of a complete profile.
pub struct Quick {
    rules: Option<Rule>,
}

impl Quick {
    /// Reads the rules.
    pub fn new() -> Self {
        // Rules that cannot be read accept nothing: then the validator decides.
        Self { rules: serde_json::from_str(include_str!("quick.json")).ok() }
    }

    /// True if the schema accepts a profile. False says nothing: the validator knows more.
    pub fn accepts(&self, profile: &Value) -> bool {
        self.rules.as_ref().is_some_and(|rules| rules.accepts(profile))
    }
}

/// A schema: those keywords of JSON Schema that the types make. Any other, and any other use of one, is refused.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    r#type: Kinds,
    r#enum: Option<Vec<Value>>,
    r#const: Option<Value>,
    format: Option<Format>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    min_items: usize,
    min_properties: usize,
    items: Option<Box<Rule>>,
    required: Vec<String>,
    property_names: Option<Box<Rule>>,
    properties: BTreeMap<String, Rule>,
    pattern_properties: Option<OwnKeys>,
    additional_properties: Others,
    all_of: Vec<Rule>,
    any_of: Vec<Rule>,
    r#if: Option<Box<Rule>>,
    then: Option<Box<Rule>>,
}

/// Names of kinds of values; none for any.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Kinds {
    #[default]
    Any,
    One(Kind),
    Several(Vec<Kind>),
}

/// A kind of values.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
}

/// The reader behind the name of a format.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Format(Check);

impl TryFrom<String> for Format {
    type Error = &'static str;
    fn try_from(name: String) -> Result<Self, Self::Error> {
        FORMATS.iter().find(|(format, ..)| *format == name).map(|(.., check)| Self(*check)).ok_or("no such format")
    }
}

/// The only pattern that there is: `x-` keys hold anything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnKeys {
    #[serde(rename = "^x-")]
    _anything: Nothing,
}

/// `{}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What a key that has no name of its own may hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Others {
    /// Anything, or nothing.
    May(bool),
    /// What this accepts.
    If(Box<Rule>),
}

impl Default for Others {
    fn default() -> Self {
        Self::May(true)
    }
}

impl Rule {
    fn accepts(&self, value: &Value) -> bool {
        let kinds = match &self.r#type {
            Kinds::Any => &[],
            Kinds::One(kind) => std::slice::from_ref(kind),
            Kinds::Several(kinds) => kinds.as_slice(),
        };
        let of_its_kind = match value {
            Value::String(text) => self.format.as_ref().is_none_or(|format| format.0(text).is_ok()),
            Value::Number(number) => self.accepts_number(number.as_f64().unwrap_or(f64::NAN)),
            Value::Array(items) => items.len() >= self.min_items && self.items.as_ref().is_none_or(|rule| items.iter().all(|item| rule.accepts(item))),
            Value::Object(keys) => self.accepts_keys(keys),
            Value::Null | Value::Bool(_) => true,
        };
        of_its_kind
            && (kinds.is_empty() || kinds.iter().any(|kind| kind.is(value)))
            && self.r#enum.as_ref().is_none_or(|choices| choices.contains(value))
            && self.r#const.as_ref().is_none_or(|only| only == value)
            && self.all_of.iter().all(|rule| rule.accepts(value))
            && (self.any_of.is_empty() || self.any_of.iter().any(|rule| rule.accepts(value)))
            && match (&self.r#if, &self.then) {
                (Some(condition), Some(then)) => !condition.accepts(value) || then.accepts(value),
                _ => true,
            }
    }

    fn accepts_number(&self, number: f64) -> bool {
        self.minimum.is_none_or(|least| number >= least) && self.maximum.is_none_or(|most| number <= most)
    }

    fn accepts_keys(&self, keys: &Map<String, Value>) -> bool {
        keys.len() >= self.min_properties
            && self.required.iter().all(|name| keys.contains_key(name))
            && self.property_names.as_ref().is_none_or(|rule| keys.keys().all(|name| rule.accepts(&Value::String(name.clone()))))
            && keys.iter().all(|(name, value)| match (self.properties.get(name), &self.additional_properties) {
                (Some(rule), _) => rule.accepts(value),
                (None, _) if self.pattern_properties.is_some() && name.starts_with("x-") => true,
                (None, Others::May(may)) => *may,
                (None, Others::If(rule)) => rule.accepts(value),
            })
    }
}

impl Kind {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::schema::Schema;
    use crate::source::Sources;
    use crate::yaml::{self, Accept};
    use std::path::{Path, PathBuf};

    /// Keywords that say something to people only.
    const TEXTS: [&str; 9] =
        ["$schema", "title", "description", "examples", "pattern", "errorMessage", "enumDescriptions", "markdownEnumDescriptions", "deprecated"];

    /// A schema without what is for people only.
    fn rules(schema: &Value) -> Value {
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
