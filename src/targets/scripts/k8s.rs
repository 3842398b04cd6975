//! The part of the deploy script for `k8s`.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::Stack;
use crate::template;
use serde::Serialize;

pub(super) static K8S: Template = template!("scripts/deploy/k8s.sh", Shell);

#[derive(Serialize)]
struct PartView {
    made_by: String,
}

pub(super) fn part(stack: &Stack) -> Artifact {
    Artifact::new("scripts/deploy/k8s.sh", &K8S, &PartView { made_by: made_by(stack) })
}
