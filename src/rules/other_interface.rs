//! An application is started by a server that calls it in another way.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Interface, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-interface",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "An application of WSGI is started as one of ASGI, or the other way round",
    why: "The server starts, and every request fails: it calls the application with what that one does not take.",
    instead: "Write `interface: wsgi` in `run`, or leave it out: `run: {server: gunicorn, app: \"shop.wsgi:application\", interface: wsgi}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let at = |key| KeyPath::of(&["services", service.name.as_str(), key]);
        match &service.command {
            Command::Gunicorn { app, interface: Interface::Asgi, .. } if names(app.as_str(), "wsgi") => {
                let message = format!("`run` starts ASGI, and `{app}` looks like WSGI");
                let help =
                    format!("Add `interface: wsgi` to `run`, or write `app: \"{}\"` if the project has that module.", app.as_str().replace("wsgi", "asgi"));
                found.with_help(at("run").key("app"), message, help);
            }
            Command::Gunicorn { app, interface: Interface::Wsgi, .. } if names(app.as_str(), "asgi") => {
                let message = format!("`run` starts WSGI, and `{app}` looks like ASGI");
                found.with_help(at("run").key("interface"), message, "Write `interface: asgi`.".into());
            }
            Command::Uvicorn { app, .. } if names(app.as_str(), "wsgi") => {
                let message = format!("Uvicorn starts ASGI, and `{app}` looks like WSGI");
                let help = format!("Write `run: {{server: gunicorn, app: \"{app}\", interface: wsgi}}`.");
                found.with_help(at("run").key("app"), message, help);
            }
            Command::Args(args) => {
                let Some(app) = args.iter().find(|arg| names(arg, "asgi")).filter(|_| starts_wsgi(service, args)) else { continue };
                let message = format!("Gunicorn alone starts WSGI, and `{app}` looks like ASGI");
                // Only an image that is built here has `run`.
                let run = format!("write `run: {{server: gunicorn, app: \"{app}\"}}` in place of `command`, or ");
                let run = if service.build.is_some() { run.as_str() } else { "" };
                let help = format!("To start it, {run}add `--worker-class`, `uvicorn.workers.UvicornWorker`.");
                found.with_help(at("command"), message, help);
            }
            Command::Image | Command::Gunicorn { .. } | Command::Uvicorn { .. } => {}
        }
    }
}

/// True for `shop.wsgi:application` and `shop:wsgi_app`.
fn names(app: &str, interface: &str) -> bool {
    app.contains(':') && app.split(['.', ':', '_']).any(|part| part == interface)
}

/// True for Gunicorn without another class of workers, as far as the profile says.
fn starts_wsgi(service: &Service, args: &[String]) -> bool {
    let is_gunicorn = args.first().is_some_and(|program| program == "gunicorn" || program.ends_with("/gunicorn"));
    let has_class = args.iter().any(|arg| arg.starts_with("-k") || arg.starts_with("--worker-class") || arg.starts_with("-c") || arg.starts_with("--config"));
    is_gunicorn && !has_class && service.env.iter().all(|var| var.name != "GUNICORN_CMD_ARGS")
}
