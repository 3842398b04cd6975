//! What has to agree in the repository: registry, modules, templates, goldens, guides; and which way data moves.
#![allow(clippy::naive_bytecount, clippy::case_sensitive_file_extension_comparisons, reason = "names and sizes of files of our own")]

mod support;

use infragen::targets::TARGETS;
use std::collections::{BTreeMap, BTreeSet};
use support::{assert_none, repository, text_of, tree};

/// Which modules each module may use. Data moves one way: nothing uses what stands further down.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("key_path", &[]),
    ("known_images", &[]),
    ("dockerfile", &[]),
    ("package_files", &[]),
    ("target_words", &[]),
    ("values", &["key_path"]),
    ("yaml", &["source"]),
    ("diagnostics", &["key_path", "source"]),
    ("profile", &["diagnostics", "key_path", "known_images", "package_files", "source", "target_words", "values", "yaml"]),
    ("stack", &["diagnostics", "key_path", "known_images", "profile", "source", "target_words", "values", "yaml"]),
    ("render", &["diagnostics", "source", "yaml"]),
    ("interrupt", &[]),
    ("envfile", &["diagnostics", "interrupt", "stack", "values"]),
    ("targets", &["envfile", "render", "stack", "values"]),
    ("rules", &["diagnostics", "key_path", "known_images", "dockerfile", "package_files", "stack", "values"]),
    ("patch", &["diagnostics", "key_path", "render", "source", "stack", "yaml"]),
    ("plan", &["diagnostics", "interrupt", "key_path", "render", "source", "stack", "yaml"]),
    ("report", &["diagnostics", "key_path", "plan", "render", "source", "values", "yaml"]),
    ("golden", &["diagnostics", "plan", "render"]),
    ("pipeline", &["diagnostics", "key_path", "patch", "profile", "render", "source", "stack", "targets"]),
    (
        "cli",
        &[
            "diagnostics",
            "envfile",
            "golden",
            "interrupt",
            "key_path",
            "patch",
            "pipeline",
            "plan",
            "profile",
            "render",
            "report",
            "rules",
            "source",
            "stack",
            "targets",
            "values",
            "yaml",
        ],
    ),
    ("lib", &[]),
    ("main", &["cli"]),
];

/// What the standard library offers to the edges alone, and where the edges are.
const EDGES: &[(&str, &[&str])] = &[
    ("fs::", &["plan/", "golden.rs", "envfile/file.rs", "interrupt.rs", "render/own.rs", "profile/read.rs", "profile/locate.rs"]),
    ("fs;", &[]),
    ("env::var", &["cli/"]),
    ("env::current_dir", &["cli/"]),
    ("process::Command", &["plan/git.rs"]),
    ("stdout()", &["cli/"]),
    ("stderr()", &["cli/"]),
    ("println!", &[]),
    ("SystemTime", &[]),
    ("Instant", &[]),
    ("std::net::Tcp", &[]),
    ("HashMap", &["yaml.rs"]),
    ("HashSet", &[]),
];

/// The files of `src` without their tests and comments.
fn sources() -> BTreeMap<String, String> {
    let code = |text: String| {
        let tests = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
        text[..tests].lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code)).collect::<Vec<_>>().join("\n")
    };
    tree(&repository("src")).into_iter().map(|(path, text)| (path, code(String::from_utf8(text).expect("UTF-8")))).collect()
}

fn module(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The modules that code names behind `crate::` or `infragen::`.
fn used(code: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (at, start) in ["crate::", "infragen::"].iter().flat_map(|start| code.match_indices(start)) {
        let rest = &code[at + start.len()..];
        let names = rest.strip_prefix('{').map_or_else(|| vec![rest], |list| list.split('}').next().unwrap_or_default().split(',').collect());
        let name = |text: &'_ str| text.trim().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().map(str::len);
        for text in names {
            let text = text.trim_start();
            found.extend(name(text).map(|length| &text[..length]).filter(|name| !name.is_empty()));
        }
    }
    found
}

#[test]
fn data_moves_one_way() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, code) in sources() {
        let module = module(&path).to_owned();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("src/{path}: the module `{module}` is in no list of what it may use"));
            continue;
        };
        let mut above = used(&code);
        // The macro that defines templates stands at the crate's root.
        above.retain(|name| *name != "template" && *name != module);
        wrong.extend(above.iter().filter(|name| !allowed.contains(name)).map(|name| format!("src/{path} uses `{name}`, which `{module}` may not")));
        seen.insert(module);
    }
    wrong.extend(MAY_USE.iter().filter(|(name, _)| !seen.contains(*name)).map(|(name, _)| format!("there is no module `{name}`")));
    // The list itself has no circle: each module uses those above it only.
    let mut known = BTreeSet::new();
    for (name, allowed) in MAY_USE {
        wrong.extend(allowed.iter().filter(|above| !known.contains(*above)).map(|above| format!("`{above}` stands below `{name}` in the list")));
        known.insert(name);
    }
    assert_none(&wrong);
}

#[test]
fn only_the_edges_touch_the_world() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        for (word, places) in EDGES {
            if code.contains(word) && !places.iter().any(|place| path.starts_with(place)) {
                wrong.push(format!("src/{path} uses `{word}`"));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn registry_modules_and_template_folders_agree() {
    let ids: BTreeSet<String> = TARGETS.iter().map(|target| target.id.to_owned()).collect();
    assert_eq!(ids.len(), TARGETS.len(), "an id is there twice");
    let modules: BTreeSet<String> = tree(&repository("src/targets")).keys().map(|path| module(path).to_owned()).filter(|name| name != "mod").collect();
    assert_eq!(ids, modules, "targets and modules in src/targets");
    let folders: BTreeSet<String> = tree(&repository("templates")).keys().map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(ids, folders, "targets and folders in templates");
    let schema = infragen::profile::schema::published();
    let keys: BTreeSet<String> = schema["properties"]["targets"]["properties"].as_object().expect("keys").keys().cloned().collect();
    assert_eq!(ids, keys, "targets and keys of `targets`");
}

#[test]
fn each_template_is_listed_once_by_its_own_target() {
    let mut wrong = Vec::new();
    let mut listed = Vec::new();
    for target in TARGETS {
        for template in target.templates {
            if !template.name.starts_with(&format!("{}/", target.id)) {
                wrong.push(format!("`{}` lists {}", target.id, template.name));
            }
            for include in template.includes.iter().filter(|include| !target.templates.iter().any(|known| known.name == include.name)) {
                wrong.push(format!("{} includes {}, which `{}` does not list", template.name, include.name, target.id));
            }
            listed.push(template.name.to_owned());
        }
    }
    listed.sort();
    let files: Vec<String> = tree(&repository("templates")).into_keys().collect();
    assert_eq!(listed, files, "what targets list, and the files in templates");
    assert_none(&wrong);
}

#[test]
fn templates_print_and_do_not_decide() {
    let mut wrong = Vec::new();
    for (path, text) in tree(&repository("templates")) {
        let text = String::from_utf8(text).expect("UTF-8");
        let squeezed: String = text.chars().filter(|c| *c != ' ').collect();
        for (what, why) in [
            ("|safe", "leaves a value unescaped"),
            ("|default", "makes up a value"),
            ("{%set", "computes"),
            ("now()", "reads the clock"),
            ("get_env", "reads the environment"),
        ] {
            if squeezed.contains(what) {
                wrong.push(format!("templates/{path}: `{what}` {why}"));
            }
        }
        if text.contains('\t') || text.contains('\r') {
            wrong.push(format!("templates/{path} has a tab or a carriage return"));
        }
    }
    assert_none(&wrong);
}

#[test]
fn files_have_one_subject() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "templates", "profiles"] {
        for (path, text) in tree(&repository(folder)) {
            let is_source = [".rs", ".yaml", ".yml", ".conf"].iter().any(|ending| path.ends_with(ending));
            let lines = text.iter().filter(|byte| **byte == b'\n').count();
            if is_source && lines >= 600 {
                long.push(format!("{folder}/{path} has {lines} lines"));
            }
        }
    }
    assert_none(&long);
}

/// The texts in backticks that name a file: they have a slash, and neither blanks nor places to fill in.
fn paths(guide: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for line in guide.lines().filter(|line| !line.starts_with("```")) {
        for word in line.split('`').skip(1).step_by(2) {
            let is_path = word.contains('/') && !word.starts_with('/') && word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let is_rate = word.starts_with(|c: char| c.is_ascii_digit());
            let is_named =
                !is_rate && !word.split(['/', '.']).any(|part| part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase()) && !word.ends_with(".md"));
            if is_path && is_named {
                paths.insert(word.trim_end_matches('/').to_owned());
            }
        }
        for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://") && !link.starts_with('#')) {
            paths.insert(link.split('#').next().unwrap_or_default().to_owned());
        }
    }
    paths
}

#[test]
fn each_path_that_a_guide_names_exists() {
    let mut missing = Vec::new();
    let mut count = 0;
    for guide in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/profile.md", "docs/kubernetes.md"] {
        let folder = guide.rsplit_once('/').map_or("", |(folder, _)| folder);
        for path in paths(&text_of(guide)) {
            count += 1;
            // What a command or a user makes is no file of the repository.
            let is_made = ["deploy", "secrets", "target", "k8s", "nginx", ".deploy", "hooks", "ops"].contains(&path.split('/').next().unwrap_or_default());
            let is_rendered = repository("golden/production").join(&path).exists();
            if !is_made && !is_rendered && !repository(&path).exists() && !repository(folder).join(&path).exists() {
                missing.push(format!("{guide} names `{path}`"));
            }
        }
    }
    assert!(count > 20, "the paths are found");
    assert_none(&missing);
}

#[test]
fn the_profile_guide_names_every_section() {
    let guide = text_of("docs/profile.md");
    let schema = infragen::profile::schema::published();
    let sections = schema["properties"].as_object().expect("keys").keys().filter(|key| *key != "version");
    let missing: Vec<String> = sections
        .filter(|key| !guide.contains(&format!("`{key}`")) && !guide.contains(&format!("`{key}:")))
        .map(|key| format!("docs/profile.md does not name `{key}`"))
        .collect();
    assert_none(&missing);
}
