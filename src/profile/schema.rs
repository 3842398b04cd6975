//! The JSON Schema of a profile (draft-07), made from the types of [`super::model`].
//!
//! `schemars` describes types; editors and exact messages need a little more: closed objects, one enum in place of many
//! alternatives, and tagged unions as conditions, so that only the chosen variant speaks.

use super::model::Profile;
use super::variants;
use crate::values::FORMATS;
use jsonschema::{Draft, Validator};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The prepared schema: the document and its validator.
pub struct Schema {
    /// The whole schema, with everything that a complete profile requires.
    pub document: Value,
    /// Its validator. Formats are checked by the parsers of [`crate::values`].
    pub validator: Validator,
}

impl Default for Schema {
    fn default() -> Self {
        Self::new()
    }
}

impl Schema {
    /// Prepares the schema.
    ///
    /// # Panics
    /// Never for a schema that the tests have seen: it is made from types alone.
    pub fn new() -> Self {
        let mut document = generate();
        // The parsers behind `format` are exact; checking the editors' patterns, too, would report everything twice.
        walk(&mut document, &mut |object| {
            object.remove("pattern");
        });
        let mut options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true);
        for (format, _, _, _, check) in FORMATS {
            options = options.with_format(*format, move |text: &str| check(text).is_ok());
        }
        let validator = options.build(&document).expect("internal error: the schema of the profile is not a schema");
        Self { document, validator }
    }
}

/// The schema for editors: a profile that extends others may inherit any key, and a part of others may leave any to them; so what is
/// required is so in a profile that stands by itself.
pub fn published() -> Value {
    let mut document = generate();
    let whole = requirements(&document);
    walk(&mut document, &mut |object| {
        object.remove("required");
        a_name(object);
        a_number(object);
        // Without it, editors show the marks around `code` as they are.
        if let Some(text) = object.get("description").filter(|text| text.as_str().is_some_and(|text| text.contains('`'))).cloned() {
            object.insert("markdownDescription".into(), text);
        }
        // A condition on a key holds only where the key is written.
        if let Some(Value::Object(condition)) = object.get_mut("if") {
            let keys: Vec<Value> = condition.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.keys()).map(|key| json!(key)).collect();
            condition.insert("required".into(), keys.into());
        }
    });
    let root = document.as_object_mut().expect("internal error: the schema is an object");
    let is_part = json!({ "anyOf": [{ "required": ["extends"] }, { "required": ["abstract"], "properties": { "abstract": { "const": true } } }] });
    root.insert("if".into(), is_part);
    root.insert("then".into(), json!({}));
    let mut whole = whole.unwrap_or_else(|| json!({}));
    variants::require(&mut whole);
    root.insert("else".into(), whole);
    // Editors would call every map by it.
    root.shift_remove("title");
    document
}

/// [`published`], with each map in the form that the keys written in it leave, and `rules` (name, and what it finds) where one is
/// expected: the file that editors read.
pub fn for_editors(rules: &[(&str, String)]) -> Value {
    let mut document = published();
    if let Some(Value::Object(rule)) = document.pointer_mut("/properties/waivers/additionalProperties/properties/rule") {
        let (names, texts): (Vec<&str>, Vec<String>) = rules.iter().cloned().unzip();
        rule.retain(|key, _| !["format", "pattern", "examples"].contains(&key.as_str()));
        rule.insert("enum".into(), names.into());
        rule.insert("enumDescriptions".into(), texts.clone().into());
        rule.insert("markdownEnumDescriptions".into(), texts.into());
        rule.insert("errorMessage".into(), "Expected a rule, as `infragen lint` names it".into());
    }
    variants::split(&mut document);
    document
}

/// Editors offer a name by its title, and show a pattern that stands beside it. A closed list of names is offered as such.
fn a_name(object: &mut Map<String, Value>) {
    let Some(Value::Object(name)) = object.get_mut("propertyNames") else { return };
    let (Some(pattern), Some(message)) = (name.shift_remove("pattern"), name.shift_remove("errorMessage")) else { return };
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let list = pattern.as_str().and_then(|pattern| pattern.strip_prefix("^(")?.strip_suffix(")$"));
    let words: Vec<&str> = list.iter().flat_map(|list| list.split('|')).collect();
    let text = message.as_str().map(|text| text.trim_start_matches("Expected ").to_owned()).unwrap_or_default();
    name.insert("description".into(), format!("Here: {text}.").into());
    if !words.is_empty() && words.iter().all(is_word) {
        name.insert("enum".into(), words.into());
        name.insert("errorMessage".into(), message);
        return;
    }
    name.insert("title".into(), name.get("format").cloned().unwrap_or_else(|| json!("name")));
    name.insert("allOf".into(), json!([{ "pattern": pattern, "errorMessage": message }]));
}

/// Editors fill in 0 for a number that has no example: the one that its text names is better, or at least the smallest that is accepted.
fn a_number(object: &mut Map<String, Value>) {
    if object.get("type") != Some(&json!("integer")) || object.contains_key("examples") || object.contains_key("enum") {
        return;
    }
    let text = object.get("description").and_then(Value::as_str).unwrap_or_default();
    let named = ["Default: `", "Example: `"].iter().find_map(|start| text.split_once(start)?.1.split('`').next()?.parse::<i64>().ok());
    let least = object.get("minimum").and_then(Value::as_i64).filter(|least| *least > 0);
    if let Some(number) = named.or(least) {
        object.insert("examples".into(), json!([number]));
    }
}

fn generate() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut document = settings.into_generator().into_root_schema_for::<Profile>().to_value();
    walk(&mut document, &mut |object| {
        drop_null(object);
        drop_noise(object);
        enumeration(object);
        tagged_union(object);
        close(object);
    });
    document
}

/// A schema that says which keys are required, and nothing else; `None` if none is.
fn requirements(schema: &Value) -> Option<Value> {
    let mut found = Map::new();
    if let Some(required) = schema.get("required") {
        found.insert("required".into(), required.clone());
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        let below: Map<String, Value> = properties.iter().filter_map(|(key, schema)| Some((format!("^{key}$"), requirements(schema)?))).collect();
        if !below.is_empty() {
            // Of patterns, editors offer nothing: what is a property is offered with its text already.
            found.insert("patternProperties".into(), below.into());
        }
    }
    for key in ["additionalProperties", "items"] {
        if let Some(below) = schema.get(key).and_then(requirements) {
            found.insert(key.into(), below);
            let patterns = found.entry("patternProperties").or_insert_with(|| json!({}));
            patterns["^x-"] = json!({});
        }
    }
    // What the variants of a tagged union require.
    if let Some(Value::Array(conditions)) = schema.get("allOf") {
        let below: Vec<Value> = conditions.iter().filter_map(|one| Some(json!({ "if": one.get("if")?, "then": requirements(one.get("then")?)? }))).collect();
        if !below.is_empty() {
            found.insert("allOf".into(), below.into());
        }
    }
    (!found.is_empty()).then(|| found.into())
}

/// Visits every schema object, children first.
fn walk(schema: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(object) = schema.as_object_mut() else { return };
    for key in ["properties", "patternProperties", "definitions"] {
        if let Some(Value::Object(children)) = object.get_mut(key) {
            for child in children.values_mut() {
                walk(child, visit);
            }
        }
    }
    for key in ["items", "additionalProperties", "propertyNames", "if", "then", "else", "not"] {
        if let Some(child) = object.get_mut(key) {
            walk(child, visit);
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(children)) = object.get_mut(key) {
            for child in children {
                walk(child, visit);
            }
        }
    }
    visit(object);
}

/// An optional key is absent, never null.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(alternatives)) = object.get_mut(key) else { continue };
        let before = alternatives.len();
        alternatives.retain(|alternative| alternative != &json!({ "type": "null" }));
        // A choice of one word stays a choice: it has a text of its own.
        if let ([Value::Object(only)], true) = (alternatives.as_slice(), alternatives.len() < before && alternatives[0].get("const").is_none()) {
            let only = only.clone();
            object.remove(key);
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// Rust's integer formats say nothing to people, and defaults stand in the texts.
fn drop_noise(object: &mut Map<String, Value>) {
    if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
        object.remove("format");
    }
    object.remove("default");
}

/// `oneOf` constants become one `enum` with a text for each value.
fn enumeration(object: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = object.get("oneOf") else { return };
    if !alternatives.iter().all(|alternative| alternative.get("const").is_some()) {
        return;
    }
    let values: Vec<Value> = alternatives.iter().map(|alternative| alternative["const"].clone()).collect();
    let texts: Vec<Value> = alternatives.iter().map(|alternative| alternative.get("description").cloned().unwrap_or_else(|| json!(""))).collect();
    object.remove("oneOf");
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), values.into());
    object.insert("enumDescriptions".into(), texts.clone().into());
    object.insert("markdownEnumDescriptions".into(), texts.into());
}

/// `oneOf` objects that differ in a constant property become conditions on that property.
fn tagged_union(object: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = object.get("oneOf").cloned() else { return };
    let tag = alternatives.first().and_then(|first| {
        let properties = first.get("properties")?.as_object()?;
        properties.iter().find(|(_, schema)| schema.get("const").is_some()).map(|(name, _)| name.clone())
    });
    let Some(tag) = tag else { return };
    let (mut values, mut texts, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
    for mut alternative in alternatives {
        let value = alternative["properties"][&tag]["const"].clone();
        texts.push(alternative.get("description").cloned().unwrap_or_else(|| json!("")));
        if let Some(variant) = alternative.as_object_mut() {
            variant.remove("description");
            variant.remove("type");
            variant.remove("additionalProperties");
            variant["properties"][&tag] = json!({});
            close(variant);
        }
        conditions.push(json!({ "if": { "properties": { &tag: { "const": value } }, "required": [&tag] }, "then": alternative }));
        values.push(value);
    }
    object.remove("oneOf");
    object.insert("type".into(), json!("object"));
    object.insert("required".into(), json!([&tag]));
    object.insert(
        "properties".into(),
        json!({ &tag: {
            "description": "Which one it is. The other keys depend on it.",
            "type": "string", "enum": values, "enumDescriptions": texts, "markdownEnumDescriptions": texts,
        } }),
    );
    object.insert("allOf".into(), conditions.into());
    // Closed by its variants: properties of a variant are unknown here.
    object.insert("additionalProperties".into(), json!(true));
}

/// An object of known keys takes no other, but for `x-` keys.
fn close(object: &mut Map<String, Value>) {
    let is_condition = object.get("properties").and_then(Value::as_object).is_some_and(|p| p.values().any(|schema| schema.get("const").is_some()));
    let known = object.contains_key("properties") || object.get("type") == Some(&json!("object"));
    if known && !is_condition && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".into(), json!(false));
        object.insert("patternProperties".into(), json!({ "^x-": {} }));
    }
}
