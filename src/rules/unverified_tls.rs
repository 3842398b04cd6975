//! Nobody looks at the certificates of others.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unverified-tls",
    severity: Severity::Error,
    applies: Applies::Deployed,
    what: "A variable switches off that certificates of others are checked",
    why: "It holds for every connection of the program: whoever is between it and its payment provider reads and changes all that is sent.",
    instead: "Leave the variable out; an authority of one's own is a file, which `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE` names.",
    check,
};

/// Variables, what switches the check off, and what switches it on.
const SWITCHES: [(&str, &[&str], &str); 3] =
    [("NODE_TLS_REJECT_UNAUTHORIZED", &["0"], "\"1\""), ("PYTHONHTTPSVERIFY", &["0"], "\"1\""), ("GIT_SSL_NO_VERIFY", &["1", "true"], "\"false\"")];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        let known = SWITCHES.iter().find(|(name, off, _)| var.name == *name && off.contains(&text.as_str()));
        if let Some((_, _, on)) = known.filter(|_| !said.contains(&&var.declared)) {
            said.push(&var.declared);
            let help = format!(
                "Write `{}: {on}`, or leave it out; an authority of one's own is a file, which `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE` names.",
                var.name
            );
            found.with_help(var.declared.clone(), format!("with `{}: {text}` no certificate is checked", var.name), help);
        }
    }
}
