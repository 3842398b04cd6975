//! Templates of a team's own, each in the place of one of infragen's.

use super::Template;
use crate::diagnostics::{Diagnostic, io_reason, nearest};
use crate::source::Files;
use std::collections::BTreeMap;
use std::path::Path;

/// Larger is no template.
const MAX_BYTES: u64 = 1024 * 1024;

/// One template of a user's own.
#[derive(Debug)]
pub struct OwnTemplate {
    /// Its path, as messages show it.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// The templates of one folder, by the name of the one whose place they take.
#[derive(Debug, Default)]
pub struct OwnTemplates(BTreeMap<String, OwnTemplate>);

impl OwnTemplates {
    /// Reads a folder. Each of its files takes the place of one of the templates, or of one that they include.
    ///
    /// # Errors
    /// What cannot be read, and files that take nobody's place.
    pub fn read(folder: &Path, (cwd, files): (&Path, &Files), templates: impl Iterator<Item = &'static Template>) -> Result<Self, Vec<Diagnostic>> {
        let copy = files.at(folder);
        let show = |path: &Path| {
            let path =
                path.strip_prefix(&copy).map_or_else(|_| path.to_owned(), |below| if below == Path::new("") { folder.to_owned() } else { folder.join(below) });
            path.strip_prefix(cwd).unwrap_or(&path).display().to_string()
        };
        let failed = |path: &Path, error: &std::io::Error| Diagnostic::error("io-error", format!("cannot read `{}`: {}", show(path), io_reason(error)));
        let mut known = Vec::new();
        for template in templates {
            names(template, &mut known);
        }
        let (mut found, mut errors) = (BTreeMap::new(), Vec::new());
        let mut open = vec![copy.clone()];
        while let Some(next) = open.pop() {
            let entries = match std::fs::read_dir(&next).and_then(Iterator::collect::<std::io::Result<Vec<_>>>) {
                Ok(entries) => entries,
                Err(error) => {
                    errors.push(failed(&next, &error).help("`templates` names a folder below the project's root"));
                    continue;
                }
            };
            for path in entries.into_iter().map(|entry| entry.path()) {
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                    continue;
                }
                let parts: Vec<_> = path.strip_prefix(&copy).unwrap_or(&path).components().map(|part| part.as_os_str().to_string_lossy()).collect();
                let name = parts.join("/");
                // Such as what editors leave, or a guide for those who come later.
                if name.rsplit('/').next().is_some_and(|file| file.starts_with('.') || file == "README.md") {
                    continue;
                }
                if !known.contains(&name.as_str()) {
                    let near = nearest(&name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                    let help = near.unwrap_or_else(|| format!("there are: {}", known.join(", ")));
                    errors.push(Diagnostic::error("unknown-reference", format!("`{}` takes the place of no template of infragen's", show(&path))).help(help));
                    continue;
                }
                let read = match path.metadata() {
                    Ok(metadata) if metadata.len() > MAX_BYTES => Err(std::io::Error::other("it is larger than 1 MiB")),
                    _ => std::fs::read_to_string(&path),
                };
                match read {
                    Ok(text) => drop(found.insert(name, OwnTemplate { shown: show(&path), text })),
                    Err(error) => errors.push(failed(&path, &error)),
                }
            }
        }
        errors.sort_by(|a, b| a.message.cmp(&b.message));
        if errors.is_empty() { Ok(Self(found)) } else { Err(errors) }
    }

    /// True if nobody's place is taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What takes the place of a template.
    pub fn get(&self, name: &str) -> Option<&OwnTemplate> {
        self.0.get(name)
    }

    /// The first one that has a part in what a template prints.
    pub fn used(&self, template: &Template) -> Option<&OwnTemplate> {
        self.get(template.name).or_else(|| template.includes.iter().find_map(|include| self.used(include)))
    }

    /// Those that have a part in what a template prints, in words.
    pub fn uses(&self, template: &Template) -> Vec<String> {
        let mut list = Vec::new();
        names(template, &mut list);
        list.into_iter().filter_map(|name| self.get(name)).map(|own| format!("the template `{}`", own.shown)).collect()
    }
}

/// The names of a template and of all that it includes.
fn names(template: &Template, list: &mut Vec<&'static str>) {
    if !list.contains(&template.name) {
        list.push(template.name);
    }
    template.includes.iter().for_each(|include| names(include, list));
}
