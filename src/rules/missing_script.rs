//! A command names a file that the project does not have.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::dockerfile::Dockerfile;
use crate::key_path::KeyPath;
use crate::stack::{Command, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-script",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A command names a file that the folder of its build does not have",
    why: "The program ends at once, with a message in its own log: what is not in the repository is not in the image, unless the build makes it.",
    instead: "Correct the path, which starts at the folder that the image is built from, or commit the file.",
    check,
};

/// Programs that read the file which stands behind one of these options.
const OPTIONS: [(&str, &[&str]); 8] = [
    ("puma", &["-C", "--config"]),
    ("pumactl", &["-F", "--config-file"]),
    ("sidekiq", &["-C", "--config"]),
    ("unicorn", &["-c", "--config-file"]),
    ("clockwork", &[]),
    ("gunicorn", &["-c", "--config"]),
    ("hypercorn", &["-c", "--config"]),
    ("alembic", &["-c", "--config"]),
];

/// Programs whose first argument may be a file that they carry out.
const INTERPRETERS: [&str; 10] = ["ruby", "node", "sh", "bash", "dash", "perl", "php", "deno", "bun", "elixir"];

/// Endings of files that are written by hand, and not made by a build.
const ENDINGS: [&str; 14] = ["rb", "ru", "rake", "yml", "yaml", "ini", "conf", "toml", "sh", "exs", "pl", "php", "js", "mjs"];

/// Endings of what a build may make of other languages.
const TRANSLATED: [&str; 2] = ["js", "mjs"];

/// Folders of what a build makes, and of packages.
const MADE: [&str; 14] = ["dist", "build", "out", "target", "node_modules", "vendor", "tmp", "log", "storage", "public", "_build", ".next", ".output", ".venv"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said: Vec<(KeyPath, String)> = Vec::new();
    for service in &stack.services {
        let Some(context) = service.build_context().map(crate::values::BuildPath::as_str).filter(|context| (found.around.exists)(context)) else { continue };
        let dockerfile = service.own_build.as_ref().and_then(|build| Some(Dockerfile::new(&(found.around.text)(build.dockerfile.as_str())?)));
        for path in named(service) {
            let Some((message, help)) = missing(found, context, dockerfile.as_ref(), path) else { continue };
            let Some(place) = place(stack, service, path) else { continue };
            if !said.iter().any(|(at, known)| *at == place && known == path) {
                said.push((place.clone(), path.to_owned()));
                found.with_help(place, message, help);
            }
        }
    }
}

/// Where a path is written: at the service, or at the one whose command it is.
fn place(stack: &Stack, service: &Service, path: &str) -> Option<KeyPath> {
    let root = KeyPath::of(&["services", service.name.as_str()]);
    let entrypoint = service.process.entrypoint.as_deref().unwrap_or_default();
    let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let inside = |key: &str, args: &[String]| Some(root.key(key).index(args.iter().position(|arg| arg.contains(path))?));
    inside("command", command).or_else(|| inside("entrypoint", entrypoint)).filter(|place| stack.origins.is_written(place))
}

/// The files that a command names, as they are written.
fn named(service: &Service) -> Vec<&str> {
    let mut paths = Vec::new();
    let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let words: Vec<&str> = service.process.entrypoint.iter().flatten().chain(command).flat_map(|arg| arg.split_whitespace()).collect();
    let calls = service.calls();
    // In another folder, another path holds.
    if words.iter().any(|word| ["cd", "--chdir", "--prefix", "pushd"].contains(word)) {
        return paths;
    }
    for call in &calls {
        let Some((program, args)) = call.split_first() else { continue };
        if let Some((_, options)) = OPTIONS.iter().find(|known| known.0 == *program) {
            paths.extend(calls::values(call, options));
        }
        match args {
            [first, ..] if INTERPRETERS.contains(program) => paths.push(first),
            ["runner", file, ..] if *program == "rails" && file.rsplit_once('.').is_some_and(|(_, ending)| ending == "rb") => paths.push(file),
            _ => {}
        }
        // The program itself, if a path leads to it.
        paths.extend(words.iter().map(|word| word.trim_matches(['"', '\''])).find(|word| word.contains('/') && word.rsplit('/').next() == Some(program)));
    }
    paths
}

/// What is wrong with a path, if it is certain that the image does not have it.
fn missing(found: &Findings, context: &str, dockerfile: Option<&Dockerfile>, written: &str) -> Option<(String, String)> {
    let path = written.trim_start_matches("./");
    let is_plain = path.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && path.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let inside = |path: &str| if context == "." { path.to_owned() } else { format!("{context}/{path}").trim_end_matches('/').to_owned() };
    if !is_plain || (found.around.exists)(&inside(path)) || folder.split('/').any(|part| MADE.contains(&part) || part == "..") {
        return None;
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    // Programs without an ending are scripts where a folder has others; all else is made by a build.
    let is_source = ending.map_or(["bin", "script", "scripts"].contains(&folder), |ending| ENDINGS.contains(&ending));
    let names = (found.around.names)(&inside(if folder.is_empty() { "." } else { folder }).replace("./.", "."));
    if !is_source || dockerfile.is_some_and(|file| file.speaks_of(name)) {
        return None;
    }
    let near = nearest(name, names.iter().map(String::as_str).filter(|near| near.rsplit_once('.').map(|(_, ending)| ending) == ending));
    let shown = if context == "." { "the project's folder".to_owned() } else { format!("`{context}`") };
    let message = format!("there is no `{path}` in {shown}");
    if let Some(near) = near {
        let right = if folder.is_empty() { near.to_owned() } else { format!("{folder}/{near}") };
        return Some((message, format!("Write `{right}` in place of `{path}`.")));
    }
    // Only of an image that is the folder itself is it known what else it has.
    let is_whole = dockerfile.is_none_or(Dockerfile::copies_all) && !TRANSLATED.contains(&ending.unwrap_or_default());
    is_whole.then(|| (message, format!("Correct the path, or add the file `{}`: the image has what that folder has.", inside(path))))
}
