//! The targets of a Stack, with the settings of each.

use super::{Acme, IngressController, Resources, SECRETS_FOLDER, SecretStoreKind};
use crate::values::{Cidr, Duration, IpAddress, ObjectName, Port, ProjectName, RelativePath, Size, UserId, Version};
use serde::Serialize;

/// Where the files of secrets are in place of [`SECRETS_FOLDER`], where that is not free: `/var/run` leads to `/run`.
const APART_FOLDER: &str = "/run/app-secrets";

/// What is rendered, each with its settings.
#[derive(Clone, Debug, Serialize)]
pub struct Targets {
    /// Dockerfiles.
    pub docker: bool,
    /// A Compose file.
    pub compose: Option<ComposeTarget>,
    /// nginx' configuration.
    pub nginx: Option<NginxTarget>,
    /// Manifests.
    pub kubernetes: Option<KubernetesTarget>,
    /// The env file's template.
    pub dotenv: bool,
    /// Scripts.
    pub scripts: bool,
}

/// Settings of the Compose file.
#[derive(Clone, Debug, Serialize)]
pub struct ComposeTarget {
    /// Address that the edge listens on; `None` for all.
    pub address: Option<IpAddress>,
    /// Port for HTTP.
    pub http_port: Port,
    /// Port for HTTPS.
    pub https_port: Port,
}

/// Settings of nginx, as a container in front of the services.
#[derive(Clone, Debug, Serialize)]
pub struct NginxTarget {
    /// Version of nginx.
    pub version: Version,
    /// The image.
    pub image: String,
    /// The image's own user.
    pub user: UserId,
    /// Worker processes.
    pub workers: u32,
    /// CPU and memory, `scratch` included.
    pub resources: Resources,
    /// Memory for `/tmp`: bodies that do not fit elsewhere.
    pub scratch: Size,
    /// Most processes.
    pub pids: u32,
    /// Time that running requests get after a reload or at the end.
    pub shutdown: Duration,
    /// Time from the signal to stop until it is killed.
    pub stop_grace: Duration,
    /// What gets its certificates, if they come by ACME.
    pub acme: Option<Acme>,
}

/// Settings of the manifests.
#[derive(Clone, Debug, Serialize)]
pub struct KubernetesTarget {
    /// Version of the cluster.
    pub version: Version,
    /// Namespace of everything.
    pub namespace: ProjectName,
    /// Class of the Ingress.
    pub ingress_class: ProjectName,
    /// Whose annotations it has.
    pub ingress_controller: IngressController,
    /// The Gateway in place of an Ingress.
    pub gateway: Option<Gateway>,
    /// Namespace of the pods that pass requests on.
    pub edge_namespace: ObjectName,
    /// Where requests come from that no pod passes on.
    pub edge_addresses: Vec<Cidr>,
    /// Namespace of what collects metrics.
    pub metrics_namespace: Option<ObjectName>,
    /// Where pods find names.
    pub dns: Dns,
    /// Whether something else puts files below the usual folder of secrets.
    pub cloud_identities: bool,
    /// What gets the certificates there, if they come by ACME.
    pub cluster_issuer: Option<ProjectName>,
    /// What makes the Secret there, if the deploy script does not.
    pub external_secrets: Option<ExternalSecrets>,
    /// The Secret that somebody else fills, if one does.
    pub existing_secret: Option<ObjectName>,
    /// Storage class of all claims; `None` for the cluster's own.
    pub storage_class: Option<ObjectName>,
    /// Whether there are NetworkPolicies.
    pub network_policies: bool,
    /// Whether there are PodDisruptionBudgets.
    pub disruption_budgets: bool,
    /// What a container gets that says nothing, where the namespace has a quota; `None` where it has none.
    pub quotas: Option<Resources>,
    /// Labels of every object and pod.
    pub labels: Vec<(String, String)>,
    /// Annotations of every object and pod.
    pub annotations: Vec<(String, String)>,
}

/// Where pods find names.
#[derive(Clone, Debug, Serialize)]
pub struct Dns {
    /// Namespace of the pods that answer.
    pub namespace: ObjectName,
    /// Their port.
    pub port: Port,
    /// Addresses that answer, too.
    pub addresses: Vec<Cidr>,
}

/// A Gateway that the cluster has.
#[derive(Clone, Debug, Serialize)]
pub struct Gateway {
    /// Its name.
    pub name: ObjectName,
    /// Its namespace.
    pub namespace: ObjectName,
    /// The listener that routes hang on; `None` for all that fit.
    pub listener: Option<ObjectName>,
}

/// What an edge may have to say beyond hosts and paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeField {
    /// The largest body.
    BodySize,
    /// Most requests of a client.
    RateLimit,
    /// Time for an answer.
    Timeout,
    /// Answers that are passed on as they come.
    Streaming,
    /// A service that speaks gRPC.
    Grpc,
    /// A prefix that is taken away.
    StripPrefix,
    /// Browsers that are sent elsewhere.
    Redirect,
    /// How long browsers keep to HTTPS.
    Hsts,
}

impl KubernetesTarget {
    /// True if the edge of this cluster can be told: the one table of who says what.
    pub fn edge_says(&self, field: EdgeField) -> bool {
        use EdgeField::{BodySize, Grpc, Hsts, RateLimit, Redirect, Streaming, StripPrefix, Timeout};
        let said: &[EdgeField] = match (&self.gateway, self.ingress_controller) {
            // Standard channel of Gateway API 1.2. A Gateway buffers nothing that it has not been told to.
            (Some(_), _) => &[Timeout, Streaming, StripPrefix, Redirect, Hsts],
            (None, IngressController::IngressNginx) => &[BodySize, RateLimit, Timeout, Streaming, Grpc],
            (None, IngressController::Other) => &[],
        };
        said.contains(&field)
    }

    /// What people call the edge of this cluster.
    pub fn edge_name(&self) -> &'static str {
        if self.gateway.is_some() { "Gateway" } else { "Ingress" }
    }

    /// Where services find the files of their secrets.
    pub fn secrets_folder(&self) -> &'static str {
        if self.cloud_identities { APART_FOLDER } else { SECRETS_FOLDER }
    }

    /// True if somebody else supplies the values of secrets.
    pub fn supplies_secrets(&self) -> bool {
        self.external_secrets.is_some() || self.existing_secret.is_some()
    }
}

/// Where the External Secrets Operator gets the values of all secrets.
#[derive(Clone, Debug, Serialize)]
pub struct ExternalSecrets {
    /// Name of the store.
    pub store: ProjectName,
    /// Which stores it is among.
    pub kind: SecretStoreKind,
    /// Entry with the values.
    pub key: RelativePath,
}
