//! Secrets that are made at random: of which characters, and how many.

use super::resolve::Resolver;
use super::{GenerateKind, SecretValue, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;

impl Resolver<'_> {
    /// What is made for a secret.
    pub(super) fn generated(&mut self, name: &str, written: model::Generate) -> SecretValue {
        let at = |key| KeyPath::of(&["secrets", name, "generate", key]);
        let kind = self.or_as(&at("kind"), written.kind, GenerateKind::Hex, GenerateKind::Hex.as_str(), "safe in every file and every program");
        if let Some(bytes) = written.bytes {
            let length = match kind {
                GenerateKind::Hex => bytes * 2,
                GenerateKind::Base64 => bytes.div_ceil(3) * 4,
                GenerateKind::Urlsafe | GenerateKind::Words => {
                    let message = format!("`{}` stands for no bytes", kind.as_str());
                    self.error("contradiction", &at("bytes"), message, "not used", "write `kind: hex` or `kind: base64`, or `length` in its place");
                    self.against(&["kind"]);
                    bytes
                }
            };
            if written.length.is_some() {
                let message = format!("`{name}` has a length in characters and one in bytes");
                self.error("contradiction", &at("length"), message, "only one can be its length", "remove one of them");
                self.against(&["bytes"]);
            }
            return SecretValue::Generated { kind, length, bytes: written.bytes };
        }
        let length = self.or(&["secrets", name, "generate", "length"], written.length, defaults::SECRET_LENGTH, "more than anybody can guess");
        if kind == GenerateKind::Base64 && !length.is_multiple_of(4) {
            let message = format!("base64 has no value of {length} characters");
            let help = format!("use a multiple of 4, such as {}, or `bytes: {length}` in its place", length.next_multiple_of(4));
            self.error("out-of-range", &at("length"), message, "no multiple of 4", &help);
        }
        SecretValue::Generated { kind, length, bytes: None }
    }
}
