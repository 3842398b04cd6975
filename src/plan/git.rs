//! What git knows of an output folder.

use crate::diagnostics::Diagnostic;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

/// Paths below `folder` that are in the index; `None` outside a work tree.
///
/// # Errors
/// A repository that git refuses to read, or git itself missing: then nothing can be said.
pub fn tracked(folder: &Path) -> Result<Option<BTreeSet<String>>, Diagnostic> {
    let Some(existing) = folder.ancestors().find(|above| above.is_dir()) else { return Ok(None) };
    if !existing.ancestors().any(|above| above.join(".git").exists()) {
        return Ok(None);
    }
    let Ok(below) = folder.strip_prefix(existing) else { return Ok(None) };
    let prefix = ask(existing, &["rev-parse", "--show-prefix"])?;
    let mut prefix = String::from_utf8_lossy(&prefix).trim_end_matches('\n').to_owned();
    if below.components().next().is_some() {
        prefix.push_str(&format!("{}/", below.display()));
    }
    let paths = ask(existing, &["ls-files", "-z", "--cached", "--full-name", "--", "."])?;
    let paths = paths.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
    Ok(Some(paths.filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned).collect()))
}

/// True if a file is in the index.
///
/// # Errors
/// As [`tracked`].
pub fn is_tracked(file: &Path) -> Result<bool, Diagnostic> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else { return Ok(false) };
    Ok(tracked(folder)?.is_some_and(|tracked| tracked.contains(name)))
}

fn ask(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
    let failed = |reason: &str| {
        Diagnostic::error("git-failed", format!("git cannot say which of the files it has: {reason}"))
            .help("without it, a file that nobody committed would go unnoticed")
    };
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&crate::diagnostics::io_reason(&error)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).lines().next().and_then(|line| line.split(": /").next()).unwrap_or("it failed")))
}
