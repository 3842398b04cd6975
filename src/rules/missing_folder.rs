//! A folder or a file of the project is not there.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{FileContent, FileSource, RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-folder",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A folder or a file that the profile names is not there",
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
