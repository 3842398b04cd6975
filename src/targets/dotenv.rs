//! The dotenv target: the template of the env file, the only place on a server where people edit values.

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{EnvironmentKind, Secret, SecretValue, Stack, TlsKind};
use crate::template;
use serde::Serialize;

static EXAMPLE: Template = template!("dotenv/example", Dotenv);
static GITIGNORE: Template = template!("dotenv/gitignore", Ignore);

/// The target.
pub const TARGET: Target = Target { id: "dotenv", templates: &[&EXAMPLE, &GITIGNORE], artifacts };

#[derive(Serialize)]
struct EnvFileView {
    made_by: String,
    example: String,
    file: String,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    title: &'static str,
    variables: Vec<Variable>,
}

#[derive(Serialize)]
struct Variable {
    name: String,
    about: Vec<String>,
    /// What stands behind `=`; nothing for a secret that is to be filled in.
    value: String,
    /// True for a default that nobody has to set: the line is a comment.
    optional: bool,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if !stack.targets.dotenv {
        return Vec::new();
    }
    let sections = [Section { title: "Secrets", variables: secrets(stack) }, Section { title: "This host", variables: host(stack) }];
    let file = stack.env_file();
    let view = EnvFileView {
        made_by: made_by(stack),
        example: format!("{file}.example"),
        file: file.clone(),
        sections: sections.into_iter().filter(|section| !section.variables.is_empty()).collect(),
    };
    vec![Artifact::new(format!("{file}.example"), &EXAMPLE, &view), Artifact::new(".gitignore", &GITIGNORE, &view)]
}

fn secrets(stack: &Stack) -> Vec<Variable> {
    stack
        .secrets
        .iter()
        .map(|secret| Variable { name: secret.name.clone(), about: about(secret), value: value(stack, secret), optional: !secret.required })
        .collect()
}

fn about(secret: &Secret) -> Vec<String> {
    let mut lines = Vec::new();
    if !secret.description.trim().is_empty() {
        lines.push(secret.description.clone());
    }
    lines.push(format!("{}; read by {}.", if secret.required { "Required" } else { "Optional" }, secret.readers.join(", ")));
    lines.push(match &secret.value {
        // An even number of hexadecimal digits; a digit more than asked for does no harm.
        SecretValue::Generated { length } => format!("At least {} characters. A strong one: openssl rand -hex {}", secret.min_length, length.div_ceil(2)),
        SecretValue::External => format!("Supplied from outside; at least {} characters.", secret.min_length),
        SecretValue::Derived { scheme, user, password, address, path } => {
            format!("{scheme}://{user}:<{password}, percent-encoded>@{address}/{path}")
        }
    });
    lines
}

/// Development works as it is copied: its values are known to everybody, and its ports are open to this machine only.
fn value(stack: &Stack, secret: &Secret) -> String {
    if stack.environment != EnvironmentKind::Development {
        return String::new();
    }
    let known = |name: &str| format!("development-only-{}", name.to_lowercase().replace('_', "-"));
    match &secret.value {
        SecretValue::Generated { .. } => {
            let mut value = known(&secret.name);
            while value.len() < secret.min_length as usize {
                value.push_str("-x");
            }
            value
        }
        SecretValue::External => String::new(),
        SecretValue::Derived { scheme, user, password, address, path } => {
            let password = stack.secret(password).map(|secret| self::value(stack, secret)).unwrap_or_default();
            format!("{scheme}://{user}:{password}@{address}/{path}")
        }
    }
}

fn host(stack: &Stack) -> Vec<Variable> {
    let Some(compose) = &stack.targets.compose else { return Vec::new() };
    let variable = |name: String, about: &str, value: String| Variable { name, about: vec![about.to_owned()], value, optional: true };
    let mut list = Vec::new();
    for service in stack.services.iter().filter(|service| service.image_owner == service.name) {
        list.push(variable(
            super::compose::tag_variable(service),
            &format!("Tag of {}, for a release other than the profile's.", service.image.name),
            service.image.tag.to_string(),
        ));
    }
    if let Some(edge) = &stack.edge {
        list.push(variable("HTTP_PORT".into(), "Port of this host for HTTP.", compose.http_port.to_string()));
        if edge.tls == TlsKind::Files {
            list.push(variable("HTTPS_PORT".into(), "Port of this host for HTTPS.", compose.https_port.to_string()));
        }
    }
    list
}
