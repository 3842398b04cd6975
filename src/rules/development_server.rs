//! What serves users is made for development.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "development-server",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A server that is made for development serves users",
    why: "It has one process, watches the whole tree, restarts when anything is written there, and shows its internals with each mistake.",
    instead: "Remove `reload`, and start the server that is made for users; the other one belongs into the development profile.",
    check,
};

/// Servers for development: how their call starts, and what to write for it; PORT is the service's port.
const SERVERS: [(&[&str], &str); 23] = [
    (&["flask", "run"], WSGI),
    (&["manage.py", "runserver"], WSGI),
    (&["django-admin", "runserver"], WSGI),
    (&["fastapi", "dev"], "Write `run` for `dev`"),
    (&["next", "dev"], "Write `start` for `dev`, and let the image be built by `next build`"),
    (&["nuxt", "dev"], NODE),
    (&["nuxi", "dev"], NODE),
    (&["astro", "dev"], NODE),
    (&["npm", "run", "dev"], "Write `command: [npm, start]`, or what else starts the project for users"),
    (&["yarn", "dev"], "Write `command: [yarn, start]`, or what else starts the project for users"),
    (&["yarn", "run", "dev"], "Write `command: [yarn, start]`, or what else starts the project for users"),
    (&["pnpm", "dev"], "Write `command: [pnpm, start]`, or what else starts the project for users"),
    (&["pnpm", "run", "dev"], "Write `command: [pnpm, start]`, or what else starts the project for users"),
    (&["vite"], NODE),
    (&["webpack", "serve"], NODE),
    (&["webpack-dev-server"], NODE),
    (&["ng", "serve"], NODE),
    (&["nodemon"], "Write `node` for `nodemon`"),
    (&["ts-node-dev"], "Compile it when the image is built, and start it by `node`"),
    (&["tsx", "watch"], "Leave out `watch`"),
    (&["air"], "Compile the program when the image is built, and start it itself"),
    (&["artisan", "serve"], "Start it by php-fpm or FrankenPHP"),
    (&["php", "-S"], "Start it by php-fpm or FrankenPHP"),
];
const WSGI: &str = "Write `command: [gunicorn, --bind, \"0.0.0.0:PORT\", \"APP\"]`";
/// The same where the image is built here.
const RUN: &str = "Write `run: {server: gunicorn, app: \"APP\", interface: wsgi}` in place of `command`";
const NODE: &str = "Build the pages with the image, and start the server that the build makes; pages alone are served by a route, `/: {files: dist}`";
/// Servers that are for users without `--reload`.
const RELOADED: [&str; 5] = ["uvicorn", "gunicorn", "hypercorn", "granian", "fastapi"];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let at = |key| KeyPath::of(&["services", service.name.as_str(), key]);
        if let Command::Uvicorn { reload: true, .. } = service.command {
            found.with_help(
                at("run").key("reload"),
                format!("`{}` reloads", service.name),
                "Remove `reload`, or set it in the development profile only.".into(),
            );
            continue;
        }
        // What starts a server is the last call.
        let calls = service.calls();
        let Some(call) = calls.last() else { continue };
        // `vite build` and `vite preview` are others.
        let is_it = |start: &[&str]| call.starts_with(start) && (start != ["vite"] || call.get(1).is_none_or(|word| word.starts_with('-') || *word == "dev"));
        let (what, help) = if let Some((start, help)) = SERVERS.iter().find(|(start, _)| is_it(start)) {
            let port = service.port.map_or(8000, crate::values::Port::get).to_string();
            let help = if *help == WSGI && service.build.is_some() { RUN } else { help };
            (start.join(" "), help.replace("PORT", &port).replace("APP", &application(service, call)))
        } else if RELOADED.contains(&call[0]) && call.contains(&"--reload") {
            (format!("{} --reload", call[0]), "Leave out `--reload`".to_owned())
        } else {
            continue;
        };
        let message = format!("`{what}`, which starts `{}`, is made for development", service.name);
        found.with_help(at("command"), message, format!("{help}; as it is now, it belongs into the development profile."));
    }
}

/// The application of WSGI, as far as the call or a variable names it.
fn application(service: &Service, call: &[&str]) -> String {
    let variable = |name: &str| {
        service.env.iter().find(|var| var.name == name).and_then(|var| if let EnvValue::Literal(text) = &var.value { Some(text.as_str()) } else { None })
    };
    if call[0] == "flask" {
        let app = calls::values(call, &["--app", "-A"]).first().copied().or_else(|| variable("FLASK_APP")).unwrap_or("app");
        let app = app.strip_suffix(".py").unwrap_or(app);
        return if app.contains(':') { app.to_owned() } else { format!("{app}:app") };
    }
    let settings = variable("DJANGO_SETTINGS_MODULE").and_then(|settings| settings.split_once(".settings")).map_or("PROJECT", |(package, _)| package);
    format!("{settings}.wsgi:application")
}
