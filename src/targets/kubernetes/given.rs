//! What the manifests refer to and do not contain: it is made where they are applied, from the env file of the environment.

use crate::stack::{Backing, BackingService, Delivery, EnvValue, Secret, Service, ServiceKind, Stack, TlsKind};

/// Objects that have to be there before the manifests are applied.
pub struct Given<'a> {
    /// Name of the Secret with the values of all secrets.
    pub secret: String,
    /// Its keys, sorted.
    pub secrets: Vec<&'a Secret>,
    /// Name of the ConfigMap with the values of parameters.
    pub parameters_map: String,
    /// The keys that it may have, sorted.
    pub parameters: Vec<&'a str>,
    /// Name of the Secret with the certificate, if TLS ends at the Ingress.
    pub tls: Option<String>,
}

/// What has to be there for the manifests of a Stack.
pub fn given(stack: &Stack) -> Given<'_> {
    // Not what only a build or a connection string is made of.
    let is_read = |secret: &Secret| {
        let in_service = |service: &Service| service.env.iter().any(|var| matches!(&var.value, EnvValue::Secret { name, .. } if *name == secret.name));
        let in_store = |store: &BackingService| match store.kind.container() {
            Some(container) => container.env.iter().any(|var| matches!(&var.value, EnvValue::Secret { name, .. } if *name == secret.name)),
            None => store.server.is_some() && store.passwords().contains(&secret.name.as_str()),
        };
        stack.services.iter().any(in_service) || stack.backing_services.iter().any(in_store)
    };
    let of_services = stack.services.iter().flat_map(|service| service.parameters(stack)).map(|(_, parameter)| parameter.name.as_str());
    let containers = stack.backing_services.iter().filter_map(|store| store.kind.container());
    let mut parameters: Vec<&str> = of_services.chain(containers.flat_map(|container| container.parameters().map(|(_, name)| name))).collect();
    let has_issuer = stack.targets.kubernetes.as_ref().is_some_and(|target| target.cluster_issuer.is_some() || target.gateway.is_some());
    let existing = stack.targets.kubernetes.as_ref().and_then(|target| target.existing_secret.as_ref());
    parameters.sort_unstable();
    parameters.dedup();
    Given {
        secret: existing.map_or_else(|| format!("{}-secrets", stack.project), ToString::to_string),
        secrets: stack.secrets.iter().filter(|secret| is_read(secret)).collect(),
        parameters_map: format!("{}-parameters", stack.project),
        parameters,
        // Where there is an issuer, cert-manager makes it; a Gateway has its own.
        tls: stack.edge.as_ref().filter(|edge| edge.tls == TlsKind::Files && !has_issuer).map(|_| tls_secret(stack)),
    }
}

/// Name of the Secret with the certificate, whoever makes it.
pub fn tls_secret(stack: &Stack) -> String {
    format!("{}-tls", stack.project)
}

/// What a pod of this service reads of it when it starts: keys of the Secret and of the ConfigMap, sorted.
pub fn read_by_service<'a>(stack: &'a Stack, service: &'a Service) -> Vec<&'a str> {
    let secrets = [Delivery::File, Delivery::Env].into_iter().flat_map(|delivery| service.secrets(stack, delivery)).map(|(_, secret)| secret.name.as_str());
    let mut keys: Vec<&str> = secrets.chain(service.parameters(stack).map(|(_, parameter)| parameter.name.as_str())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What a backing service takes over when it starts again. PostgreSQL keeps the password that its database has.
pub fn read_by_store(store: &BackingService) -> Vec<&str> {
    match &store.kind {
        Backing::Redis => store.password.as_deref().into_iter().collect(),
        Backing::Postgres { .. } => Vec::new(),
        Backing::Image(container) => {
            let named = container.env.iter().filter_map(|var| match &var.value {
                EnvValue::Secret { name, .. } | EnvValue::Parameter(name) => Some(name.as_str()),
                EnvValue::Literal(_) => None,
            });
            let mut keys: Vec<&str> = named.collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        }
    }
}

/// True if the service is a Deployment.
pub fn is_deployment(service: &Service) -> bool {
    matches!(service.kind, ServiceKind::Web | ServiceKind::Worker)
}
