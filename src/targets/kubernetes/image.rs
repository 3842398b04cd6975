//! Backing services of `kind: image`: a StatefulSet, or a Deployment if it keeps nothing, with what it reads and keeps.

use super::config::{self, OwnMap};
use super::files::{self, Mounted};
use super::pod::{self, Annotation, Ids, PortView, Probe, Quantities, Scratch, SecretFiles, SecretVariable};
use super::{Head, IMAGE, names, path_of, stores};
use crate::render::Artifact;
use crate::stack::{BackingService, Container, Delivery, Server, Stack};
use crate::values::Size;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct ImageView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    name: &'a str,
    component: &'static str,
    title: &'a str,
    image: &'a str,
    port: u16,
    /// `None` leaves it to the image.
    user: Option<Ids>,
    grace: u64,
    entrypoint: Option<Vec<String>>,
    args: Vec<String>,
    config: Option<OwnMap>,
    env: Vec<SecretVariable<'a>>,
    parameters: Vec<SecretVariable<'a>>,
    probes: Vec<Probe>,
    resources: Quantities,
    read_only: bool,
    secrets: Option<SecretFiles<'a>>,
    scratch: Vec<Scratch<'a>>,
    shared_memory: Option<String>,
    volumes: Vec<Volume<'a>>,
    /// In Kubernetes' own words, of the pod.
    more: Option<&'a Map<String, Value>>,
    annotations: Vec<Annotation<'a>>,
    /// A volume of its own is among them.
    claims: bool,
    /// It is a Deployment, and has so long to be replaced.
    deployment_seconds: Option<u64>,
    /// Besides the main port.
    ports: Vec<PortView<'a>>,
    files: Vec<Mounted<'a>>,
    files_checksum: Option<String>,
}

#[derive(Serialize)]
struct Volume<'a> {
    name: &'a str,
    path: &'a str,
    /// `None` if it is there already.
    size: Option<String>,
    claim: Option<String>,
}

/// The file of one container.
pub fn artifact(stack: &Stack, head: &Head, store: &BackingService, server: &Server, container: &Container) -> Artifact {
    let texts = |args: &[String]| args.iter().map(|arg| names::literal(arg)).collect::<Vec<_>>();
    let parameter = |name: &str| stack.parameter(name).is_none_or(|parameter| !parameter.required);
    let view = ImageView {
        head,
        name: store.name.as_str(),
        component: "backing-service",
        title: container.title(),
        image: &server.image,
        port: store.port.get(),
        user: server.user.as_ref().map(pod::user),
        grace: server.stop_grace.whole_seconds(),
        entrypoint: container.entrypoint.as_deref().map(texts),
        args: texts(&server.command),
        config: config::own(stack, container),
        env: container
            .secrets(stack, Delivery::Env)
            .map(|(var, secret)| SecretVariable { name: &var.name, secret: &secret.name, optional: !secret.required })
            .collect(),
        parameters: container.parameters().map(|(var, name)| SecretVariable { name: &var.name, secret: name, optional: parameter(name) }).collect(),
        probes: pod::probes(&container.health, Some(store.port.get()), "main"),
        resources: Quantities::new(&server.resources),
        read_only: container.read_only,
        secrets: pod::secret_files(&head.secret_name, container.secrets(stack, Delivery::File).map(|(_, secret)| secret), server.user.is_some()),
        scratch: pod::scratch(&container.tmpfs, None),
        shared_memory: server.shared_memory.map(Size::kubernetes),
        volumes: container
            .volumes
            .iter()
            .map(|volume| Volume {
                name: volume.name.as_str(),
                path: volume.path.as_str(),
                size: volume.source.size().map(Size::kubernetes),
                claim: volume.source.external(),
            })
            .collect(),
        more: Some(&server.escape.pod).filter(|map| !map.is_empty()),
        annotations: pod::annotations(&server.escape),
        claims: !stores::claim_templates(store).is_empty(),
        deployment_seconds: stores::deployment_seconds(store),
        ports: container.ports.iter().map(pod::port).collect(),
        files: files::mounted(stack, &server.files),
        files_checksum: files::checksum(&server.files),
    };
    Artifact::new(path_of(store.name.as_str()), &IMAGE, &view)
}
