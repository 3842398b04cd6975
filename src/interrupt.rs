//! Ctrl-C, and whatever else ends a run from outside: no half of a file, and nothing that waits to be put in place, is left.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// What a run that ends now would leave.
static WAITING: Mutex<Waiting> = Mutex::new(Waiting { files: Vec::new(), folders: Vec::new() });

/// Temporary files, and new folders that may still be empty.
pub struct Waiting {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

fn waiting() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From here on, a signal that ends the run takes away first what it would leave. Files that are being put in place are all put there.
pub fn tidy_up_on_interrupt() {
    // Where there is a handler already, or none can be set, a run ends as it would without.
    let _ = ctrlc::set_handler(|| {
        let waiting = waiting();
        for file in &waiting.files {
            // Those that are in place have another name now.
            let _ = std::fs::remove_file(file);
        }
        for folder in waiting.folders.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
        // What a shell says of a program that was interrupted.
        std::process::exit(130);
    });
}

/// A temporary file beside the place that it is for.
///
/// # Errors
/// What the system says.
pub fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut waiting = waiting();
    let file = tempfile::Builder::new().prefix(".infragen-").tempfile_in(folder)?;
    waiting.files.push(file.path().to_owned());
    Ok(file)
}

/// Notes a new folder.
pub fn made(folder: &Path) {
    waiting().folders.push(folder.to_owned());
}

/// Until this is dropped, an interruption waits.
pub fn hold() -> MutexGuard<'static, Waiting> {
    waiting()
}
