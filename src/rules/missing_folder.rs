//! A folder or a file of the project is not there.

use super::{Applies, Findings, Rule, missing_module, quoted};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Build, Command, FileContent, FileSource, RouteAction, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-folder",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A folder or a file that the profile names, or a build needs, is not there",
    why: "A build without its context fails, a container whose file or folder is missing does not start, and in place of nginx' files Docker makes an empty folder.",
    instead: "Correct the path, which starts at the folder that holds `profiles/`, or make it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (service, build) in stack.builders() {
        let context = build.context.as_str();
        if !(found.around.exists)(context) {
            found.at(KeyPath::of(&["services", service.name.as_str(), "build", "context"]), format!("there is no folder `{context}`"));
            continue;
        }
        for (at, path) in build.include.iter().enumerate() {
            if !(found.around.exists)(&format!("{context}/{path}")) {
                let place = KeyPath::of(&["services", service.name.as_str(), "build", "include"]).index(at);
                found.at(place, format!("there is no `{path}` in `{context}`"));
            }
        }
    }
    for (service, build) in stack.builders().filter(|(_, build)| (found.around.exists)(build.context.as_str())).collect::<Vec<_>>() {
        dependencies(stack, service, build, found);
        module(service, build, found);
    }
    for service in &stack.services {
        if let Some(build) = service.build.as_ref().filter(|build| (found.around.exists)(build.context.as_str())) {
            called(service, build, found);
        }
    }
    for service in &stack.services {
        let build = service.own_build.as_ref().filter(|_| service.image_owner == service.name);
        for (key, path) in build.into_iter().flat_map(|build| [("context", build.context.as_str()), ("dockerfile", build.dockerfile.as_str())]) {
            if path != "." && !(found.around.exists)(path) {
                found.at(KeyPath::of(&["services", service.name.as_str(), "build", key]), format!("there is no `{path}`"));
            }
        }
    }
    for (name, files) in stack.mounted_files() {
        let section = if stack.service(name).is_some() { "services" } else { "backing_services" };
        for file in files {
            if let FileContent::Source(source) = &file.content {
                if !(found.around.exists)(source.as_str()) {
                    found.at(KeyPath::of(&[section, name.as_str(), "files", file.path.as_str(), "source"]), format!("there is no file `{source}`"));
                }
            }
        }
    }
    for host in stack.edge.iter().flat_map(|edge| &edge.hosts) {
        for route in &host.routes {
            let RouteAction::Files { source: FileSource::Folder(folder), fallback, .. } = &route.action else { continue };
            let place = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str()]);
            if !(found.around.exists)(folder.as_str()) {
                found.at(place.key("files"), format!("there is no folder `{folder}`"));
            } else if let Some(file) = fallback.as_ref().filter(|file| !(found.around.exists)(&format!("{folder}/{file}"))) {
                found.at(place.key("fallback"), format!("there is no `{file}` in `{folder}`"));
            }
        }
    }
}

/// What says which dependencies there are is in the repository.
fn dependencies(stack: &Stack, service: &Service, build: &Build, found: &mut Findings) {
    let (context, manager) = (build.context.as_str(), build.package_manager);
    let missing: Vec<&str> = manager.files().iter().copied().filter(|file| !(found.around.exists)(&format!("{context}/{file}"))).collect();
    let tool = manager.as_str();
    let help = match missing.as_slice() {
        [] => return,
        ["requirements.txt"] => "Write one, or name what else installs the dependencies: `package_manager: uv` or `package_manager: poetry`.".into(),
        ["pyproject.toml"] => "The lock file belongs to one: commit it.".into(),
        [lock] => format!("`{tool} lock` makes it: commit `{lock}`."),
        _ => format!("`{tool} init` and `{tool} lock` make them: commit both. With a `requirements.txt`, write `package_manager: pip`."),
    };
    let root = KeyPath::of(&["services", service.name.as_str(), "build"]);
    let at = if stack.origins.is_written(&root.key("package_manager")) { root.key("package_manager") } else { root };
    found.with_help(at, format!("{tool} installs the dependencies from what is not in `{context}`: `{}`", missing.join("`, `")), help);
}

/// The module that `run` names is in the image.
fn module(service: &Service, build: &Build, found: &mut Findings) {
    let (Command::Gunicorn { app, .. } | Command::Uvicorn { app, .. }) = &service.command else { return };
    let (app, context) = (app.as_str(), build.context.as_str());
    let module = app.split([':', '.']).next().unwrap_or_default();
    let is_it = |path: &str| path == "." || path.strip_suffix(".py").unwrap_or(path) == module || path.starts_with(&format!("{module}/"));
    // With a path of Python's own, modules are anywhere; nor is an empty list one.
    let is_elsewhere = build.include.is_empty() || service.env.iter().any(|var| var.name == "PYTHONPATH");
    if is_elsewhere || build.include.iter().any(|path| is_it(path.as_str())) {
        return;
    }
    let exists = found.around.exists;
    let inside = build.include.iter().find(|folder| missing_module::is_module(exists, &format!("{context}/{folder}"), module));
    let help = match inside {
        Some(folder) => format!("Write `app: \"{}.{app}\"`: modules are named from the root of what the image carries.", folder.as_str().replace('/', ".")),
        None if exists(&format!("{context}/{module}.py")) => format!("Add `{module}.py` to the `include` of its `build`."),
        None => format!("Add `{module}` to the `include` of its `build`, or correct the module."),
    };
    let path = KeyPath::of(&["services", service.name.as_str(), "run", "app"]);
    found.with_help(path, format!("`include` does not name `{module}`: the image of `{}` does not have it", service.name), help);
}

/// What commands call, and what that reads, is in the image: files and folders that are in the project, and not in `include`.
fn called(service: &Service, build: &Build, found: &mut Findings) {
    let Command::Args(words) = &service.command else { return };
    let (context, exists) = (build.context.as_str(), found.around.exists);
    let is_included = |path: &str| build.include.iter().any(|known| known.as_str() == "." || path == known.as_str() || path.starts_with(&format!("{known}/")));
    // An empty list is no choice; elsewhere means another folder to start from.
    if build.include.is_empty() || service.env.iter().any(|var| var.name == "PYTHONPATH") {
        return;
    }
    // `python FILE`, `bash FILE`, `fastapi run FILE`, `-c FILE`.
    let is_file = |word: &&str| [".py", ".sh", ".ini", ".toml"].iter().any(|end| word.ends_with(end)) && !word.starts_with(['/', '-']);
    let mut paths: Vec<String> = words.iter().flat_map(|word| word.split_whitespace()).filter(is_file).map(str::to_owned).collect();
    for call in service.calls() {
        if missing_module::is_elsewhere(&call) {
            continue;
        }
        paths.extend(read(&call, &|path| exists(&format!("{context}/{path}"))));
    }
    let mut lacking: Vec<&str> = Vec::new();
    for path in paths.iter().map(|path| path.trim_start_matches("./")) {
        if !is_included(path) && !lacking.contains(&path) && exists(&format!("{context}/{path}")) {
            lacking.push(path);
        }
    }
    // With a folder comes what is in it.
    let lacking: Vec<&str> = lacking.iter().copied().filter(|path| !lacking.iter().any(|other| path.starts_with(&format!("{other}/")))).collect();
    if !lacking.is_empty() {
        let message = format!("`include` does not name what the command of `{}` needs: the image does not have it", service.name);
        let help = format!("Add {} to the `include` of the `build` of `{}`.", quoted(lacking), service.image_owner);
        found.with_help(KeyPath::of(&["services", service.name.as_str(), "command"]), message, help);
    }
}

/// Files and folders of the project that a call reads, if they are there.
fn read(call: &[&str], is_there: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let Some(program) = call.first() else { return paths };
    match *program {
        "alembic" => {
            let has_config = !calls::values(call, &["-c", "--config"]).is_empty();
            paths.extend((!has_config).then(|| "alembic.ini".to_owned()));
            paths.extend(["alembic", "migrations"].into_iter().filter(|folder| is_there(&format!("{folder}/env.py"))).map(str::to_owned));
        }
        "flask" if call.get(1) == Some(&"db") => paths.extend(is_there("migrations/env.py").then(|| "migrations".to_owned())),
        "gunicorn" if calls::values(call, &["-c", "--config"]).is_empty() => paths.push("gunicorn.conf.py".into()),
        _ => {}
    }
    for word in missing_module::named(call) {
        let module = word.split([':', '.']).next().unwrap_or_default();
        let is_name = !module.is_empty() && module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name && is_there(&format!("{module}.py")) {
            paths.push(format!("{module}.py"));
        } else if is_name && is_there(&format!("{module}/__init__.py")) {
            paths.push(module.to_owned());
        }
    }
    paths
}
