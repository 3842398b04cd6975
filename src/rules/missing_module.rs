//! A module of Python or a script of Node.js is not in the project.

use super::{Applies, Findings, Rule, quoted};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::package_files;
use crate::stack::{Command, EnvValue, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-module",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A command or a variable names a module or a script that the project does not have",
    why: "The program ends at once: `ModuleNotFoundError`, `Missing script`, or `No such file or directory`.",
    instead: "Correct the name; modules are named from the folder that the image is built from.",
    check,
};

/// Servers and workers that are given a module: by which options, and whether the last part may be something in it.
const PROGRAMS: [(&str, &[&str], bool); 9] = [
    ("celery", &["-A", "--app"], true),
    ("flask", &["-A", "--app"], true),
    ("uvicorn", &[], false),
    ("gunicorn", &[], false),
    ("hypercorn", &[], false),
    ("daphne", &[], false),
    ("granian", &[], false),
    ("dramatiq", &[], false),
    ("arq", &[], true),
];

/// Variables with the name of a module, and whether its last part may be something in it.
const VARIABLES: [(&str, bool); 3] = [("DJANGO_SETTINGS_MODULE", false), ("FLASK_APP", true), ("CELERY_APP", true)];

/// Options by which a program looks for modules elsewhere.
const ELSEWHERE: [&str; 4] = ["--chdir", "--workdir", "--app-dir", "--pythonpath"];

/// So many modules are named where nobody knows which one is meant.
const OTHERS: usize = 6;

/// True if a call looks for its modules in another folder.
pub fn is_elsewhere(call: &[&str]) -> bool {
    call.iter().any(|word| ELSEWHERE.iter().any(|option| word.starts_with(option)))
}

/// What a call may name a module by, as it is written: `shop.wsgi:application`, `shop.tasks`.
pub fn named<'a>(call: &[&'a str]) -> Vec<&'a str> {
    let Some((program, args)) = call.split_first() else { return Vec::new() };
    match PROGRAMS.iter().find(|known| known.0 == *program).map(|known| known.1) {
        Some([]) => args.iter().copied().filter(|word| word.contains(['.', ':']) && !word.starts_with('-') && !word.contains('/')).collect(),
        Some(options) => calls::values(call, options),
        // `python -m shop.work` is a call of `shop.work`.
        None => vec![program],
    }
}

/// True if a folder has a module of this name: a file, or a folder with code.
pub fn is_module(exists: &dyn Fn(&str) -> bool, folder: &str, name: &str) -> bool {
    exists(&format!("{folder}/{name}.py")) || exists(&format!("{folder}/{name}/__init__.py"))
}

fn check(stack: &Stack, found: &mut Findings) {
    let mut said: Vec<(KeyPath, &str)> = Vec::new();
    for service in &stack.services {
        let Some(context) = service.build_context().map(crate::values::BuildPath::as_str) else { continue };
        let mut list: Vec<(KeyPath, &str, Wrong)> = script_of_node(found, service, context).into_iter().collect();
        // With a path of Python's own, modules are anywhere.
        if !service.env.iter().any(|var| var.name == "PYTHONPATH") {
            list.extend(words(stack, service).into_iter().filter_map(|(path, word, in_module)| {
                let wrong = if is_script(word) { script(found, context, word) } else { module(found, context, word, in_module) };
                Some((path, word, wrong?))
            }));
        }
        for (path, word, Wrong { message, right, others }) in list {
            if said.contains(&(path.clone(), word)) {
                continue;
            }
            let key = path.0.last().map(ToString::to_string).unwrap_or_default();
            let help = match right {
                Some(right) if path.0.iter().any(|part| ["command", "entrypoint"].contains(&part.to_string().as_str())) => {
                    format!("Write `{right}` in place of `{word}`.")
                }
                Some(right) => format!("Write `{key}: {}`.", if right.contains(':') { format!("\"{right}\"") } else { right }),
                None if others.is_empty() => RULE.instead.to_owned(),
                None => format!("Write one that is there: {}.", quoted(others.iter().map(String::as_str))),
            };
            found.with_help(path.clone(), message, help);
            said.push((path, word));
        }
    }
}

/// True for the name of a file of Python.
fn is_script(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "py")
}

/// What `npm run` and its like start, if no package of the project has such a script.
fn script_of_node<'s>(found: &Findings, service: &'s Service, context: &str) -> Option<(KeyPath, &'s str, Wrong)> {
    let calls = service.calls();
    let (manager, name) = calls.iter().find_map(|call| started(call)).filter(|_| !calls.iter().any(|call| call.first() == Some(&"cd")))?;
    let exists = found.around.exists;
    let scripts = |folder: &str| package_files::scripts(found.around.text, folder);
    let mut known = scripts(context)?;
    // Where one folder has several packages, nobody knows in which of them it is started.
    let inside = (found.around.names)(context).into_iter().map(|name| if context == "." { name } else { format!("{context}/{name}") });
    let beside = service.own_build.iter().filter_map(|build| build.dockerfile.as_str().rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    let others: Vec<String> = inside.chain(beside).flat_map(|folder| scripts(&folder).unwrap_or_default()).collect();
    let has_packages =
        ["pnpm-workspace.yaml", "lerna.json", "turbo.json", "nx.json", "packages", "apps"].iter().any(|name| exists(&format!("{context}/{name}")));
    let has_default = name == "start" && exists(&format!("{context}/server.js"));
    if has_packages || has_default || known.iter().chain(&others).any(|known| known == name) {
        return None;
    }
    let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    // Yarn starts programs of packages as well.
    if manager == "yarn" && near.is_none() {
        return None;
    }
    let args = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let at = args.iter().position(|arg| arg == name).or_else(|| args.iter().position(|arg| arg.contains(name)))?;
    let file = if context == "." { "package.json".to_owned() } else { format!("{context}/package.json") };
    let message = format!("there is no script `{name}` in `{file}`");
    known.truncate(OTHERS);
    Some((KeyPath::of(&["services", service.name.as_str(), "command"]).index(at), name, Wrong { message, right: near, others: known }))
}

/// The package manager and the script that a call starts in the folder where it is.
fn started<'a>(call: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let is_elsewhere =
        |word: &&str| ["-w", "-C", "-F", "--workspace", "--prefix", "--cwd", "--dir", "--filter", "--if-present"].iter().any(|option| word.starts_with(option));
    let (manager, name) = match call {
        [manager @ "npm", "run" | "run-script", name, ..]
        | [manager @ ("pnpm" | "yarn"), "run", name, ..]
        | [manager @ ("npm" | "pnpm" | "yarn"), name @ "start", ..] => (*manager, *name),
        _ => return None,
    };
    (!call.iter().any(is_elsewhere) && !name.starts_with('-') && !name.contains('$')).then_some((manager, name))
}

/// What is wrong with a name.
struct Wrong {
    message: String,
    /// The one that is meant.
    right: Option<String>,
    /// What else there is, if nobody knows what is meant.
    others: Vec<String>,
}

/// What names a module or a script: where it is written, the text, and whether its last part may be something in a module.
fn words<'s>(stack: &'s Stack, service: &'s Service) -> Vec<(KeyPath, &'s str, bool)> {
    let root = KeyPath::of(&["services", service.name.as_str()]);
    let mut list = Vec::new();
    for var in &service.env {
        let Some((_, in_module)) = VARIABLES.iter().find(|known| known.0 == var.name) else { continue };
        if let EnvValue::Literal(text) = &var.value {
            if stack.origins.text(&var.declared) == Some(text) {
                list.push((var.declared.clone(), text.as_str(), *in_module));
            }
        }
    }
    if let Command::Gunicorn { app, .. } | Command::Uvicorn { app, .. } = &service.command {
        list.push((root.key("run").key("app"), app.as_str(), false));
    }
    let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let entrypoint = service.process.entrypoint.as_deref().unwrap_or_default();
    let place = |text: &str| {
        let inside = |(key, args): &(&'static str, &[String])| Some(root.key(*key).index(args.iter().position(|arg| arg.contains(text))?));
        [("command", command), ("entrypoint", entrypoint)].iter().find_map(inside)
    };
    let all: Vec<&str> = entrypoint.iter().chain(command).flat_map(|arg| arg.split_whitespace()).map(|word| word.trim_matches(['"', '\''])).collect();
    let is_python = |word: &str| word.rsplit('/').next().is_some_and(|name| name.starts_with("python"));
    let mut add = |text: &'s str, in_module: bool| list.extend(place(text).map(|path| (path, text, in_module)));
    for call in service.calls().iter().filter(|call| !is_elsewhere(call)) {
        let Some((_, options, in_module)) = PROGRAMS.iter().find(|known| known.0 == call[0]) else { continue };
        for word in named(call) {
            // Behind an option stands a file or a class, unless the option is the module's.
            let is_value = options.is_empty() && call.iter().position(|known| *known == word).is_some_and(|at| call[at - 1].starts_with('-'));
            if !is_value || word.contains(':') {
                add(word, *in_module);
            }
        }
    }
    for (at, _) in all.iter().enumerate().filter(|(_, word)| is_python(word)) {
        match all.get(at + 1..).unwrap_or_default() {
            ["-m", module, ..] => add(module, false),
            [script, ..] if is_script(script) => add(script, false),
            _ => {}
        }
    }
    list
}

fn shown(context: &str) -> String {
    if context == "." { "the project's folder".into() } else { format!("`{context}`") }
}

/// What is wrong with the name of a script, and the one that is meant.
fn script(found: &Findings, context: &str, path: &str) -> Option<Wrong> {
    let path = path.trim_start_matches("./");
    if path.starts_with('/') || (found.around.exists)(&format!("{context}/{path}")) {
        return None;
    }
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let names = (found.around.names)(&format!("{context}/{folder}"));
    let near = nearest(name, names.iter().map(String::as_str).filter(|name| is_script(name)))?;
    let right = if folder.is_empty() { near.to_owned() } else { format!("{folder}/{near}") };
    Some(Wrong { message: format!("there is no `{path}` in {}", shown(context)), right: Some(right), others: Vec::new() })
}

/// What is wrong with the name of a module, and the one that is meant. Nothing is known of what has its first folder elsewhere.
fn module(found: &Findings, context: &str, word: &str, in_module: bool) -> Option<Wrong> {
    let (dotted, object) = word.split_once(':').map_or((word, None), |(dotted, object)| (dotted, Some(object)));
    let is_name = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let parts: Vec<&str> = dotted.split('.').collect();
    // `redis:6379` is an address.
    if !parts.iter().all(|part| is_name(part)) || object.is_some_and(|object| object.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let exists = found.around.exists;
    let message = |missing: &str| format!("there is no module `{missing}` in {}", shown(context));
    let (mut folder, mut right, mut wrong) = (context.to_owned(), Vec::new(), None);
    for (at, part) in parts.iter().enumerate() {
        let is_last_of_module = in_module && object.is_none() && at > 0 && at + 1 == parts.len();
        let modules = modules(found, &folder);
        if modules.iter().any(|known| known == part) {
            right.push((*part).to_owned());
        } else if at > 0 && (is_last_of_module || !exists(&format!("{folder}/__init__.py"))) {
            return None;
        } else {
            let near = nearest(part, modules.iter().map(String::as_str)).filter(|near| at > 0 || near.len().abs_diff(part.len()) <= 2);
            wrong = wrong.or(Some(parts[..=at].join(".")));
            match near {
                // Of packages that are installed nothing is known.
                Some(near) if at > 0 || is_module(exists, &folder, near) => right.push(near.to_owned()),
                _ if at > 0 => {
                    let others = modules.iter().take(OTHERS).map(|other| format!("{}.{other}", right.join("."))).collect();
                    return Some(Wrong { message: message(&parts[..=at].join(".")), right: None, others });
                }
                _ => return None,
            }
        }
        let (last, is_end) = (right.last().cloned().unwrap_or_default(), at + 1 == parts.len());
        let next = format!("{folder}/{last}");
        if !is_end && exists(&format!("{next}.py")) && !exists(&next) {
            // A file has no modules below it, only what is in it.
            if !in_module && wrong.is_none() {
                wrong = Some(dotted.to_owned());
            }
            if in_module {
                right.extend(parts[at + 1..].iter().map(|part| (*part).to_owned()));
            }
            break;
        }
        folder = next;
    }
    let missing = wrong?;
    let right = format!("{}{}", right.join("."), object.map(|object| format!(":{object}")).unwrap_or_default());
    Some(Wrong { message: message(&missing), right: Some(right), others: Vec::new() })
}

/// The modules of a folder: files of Python, compiled ones, and folders.
fn modules(found: &Findings, folder: &str) -> Vec<String> {
    let module = |name: String| match name.split_once('.') {
        None => Some(name),
        Some((stem, ending)) => ["py", "pyx", "so", "pyd"].iter().any(|known| ending.rsplit('.').next() == Some(known)).then(|| stem.to_owned()),
    };
    (found.around.names)(folder).into_iter().filter_map(module).filter(|name| name != "__init__").collect()
}
