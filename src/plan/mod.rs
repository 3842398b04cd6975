//! Rendered files against what is there: one state for each file, and what settles it.

mod git;
mod lock;
mod output;
mod state;
mod write;

pub use git::is_tracked;
pub use lock::{LOCK_FILE, Lock, digest, stack_digest};
pub use output::{Content, Output};
pub use state::{FileState, Plan, State, plan};
pub(crate) use write::write_all;
pub use write::{Action, Done, Options, apply};
