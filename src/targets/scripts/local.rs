//! The part of the deploy script for `local`.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::Stack;
use crate::template;
use serde::Serialize;

pub(super) static LOCAL: Template = template!("scripts/deploy/local.sh", Shell);

#[derive(Serialize)]
struct PartView {
    made_by: String,
}

pub(super) fn part(stack: &Stack) -> Artifact {
    Artifact::new("scripts/deploy/local.sh", &LOCAL, &PartView { made_by: made_by(stack) })
}

/// True if a service of this stack can run without a container.
pub(super) fn fits(stack: &Stack) -> bool {
    stack.builders().next().is_some()
}
