//! The Secret, where the External Secrets Operator makes it.

use super::{EXTERNAL_SECRETS, Head, path};
use crate::render::Artifact;
use crate::stack::{KubernetesTarget, SecretStoreKind};
use serde::Serialize;

#[derive(Serialize)]
struct ExternalView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    store: &'a str,
    kind: &'static str,
    key: &'a str,
    /// Names of what the pods read.
    secrets: &'a [&'a str],
}

/// Its file, if there are secrets that somebody else supplies.
pub fn artifact(target: &KubernetesTarget, head: &Head, secrets: &[&str]) -> Option<Artifact> {
    let external = target.external_secrets.as_ref().filter(|_| !secrets.is_empty())?;
    let kind = match external.kind {
        SecretStoreKind::Cluster => "ClusterSecretStore",
        SecretStoreKind::Namespace => "SecretStore",
    };
    let view = ExternalView { head, store: external.store.as_str(), kind, key: external.key.as_str(), secrets };
    Some(Artifact::new(path("external-secrets"), &EXTERNAL_SECRETS, &view))
}
