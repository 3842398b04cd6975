//! Output folders of profiles that are gone: deleted, or renamed.

use super::{Lock, Output};
use crate::source::Files;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An output folder, and the lock of a profile that is not there any more.
#[derive(Debug)]
pub struct Gone {
    /// Where the profile was.
    pub file: PathBuf,
    /// The folder, and what the profile wrote there.
    pub lock: Lock,
    /// The folder as an output folder.
    pub output: Output,
}

/// The folders of profiles that are gone, sorted: looked for where output folders of the project are, and where they are by default.
pub fn gone(root: &Path, outputs: &[&Path], files: &Files, cwd: &Path) -> Vec<Gone> {
    let places: BTreeSet<PathBuf> = outputs.iter().filter_map(|output| output.parent()).map(Path::to_owned).chain([root.join("deploy")]).collect();
    let within = places.iter().filter(|place| place.starts_with(root));
    let mut folders: BTreeSet<PathBuf> =
        within.filter_map(|place| std::fs::read_dir(place).ok()).flatten().flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.retain(|folder| !outputs.contains(&folder.as_path()) && !folder.is_symlink() && !folder.join("profiles").is_dir());
    folders.into_iter().filter_map(|folder| one(root, &folder, files, cwd)).collect()
}

fn one(root: &Path, folder: &Path, files: &Files, cwd: &Path) -> Option<Gone> {
    let below = folder.strip_prefix(root).ok()?.to_str()?;
    let output = Output::in_project(root, below, cwd);
    let lock = Lock::of(&output)?;
    let usual = ["yaml", "yml"].map(|ending| root.join("profiles").join(format!("{}.{ending}", lock.profile)));
    let candidates = lock.from.as_ref().map_or_else(|| usual.to_vec(), |from| vec![root.join(from)]);
    let is_there = candidates.iter().any(|file| files.at(file).exists());
    (!is_there).then(|| Gone { file: candidates[0].clone(), lock, output })
}
