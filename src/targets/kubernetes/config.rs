//! ConfigMaps: what services read that is no secret.

use super::{Head, names};
use crate::stack::{Container, Delivery, EnvValue, EnvVar, KubernetesTarget, SECRETS_FOLDER, Service, ServiceKind, Stack};
use crate::values::ServiceName;
use serde::Serialize;

/// The file with all of them.
#[derive(Serialize)]
pub struct ConfigView<'a> {
    #[serde(flatten)]
    pub head: &'a Head<'a>,
    pub maps: &'a [ConfigMap<'a>],
}

/// The environment of one service, and of all others that have the very same.
#[derive(Serialize)]
pub struct ConfigMap<'a> {
    /// Named after the first service that reads it.
    pub name: &'a ServiceName,
    /// Changes with the content.
    #[serde(skip)]
    pub digest: String,
    readers: Vec<&'a ServiceName>,
    data: Vec<Entry>,
}

/// What a container of any image reads that is no secret: it stands in the container's own file.
#[derive(Serialize)]
pub struct OwnMap {
    /// Changes with the content.
    pub digest: String,
    data: Vec<Entry>,
}

#[derive(PartialEq, Serialize)]
struct Entry {
    name: String,
    value: String,
}

/// The ConfigMaps of a Stack. Web services come first, so that a map of several services has the name that readers know best.
pub fn maps(stack: &Stack) -> Vec<ConfigMap<'_>> {
    let (web, others): (Vec<_>, Vec<_>) = stack.services.iter().partition(|service| service.kind == ServiceKind::Web);
    let mut maps: Vec<ConfigMap> = Vec::new();
    for service in web.into_iter().chain(others) {
        let data = data(stack, &service.env);
        match maps.iter_mut().find(|map| map.data == data) {
            _ if data.is_empty() => {}
            Some(map) => map.readers.push(&service.name),
            None => maps.push(ConfigMap { name: &service.name, digest: digest(&data), readers: vec![&service.name], data }),
        }
    }
    maps
}

/// The ConfigMap that a service reads.
pub fn of<'a>(maps: &'a [ConfigMap<'a>], service: &Service) -> Option<&'a ConfigMap<'a>> {
    maps.iter().find(|map| map.readers.contains(&&service.name))
}

/// The ConfigMap of a container, if it reads any.
pub fn own(stack: &Stack, container: &Container) -> Option<OwnMap> {
    let data = data(stack, &container.env);
    (!data.is_empty()).then(|| OwnMap { digest: digest(&data), data })
}

fn data(stack: &Stack, env: &[EnvVar]) -> Vec<Entry> {
    let folder = stack.targets.kubernetes.as_ref().map_or(SECRETS_FOLDER, KubernetesTarget::secrets_folder);
    let entry = |var: &EnvVar| match &var.value {
        EnvValue::Literal(text) => Some(Entry { name: var.name.clone(), value: text.clone() }),
        EnvValue::Secret { name, deliver: Delivery::File } => Some(Entry { name: format!("{}_FILE", var.name), value: format!("{folder}/{name}") }),
        EnvValue::Secret { deliver: Delivery::Env, .. } => None,
        // What the deployment chooses comes on top, by the pod's `env`.
        EnvValue::Parameter(name) => {
            let default = stack.parameter(name).map(|parameter| parameter.default.clone()).filter(|default| !default.is_empty());
            default.map(|value| Entry { name: var.name.clone(), value })
        }
    };
    env.iter().filter_map(entry).collect()
}

fn digest(data: &[Entry]) -> String {
    // NUL is in neither names nor values.
    names::digest(&data.iter().flat_map(|entry| [&entry.name, "\0", &entry.value, "\0"]).collect::<Vec<_>>())
}
