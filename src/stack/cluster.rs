//! Settings of the manifests.

use super::resolve::{Resolver, known};
use super::{Dns, ExternalSecrets, Gateway, IngressController, KubernetesTarget, Resources, SECRETS_FOLDER, SecretStoreKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::profile::variants;
use crate::values::{AnnotationName, ObjectName, Port, ProjectName, Version};

impl Resolver<'_> {
    fn cluster_version(&mut self, path: &[&str], written: Option<&Version>) -> Version {
        if let Some(version) = written.filter(|version| version.numbers()[0] > 1) {
            let message = format!("there is no Kubernetes {version}: all its versions begin with 1");
            let help = format!("write the cluster's own, such as `version: \"{}\"`; `kubectl version` says it", defaults::KUBERNETES_VERSION);
            self.error("unsupported-version", &KeyPath::of(path), message, "no version of it", &help);
            return known::<Version>(defaults::KUBERNETES_VERSION);
        }
        self.version(path, written, defaults::KUBERNETES_VERSION, defaults::KUBERNETES_OLDEST)
    }

    pub(super) fn kubernetes(&mut self, written: &model::KubernetesTarget, deployment: &ProjectName) -> KubernetesTarget {
        let path = |key| ["targets", "kubernetes", key];
        if written.existing_secret.is_some() && written.external_secrets.is_some() {
            let message = "two others would supply the values of secrets".to_owned();
            self.error("contradiction", &KeyPath::of(&path("existing_secret")), message, "only one can", "remove it, or `external_secrets`");
            self.against(&["external_secrets"]);
        }
        for label in written.labels.keys().filter(|label| label.as_str().starts_with("app.kubernetes.io/")) {
            let message = format!("`{label}` says here which pods belong together");
            self.error("misplaced-key", &KeyPath::of(&path("labels")).key(label.as_str()), message, "taken", "give it another name");
        }
        if written.cloud_identities == Some(true) {
            self.names_no_secret_file();
        }
        if written.gateway.is_some() {
            for key in variants::OF_AN_INGRESS.iter().filter(|key| self.origins.is_written(&KeyPath::of(&path(key)))).collect::<Vec<_>>() {
                let why = match *key {
                    "ingress_class" => "has no class",
                    "ingress_controller" => "has no annotations",
                    _ => "has its certificates already",
                };
                self.error("contradiction", &KeyPath::of(&path(key)), format!("a Gateway {why}"), "of an Ingress", "remove it, or `gateway`");
                self.against(&["gateway"]);
            }
        }
        let namespace = self.or(&path("namespace"), written.namespace.clone(), deployment.clone(), "the project and the profile");
        let ingress_class = self.or(&path("ingress_class"), written.ingress_class.clone(), known::<ProjectName>(defaults::INGRESS_CLASS), "ingress-nginx");
        let gateway = written.gateway.as_ref().map(|gateway| self.gateway(gateway, &namespace));
        let edge_namespace: ObjectName = gateway.as_ref().map_or_else(|| known(&format!("ingress-{ingress_class}")), |gateway| gateway.namespace.clone());
        KubernetesTarget {
            ingress_controller: self.or_as(
                &KeyPath::of(&path("ingress_controller")),
                written.ingress_controller,
                IngressController::IngressNginx,
                "ingress_nginx",
                "many read its annotations",
            ),
            edge_namespace: self.or(&path("edge_namespace"), written.edge_namespace.clone(), edge_namespace, "where it is usually installed"),
            edge_addresses: written.edge_addresses.clone(),
            metrics_namespace: written.metrics_namespace.clone(),
            dns: Dns {
                namespace: self.or(
                    &["targets", "kubernetes", "dns", "namespace"],
                    written.dns.namespace.clone(),
                    known(defaults::DNS_NAMESPACE),
                    "where most clusters have it",
                ),
                port: self.or(&["targets", "kubernetes", "dns", "port"], written.dns.port, Port::known(defaults::DNS_PORT), "the usual port"),
                addresses: written.dns.addresses.clone(),
            },
            cloud_identities: self.or(&path("cloud_identities"), written.cloud_identities, false, "few pods have an identity in a cloud"),
            gateway,
            version: self.cluster_version(&path("version"), written.version.as_ref()),
            namespace,
            ingress_class,
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
            quotas: self.or(&path("quotas"), written.quotas, true, "one namespace never takes the whole cluster").then_some(Resources {
                request_cpu: defaults::GUEST_CPU,
                request_memory: defaults::SERVICE_MEMORY,
                limit_cpu: defaults::SERVICE_CPU,
                limit_memory: defaults::SERVICE_MEMORY,
            }),
            labels: written.labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            annotations: written.annotations.iter().map(|(name, value): (&AnnotationName, _)| (name.to_string(), value.to_string())).collect(),
        }
    }

    /// What a service names by its path has to be there on every target.
    fn names_no_secret_file(&mut self) {
        for (name, service) in self.profile.services.iter() {
            let said = [("command", &service.command), ("entrypoint", &service.entrypoint), ("health.command", &service.health.command)];
            for (key, args) in said {
                let named = args.iter().flatten().find_map(|arg| arg.as_str().split_once(SECRETS_FOLDER)?.1.strip_prefix('/'));
                if let Some(file) = named {
                    let secret: String = file.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                    let path = key.split('.').fold(KeyPath::of(&["services", name.as_str()]), |path, key| path.key(key));
                    let message = format!("with `cloud_identities`, secrets are not in `{SECRETS_FOLDER}` on Kubernetes");
                    let help = format!("write `$NAME_FILE` in place of `{SECRETS_FOLDER}/NAME`, and let a shell read it").replace("NAME", &secret);
                    self.error("contradiction", &path, message, "names it", &help);
                }
            }
        }
    }

    fn gateway(&mut self, written: &model::Gateway, namespace: &ProjectName) -> Gateway {
        let path = ["targets", "kubernetes", "gateway", "namespace"];
        Gateway {
            name: written.name.clone(),
            namespace: self.or(&path, written.namespace.clone(), known(namespace.as_str()), "that of the services"),
            listener: written.listener.clone(),
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
