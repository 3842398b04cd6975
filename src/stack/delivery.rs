//! How secrets reach containers on one host: one file for each user that reads it.

use super::{Delivery, Stack, TlsKind};
use crate::values::UserId;

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

impl Stack {
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
                add(&store.password, Some(&server.user), store.name.as_str());
            }
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
