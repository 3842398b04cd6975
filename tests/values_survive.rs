//! Any text in a free-text field is refused with the field's name, or comes out of every file as exactly that text.

#[path = "support/in_process.rs"]
mod in_process;
mod support;
#[path = "support/texts.rs"]
mod texts;

use in_process::{Files, Renderer, document, documents, quote};
use infragen::diagnostics::Diagnostic;
use proptest::prelude::*;
use serde_json::Value;
use std::cell::RefCell;
use texts::{Text, runner, text};

/// One text for each free-text field.
struct Texts {
    env: String,
    shared: String,
    arg: String,
    check: String,
    about: String,
    file: String,
}

fn all() -> impl Strategy<Value = Texts> {
    let text = || text().prop_map(|text| text.0);
    let sentence = prop_oneof![
        text(),
        text()
            .prop_map(|text| text.chars().filter(|c| !c.is_control() && !"\u{2028}\u{2029}".contains(*c)).collect())
            .prop_filter("empty", |text: &String| !text.is_empty())
    ];
    (text(), text(), text(), text(), sentence, text()).prop_map(|(env, shared, arg, check, about, file)| Texts { env, shared, arg, check, about, file })
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts = [&self.env, &self.shared, &self.arg, &self.check, &self.about, &self.file];
        f.debug_list().entries(texts.map(|text| Text(text.clone()))).finish()
    }
}

impl Texts {
    /// `own` is built here, so its image runs the command; `worker` runs an image of somebody else's.
    fn profile(&self, environment: &str) -> String {
        let [env, shared, arg, check, about, file] = [&self.env, &self.shared, &self.arg, &self.check, &self.about, &self.file].map(|text| quote(text));
        format!(
            "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: {environment}}}\nservices:\n  own:\n    kind: web\n    image: {{name: example/own, tag: '1'}}\n    \
             build: {{runtime: python, version: '3.12'}}\n    port: 8080\n    command: [serve, {arg}]\n    health: {{command: [check, {check}]}}\n    env: {{TEXT: {env}}}\n    \
             env_from: [common]\n    files: {{/etc/text: {{text: {file}}}}}\n    secrets: {{KEY: {{}}}}\n  worker:\n    kind: worker\n    image: {{name: example/worker, tag: '1'}}\n    entrypoint: [enter, {arg}]\n    command: [work, {arg}]\n    \
             health: {{command: [check, {check}]}}\n    env: {{TEXT: {env}}}\nenv_groups: {{common: {{SHARED: {shared}}}}}\nsecrets: {{KEY: {{description: {about}}}}}\n\
             targets: {{docker: {{}}, compose: {{}}, kubernetes: {{}}, dotenv: {{}}}}\n"
        )
    }

    /// The file whose text this is.
    fn content(&self) -> String {
        format!("{}\n", self.file.trim_end_matches([' ', '\t', '\n']))
    }

    /// The fields that have to be refused.
    fn refused(&self) -> Vec<&'static str> {
        let has_nul = |text: &str| text.contains('\0');
        let is_no_sentence = self.about.is_empty() || self.about.contains(|c: char| c.is_control() || "\u{2028}\u{2029}".contains(c));
        let is_no_file = self.content() == "\n" || self.file.contains(|c: char| c.is_ascii_control() && c != '\t' && c != '\n');
        let fields = [
            ("services.own.command[1]", has_nul(&self.arg)),
            ("services.own.health.command[1]", has_nul(&self.check)),
            ("services.own.env.TEXT", has_nul(&self.env)),
            ("services.own.files.\"/etc/text\".text", is_no_file),
            ("services.worker.entrypoint[1]", has_nul(&self.arg)),
            ("services.worker.command[1]", has_nul(&self.arg)),
            ("services.worker.health.command[1]", has_nul(&self.check)),
            ("services.worker.env.TEXT", has_nul(&self.env)),
            ("env_groups.common.SHARED", has_nul(&self.shared)),
            ("secrets.KEY.description", is_no_sentence),
        ];
        fields.into_iter().filter(|(_, refused)| *refused).map(|(path, _)| path).collect()
    }
}

/// What Compose makes of a text: `$$` is a dollar, any other dollar a variable or an error.
fn compose(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '$' {
            assert_eq!(chars.next(), Some('$'), "Compose would look for a variable in {text:?}");
        }
        result.push(c);
    }
    result
}

/// What Kubernetes makes of an argument, byte by byte as it does: `$(X)` is a variable, `$$` a dollar, and a character of several
/// bytes behind a lone dollar is torn apart.
fn kubernetes(text: &str) -> String {
    let (bytes, mut result, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        match (bytes[at], next) {
            (b'$', Some(b'$')) => result.push(b'$'),
            (b'$', Some(b'(')) => {
                assert!(!text[at + 2..].contains(')'), "Kubernetes would look for a variable in {text:?}");
                result.extend(b"$(");
            }
            (b'$', Some(other)) => {
                result.push(b'$');
                result.extend(char::from(other).to_string().as_bytes());
            }
            (other, _) => {
                result.push(other);
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    String::from_utf8(result).expect("it stays UTF-8")
}

fn list(value: &Value, read: fn(&str) -> String) -> Vec<String> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is no list"))
        .iter()
        .map(|item| read(item.as_str().unwrap_or_else(|| panic!("{item} is no text"))))
        .collect()
}

fn same(text: &str) -> String {
    text.to_owned()
}

/// The exec form in the only line of a Dockerfile that starts so.
fn exec(dockerfile: &str, start: &str) -> Vec<String> {
    let lines: Vec<&str> = dockerfile.split('\n').filter_map(|line| line.strip_prefix(start)).collect();
    assert_eq!(lines.len(), 1, "{dockerfile}");
    list(&serde_json::from_str(lines[0]).expect("a JSON array"), same)
}

fn check(files: &Files, texts: &Texts, environment: &str) {
    let development = environment == "development";
    let compose_file = document(&files[if development { "docker-compose.yml" } else { "docker-compose.prod.yml" }]);
    let (own, worker) = (&compose_file["services"]["own"], &compose_file["services"]["worker"]);
    let text = |value: &Value| compose(value.as_str().unwrap_or_else(|| panic!("{value} is no text")));
    assert_eq!(
        (text(&own["environment"]["TEXT"]), text(&own["environment"]["SHARED"]), text(&worker["environment"]["TEXT"])),
        (texts.env.clone(), texts.shared.clone(), texts.env.clone())
    );
    assert_eq!(list(&worker["command"], compose), ["work", &texts.arg]);
    assert_eq!(list(&worker["entrypoint"], compose), ["enter", &texts.arg]);
    for service in [own, worker] {
        assert_eq!(list(&service["healthcheck"]["test"], compose), ["CMD", "check", &texts.check]);
    }

    let dockerfile = &files[if development { "Dockerfile.dev" } else { "Dockerfile" }];
    assert_eq!(exec(dockerfile, "CMD "), ["serve", &texts.arg]);
    assert_eq!(exec(dockerfile, "    CMD "), ["check", &texts.check]);
    assert!(!dockerfile.contains(|c: char| c.is_control() && c != '\n'), "a Dockerfile holds control characters as escapes");

    let maps = documents(&files["k8s/config.yaml"]);
    let data = |name: &str| &maps.iter().find(|map| map["metadata"]["name"] == name).expect("a map of its own")["data"];
    assert_eq!(
        (&data("own")["TEXT"], &data("own")["SHARED"], &data("worker")["TEXT"]),
        (&texts.env.clone().into(), &texts.shared.clone().into(), &texts.env.clone().into())
    );
    for (file, args) in [("k8s/own.yaml", None), ("k8s/worker.yaml", Some(["work", &texts.arg]))] {
        let deployment = documents(&files[file]).into_iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container.get("args").map(|args| list(args, kubernetes)), args.map(|args| args.map(str::to_owned).to_vec()));
        if args.is_some() {
            assert_eq!(list(&container["command"], kubernetes), ["enter", &texts.arg]);
        }
        assert_eq!(list(&container["readinessProbe"]["exec"]["command"], kubernetes), ["check", &texts.check]);
    }

    assert_eq!(files["files/own/etc/text"], texts.content());
    assert_eq!(document(&files["k8s/files.yaml"])["data"]["etc-text"], texts.content());

    // A comment keeps to its line: the file is as long as with any other text, and sets the same variables.
    let example = &files[&format!(".env.{environment}.example")];
    let about = texts.about.trim_end();
    assert!(about.is_empty() || example.split('\n').any(|line| line.trim_end() == format!("# {about}")), "{:?} is not in\n{example}", texts.about);
    let set: Vec<&str> = example.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert!(matches!(set.as_slice(), [line] if line.starts_with("KEY=")), "{set:?}");
}

fn paths(errors: &[Diagnostic]) -> Vec<String> {
    errors.iter().map(|error| error.path.as_ref().map_or_else(|| error.message.clone(), ToString::to_string)).collect()
}

#[test]
fn any_text_survives_or_is_refused_by_name() {
    let renderer = RefCell::new(Renderer::new());
    let strategy = (all(), proptest::sample::select(&["production", "staging", "development"][..]));
    let result = runner(150).run(&strategy, |(texts, environment)| {
        let (result, mut refused) = (renderer.borrow_mut().render(&texts.profile(environment)), texts.refused());
        // White space around a sentence may be refused, too: it is last, as its place is.
        let about = "secrets.KEY.description";
        let is_stricter = texts.about.trim() != texts.about && !refused.contains(&about);
        if is_stricter && result.as_ref().is_err_and(|errors| paths(errors).iter().any(|path| path == about)) {
            refused.push(about);
        }
        match result {
            Ok(files) => {
                prop_assert!(refused.is_empty(), "{refused:?} is accepted");
                if environment != "staging" {
                    check(&files, &texts, environment);
                }
            }
            Err(errors) => {
                prop_assert_eq!(paths(&errors), refused.clone());
                for (error, path) in errors.iter().zip(&refused) {
                    prop_assert!(error.message.contains(path) && error.code == "invalid-value", "{error:?}");
                }
            }
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Plain scalars are what is typed, too: `no`, `0042` and `22:22` are texts, and no digit is lost.
#[test]
fn plain_scalars_are_what_is_typed() {
    let mut renderer = Renderer::new();
    let texts = Texts { env: "a".into(), shared: "b".into(), arg: "c".into(), check: "d".into(), about: "e".into(), file: "f".into() };
    let typed = [
        "no",
        "Yes",
        "on",
        "OFF",
        "y",
        "true",
        "false",
        "TRUE",
        "0042",
        "-7",
        "0",
        "-0",
        "00",
        "1_000",
        "0x1F",
        "0o17",
        "017",
        "1e3",
        "1e-400",
        ".5",
        "5.",
        "+1",
        "22:22",
        "1:30:00",
        "2001-01-01",
        ".inf",
        ".NaN",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "123456789012345678901234567890",
        "1.10",
        "1.0",
        "0.1",
        "100000000000000000000.5",
        "=",
        "a b",
        "a:b",
        "/x",
        "$HOME",
        "a#b",
        "1 2",
    ];
    let mut wrong = Vec::new();
    for scalar in typed {
        let profile = texts.profile("production").replace("TEXT: \"a\"", &format!("TEXT: {scalar}"));
        match renderer.render(&profile) {
            Ok(files) => {
                let value = document(&files["docker-compose.prod.yml"])["services"]["own"]["environment"]["TEXT"].clone();
                let map = documents(&files["k8s/config.yaml"]).remove(0);
                if value != scalar.replace('$', "$$") || map["data"]["TEXT"] != scalar {
                    wrong.push(format!("`{scalar}` comes out as {value} and {}", map["data"]["TEXT"]));
                }
            }
            // The notation of a fraction is lost when it is read: it has to be quoted.
            Err(errors) => {
                let is_fraction = scalar.contains('.') && scalar.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                if !is_fraction || paths(&errors) != ["services.own.env.TEXT", "services.worker.env.TEXT"] {
                    wrong.push(format!("`{scalar}` is refused: {errors:?}"));
                }
            }
        }
    }
    support::assert_none(&wrong);
}
