//! Where profiles are: a name or a path to a file, and the project's root.

use crate::diagnostics::{Diagnostic, nearest};
use crate::source::Files;
use std::path::{Path, PathBuf};

/// Largest file of the project, in bytes, that rules read.
const LARGEST: u64 = 1 << 20;

/// A profile's file and the project that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The file's stem: what the profile is called.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// The folder that holds `profiles/`; paths in a profile are relative to it.
    pub root: PathBuf,
}

impl Located {
    /// True if both are one profile, by whichever path.
    pub fn is_same(&self, other: &Self) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self == other || (self.name == other.name && real(&self.file) == real(&other.file) && real(&self.root) == real(&other.root))
    }

    /// True if the project has this file or folder, as a path from its root.
    pub fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The names in a folder of the project, as a path from its root; none where nothing can be read.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        // Of equally good proposals, the same one everywhere.
        names.sort();
        names
    }

    /// What a file of the project says, as a path from its root; `None` where it cannot be read, or is larger than what people write.
    pub fn text(&self, path: &str) -> Option<String> {
        let path = self.root.join(path);
        let is_small = std::fs::metadata(&path).is_ok_and(|data| data.is_file() && data.len() <= LARGEST);
        is_small.then(|| std::fs::read_to_string(path).ok()).flatten()
    }
}

/// Finds `profile`, a name or a path, from the folder `cwd`.
///
/// # Errors
/// Says which profiles there are when this one is not among them.
pub fn locate(profile: &str, cwd: &Path, files: &Files) -> Result<Located, Diagnostic> {
    let path = cwd.join(profile);
    let looks_like_path = profile.contains('/') || Path::new(profile).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    if looks_like_path {
        if !files.at(&path).exists() {
            return Err(
                Diagnostic::error("missing-file", format!("there is no file `{profile}`")).help("name a profile by its file, or by its name in `profiles/`")
            );
        }
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = path.parent().unwrap_or(cwd);
        let root = root_above(folder).unwrap_or_else(|| folder.to_owned());
        return named(name, path, root);
    }
    let Some(root) = root_above(cwd) else {
        return Err(Diagnostic::error("unknown-profile", format!("there is no profile `{profile}`: no folder `profiles` here or above"))
            .help("make `profiles/production.yaml`, or run infragen inside a project that has one"));
    };
    let mut found = ["yaml", "yml"].map(|ending| root.join("profiles").join(format!("{profile}.{ending}"))).into_iter().filter(|file| files.at(file).exists());
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => {
            return Err(Diagnostic::error(
                "ambiguous-profile",
                format!("the profile `{profile}` is two files: `profiles/{profile}.yaml` and `profiles/{profile}.yml`"),
            )
            .help("remove one of them, or give it another name"));
        }
        (Some(file), None) => return named(profile.to_owned(), file, root),
        _ => {}
    }
    let names = known(&root, files);
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut error = Diagnostic::error("unknown-profile", format!("there is no profile `{profile}`"));
    error = match nearest(profile, names.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`? There are: {list}")),
        None if names.is_empty() => error.help("the folder `profiles` holds no profile"),
        None => error.help(format!("there are: {list}")),
    };
    Err(error)
}

/// The name becomes part of folders and files.
fn named(name: String, file: PathBuf, root: PathBuf) -> Result<Located, Diagnostic> {
    let plain = !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain {
        Ok(Located { name, file, root })
    } else {
        Err(Diagnostic::error("invalid-name", format!("`{}` is no name for a profile", name.escape_debug()))
            .help("rename the file: letters, digits, `.`, `_` and `-`, such as `production.yaml`"))
    }
}

/// Names of the profiles in `root/profiles`, sorted.
pub fn known(root: &Path, files: &Files) -> Vec<String> {
    let entries = std::fs::read_dir(files.at(&root.join("profiles"))).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") && path.is_file())
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The nearest folder from `folder` upwards that holds `profiles/`.
pub fn root_above(folder: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder).ok()?;
    absolute.ancestors().find(|above| above.join("profiles").is_dir()).map(Path::to_owned)
}
