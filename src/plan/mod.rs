//! Rendered files against what is there: one state for each file, and what settles it.

mod clash;
mod git;
mod lock;
mod lock_problem;
mod output;
mod state;
mod write;

pub use clash::clashes;
pub use git::{Tracked, is_tracked, tracked};
pub use lock::{LOCK_FILE, Lock, digest, stack_digest};
pub use lock_problem::{LockProblem, lock_problem};
pub use output::{Content, Output};
pub use state::{FileState, Plan, State, plan};
pub use write::{Action, Done, Options, Staging};
