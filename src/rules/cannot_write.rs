//! A program cannot write where it has to.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{Command, File, Service, Stack, Tmpfs};

/// The rule.
pub const RULE: Rule = Rule {
    id: "cannot-write",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "An image of others makes files where all is read-only",
    why: "Containers write to their volumes and to folders in memory alone, and have no rights of root. MySQL makes its socket in /var/run/mysqld, the official nginx its folders in /var/cache/nginx: they end when they start.",
    instead: "Give it the folder in memory, such as `tmpfs: {/var/run/mysqld: 1Mi}`; or take an image that is made for it, such as `nginxinc/nginx-unprivileged`.",
    check,
};

/// Folders of the official nginx.
const OF_NGINX: [&str; 2] = ["/var/cache/nginx", "/run"];

/// What one container may write to, and what tells its program to write elsewhere.
struct Room<'s> {
    name: &'s str,
    path: KeyPath,
    image: &'s str,
    tmpfs: &'s [Tmpfs],
    volumes: Vec<&'s str>,
    files: &'s [File],
    command: Vec<&'s str>,
}

fn check(stack: &Stack, found: &mut Findings) {
    let stores = stack.backing_services.iter().filter_map(|store| {
        let (container, server) = (store.kind.container()?, store.server.as_ref()?);
        let command = container.entrypoint.iter().flatten().chain(&server.command).map(String::as_str).collect();
        container.read_only.then(|| Room {
            name: store.name.as_str(),
            path: KeyPath::of(&["backing_services", store.name.as_str()]),
            image: container.image.name.as_str(),
            tmpfs: &container.tmpfs,
            volumes: container.volumes.iter().map(|volume| volume.path.as_str()).collect(),
            files: &server.files,
            command,
        })
    });
    let services = stack.services.iter().filter_map(|service| of_service(stack, service));
    for room in stores.chain(services) {
        let lacking: Vec<String> = known_images::writes(room.image)
            .iter()
            .filter(|(folder, _)| !room.has(folder) && !room.is_told_elsewhere())
            .map(|(folder, size)| format!("{folder}: {size}"))
            .collect();
        if !lacking.is_empty() {
            let (list, folder) = (lacking.join(", "), lacking[0].split(':').next().unwrap_or_default());
            let message = format!("`{}` writes to {folder}, where all is read-only: it ends when it starts", room.name);
            // What is there already stays.
            let (path, help) = if stack.origins.is_written(&room.path.key("tmpfs")) {
                (room.path.key("tmpfs"), format!("Add `{list}` to its `tmpfs`."))
            } else {
                (room.path.clone(), format!("Add `tmpfs: {{{list}}}` to `{}`.", room.name))
            };
            found.with_help(path, message, help);
        }
    }
    for service in stack.services.iter().filter(|service| known_images::is_nginx(service.image.name.as_str())) {
        nginx(stack, service, found);
    }
}

/// The official nginx, which starts as root, makes folders, and gives its rights away.
fn nginx(stack: &Stack, service: &Service, found: &mut Findings) {
    let Some(room) = of_service(stack, service) else { return };
    let is_another_user = service.user.as_ref().is_some_and(|user| user.ids().0 != 0);
    let is_configured =
        room.files.iter().any(|file| file.path.as_str() == "/etc/nginx/nginx.conf") || room.command.iter().any(|word| ["-c", "-g"].contains(word));
    if is_configured || (is_another_user && OF_NGINX.iter().all(|folder| room.has(folder))) {
        return;
    }
    let message =
        format!("`{}` is the official nginx, which makes its folders as root in /var/cache/nginx, where all is read-only: it ends when it starts", room.name);
    let image = format!("image: {{name: nginxinc/nginx-unprivileged, tag: \"{}\"}}", service.image.tag);
    let port = if service.port.is_some() { " and `port: 8080`, where it listens" } else { "" };
    found.with_help(room.path.key("image"), message, format!("Write `{image}`{port}; it needs no `tmpfs` for itself."));
}

/// What a service may write to that runs an image of others as it is; nothing where somebody changes its container by hand.
fn of_service<'s>(stack: &Stack, service: &'s Service) -> Option<Room<'s>> {
    let given: &[String] = if let Command::Args(args) = &service.command { args } else { &[] };
    let command: Vec<&str> = service.process.entrypoint.iter().flatten().chain(given).map(String::as_str).collect();
    let image = service.image.name.as_str();
    let program = command.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    let server = match known_images::known(image) {
        Some(known) => command.is_empty() || known.is_started_by(given),
        None => program.is_none_or(|program| ["nginx", "httpd", "httpd-foreground", "postgres"].contains(&program)),
    };
    let by_hand = !service.escape.compose.is_empty() || !service.escape.container.is_empty();
    let is_patched = stack.patches.iter().any(|patch| patch.target.to_string().split(['/', ':']).any(|part| part == service.name.as_str()));
    (server && service.build_context().is_none() && !by_hand && !is_patched).then(|| Room {
        name: service.name.as_str(),
        path: KeyPath::of(&["services", service.name.as_str()]),
        image,
        tmpfs: &service.tmpfs,
        volumes: service.volumes.iter().map(|mount| mount.path.as_str()).collect(),
        files: &service.files,
        command,
    })
}

impl Room<'_> {
    /// True if it may write to a folder: itself, or one above; `/var/run` is `/run`.
    fn has(&self, folder: &str) -> bool {
        let plain = |path: &str| path.strip_prefix("/var").filter(|rest| rest.starts_with("/run")).unwrap_or(path).trim_end_matches('/').to_owned();
        let wanted = plain(folder);
        let mut there = self.tmpfs.iter().map(|tmpfs| tmpfs.path.as_str()).chain(self.volumes.iter().copied());
        there.any(|path| wanted == plain(path) || wanted.starts_with(&format!("{}/", plain(path))))
    }

    /// True if a file or an argument may name another folder for its socket.
    fn is_told_elsewhere(&self) -> bool {
        let is_setting = |file: &File| [".cnf", ".conf"].iter().any(|end| file.path.as_str().ends_with(end));
        let is_word = |word: &&str| ["socket", "pid-file", "pid_file", "unix_socket", "PidFile"].iter().any(|what| word.contains(what));
        self.files.iter().any(is_setting) || self.command.iter().any(is_word)
    }
}
