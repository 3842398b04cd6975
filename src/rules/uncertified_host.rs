//! A host of the edge has a name that no public authority certifies.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Stack, TlsKind};

/// The rule.
pub const RULE: Rule = Rule {
    id: "uncertified-host",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A host of the edge gets its certificate by ACME, and no public authority certifies such a name",
    why: "Let's Encrypt refuses names that only a local network knows, and with one of them the certificate as a whole: the edge never speaks TLS.",
    instead: "Write `tls: {kind: files}` with certificates of your own, or a public name.",
    check,
};

/// Domains that are no public ones.
const LOCAL: [&str; 9] = ["local", "lan", "internal", "test", "localhost", "home", "corp", "invalid", "localdomain"];

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = stack.edge.as_ref().filter(|edge| edge.tls == TlsKind::Acme) else { return };
    // An authority of one's own certifies what it likes: on one host by its directory, in a cluster by its issuer.
    if stack.targets.compose.is_none() || stack.origins.is_written(&KeyPath::of(&["edge", "tls", "directory"])) {
        return;
    }
    for host in &edge.hosts {
        let name = host.name.as_str();
        // That a name has no domain another rule says, where the public is to reach it.
        let is_local = name.rsplit_once('.').map_or(!super::host_without_dot::RULE.applies.to(stack.environment), |(_, last)| LOCAL.contains(&last));
        if is_local {
            let path = KeyPath::of(&["edge", "tls", "kind"]);
            let message = format!("no public authority gives a certificate for `{name}`");
            let help = "Write `kind: files`, with the certificate in `secrets/tls.crt` and its key in `secrets/tls.key` of the output folder, or give the host a public name.";
            found.with_help(path, message, help.to_owned());
            return;
        }
    }
}
