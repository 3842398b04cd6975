//! What a service says in the words of the target itself.

use crate::values::{AnnotationName, EnvText, Named};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// A map whose keys are those of another format.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct FreeMap(pub serde_json::Map<String, serde_json::Value>);

impl JsonSchema for FreeMap {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "FreeMap".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": {} })
    }
}

/// What the pods of a server have in Kubernetes' own words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ServerEscape {
    /// Keys of the pod's `spec`, which what makes its backups and puts one back has, too, but for `initContainers`: `{imagePullSecrets: [{name: registry}], tolerations: [{key: storage, operator: Exists}]}`.
    #[serde(default)]
    pub pod: FreeMap,
    /// Annotations of the server's own pod: `{prometheus.io/scrape: "true"}`.
    #[serde(default)]
    pub annotations: Named<AnnotationName, EnvText>,
}

/// What the pods of a service have in Kubernetes' own words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct KubernetesEscape {
    /// Keys of the pod's `spec`: `{nodeSelector: {disk: ssd}, imagePullSecrets: [{name: registry}]}`. What the language has a word for, and what takes the hardening away, is refused.
    #[serde(default)]
    pub pod: FreeMap,
    /// Keys of the container: `{workingDir: /srv/app}`.
    #[serde(default)]
    pub container: FreeMap,
    /// Annotations of the pod: `{prometheus.io/scrape: "true"}`.
    #[serde(default)]
    pub annotations: Named<AnnotationName, EnvText>,
}
