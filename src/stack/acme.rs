//! The client that gets certificates by ACME.

use super::resolve::{Resolver, known};
use super::{TlsKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Cpu, Email, HttpsUrl, RelativePath, Scalar, ServiceName, Size};
use serde::Serialize;

/// The client that gets certificates by ACME. It runs as nginx' user, so that nginx can read them and nobody else can.
#[derive(Clone, Debug, Serialize)]
pub struct Acme {
    /// The image.
    pub image: String,
    /// Where the authority writes to.
    pub email: Option<Email>,
    /// Address of the authority's directory.
    pub directory: HttpsUrl,
    /// File with the certificates that it trusts, relative to the project's root; `None` for those of its image.
    pub ca: Option<RelativePath>,
    /// CPU at most.
    pub cpu: Cpu,
    /// Memory at most, `scratch` included.
    pub memory: Size,
    /// Memory for `/tmp`.
    pub scratch: Size,
    /// Most processes.
    pub pids: u32,
}

impl Resolver<'_> {
    /// The client on one host, where the profile asks for it.
    pub(super) fn acme(&mut self) -> Option<Acme> {
        let profile = self.profile;
        let model::Tls::Acme(written) = &profile.edge.as_ref()?.tls else { return None };
        Some(Acme {
            image: self.pinned(format!("certbot/certbot:{}", defaults::CERTBOT_VERSION)),
            email: written.email.clone(),
            directory: self.or(
                &["edge", "tls", "directory"],
                written.directory.clone(),
                known(defaults::ACME_DIRECTORY),
                "everybody trusts it, and it is free",
            ),
            ca: self.or_as(
                &KeyPath::of(&["edge", "tls", "ca"]),
                written.ca.clone().map(Some),
                None,
                "those that everybody trusts",
                "public authorities need no other",
            ),
            cpu: defaults::ACME_CPU,
            memory: defaults::ACME_MEMORY,
            scratch: defaults::ACME_SCRATCH,
            pids: defaults::ACME_PIDS,
        })
    }

    /// Names and keys that belong together where certificates come by ACME, and where they do not.
    pub(super) fn acme_fits(&mut self) {
        let profile = self.profile;
        let kind = profile.edge.as_ref().map(|edge| TlsKind::of(&edge.tls));
        if kind == Some(TlsKind::Acme) {
            let clash = ServiceName::parse(super::ACME_NAME).ok().and_then(|name| {
                let sections = [("services", profile.services.contains_key(&name)), ("backing_services", profile.backing_services.contains_key(&name))];
                sections.into_iter().find(|(_, has)| *has).map(|(section, _)| KeyPath::of(&[section, name.as_str()]))
            });
            if let Some(path) = clash {
                self.error(
                    "name-clash",
                    &path,
                    format!("`{}` is the name of the client that gets certificates", super::ACME_NAME),
                    "this name",
                    "rename it, or use another `edge.tls`",
                );
            }
        } else if profile.targets.kubernetes.as_ref().is_some_and(|kubernetes| kubernetes.cluster_issuer.is_some()) {
            let path = KeyPath::of(&["targets", "kubernetes", "cluster_issuer"]);
            self.error("misplaced-key", &path, "an issuer gets certificates by ACME only".into(), "not used", "remove it, or use `edge.tls: { kind: acme }`");
        }
    }
}
