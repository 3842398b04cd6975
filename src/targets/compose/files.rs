//! Files and folders of the host that containers mount.

use super::super::kubernetes::digest;
use super::FILE;
use super::own::from_here;
use super::text::Text;
use super::view::BindView;
use crate::render::Artifact;
use crate::stack::{File, FileContent, Service, Stack};
use serde::Serialize;

/// Where files are whose texts stand in the profile: one folder for each service or store, and in it their paths in the container.
const FOLDER: &str = "files";

#[derive(Serialize)]
struct FileView<'a> {
    text: &'a str,
}

/// The files whose texts stand in the profile.
pub fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let mut list = Vec::new();
    for (name, files) in stack.mounted_files() {
        for file in files {
            let FileContent::Text { text, executable, owner } = &file.content else { continue };
            if owner == name {
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
    folders.chain(of_files(stack, &service.files)).collect()
}

/// Files, each from where it is.
pub fn of_files(stack: &Stack, files: &[File]) -> Vec<BindView> {
    let bind = |file: &File| {
        let source = match &file.content {
            FileContent::Source(path) => from_here(stack, path.as_str()),
            FileContent::Text { owner, .. } => format!("./{FOLDER}/{owner}{}", file.path),
        };
        BindView { source: Text::literal(&source), target: file.path.to_string(), read_only: true }
    };
    files.iter().map(bind).collect()
}

/// Changes with the texts: a container keeps the files that it started with. Those for the first start of a server are no reason to stop it.
pub fn label(files: &[File]) -> Option<String> {
    let texts: Vec<&str> = files
        .iter()
        .filter(|file| !file.is_for_the_first_start())
        .filter_map(|file| match &file.content {
            FileContent::Text { text, executable, .. } => Some([file.path.as_str(), if *executable { "\0x\0" } else { "\0-\0" }, text, "\0"]),
            FileContent::Source(_) => None,
        })
        .flatten()
        .collect();
    (!texts.is_empty()).then(|| digest(&texts))
}
