//! The targets: each is one module and one folder in `templates/`, and stands once in [`TARGETS`].

pub mod compose;
pub mod docker;
pub mod dotenv;
pub mod kubernetes;
pub mod nginx;
pub mod scripts;

use crate::render::{Artifact, Template};
use crate::stack::Stack;

/// A family of artifacts.
pub struct Target {
    /// Its name in `targets:`, of its module and of its template folder.
    pub id: &'static str,
    /// Its templates.
    pub templates: &'static [&'static Template],
    /// What it makes of a Stack; empty if the profile does not name it.
    pub artifacts: fn(&Stack) -> Vec<Artifact>,
}

/// Every target, in the order of their artifacts.
pub const TARGETS: &[Target] = &[docker::TARGET, compose::TARGET, nginx::TARGET, kubernetes::TARGET, dotenv::TARGET, scripts::TARGET];

/// The first line of every artifact that can hold a comment, without the comment's sign.
pub fn made_by(stack: &Stack) -> String {
    format!("{}, then run: infragen render {}", stack.mark(), stack.profile)
}
