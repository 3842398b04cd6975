//! The pages of what real deployments need, and of recipes: each snippet on them does what stands under it.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, document, yaml_of};
use infragen::rules::{self, Surroundings};
use infragen::values::{Date, Scalar};
use serde_json::Value;
use support::{assert_none, text_of};

/// One need, as the page has it.
struct Need {
    title: String,
    /// The snippet, which goes into the profile at the page's start.
    profile: Value,
    /// What is rendered, and in which file.
    renders: Vec<(String, String)>,
    /// The code of the error, or of the finding.
    refused: Option<String>,
    found: Option<String>,
    changes_nothing: bool,
}

/// The texts between backticks.
fn quoted(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn snippet(section: &str) -> Value {
    document(section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_else(|| panic!("no snippet: {section}")))
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn needs(page: &str) -> (Value, Vec<Need>) {
    let mut sections = page.split("\n## ");
    let base = snippet(sections.next().unwrap_or_default());
    let need = |section: &str| {
        let mut profile = base.clone();
        merge(&mut profile, &snippet(section));
        let line = |start: &str| section.lines().find(|line| line.starts_with(start));
        let pairs = |line: &str| quoted(line).chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        Need {
            title: section.lines().next().unwrap_or_default().to_owned(),
            profile,
            renders: line("Renders `").map(pairs).unwrap_or_default(),
            refused: line("Refused: ").and_then(|line| quoted(line).pop()),
            found: line("Lint: ").and_then(|line| quoted(line).pop()),
            changes_nothing: line("Leaves all files as they are.").is_some(),
        }
    };
    (base.clone(), sections.map(need).collect())
}

fn check(need: &Need, base: &Files, renderer: &mut Renderer) -> Vec<String> {
    let text = yaml_of(&need.profile);
    let files = match (renderer.render(&text), &need.refused) {
        (Err(errors), Some(code)) => return errors.iter().filter(|error| error.code != code).map(|error| format!("{error:?}")).collect(),
        (Err(errors), None) => return vec![format!("{errors:?}")],
        (Ok(_), Some(code)) => return vec![format!("it is not refused with `{code}`")],
        (Ok(files), None) => files,
    };
    let mut wrong = Vec::new();
    if (files == *base) != need.changes_nothing && need.found.is_none() {
        wrong.push("it changes files, or none, and the page says otherwise".to_owned());
    }
    for (text, file) in &need.renders {
        match files.get(file) {
            Some(content) if content.contains(text) => {}
            Some(_) => wrong.push(format!("`{file}` does not have `{text}`")),
            None => wrong.push(format!("there is no `{file}`")),
        }
    }
    if let Some(code) = &need.found {
        let stack = renderer.stack(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
        let today = Date::parse("2026-01-01").expect("a day");
        if !rules::check(&stack, Surroundings { today, exists: &|_| true, names: &|_| Vec::new(), text: &|_| None }).iter().any(|finding| finding.code == code)
        {
            wrong.push(format!("lint does not find `{code}`"));
        }
    }
    wrong
}

#[test]
fn each_snippet_does_what_the_page_says() {
    let (mut renderer, mut failures) = (Renderer::new(), Vec::new());
    for (page, count) in [("docs/needs.md", 45), ("docs/recipes.md", 8)] {
        let (base, needs) = needs(&text_of(page));
        assert_eq!(needs.len(), count, "{page}");
        let files = renderer.render(&yaml_of(&base)).unwrap_or_else(|errors| panic!("{errors:?}"));
        for need in &needs {
            failures.extend(check(need, &files, &mut renderer).into_iter().map(|what| format!("{page}: {}: {what}", need.title)));
        }
    }
    assert_none(&failures);
}

/// The table has a row for each section, in its order, with a key that there is and the code that stands under the snippet.
#[test]
fn the_table_has_each_of_them() {
    let page = text_of("docs/needs.md");
    let (_, needs) = needs(&page);
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.contains("](#")).collect();
    assert_eq!(rows.len(), needs.len());
    let schema = infragen::profile::schema::published();
    for (row, need) in rows.iter().zip(&needs) {
        let title = row.split(['[', ']']).nth(1).expect("a link");
        assert!(need.title.ends_with(&format!(". {title}")), "{row}");
        let words = quoted(row);
        assert_eq!(words.get(1), need.refused.as_ref().or(need.found.as_ref()), "{row}");
        let path = infragen::key_path::KeyPath::parse(&words[0].replace('*', "x")).expect("a path");
        assert!(infragen::profile::keys::explain(&schema, &path).is_ok(), "there is no key `{}`", words[0]);
    }
}
