//! ConfigMaps with the files that pods mount.

use super::{FILES, Head, names, path};
use crate::render::Artifact;
use crate::stack::{File, FileContent, Stack};
use crate::values::ServiceName;
use serde::Serialize;

#[derive(Serialize)]
struct FilesView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    maps: Vec<Map<'a>>,
}

/// The texts that stand at one service or backing service.
#[derive(Serialize)]
struct Map<'a> {
    name: String,
    owner: &'a str,
    files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    key: String,
    path: &'a str,
    text: &'a str,
}

/// The texts of one service in the pod of another, or of the same.
#[derive(Serialize)]
pub struct Mounted<'a> {
    /// Name in the pod.
    name: String,
    map: String,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    key: String,
    path: &'a str,
    mode: u16,
    octal: &'static str,
}

/// The file with all of them, if there are any.
pub fn artifact(stack: &Stack, head: &Head) -> Option<Artifact> {
    let maps: Vec<Map> = stack
        .mounted_files()
        .filter_map(|(name, files)| {
            let texts: Vec<Text> = texts(files).filter(|text| text.owner == name).collect();
            let keys = keys(&texts);
            let files: Vec<Entry> = texts.iter().zip(keys).map(|(text, key)| Entry { key, path: text.file.path.as_str(), text: text.content }).collect();
            (!files.is_empty()).then(|| Map { name: map_name(stack, name), owner: name.as_str(), files })
        })
        .collect();
    (!maps.is_empty()).then(|| Artifact::new(path("files"), &FILES, &FilesView { head, maps }))
}

/// The files of a pod.
pub fn mounted<'a>(stack: &'a Stack, files: &'a [File]) -> Vec<Mounted<'a>> {
    let mut list: Vec<Mounted> = Vec::new();
    for text in texts(files) {
        let map = map_name(stack, text.owner);
        // The keys are those of all texts that stand at the owner: this service may have a file of its own in place of one.
        let owner = stack.mounted_files().find(|(name, _)| *name == text.owner);
        let all: Vec<Text> = owner.map(|(name, files)| texts(files).filter(|other| other.owner == name).collect()).unwrap_or_default();
        let Some(key) = all.iter().zip(keys(&all)).find(|(other, _)| other.file.path == text.file.path).map(|(_, key)| key) else { continue };
        let (mode, octal) = if text.executable { (0o755, "0755") } else { (0o644, "0644") };
        let item = Item { key, path: text.file.path.as_str(), mode, octal };
        match list.iter_mut().find(|mounted| mounted.map == map) {
            Some(mounted) => mounted.items.push(item),
            None => list.push(Mounted { name: format!("files-{}", text.owner), map, items: vec![item] }),
        }
    }
    list
}

/// Changes with the texts; `None` if there are none. Those for the first start of a server are no reason to stop it.
pub fn checksum(files: &[File]) -> Option<String> {
    let texts: Vec<&str> =
        texts(files).filter(|text| !text.file.is_for_the_first_start()).flat_map(|text| [text.file.path.as_str(), "\0", text.content, "\0"]).collect();
    (!texts.is_empty()).then(|| names::digest(&texts))
}

struct Text<'a> {
    file: &'a File,
    content: &'a str,
    executable: bool,
    owner: &'a ServiceName,
}

fn texts(files: &[File]) -> impl Iterator<Item = Text<'_>> {
    files.iter().filter_map(|file| match &file.content {
        FileContent::Text { text, executable, owner } => Some(Text { file, content: text, executable: *executable, owner }),
        FileContent::Source(_) => None,
    })
}

/// Apart from the ConfigMaps of environments, which have the names of services.
fn map_name(stack: &Stack, owner: &ServiceName) -> String {
    names::free(&format!("{owner}-files"), |name| stack.services.iter().any(|service| service.name.as_str() == name))
}

/// The key of each text: its path, in characters that a key may have.
fn keys(texts: &[Text]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for text in texts {
        let plain: String = text.file.path.as_str().chars().skip(1).map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
        // A key has a limit, and its end says most.
        let plain = plain.chars().skip(plain.len().saturating_sub(200)).collect::<String>();
        keys.push(names::free(&plain, |name| keys.iter().any(|key| key == name)));
    }
    keys
}
