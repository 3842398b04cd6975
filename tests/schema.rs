//! The published schema is what the program prints, says what each key is, and takes every shipped profile.

mod support;

use infragen::source::Sources;
use infragen::yaml::{self, Accept};
use serde_json::{Value, json};
use std::path::Path;
use support::{Project, assert_none, compare, repository, text_of, tree};

const FILE: &str = "schema/profile.schema.json";
/// Samples that only infragen refuses: a pattern cannot count, a number has none, and what one key may be depends on another, or on a target.
const BLIND: [&str; 19] = [
    "base64-length.yaml",
    "choice-of-another-format.yaml",
    "cpu-negative.yaml",
    "cpu-too-much.yaml",
    "cpu-zero.yaml",
    "cron.yaml",
    "escape-kind.yaml",
    "escape-key.yaml",
    "escape-name.yaml",
    "first-file.yaml",
    "label.yaml",
    "log-option.yaml",
    "default-of-another-format.yaml",
    "default-of-no-choice.yaml",
    "default-out-of-range.yaml",
    "no-reporter.yaml",
    "parameter.yaml",
    "size-of-postgresql.yaml",
    "workers.yaml",
];

/// Samples of keys that are missing or misplaced because of several others, or of another section: an editor looks at one map at a time.
const AFAR: [&str; 34] = [
    "alias-of-nothing.yaml",
    "cluster-issuer.yaml",
    "delivery-of-no-secret.yaml",
    "edge-without-nginx.yaml",
    "empty-patch.yaml",
    "escape-of-what-is-rendered.yaml",
    "format-of-a-generated-secret.yaml",
    "headers-without-a-request.yaml",
    "health-tcp.yaml",
    "host-of-an-own-store.yaml",
    "hsts.yaml",
    "label-of-the-manifests.yaml",
    "least-of-bytes.yaml",
    "length-of-a-connection-string.yaml",
    "log-group.yaml",
    "log-size-as-option.yaml",
    "log-size-of-syslog.yaml",
    "no-service.yaml",
    "no-services-key.yaml",
    "nothing-to-run.yaml",
    "options-of-no-logs.yaml",
    "port-that-nobody-asks.yaml",
    "range-of-a-text.yaml",
    "run-of-another-image.yaml",
    "scheme-of-a-host.yaml",
    "setting-of-postgresql.yaml",
    "setting-of-redis.yaml",
    "size-of-an-external-backup.yaml",
    "size-of-the-volume-of-a-cache.yaml",
    "storage-without-persistence.yaml",
    "user-without-password.yaml",
    "value-from-nowhere.yaml",
    "version-of-pip.yaml",
    "without.yaml",
];

fn published() -> Value {
    Project::empty().run("schema").status(0).quiet().json()
}

/// Every schema below `schema`, with its place: `visit` gets the objects that describe a value, not conditions on one.
fn each(place: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    visit(place, schema);
    for (name, child) in schema["properties"].as_object().into_iter().flatten() {
        each(&format!("{place}/{name}"), child, visit);
    }
    for (name, child) in schema["definitions"].as_object().into_iter().flatten() {
        each(&format!("{place}/{name}"), child, visit);
    }
    // What is required of a whole profile describes nothing.
    let branches = if schema["definitions"].is_object() { &[][..] } else { &["then", "else"] };
    for key in ["items", "additionalProperties", "propertyNames"].iter().chain(branches) {
        if schema[*key].is_object() {
            each(&format!("{place}/{key}"), &schema[*key], visit);
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for (at, child) in schema[key].as_array().into_iter().flatten().enumerate() {
            let then = if child["then"].is_object() { &child["then"] } else { child };
            each(&format!("{place}/{key}[{at}]"), then, visit);
        }
    }
}

/// A YAML text as JSON.
fn json_of(text: &str) -> Option<Value> {
    let id = Sources::default().add(Path::new(""), String::new(), String::new());
    yaml::parse_one(id, text, Accept::PROFILE).ok().flatten().map(|node| node.to_json())
}

#[test]
fn the_committed_schema_is_the_printed_one() {
    let printed = Project::empty().run("schema").status(0).quiet().stdout;
    assert!(printed.ends_with("}\n") && !printed.contains('\r'));
    if let Err(difference) = compare(FILE, &printed) {
        panic!("{difference}");
    }
}

#[test]
fn it_is_a_schema_of_draft_7() {
    let schema = published();
    assert_eq!(schema["$schema"], json!("http://json-schema.org/draft-07/schema#"));
    assert_eq!(schema["title"], serde_json::Value::Null, "editors would call every map by it");
    if let Err(error) = jsonschema::draft7::meta::validate(&schema) {
        panic!("{error}");
    }
    // An editor has this file and nothing else.
    each("", &schema, &mut |place, part| {
        let elsewhere = part["$ref"].as_str().filter(|reference| reference.strip_prefix('#').is_none_or(|at| schema.pointer(at).is_none()));
        assert_eq!(elsewhere, None, "{place} refers to something else");
    });
}

#[test]
fn every_key_and_every_choice_is_described() {
    let mut missing = Vec::new();
    let schema = published();
    let is_text = |text: &Value| text.as_str().is_some_and(|text| text.ends_with('.') && text.starts_with(|c: char| !c.is_ascii_lowercase()));
    each("", &schema, &mut |place, schema| {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // The variants of a tagged union repeat the tag, which is described beside them, or refer to what is described once.
            let is_tag = property == &json!({}) || property["doNotSuggest"] == true || property["$ref"].is_string();
            if !is_tag && !is_text(&property["description"]) {
                missing.push(format!("{place}/{name} has no description that is a sentence: {}", property["description"]));
            }
        }
        // Names of a closed list say what they are.
        let choices = schema["enum"].as_array().filter(|choices| schema["format"].is_null() && choices.iter().all(Value::is_string));
        for (at, choice) in choices.into_iter().flatten().enumerate() {
            for key in ["enumDescriptions", "markdownEnumDescriptions"] {
                if !is_text(&schema[key][at]) {
                    missing.push(format!("{place}: {choice} has no sentence in {key}"));
                }
            }
        }
        // Editors fill a number in by its example, and 0 where there is none.
        let bound = |key: &str| schema[key].as_i64();
        let filled_in = schema["examples"][0].as_i64().or(schema["enum"][0].as_i64()).unwrap_or(0);
        if schema["type"] == "integer" && (bound("minimum").is_some_and(|least| filled_in < least) || bound("maximum").is_some_and(|most| filled_in > most)) {
            missing.push(format!("{place}: {filled_in} would be filled in, which is not accepted"));
        }
        if schema["pattern"].is_string() && !schema["errorMessage"].is_string() {
            missing.push(format!("{place}: without `errorMessage`, an editor would show the pattern"));
        }
    });
    assert_none(&missing);
}

#[test]
fn every_object_is_closed() {
    let mut open = Vec::new();
    let schema = published();
    let mut objects = 0;
    // A map of variants is closed in each of them, which are visited, too.
    let is_closed = |schema: &Value| schema["additionalProperties"] == false || schema["else"].is_object();
    each("", &schema, &mut |place, schema| {
        let kinds = &schema["type"];
        let is_object = kinds == "object" || kinds.as_array().is_some_and(|kinds| kinds.contains(&json!("object"))) || schema["properties"].is_object();
        objects += usize::from(is_object);
        // A tagged union is open itself: each of its variants is closed, and is visited, too.
        let closed_by_variants = schema["else"].is_object()
            || (schema["allOf"].is_array() && schema["allOf"].as_array().into_iter().flatten().all(|variant| is_closed(&variant["then"])));
        if is_object && !is_closed(schema) && !schema["additionalProperties"].is_object() && !closed_by_variants {
            open.push(format!("{place} takes any key"));
        }
    });
    assert!(objects > 30, "the walk sees the objects");
    assert_none(&open);
}

#[test]
fn every_shipped_profile_is_valid_in_an_editor() {
    let schema = published();
    let validator = jsonschema::draft7::new(&schema).expect("it is a schema");
    let mut failures = Vec::new();
    let profiles = tree(&repository("profiles"));
    assert!(!profiles.is_empty());
    for file in profiles.keys() {
        let text = text_of(&format!("profiles/{file}"));
        let modeline = "# yaml-language-server: $schema=../schema/profile.schema.json";
        if text.lines().next() != Some(modeline) {
            failures.push(format!("profiles/{file} does not start with `{modeline}`"));
        }
        let json = json_of(&text).unwrap_or_default();
        failures.extend(validator.iter_errors(&json).map(|error| format!("profiles/{file}: {}: {error}", error.instance_path())));
    }
    assert!(repository("profiles").join("../schema/profile.schema.json").is_file(), "the modeline leads to the schema");
    assert_none(&failures);
}

/// What infragen refuses because of the schema is underlined by an editor, too: in the samples that are one file.
#[test]
#[allow(clippy::case_sensitive_file_extension_comparisons)]
fn editors_see_what_the_schema_refuses() {
    let schema = published();
    let validator = jsonschema::draft7::new(&schema).expect("it is a schema");
    let mut blind = Vec::new();
    let mut seen = 0;
    for code in ["unknown-key", "wrong-type", "out-of-range", "invalid-value", "invalid-name", "empty-value", "missing-key", "misplaced-key"] {
        for (file, text) in tree(&repository("tests/invalid").join(code)) {
            let text = String::from_utf8(text).unwrap_or_default();
            // Where files are merged, the mistake may stand in the sum of them only.
            if !file.ends_with(".yaml") || file.contains('/') || text.contains("extends:") {
                continue;
            }
            seen += 1;
            if BLIND.contains(&file.as_str()) || AFAR.contains(&file.as_str()) {
                continue;
            }
            if json_of(&text).is_some_and(|json| validator.is_valid(&json)) {
                blind.push(format!("tests/invalid/{code}/{file}"));
            }
        }
    }
    assert!(seen > 5, "the samples are found");
    assert_none(&blind);
}
