//! Backing services that run in the cluster.

use super::files::{self, Mounted};
use super::pod::{Annotation, Quantities, annotations};
use super::workloads::PULL_SECONDS;
use super::{Head, POSTGRES, REDIS, image, names, path_of};
use crate::render::Artifact;
use crate::stack::{Backing, BackingService, INIT_FOLDER, SECRETS_FOLDER, Stack};
use crate::values::{Size, UserId, VolumeName};
use serde::Serialize;
use serde_json::{Map, Value};

/// Time between two checks of a server that starts, as in the templates.
const START_PERIOD_SECONDS: u64 = 5;

#[derive(Serialize)]
struct StoreView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    name: &'a str,
    component: &'static str,
    image: &'a str,
    user: u32,
    group: u32,
    port: u16,
    password: &'a str,
    args: Vec<String>,
    /// Why it is started like this, line by line.
    about: &'a [String],
    ready: Vec<String>,
    resources: Quantities,
    /// `None` if it keeps nothing.
    storage: Option<String>,
    /// The claim that it keeps it in, if that is there already.
    claim: Option<&'a str>,
    grace: u64,
    /// Checks that may fail while it starts.
    start_checks: u64,
    /// In Kubernetes' own words, of the pod.
    more: Option<&'a Map<String, Value>>,
    annotations: Vec<Annotation<'a>>,
    /// It makes claims.
    claims: bool,
    /// See [`moves`]: time that it has to be replaced.
    deployment_seconds: Option<u64>,
}

#[derive(Serialize)]
struct PostgresView<'a> {
    #[serde(flatten)]
    store: StoreView<'a>,
    database: &'a str,
    owner: &'a str,
    mount: &'static str,
    /// Where the image's own folder would be the volume itself.
    data: String,
    /// Tells a server that recovers from one that hangs.
    alive: Vec<String>,
    shared_memory: String,
    /// What makes the files that the entry point runs on an empty volume.
    preparation: Option<Vec<String>>,
    init_folder: &'static str,
    more_passwords: Vec<&'a str>,
    files: Vec<Mounted<'a>>,
    files_checksum: Option<String>,
}

#[derive(Serialize)]
struct RedisView<'a> {
    #[serde(flatten)]
    store: StoreView<'a>,
    preparation: Vec<String>,
}

/// The file of one backing service; `None` if somebody else runs it.
pub fn artifact(stack: &Stack, head: &Head, store: &BackingService) -> Option<Artifact> {
    let server = store.server.as_ref()?;
    let path = path_of(store.name.as_str());
    let texts = |args: &[String]| args.iter().map(|arg| names::literal(arg)).collect::<Vec<_>>();
    let (user, group) = server.user.as_ref().map(UserId::ids).unwrap_or_default();
    let password = store.password.as_deref().unwrap_or_default();
    let common = |component| StoreView {
        head,
        name: store.name.as_str(),
        component,
        image: &server.image,
        user,
        group: group.unwrap_or(user),
        port: store.port.get(),
        password,
        args: texts(&server.command),
        about: &server.about,
        ready: texts(&server.check),
        resources: Quantities::new(&server.resources),
        storage: server.storage.map(Size::kubernetes),
        claim: server.volume.as_ref().map(VolumeName::as_str),
        grace: server.stop_grace.whole_seconds(),
        start_checks: server.start_period.whole_seconds() / START_PERIOD_SECONDS,
        more: Some(&server.escape.pod).filter(|map| !map.is_empty()),
        annotations: annotations(&server.escape),
        claims: !claim_templates(store).is_empty(),
        deployment_seconds: deployment_seconds(store),
    };
    let preparation = |password: &str| {
        let file = format!("{SECRETS_FOLDER}/{password}");
        server.preparation.as_ref().map(|script| ["sh", "-ec", script, &file].map(names::literal).to_vec())
    };
    Some(match &store.kind {
        Backing::Postgres { database, user, .. } => {
            let view = PostgresView {
                store: common("database"),
                database: database.as_str(),
                owner: user.as_str(),
                mount: server.data,
                data: format!("{}/pgdata", server.data),
                alive: ["sh", "-c", &format!("{}; test $? -le 1", server.check.join(" "))].map(names::literal).to_vec(),
                shared_memory: server.shared_memory.map(Size::kubernetes).unwrap_or_default(),
                preparation: preparation(password),
                init_folder: INIT_FOLDER,
                more_passwords: store.more_databases().iter().map(|database| database.password.as_str()).collect(),
                files: files::mounted(stack, &server.files),
                files_checksum: files::checksum(&server.files),
            };
            Artifact::new(path, &POSTGRES, &view)
        }
        Backing::Redis => Artifact::new(path, &REDIS, &RedisView { store: common("cache"), preparation: preparation(password).unwrap_or_default() }),
        Backing::Image(container) => image::artifact(stack, head, store, server, container),
    })
}

/// What its StatefulSet makes claims of: the name that each has in the pod, and its size.
pub fn claim_templates(store: &BackingService) -> Vec<(String, Size)> {
    let Some(server) = &store.server else { return Vec::new() };
    match store.kind.container() {
        Some(container) => {
            let own = container.volumes.iter().filter_map(|volume| Some((format!("volume-{}", volume.name), volume.source.size()?)));
            own.collect()
        }
        None => server.storage.filter(|_| server.volume.is_none()).map(|size| ("data".to_owned(), size)).into_iter().collect(),
    }
}

/// True if it is a Deployment: it keeps nothing, so another one may start while nobody knows whether the one on a lost node still runs.
pub fn moves(store: &BackingService) -> bool {
    store.server.as_ref().is_some_and(|server| match &store.kind {
        Backing::Postgres { .. } => false,
        Backing::Redis => server.storage.is_none() && server.volume.is_none(),
        Backing::Image(container) => container.volumes.is_empty(),
    })
}

/// Time that the Deployment of a server has to be replaced; `None` if it is a StatefulSet.
pub(super) fn deployment_seconds(store: &BackingService) -> Option<u64> {
    replace_seconds(store).filter(|_| moves(store))
}

/// Time that it takes at most to be replaced: it stops, and starts anew. `None` if somebody else runs it.
pub fn replace_seconds(store: &BackingService) -> Option<u64> {
    store.server.as_ref().map(|server| server.stop_grace.whole_seconds() + PULL_SECONDS + server.start_period.whole_seconds())
}
