//! Files and folders of the host that services of the user's own mount.

use super::super::kubernetes::digest;
use super::FILE;
use super::own::from_here;
use super::text::Text;
use super::view::BindView;
use crate::render::Artifact;
use crate::stack::{FileContent, Service, Stack};
use serde::Serialize;

/// Where files are whose texts stand in the profile: one folder for each service, and in it their paths in the container.
const FOLDER: &str = "files";

#[derive(Serialize)]
struct FileView<'a> {
    text: &'a str,
}

/// The files whose texts stand in the profile.
pub fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let mut list = Vec::new();
    for service in &stack.services {
        for file in &service.files {
            let FileContent::Text { text, executable, owner } = &file.content else { continue };
            if *owner == service.name {
                let artifact = Artifact::new(format!("{FOLDER}/{owner}{}", file.path), &FILE, &FileView { text });
                list.push(if *executable { artifact.executable() } else { artifact });
            }
        }
    }
    list
}

/// Folders of the host that are volumes, then files.
pub fn binds(stack: &Stack, service: &Service) -> Vec<BindView> {
    let folders = service.volumes.iter().filter_map(|mount| {
        let host = stack.volumes.iter().find(|volume| volume.name == mount.volume)?.host()?;
        let source = if host.starts_with('/') { host.to_owned() } else { from_here(stack, host) };
        Some(BindView { source: Text::literal(&source), target: mount.path.to_string(), read_only: mount.read_only })
    });
    let files = service.files.iter().map(|file| {
        let source = match &file.content {
            FileContent::Source(path) => from_here(stack, path.as_str()),
            FileContent::Text { owner, .. } => format!("./{FOLDER}/{owner}{}", file.path),
        };
        BindView { source: Text::literal(&source), target: file.path.to_string(), read_only: true }
    });
    folders.chain(files).collect()
}

/// Changes with the texts: a container keeps the files that it started with.
pub fn label(service: &Service) -> Option<String> {
    let texts: Vec<&str> = service
        .files
        .iter()
        .filter_map(|file| match &file.content {
            FileContent::Text { text, executable, .. } => Some([file.path.as_str(), if *executable { "\0x\0" } else { "\0-\0" }, text, "\0"]),
            FileContent::Source(_) => None,
        })
        .flatten()
        .collect();
    (!texts.is_empty()).then(|| digest(&texts))
}
