//! What the README shows is what happens.

mod support;

use infragen::source::Sources;
use infragen::yaml::{self, Accept};
use serde_json::Value;
use std::path::Path;
use support::{Project, assert_none, outcome, repository, text_of};

/// The code blocks of a guide in one language.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let text = text_of(guide);
    let (mut blocks, mut open): (Vec<String>, Option<(bool, String)>) = (Vec::new(), None);
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(name)) => open = Some((name == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                if *wanted {
                    blocks.push(std::mem::take(block));
                }
                open = None;
            }
            (Some((_, block)), None) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of {guide} does not end");
    blocks
}

fn json_of(text: &str) -> Value {
    let id = Sources::default().add(Path::new(""), String::new(), String::new());
    yaml::parse_one(id, text, Accept::PROFILE).unwrap_or_else(|problems| panic!("{problems:?}\n{text}")).map_or(Value::Null, |node| node.to_json())
}

/// True if all that `part` says is in `whole`, too.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| is_part(value, other))),
        _ => part == whole,
    }
}

#[test]
fn two_commands_do_everything() {
    let commands = blocks("README.md", "sh").concat();
    assert_eq!(commands.lines().take(2).collect::<Vec<_>>(), ["cargo run --release -- render production", "cargo test"]);
    assert!(text_of(".ci/run").contains("\nstep cargo test\n"), ".ci/run calls the same");
    // The first one, in a copy: the same program with the same arguments.
    Project::shipped().run("render production").status(0).quiet();
}

#[test]
fn its_profiles_are_profiles() {
    let schema = infragen::profile::schema::published();
    let validator = jsonschema::draft7::new(&schema).expect("it is a schema");
    let mut wrong = Vec::new();
    let mut count = 0;
    for guide in ["README.md", "docs/profile.md"] {
        for block in blocks(guide, "yaml") {
            count += 1;
            let mut json = json_of(&block);
            json["version"] = 1.into();
            // Guides show parts.
            json["abstract"] = true.into();
            wrong.extend(validator.iter_errors(&json).map(|error| format!("{guide}: {}: {error}\n{block}", error.instance_path())));
        }
    }
    assert!(count >= 2);
    assert_none(&wrong);
}

/// Whoever starts from the whole profile starts without a finding.
#[test]
fn its_whole_profile_is_one() {
    let text = blocks("README.md", "yaml").into_iter().find(|block| block.starts_with("# profiles/production.yaml")).expect("it is there");
    let project = Project::empty();
    project.write("profiles/production.yaml", text).write("app/main.py", "").write("pyproject.toml", "").write("uv.lock", "");
    project.run("lint --fail-on info").status(0).quiet().out("0 findings");
    project.run("render production").status(0);
    project.run("env generate production").status(0);
    project.run("env check production").status(0);
    project.run("diff").status(0);
}

#[test]
fn its_profile_is_a_part_of_production() {
    let mut sources = Sources::default();
    let located = infragen::profile::locate("production", &repository(""), &infragen::source::Files::default()).expect("it is there");
    let loaded = infragen::profile::Loader::new(&repository("")).load(&located, &mut sources).unwrap_or_else(|errors| panic!("{errors:?}"));
    let part = json_of(&blocks("README.md", "yaml")[0]);
    assert!(is_part(&part, &loaded.tree.to_json()), "the README shows something that production does not say: {part:#}");
}

#[test]
fn its_output_is_what_is_printed() {
    let project = Project::shipped();
    project.edit("profiles/production.yaml", "replicas: 3", "replcas: 3");
    let error = project.run("render production").status(2).stderr;
    project.edit("profiles/production.yaml", "replcas: 3", "replicas: 3");
    let printed = project.run("render production").status(0).stdout;
    let conf = project.read("deploy/production/nginx/nginx.conf");
    let [listing, mistake] = blocks("README.md", "text").try_into().expect("two blocks of output");
    for line in listing.lines().filter(|line| !line.starts_with('$') && line.trim() != "...") {
        assert!(printed.lines().any(|other| other == line), "`{line}` is not printed:\n{printed}");
    }
    assert!(error.starts_with(&mistake), "the README shows\n{mistake}\nbut this is printed\n{error}");
    for block in blocks("README.md", "nginx") {
        assert!(conf.contains(&block), "the README shows\n{block}\nwhich is not in\n{conf}");
    }
}

#[test]
fn its_commands_and_flags_exist() {
    let project = Project::empty();
    let rows = text_of("README.md").lines().filter(|line| line.starts_with("| `infragen ")).map(str::to_owned).collect::<Vec<_>>();
    let mut named = Vec::new();
    for row in &rows {
        let command = row.split_whitespace().nth(2).expect("a command").trim_end_matches('`').to_owned();
        let help = match command.as_str() {
            "env" => project.run(&format!("env {} --help", row.split_whitespace().nth(3).expect("what is done"))).status(0).stdout,
            "golden" => project.run("golden --help").stdout + &project.run("golden check --help").stdout,
            command => project.run(&format!("{command} --help")).status(0).stdout,
        };
        let words = |text: &str| {
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| word.starts_with("--")).map(str::to_owned).collect::<Vec<_>>()
        };
        for flag in words(row) {
            assert!(words(&help).contains(&flag), "`infragen {command}` has no `{flag}`");
        }
        for flag in words(&help).into_iter().filter(|flag| flag != "--help") {
            assert!(words(row).contains(&flag) || command == "diff" && flag == "--out", "the README does not name `{flag}` of `infragen {command}`");
        }
        named.push(command);
    }
    let help = outcome(&mut project.command("--help")).stdout;
    let offered = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list of commands");
    let mut offered: Vec<&str> = offered.lines().filter_map(|line| line.split_whitespace().next()).collect();
    offered.sort_unstable();
    named.sort();
    named.dedup();
    assert_eq!(named, offered);
}
