//! What a service says in the words of Compose or of Kubernetes comes out as it is.

#[path = "support/in_process.rs"]
mod in_process;
mod support;
#[path = "support/texts.rs"]
mod texts;

use in_process::{Renderer, document, documents, quote};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use texts::{runner, text};

fn profile(name: &str, text: &str) -> String {
    let (name, text) = (quote(name), quote(text));
    format!(
        "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: production}}\nservices:\n  worker:\n    kind: worker\n    image: {{name: example/worker, tag: '1'}}\n    \
         command: [work]\n    compose:\n      labels: {{team: {text}}}\n      extra_hosts: [{text}, b]\n      annotations: {{{name}: {{deep: [1, true, {text}, {{}}, []]}}}}\n    \
         kubernetes:\n      pod: {{nodeSelector: {{{name}: {text}}}, tolerations: [{{key: {text}, tolerationSeconds: 5}}, {{}}]}}\n      \
         container: {{workingDir: {text}, tty: true}}\n      annotations: {{team: {text}}}\n\
         targets: {{compose: {{}}, kubernetes: {{}}}}\n"
    )
}

/// Every dollar is two for Compose.
fn doubled(value: &Value) -> Value {
    match value {
        Value::String(text) => text.replace('$', "$$").into(),
        Value::Array(items) => items.iter().map(doubled).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), doubled(value))).collect()),
        other => other.clone(),
    }
}

#[test]
fn any_text_comes_out_as_it_is() {
    let renderer = RefCell::new(Renderer::new());
    let result = runner(100).run(&("[ -~]{1,20}|[a-z]{1,260}|\\PC{0,6}", text()), |(name, text)| {
        let text = text.0;
        let result = renderer.borrow_mut().render(&profile(&name, &text));
        let is_name = (1..=253).contains(&name.len()) && name.chars().all(|c| (' '..='~').contains(&c));
        if !is_name || text.contains('\0') {
            prop_assert!(result.is_err());
            return Ok(());
        }
        let files = result.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        let service = &document(&files["docker-compose.prod.yml"])["services"]["worker"];
        prop_assert_eq!(&service["labels"]["team"], &doubled(&json!(text)));
        prop_assert_eq!(&service["extra_hosts"], &doubled(&json!([text, "b"])));
        prop_assert_eq!(&service["annotations"], &doubled(&json!({ &name: { "deep": [1, true, text, {}, []] } })));
        let deployment = documents(&files["k8s/worker.yaml"]).into_iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let template = &deployment["spec"]["template"];
        prop_assert_eq!(&template["metadata"]["annotations"]["team"], &json!(text));
        prop_assert_eq!(&template["spec"]["nodeSelector"], &json!({ &name: text }));
        prop_assert_eq!(&template["spec"]["tolerations"], &json!([{ "key": text, "tolerationSeconds": 5 }, {}]));
        let container = &template["spec"]["containers"][0];
        prop_assert_eq!((&container["workingDir"], &container["tty"]), (&json!(text), &json!(true)));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
