//! Who asks for a certificate gets one.

use super::{check, list, name_of, profiles};
use infragen::stack::TlsKind;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn an_issuer_has_something_to_make() {
    let mut seen = 0;
    check(|manifests, found| {
        let Some(edge) = &manifests.stack.edge else { return };
        let ends = edge.tls != TlsKind::None;
        for ingress in manifests.of_kind("Ingress").filter(|_| ends) {
            let name = name_of(ingress);
            let named: BTreeSet<&str> = list(ingress, "/spec/tls").into_iter().flat_map(|tls| list(tls, "/hosts")).filter_map(Value::as_str).collect();
            let hosts: BTreeSet<&str> = list(ingress, "/spec/rules").into_iter().filter_map(|rule| rule["host"].as_str()).collect();
            if !hosts.is_subset(&named) {
                found.push(format!("{name}: {hosts:?} are served, and {named:?} have TLS"));
            }
            let annotations = &ingress["metadata"]["annotations"];
            let redirects = annotations["nginx.ingress.kubernetes.io/ssl-redirect"].as_str();
            if redirects.is_some_and(|redirects| redirects != "true") {
                found.push(format!("{name}: plain HTTP is served as well"));
            }
        }
    });
    for (_, manifests) in profiles() {
        seen += manifests.of_kind("Ingress").filter(|ingress| !ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"].is_null()).count();
    }
    assert!(seen > 0, "no profile has an issuer");
}
