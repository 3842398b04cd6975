//! Any text in a field that reaches the env file's template is refused with the field's name, or stays what it is in every file.

#[path = "support/in_process.rs"]
mod in_process;
mod support;
#[path = "support/texts.rs"]
mod texts;

use in_process::{Files, Renderer, document, documents, quote};
use infragen::diagnostics::Diagnostic;
use infragen::envfile::parse;
use proptest::prelude::*;
use std::cell::RefCell;
use texts::{runner, text};

const PATHS: [&str; 5] = [
    "services.web.env.LEVEL.param.default",
    "services.web.env.LEVEL.param.description",
    "services.web.env.LEVEL.param.section",
    "secrets.KEY.description",
    "secrets.KEY.section",
];

fn profile(texts: &[String; 5], environment: &str) -> String {
    let [default, about, section, key_about, key_section] = texts.each_ref().map(|text| quote(text));
    format!(
        "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: {environment}}}\nservices:\n  web:\n    kind: web\n    image: {{name: example/web, tag: '1'}}\n    port: 8080\n    \
         health: {{command: [check]}}\n    env:\n      LEVEL: {{param: {{default: {default}, description: {about}, section: {section}}}}}\n    secrets: {{KEY: {{}}}}\nsecrets:\n  \
         KEY: {{description: {key_about}, section: {key_section}}}\ntargets: {{compose: {{}}, kubernetes: {{}}, dotenv: {{}}, scripts: {{}}}}\n"
    )
}

/// Half of them as they come, half of them cut to what a line of an env file may hold.
fn five() -> impl Strategy<Value = [String; 5]> {
    let any = || text().prop_map(|text| text.0);
    let plain = || any().prop_map(|text| text.chars().filter(|c| !c.is_control() && !"'\"`\\$#{}\u{2028}\u{2029}".contains(*c)).take(200).collect::<String>());
    let one = || prop_oneof![any(), plain().prop_map(|text| text.trim().to_owned()), plain().prop_map(|text| format!("a{}b", text.trim()))];
    [one(), one(), one(), one(), one()]
}

fn check(files: &Files, texts: &[String; 5], environment: &str) {
    let [default, about, section, key_about, key_section] = texts;
    let example = &files[&format!(".env.{environment}.example")];
    // A heading and a comment keep to their lines.
    for line in [section, key_section].map(|title| format!("# --- {} ---", title.trim_end())) {
        assert!(example.lines().any(|other| other == line.trim_end()), "`{line}` is not in\n{example}");
    }
    for line in [about, key_about].map(|about| format!("# {}", about.trim_end())) {
        assert!(line == "# " || example.lines().any(|other| other.trim_end() == line), "`{line}` is not in\n{example}");
    }
    let parsed = parse(example);
    assert!(parsed.is_readable_by_compose() && parsed.values().keys().eq(["KEY"].iter()), "{example}");
    // Its comment mark removed, the default is what Compose reads.
    let line = example.lines().find(|line| line.starts_with("# LEVEL=")).unwrap_or_else(|| panic!("no default in\n{example}"));
    assert_eq!(parse(&format!("{}\n", &line[2..])).values().get("LEVEL"), Some(&default.as_str()), "{line}");
    let compose = files.iter().find(|(path, _)| path.starts_with("docker-compose")).map(|(_, text)| document(text)).expect("a Compose file");
    assert_eq!(compose["services"]["web"]["environment"]["LEVEL"], format!("${{LEVEL:-{default}}}"));
    let deployment = documents(&files["k8s/web.yaml"]).into_iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["env"][0]["valueFrom"]["configMapKeyRef"]["key"], "LEVEL");
    let map = files.get("k8s/config.yaml").map(|text| documents(text).remove(0));
    let value = map.as_ref().and_then(|map| map["data"]["LEVEL"].as_str()).unwrap_or_default();
    assert_eq!(value, default);
    // None of it is a part of a script, but for the names.
    assert!(files["scripts/validate_config.sh"].contains("\nvariable LEVEL parameter no 1 text\n"));
}

fn paths(errors: &[Diagnostic]) -> Vec<String> {
    errors.iter().map(|error| error.path.as_ref().map_or_else(|| error.message.clone(), ToString::to_string)).collect()
}

#[test]
fn texts_of_the_env_file_survive_or_are_refused_by_name() {
    let renderer = RefCell::new(Renderer::new());
    let counts = RefCell::new([0, 0]);
    let strategy = (five(), proptest::sample::select(&["production", "staging", "development"][..]));
    let result = runner(600).run(&strategy, |(texts, environment)| {
        match renderer.borrow_mut().render(&profile(&texts, environment)) {
            Ok(files) => {
                check(&files, &texts, environment);
                counts.borrow_mut()[0] += 1;
            }
            Err(errors) => {
                for (path, error) in paths(&errors).iter().zip(&errors) {
                    prop_assert!(PATHS.contains(&path.as_str()) && error.message.contains(path.as_str()), "{error:?}");
                }
                counts.borrow_mut()[1] += 1;
            }
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let [right, refused] = *counts.borrow();
    assert!(right > 20 && refused > 20, "{right} rendered, {refused} refused");
}
