//! The `targets` section.

use crate::values::{AnnotationName, Cidr, EnvText, IpAddress, LabelValue, Named, ObjectName, Port, ProjectName, RelativePath, Version};
use schemars::JsonSchema;
use serde::Deserialize;

/// What is rendered.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Targets {
    /// Dockerfiles of the services that are built.
    pub docker: Option<DockerTarget>,
    /// A Compose file for one host.
    pub compose: Option<ComposeTarget>,
    /// The configuration of nginx, which is the edge on Compose.
    pub nginx: Option<NginxTarget>,
    /// Manifests for a cluster.
    pub kubernetes: Option<KubernetesTarget>,
    /// The template of the env file.
    pub dotenv: Option<DotenvTarget>,
    /// Scripts for servers without infragen.
    pub scripts: Option<ScriptsTarget>,
}

/// Dockerfiles of the services that are built.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct DockerTarget {}

/// A Compose file for one host.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ComposeTarget {
    /// Address of the host that the edge listens on. Default: all.
    pub address: Option<IpAddress>,
    /// Port of the host for HTTP, 1 to 65535; `HTTP_PORT` in the env file overrides it. Default: `80`.
    pub http_port: Option<Port>,
    /// Port of the host for HTTPS, 1 to 65535; redirects and `edge.url` name it, unless another proxy is in front (`trusted_proxies`, an
    /// `address` of this host alone, or Kubernetes). `HTTPS_PORT` in the env file overrides it, but not in them. Default: `443`.
    pub https_port: Option<Port>,
}

/// The configuration of nginx.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct NginxTarget {
    /// Version of nginx, in quotes: 1.26 or newer. What is written follows it. Default: `"1.30"`.
    #[schemars(extend("examples" = ["1.30"]))]
    pub version: Option<Version>,
}

/// Manifests for a cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct KubernetesTarget {
    /// Version of the cluster, in quotes: 1.30 to 1.37. What is rendered is in all of them. Default: `"1.34"`.
    #[schemars(extend("examples" = ["1.34"]))]
    pub version: Option<Version>,
    /// Namespace that everything goes into. Default: the project's name, with the profile's behind it where that is not `production`.
    pub namespace: Option<ProjectName>,
    /// Class of the Ingress. Default: `nginx`.
    pub ingress_class: Option<ProjectName>,
    /// Whose annotations the Ingress has. Default: `ingress_nginx`.
    pub ingress_controller: Option<IngressController>,
    /// A Gateway that is there already, in place of an Ingress. TLS and redirects to HTTPS are its own matter. Default: none. Example: `{name: public, namespace: gateways}`.
    pub gateway: Option<Gateway>,
    /// Namespace of the pods that pass requests on, of the controller or of the Gateway: they reach web services, nobody else does. Default: `ingress-CLASS`, or the Gateway's namespace. Example: `traefik`.
    pub edge_namespace: Option<ObjectName>,
    /// Addresses that requests come from where no pod passes them on, as ranges: load balancers of a cloud, controllers on the network of their nodes. Default: none. Example: `[10.0.0.0/16]`.
    #[serde(default)]
    pub edge_addresses: Vec<Cidr>,
    /// Namespace of what collects metrics: it reaches the port named `metrics` of every service and backing service that has one, and the main port of web services that have none. Default: none. Example: `monitoring`.
    pub metrics_namespace: Option<ObjectName>,
    /// Where pods find names. Default: pods of `kube-system`, and a cache of each node at 169.254.20.10.
    #[serde(default)]
    pub dns: Dns,
    /// Whether pods have identities of a cloud, whose files are put below `/var/run/secrets` (AWS, Azure): secrets are then files in `/run/app-secrets`, and `NAME_FILE`
    /// says so. Default: `false`.
    pub cloud_identities: Option<bool>,
    /// `ClusterIssuer` of cert-manager that gets the certificates where `edge.tls` is `acme`. Default: none.
    pub cluster_issuer: Option<ProjectName>,
    /// Where the External Secrets Operator gets the values of all secrets. Default: the deploy script makes the Secret from the env file.
    pub external_secrets: Option<ExternalSecrets>,
    /// Name of a Secret in the namespace that somebody else fills with the values of all secrets, each under its name. Left out: the deploy script makes one from the env file. Example: `shop-values`.
    pub existing_secret: Option<ObjectName>,
    /// Storage class of all claims that are made here. A claim keeps the one that it was made with. Default: the cluster's own. Example: `fast`.
    pub storage_class: Option<ObjectName>,
    /// Whether there are NetworkPolicies: without them everything may talk to everything. Default: `true`.
    pub network_policies: Option<bool>,
    /// Whether there are PodDisruptionBudgets: without them a drained node may take all pods of a service at once. Default: `true`.
    pub disruption_budgets: Option<bool>,
    /// Whether the namespace has a ResourceQuota, with room for all that may run at a time and a reserve, and a LimitRange for what says nothing: without them
    /// something that makes pods without end takes the whole cluster. `false` where others share the namespace, or something adds containers to its pods. Default: `true`.
    pub quotas: Option<bool>,
    /// Labels of every object and pod. Example: `{team: shop}`.
    #[serde(default)]
    pub labels: Named<AnnotationName, LabelValue>,
    /// Annotations of every object and pod. Example: `{example.com/owner: shop@example.com}`.
    #[serde(default)]
    pub annotations: Named<AnnotationName, EnvText>,
}

/// Where pods find names.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Dns {
    /// Namespace of the pods that answer. Default: `kube-system`. Example: `openshift-dns`.
    pub namespace: Option<ObjectName>,
    /// Port that they listen on, besides 53, which is always open. Default: `53`. Example: `5353`.
    pub port: Option<Port>,
    /// Addresses that answer, as ranges, besides 169.254.20.10, where the cache of a node is. Default: none. Example: `[169.254.169.254/32]`.
    #[serde(default)]
    pub addresses: Vec<Cidr>,
}

/// A Gateway that the cluster has.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Gateway {
    /// Its name. Example: `public`.
    pub name: ObjectName,
    /// Its namespace; its listeners have to allow routes from other namespaces. Left out: the one that everything goes into. Example: `gateways`.
    pub namespace: Option<ObjectName>,
    /// Name of the listener that has the certificate. Left out: all that fit a host. Example: `https`.
    pub listener: Option<ObjectName>,
}

/// What reads an Ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IngressController {
    /// That of ingress-nginx, or one that reads its annotations.
    IngressNginx,
    /// Any other: the Ingress has no annotations for limits, time-outs and protocols, and `lint` names what is not said.
    Other,
}

/// Where the External Secrets Operator gets the values of all secrets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ExternalSecrets {
    /// Name of the store that the cluster has. Example: `vault`.
    pub store: ProjectName,
    /// Which stores it is among. Default: `cluster`.
    pub kind: Option<SecretStoreKind>,
    /// Entry of the store that has the values, each under its name. Default: `PROJECT/ENVIRONMENT`. Example: `shop/production`.
    pub key: Option<RelativePath>,
}

/// Which stores of secrets a name is among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretStoreKind {
    /// Those of the cluster (`ClusterSecretStore`).
    Cluster,
    /// Those of the namespace (`SecretStore`).
    Namespace,
}

/// Scripts for servers without infragen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ScriptsTarget {}

/// The template of the env file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct DotenvTarget {}
