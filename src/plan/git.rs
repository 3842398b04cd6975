//! What git knows of an output folder.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

/// Paths below `folder` that are in the index; `None` if there is no work tree, or no git.
pub fn tracked(folder: &Path) -> Option<BTreeSet<String>> {
    let existing = folder.ancestors().find(|above| above.is_dir())?;
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--full-name", "--", "."])
        .current_dir(existing)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let top = Command::new("git").args(["rev-parse", "--show-prefix"]).current_dir(existing).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let prefix = String::from_utf8(top.stdout).ok()?.trim_end_matches('\n').to_owned();
    let below = folder.strip_prefix(existing).ok()?.to_str()?.to_owned();
    let prefix = if below.is_empty() { prefix } else { format!("{prefix}{below}/") };
    let paths = output.stdout.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
    Some(paths.filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned).collect())
}
