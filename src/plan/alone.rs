//! Two runs at once: the second waits until the first has put its files in place.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// As long as it is held, no other run writes for the project.
#[derive(Debug)]
pub struct Alone(#[allow(dead_code, reason = "the lock ends with the file")] File);

/// Projects that this run has already.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Waits for other runs that write for a project. `None` where this run has it already, or where the system cannot lock a folder: each
/// file is complete there, too.
pub fn alone(root: &Path) -> Option<Alone> {
    let root = super::output::real(root);
    if !HELD.lock().ok()?.insert(root.clone()) {
        return None;
    }
    let folder = File::open(root).ok()?;
    folder.lock().ok()?;
    Some(Alone(folder))
}
