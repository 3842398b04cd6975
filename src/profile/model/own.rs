//! What a team does itself: files that it keeps, changes to rendered files, templates of its own.

use super::escape::FreeMap;
use crate::values::{FileText, KeyPathText, PatchTarget, RelativePath, Sentence};
use schemars::JsonSchema;
use serde::Deserialize;

/// A file that infragen would render, and that somebody keeps by hand.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Unmanaged {
    /// Why it is kept by hand, for whoever wonders why it does not follow the profile. Example: `Tuned by hand`.
    #[schemars(extend("examples" = ["Tuned by hand"]))]
    pub reason: Sentence,
}

/// A change of one rendered object that the language has no word for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Patch {
    /// The object: `kubernetes:KIND/NAME`, as the manifests have it, or `compose:SECTION/NAME`. One that is not rendered is an error. Example: `kubernetes:Deployment/api`.
    pub target: PatchTarget,
    /// Keys that are merged into it: maps merge deeply, a list of maps with a `name` merges by that name, everything else is replaced. Comments stay. What gives rights over the host is refused. Example: `{spec: {template: {spec: {priorityClassName: high}}}}`.
    #[serde(default)]
    pub merge: FreeMap,
    /// Keys that are taken out of it; an item of a list is named by its `name`. One that is not there is an error. Example: `spec.progressDeadlineSeconds`.
    #[serde(default)]
    pub remove: Vec<KeyPathText>,
    /// Why it is needed: stands at the top of the file that it changes. Example: `Batch pods give way`.
    #[schemars(extend("examples" = ["Batch pods give way"]))]
    pub reason: Sentence,
}

/// Lines that are put into one rendered file, where it is no object that a patch could change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Snippet {
    /// The file, as a path below the output folder. One that is not rendered is an error. Example: `nginx/nginx.conf`.
    pub file: RelativePath,
    /// The line that it follows, without the blanks around it. It must be there exactly once. Example: `http {`.
    #[schemars(extend("examples" = ["http {"]))]
    pub after: Sentence,
    /// The lines, in the syntax of the file. They are indented as the line before which they come to stand.
    pub text: FileText,
    /// Why it is needed: stands at the top of the file. Example: `Partners send large headers`.
    #[schemars(extend("examples" = ["Partners send large headers"]))]
    pub reason: Sentence,
}
