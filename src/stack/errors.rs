//! Who reports errors, and what that takes.

use super::environment::Book;
use super::resolve::Resolver;
use super::{EnvValue, EnvVar, Parameter, Service, defaults};
use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::values::{ServiceName, ValueFormat};

/// The secret that says where errors go. Sentry's libraries know these names.
const DSN: &str = "SENTRY_DSN";
const SAMPLE_RATE: &str = "SENTRY_TRACES_SAMPLE_RATE";

impl Resolver<'_> {
    /// Gives the services that report errors to Sentry what its libraries read.
    pub(super) fn sentry(&mut self, services: &mut [Service], book: &mut Book) {
        let Some(sentry) = &self.profile.observability.errors.sentry else { return };
        let path = KeyPath::of(&["observability", "errors", "sentry"]);
        let list = path.key("services");
        for (at, name) in sentry.services.iter().flatten().enumerate() {
            if !self.profile.services.contains_key(name) {
                self.unknown("service", name.as_str(), &list.index(at), self.profile.services.keys().map(ServiceName::as_str));
            }
        }
        let built: Vec<ServiceName> = services.iter().filter(|service| service.build_context().is_some()).map(|service| service.name.clone()).collect();
        let shown = built.iter().map(ServiceName::as_str).collect::<Vec<_>>().join(", ");
        let reporters = self.or_as(&list, sentry.services.clone(), built, &shown, "their code is this project's");
        if reporters.is_empty() {
            self.error("empty-value", &path, "no service reports to Sentry: none is built here".into(), "does nothing", "name them: `services: [NAME]`");
        }
        let deliver = self.delivery(DSN, self.profile.secrets.iter().find(|(known, _)| known.as_str() == DSN).and_then(|(_, secret)| secret.deliver));
        for service in services.iter_mut().filter(|service| reporters.contains(&service.name)) {
            service.reports_errors = true;
            book.report_address(DSN, service.name.as_str());
            let own = service.env.iter().find(|var| var.name == DSN && !matches!(&var.value, EnvValue::Secret { name, .. } if name == DSN));
            if let Some(own) = own {
                let message = format!("`{}` has the variable `{DSN}` already", service.name);
                let error = Diagnostic::error("name-clash", message).at(own.declared.clone()).label(self.origins.key_place(&own.declared), "set twice");
                self.errors.push(error.related(self.origins.key_place(&path), "and here").help("remove it: each server's env file says where errors go"));
            }
            // A tag of this host's own is the release there.
            let tag = match self.profile.targets.compose {
                Some(_) => EnvValue::Parameter(service.tag_variable()),
                None => EnvValue::Literal(service.image.tag.to_string()),
            };
            let values = [
                (DSN, EnvValue::Secret { name: DSN.into(), deliver }),
                ("SENTRY_ENVIRONMENT", EnvValue::Literal(self.profile.environment.kind.as_str().into())),
                ("SENTRY_RELEASE", tag),
                (SAMPLE_RATE, EnvValue::Parameter(SAMPLE_RATE.into())),
            ];
            // What the service says itself wins.
            for (name, value) in values {
                if service.env.iter().any(|var| var.name == name) {
                    continue;
                }
                if name == SAMPLE_RATE {
                    let parameter = Parameter {
                        name: SAMPLE_RATE.into(),
                        description: "Part of the requests that Sentry gets a trace of; 0 is none, 1 is all.".into(),
                        section: defaults::MONITORING_SECTION.into(),
                        default: "0".into(),
                        expected: ValueFormat::Fraction.into(),
                        required: false,
                        readers: vec![service.name.to_string()],
                    };
                    book.parameter(parameter, path.clone());
                }
                service.env.push(EnvVar { name: name.into(), value, address_of: None, declared: path.clone() });
            }
        }
    }
}
