//! `env generate`: what is missing is made, and everything that is there stays.
#![cfg(unix)]

#[path = "support/env_mutations.rs"]
mod env_mutations;
mod support;
#[path = "support/texts.rs"]
mod texts;

#[path = "env_generate/disk.rs"]
mod disk;
#[path = "env_generate/keeps.rs"]
mod keeps;

use infragen::envfile::parse;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::{Project, repository, text_of, tree};

/// Where the profile `prod` has its env file.
const FILE: &str = "deploy/prod/.env.production";
const BACKUP: &str = "deploy/prod/.env.production.backup";

/// A project with `tests/support/env.yaml` as the profile `prod`.
fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml")).write("deploy/prod/keep", "");
    project
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

/// What an env file sets.
fn values(text: &str) -> BTreeMap<String, String> {
    parse(text).values().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn from_nothing() {
    let project = project();
    let outcome = project.run("env generate prod").status(0);
    assert_eq!(
        outcome.stdout,
        " to supply  HOOK_URL
 generated  DATABASE_PASSWORD
  composed  DATABASE_URL
 to supply  WAREHOUSE_PASSWORD
 generated  CACHE_PASSWORD
  composed  CACHE_URL
 generated  PIN_PHRASE
 generated  SALT
 to supply  TOKEN
 to supply  SENTRY_DSN
 generated  KEY
deploy/prod/.env.production: 7 variables were filled in or added\n"
    );
    assert!(outcome.stderr.contains("infragen env check prod"), "{outcome}");
    assert_eq!(mode(&project.path(FILE)), 0o600);
    assert!(!project.path(BACKUP).exists(), "there was nothing to keep");
    let text = project.read(FILE);
    // The example, with values.
    project.run("render prod").status(0);
    let example = project.read("deploy/prod/.env.production.example");
    let emptied: String = text
        .lines()
        .map(|line| match line.split_once('=') {
            Some((name, _)) if !line.starts_with('#') => format!("{name}=\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(emptied, example);
}

#[test]
fn each_kind_has_its_characters_and_length() {
    let project = project();
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..20 {
        std::fs::remove_file(project.path(FILE)).ok();
        project.run("env generate prod").status(0);
        let values = values(&project.read(FILE));
        let all = |name: &str, length: usize, allowed: fn(char) -> bool| {
            assert!(values[name].len() == length && values[name].chars().all(allowed), "{name}");
        };
        all("CACHE_PASSWORD", 32, |c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        all("SALT", 44, |c| c.is_ascii_alphanumeric() || "+/".contains(c));
        all("KEY", 48, |c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let words: Vec<&str> = values["PIN_PHRASE"].split('-').collect();
        assert!(words.len() >= 8 && values["PIN_PHRASE"].len() >= 40, "{} words", words.len());
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
        seen.extend(["CACHE_PASSWORD", "DATABASE_PASSWORD", "SALT", "KEY", "PIN_PHRASE"].map(|name| values[name].clone()));
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "no value comes twice");
}

#[test]
fn every_shortest_value_is_strong() {
    let project = Project::empty();
    let kinds = ["hex", "base64", "urlsafe", "words"];
    let secrets: String =
        kinds.iter().map(|kind| format!("  S_{}: {{generate: {{kind: {kind}, length: 16}}}}\n", kind.to_uppercase())).collect::<Vec<_>>().concat();
    let used: Vec<String> = kinds.iter().map(|kind| format!("S_{}: {{}}", kind.to_uppercase())).collect();
    let shop = support::SHOP.replace("env: {LOG_LEVEL: INFO}", &format!("secrets: {{{}}}", used.join(", ")));
    project.write("profiles/prod.yaml", format!("{shop}secrets:\n{secrets}"));
    for _ in 0..10 {
        project.run("env generate prod --out all.env").status(0);
        assert_eq!(project.run("env check prod all.env").status(0).stdout, "all.env: complete\n");
        std::fs::remove_file(project.path("all.env")).expect("it is there");
    }
}

/// An external password may have any character: the string has it percent-encoded.
#[test]
fn what_is_composed_has_the_encoded_password() {
    let project = project();
    for (written, encoded) in [
        (r#""p@ss/w:ord1'# %""#, "p%40ss%2Fw%3Aord1%27%23%20%25"),
        ("'$x\"`~&?[]'", "%24x%22%60~%26%3F%5B%5D"),
        ("'žluťoučký'", "%C5%BElu%C5%A5ou%C4%8Dk%C3%BD"),
        ("plain-._0", "plain-._0"),
        ("\"two\\nlines\"", "two%0Alines"),
    ] {
        project.write(FILE, format!("WAREHOUSE_PASSWORD={written}\nWAREHOUSE_URL=\n"));
        project.run("env generate prod").status(0).out("  composed  WAREHOUSE_URL");
        let encoded = encoded.replace('~', "%7E");
        let url = format!("postgresql://reader:{encoded}@warehouse.example.com:5433/facts?sslmode=require");
        assert_eq!(values(&project.read(FILE))["WAREHOUSE_URL"], url);
        let checked = project.run("env check prod");
        assert!(!checked.stdout.contains("derived-mismatch") && !checked.stdout.contains("WAREHOUSE_URL"), "{checked}");
    }
    // What the password is, is decided elsewhere.
    for password in [
        "WAREHOUSE_PASSWORD=$X",
        "WAREHOUSE_PASSWORD",
        "WAREHOUSE_PASSWORD=a\nWAREHOUSE_PASSWORD=b",
        "WAREHOUSE_PASSWORD=\"\\0044X\"",
        "WAREHOUSE_PASSWORD='<to come>'",
    ] {
        project.write(FILE, format!("WAREHOUSE_URL=\n{password}\n"));
        project.run("env generate prod").status(0);
        assert_eq!(values(&project.read(FILE))["WAREHOUSE_URL"], "", "{password}");
    }
}

/// The profiles of the repository that are rendered.
fn shipped() -> Vec<String> {
    let files = tree(&repository("profiles"));
    let concrete = files.keys().filter(|file| !text_of(&format!("profiles/{file}")).lines().any(|line| line == "abstract: true"));
    concrete.map(|file| file.trim_end_matches(".yaml").to_owned()).collect()
}

#[test]
fn every_shipped_profile_is_complete() {
    let project = Project::shipped();
    let names = shipped();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        project.run(&format!("render {name}")).status(0);
        project.run(&format!("env generate {name}")).status(0);
        // What others supply is listed, each with its name, and nothing else is wrong; then it is put in.
        let listed = project.run(&format!("env check {name}"));
        let file = tree(&project.path(&format!("deploy/{name}"))).into_keys().find(|file| file.starts_with(".env.") && !file.ends_with(".example"));
        let file = format!("deploy/{name}/{}", file.expect("an env file"));
        for line in listed.stdout.lines().filter(|line| line.contains("error[not-supplied]")) {
            let external = line.split(' ').nth(2).expect("a name");
            project.edit(&file, &format!("\n{external}=\n"), &format!("\n{external}=9f4Kq2Vx7Lw0Rt5Zb8Nc3Hd6\n"));
        }
        if listed.stdout.contains("not-supplied") {
            project.run(&format!("env generate {name}")).status(0);
        }
        let checked = project.run(&format!("env check {name}")).status(0).quiet();
        assert!(!checked.stdout.contains("error") && !checked.stdout.contains("warning"), "{checked}");
        assert_eq!(project.run(&format!("env generate {name}")).status(0).stdout.matches('\n').count(), 1, "nothing is left to do");
        project.run(&format!("render {name}")).status(0).out("unchanged");
    }
}

#[test]
fn development_works_as_it_is_copied() {
    let project = Project::shipped();
    project.run("render development").status(0);
    let example = project.read("deploy/development/.env.development.example");
    project.write("deploy/development/.env.development", &example);
    std::fs::set_permissions(project.path("deploy/development/.env.development"), PermissionsExt::from_mode(0o600)).expect("a mode");
    project.run("env check development").status(0).out(".env.development: complete\n");
    project.run("env generate development").status(0).out("nothing is missing that can be made");
    assert_eq!(project.read("deploy/development/.env.development"), example);
    // In production, the same values are known to everybody.
    let known = example.replace("postgresql://pyt:", "postgresql://pyt_prod:").replace("/pyt\n", "/pyt_production\n");
    project.write("known.env", known);
    project.run("env check production known.env").status(1).out("error[development-value]: SECRET_KEY has a value that is meant for development");
}

/// Those that people look for, in the order in which they look.
#[test]
fn a_length_holds_in_development_too() {
    let project = Project::empty();
    let secrets = "{A: {generate: {length: 32}}, B: {generate: {kind: base64, length: 44}}, C: {generate: {kind: urlsafe, length: 20}}, D: {}}";
    project.write(
        "profiles/development.yaml",
        format!(
            "version: 1\nproject: {{name: shop}}\nenvironment: {{kind: development}}\nservices:\n  web: {{kind: web, image: {{name: a, tag: \"1\"}}, port: 80, \
             secrets: {{A: {{}}, B: {{}}, C: {{}}, D: {{}}}}}}\nsecrets: {secrets}\ntargets: {{compose: {{}}, dotenv: {{}}}}\n"
        ),
    );
    project.run("render development").status(0);
    let example = values(&project.read("deploy/development/.env.development.example"));
    let lengths: Vec<usize> = ["A", "B", "C"].iter().map(|name| example[*name].len()).collect();
    assert_eq!(lengths, [32, 44, 20], "{example:?}");
    assert!(["A", "D"].iter().all(|name| example[*name].starts_with("development-only-")), "{example:?}");
}

#[test]
fn the_example_has_its_sections_in_order() {
    let project = Project::shipped();
    project.run("render production").status(0);
    let example = project.read("deploy/production/.env.production.example");
    let sections: Vec<&str> = example.lines().filter_map(|line| line.strip_prefix("# --- ")?.strip_suffix(" ---")).collect();
    let expected = ["Application", "PostgreSQL (database)", "Redis (cache)", "Security", "Workers", "Logging", "Monitoring", "This host"];
    assert_eq!(sections, expected);
}

/// Nothing but the file itself needs the template.
#[test]
fn without_the_target_it_works_and_says_what_is_missing() {
    let project = Project::empty();
    let profile = support::SHOP.replace("env: {LOG_LEVEL: INFO}", "secrets: {KEY: {}}") + "secrets: {KEY: {}}\n";
    project.write("profiles/prod.yaml", profile.replace(", dotenv: {}", "")).write("profiles/with.yaml", profile);
    project.run("env generate prod --out x.env").status(0).err("the profile has no target `dotenv`, whose .gitignore would keep x.env out of git");
    project.run("env check prod x.env").status(0).out("x.env: complete\n");
    let outcome = project.run("env generate with --out y.env").status(0);
    assert!(!outcome.stderr.contains(".gitignore"), "{outcome}");
}
