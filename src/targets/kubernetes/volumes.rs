//! Claims for the volumes of services.

use super::{Head, VOLUMES, path};
use crate::render::Artifact;
use crate::stack::{Stack, VolumeSource};
use serde::Serialize;

#[derive(Serialize)]
struct VolumesView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    volumes: Vec<Claim<'a>>,
}

#[derive(Serialize)]
struct Claim<'a> {
    name: &'a str,
    size: String,
    access: &'static str,
}

/// The file with all of them, if there are any.
pub fn artifact(stack: &Stack, head: &Head) -> Option<Artifact> {
    let volumes: Vec<Claim> = stack
        .volumes
        .iter()
        .filter_map(|volume| match &volume.source {
            VolumeSource::Own(size) => {
                let access = if volume.shared { "ReadWriteMany" } else { "ReadWriteOnce" };
                Some(Claim { name: volume.name.as_str(), size: size.kubernetes(), access })
            }
            // One is there, the other cannot be.
            VolumeSource::External(_) | VolumeSource::Host(_) => None,
        })
        .collect();
    (!volumes.is_empty()).then(|| Artifact::new(path("volumes"), &VOLUMES, &VolumesView { head, volumes }))
}
