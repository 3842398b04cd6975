//! The part of the deploy script for `docker`.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::Stack;
use crate::template;
use serde::Serialize;

pub(super) static DOCKER: Template = template!("scripts/deploy/docker.sh", Shell);

#[derive(Serialize)]
struct PartView {
    made_by: String,
}

pub(super) fn part(stack: &Stack) -> Artifact {
    Artifact::new("scripts/deploy/docker.sh", &DOCKER, &PartView { made_by: made_by(stack) })
}
