//! Settings of the manifests.

use super::resolve::{Resolver, known};
use super::{ExternalSecrets, KubernetesTarget, SecretStoreKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{AnnotationName, ProjectName};

impl Resolver<'_> {
    pub(super) fn kubernetes(&mut self, written: &model::KubernetesTarget, deployment: &ProjectName) -> KubernetesTarget {
        let path = |key| ["targets", "kubernetes", key];
        if written.existing_secret.is_some() && written.external_secrets.is_some() {
            let message = "two others would supply the values of secrets".to_owned();
            self.error("contradiction", &KeyPath::of(&path("existing_secret")), message, "only one can", "remove it, or `external_secrets`");
        }
        for label in written.labels.keys().filter(|label| label.as_str().starts_with("app.kubernetes.io/")) {
            let message = format!("`{label}` says here which pods belong together");
            self.error("misplaced-key", &KeyPath::of(&path("labels")).key(label.as_str()), message, "taken", "give it another name");
        }
        KubernetesTarget {
            version: self.version(&path("version"), written.version.as_ref(), defaults::KUBERNETES_VERSION, defaults::KUBERNETES_OLDEST),
            namespace: self.or(&path("namespace"), written.namespace.clone(), deployment.clone(), "the project and the profile"),
            ingress_class: self.or(&path("ingress_class"), written.ingress_class.clone(), known::<ProjectName>(defaults::INGRESS_CLASS), "ingress-nginx"),
            cluster_issuer: written.cluster_issuer.clone(),
            external_secrets: written.external_secrets.as_ref().map(|external| self.external_secrets(external)),
            existing_secret: self.or_as(
                &KeyPath::of(&path("existing_secret")),
                written.existing_secret.clone().map(Some),
                None,
                "one that the deploy script makes",
                "the env file has the values",
            ),
            storage_class: self.or_as(
                &KeyPath::of(&path("storage_class")),
                written.storage_class.clone().map(Some),
                None,
                "the cluster's own",
                "every cluster has one",
            ),
            network_policies: self.or(&path("network_policies"), written.network_policies, true, "what is not needed is not reached"),
            disruption_budgets: self.or(&path("disruption_budgets"), written.disruption_budgets, true, "nodes are drained one after the other"),
            labels: written.labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            annotations: written.annotations.iter().map(|(name, value): (&AnnotationName, _)| (name.to_string(), value.to_string())).collect(),
        }
    }

    fn external_secrets(&mut self, written: &model::ExternalSecrets) -> ExternalSecrets {
        let path = |key| ["targets", "kubernetes", "external_secrets", key];
        let key = format!("{}/{}", self.profile.project.name, self.profile.environment.kind.as_str());
        ExternalSecrets {
            store: written.store.clone(),
            kind: self.or_as(&KeyPath::of(&path("kind")), written.kind, SecretStoreKind::Cluster, "cluster", "most clusters have one for all"),
            key: self.or(&path("key"), written.key.clone(), known(&key), "the project and the environment"),
        }
    }
}
