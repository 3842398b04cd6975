//! How secrets reach containers on one host: one file for each user that reads it.

use super::{Delivery, EnvironmentKind, File, FileContent, ServiceKind, Stack, TlsKind};
use crate::values::{ServiceName, UserId};

/// The two files of the certificate.
pub const CERTIFICATE: &str = "tls.crt";
/// See [`CERTIFICATE`].
pub const CERTIFICATE_KEY: &str = "tls.key";

/// A secret as a file that one user may read, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretFile {
    /// Name of the secret, and of the file in the container.
    pub name: String,
    /// Number of the user who reads it; `None` where the image alone knows its user.
    pub owner: Option<u32>,
    /// Services that mount it, sorted.
    pub readers: Vec<String>,
}

impl SecretFile {
    /// Its path in the output folder, such as `secrets/10001/SECRET_KEY`.
    pub fn path(&self) -> String {
        let owner = self.owner.map_or_else(|| "any".to_owned(), |user| user.to_string());
        format!("secrets/{owner}/{}", self.name)
    }
}

/// Something that keeps the files of secrets that it started with: a change of one has to recreate it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReader {
    /// Its name.
    pub name: String,
    /// The variable that changes with its files: a label of its container, so that Compose sees the change.
    pub variable: String,
    /// Names of its secrets, sorted.
    pub secrets: Vec<String>,
}

/// Something that keeps the files of the checkout that it started with: a change of one has to recreate it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReader {
    /// Its name.
    pub name: String,
    /// The variable that changes with them, for a label as that of secrets.
    pub variable: String,
    /// The files, below the project's root.
    pub sources: Vec<String>,
}

/// The variable of a label that the script which deploys decides over.
fn label_variable(name: &str, what: &str) -> String {
    format!("DEPLOY_{}_{what}", name.to_uppercase().replace('-', "_"))
}

impl Stack {
    /// Services and backing services on one host that have to be recreated when a file of the checkout changes that they mount. What runs once
    /// reads them when it starts.
    pub fn source_readers(&self) -> Vec<SourceReader> {
        if !self.is_deployed_by_script() {
            return Vec::new();
        }
        let reader = |(name, files): (&ServiceName, &[File])| {
            let source = |file: &File| match &file.content {
                FileContent::Source(path) if !file.is_for_the_first_start() => Some(path.to_string()),
                FileContent::Source(_) | FileContent::Text { .. } => None,
            };
            let sources: Vec<String> = files.iter().filter_map(source).collect();
            let reader = SourceReader { name: name.to_string(), variable: label_variable(name.as_str(), "SOURCES"), sources };
            (!reader.sources.is_empty() && !self.runs_once(name.as_str())).then_some(reader)
        };
        self.mounted_files().filter_map(reader).collect()
    }

    fn runs_once(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name.as_str() == name && matches!(service.kind, ServiceKind::Cron | ServiceKind::Release))
            || self.backups.iter().any(|backup| backup.name == name || backup.restore == name)
    }

    /// True if a server gets scripts that deploy this on one host with Compose.
    pub fn is_deployed_by_script(&self) -> bool {
        self.targets.scripts && self.targets.compose.is_some() && self.environment != EnvironmentKind::Development
    }

    /// Services and backing services on one host that have to be recreated when a file of their secrets changes; the edge is not among
    /// them, because it reads its files again. What runs once reads them when it starts.
    pub fn secret_readers(&self) -> Vec<SecretReader> {
        if !self.is_deployed_by_script() {
            return Vec::new();
        }
        let mut readers: Vec<SecretReader> = Vec::new();
        for file in self.secret_files() {
            for name in file.readers.iter().filter(|name| *name != super::EDGE_NAME && !self.runs_once(name)) {
                match readers.iter_mut().find(|reader| reader.name == *name) {
                    Some(reader) => reader.secrets.push(file.name.clone()),
                    None => readers.push(SecretReader { name: name.clone(), variable: label_variable(name, "SECRETS"), secrets: vec![file.name.clone()] }),
                }
            }
        }
        readers.sort_by(|a, b| a.name.cmp(&b.name));
        readers
    }

    /// Every file of a secret that containers on one host mount, sorted. Nobody but its reader may open it: where two users read one
    /// secret, there are two files.
    pub fn secret_files(&self) -> Vec<SecretFile> {
        let mut files: Vec<SecretFile> = Vec::new();
        let mut add = |name: &str, owner: Option<&UserId>, reader: &str| {
            let owner = owner.map(|user| user.ids().0);
            match files.iter_mut().find(|file| file.name == name && file.owner == owner) {
                Some(file) if !file.readers.iter().any(|known| known == reader) => file.readers.push(reader.to_owned()),
                Some(_) => {}
                None => files.push(SecretFile { name: name.to_owned(), owner, readers: vec![reader.to_owned()] }),
            }
        };
        for service in &self.services {
            for (_, secret) in service.secrets(self, Delivery::File) {
                add(&secret.name, service.user.as_ref(), service.name.as_str());
            }
        }
        for store in &self.backing_services {
            if let Some(server) = &store.server {
                let own = store.kind.container().map(|container| container.secrets(self, Delivery::File).map(|(_, secret)| secret.name.as_str()));
                let names: Vec<&str> = own.map_or_else(|| store.passwords(), Iterator::collect);
                for name in names {
                    add(name, server.user.as_ref(), store.name.as_str());
                }
            }
        }
        for backup in &self.backups {
            let user = self.backing_services.iter().find(|store| store.name == backup.store).and_then(|store| store.server.as_ref()?.user.as_ref());
            add(&backup.password, user, &backup.name);
            add(&backup.password, user, &backup.restore);
        }
        if let (Some(edge), Some(nginx)) = (&self.edge, &self.targets.nginx) {
            for name in [CERTIFICATE, CERTIFICATE_KEY].iter().filter(|_| edge.tls == TlsKind::Files) {
                add(name, Some(&nginx.user), super::EDGE_NAME);
            }
        }
        for file in &mut files {
            file.readers.sort();
        }
        files.sort();
        files
    }
}
