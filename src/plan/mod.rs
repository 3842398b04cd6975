//! Rendered files against what is there: one state for each file, and what settles it.

mod alone;
mod clash;
mod git;
mod gone;
mod index;
mod lock;
mod lock_problem;
mod output;
mod staged;
mod state;
mod write;

pub use alone::{Alone, alone};
pub use clash::clashes;
pub use git::{Tracked, ignored, is_tracked, place, tracked};
pub use gone::{Gone, gone};
pub use index::{Index, index};
pub use lock::{LOCK_FILE, Lock, digest, stack_digest};
pub use lock_problem::{LockProblem, lock_problem};
pub use output::{Content, Output};
pub use staged::Staged;
pub use state::{FileState, Plan, State, orphans, pinned, plan};
pub use write::{Action, Done, Options, Staging};
