//! The dotenv target: the template of the env file, the only place on a server where people edit values.

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{EnvironmentKind, GenerateKind, Parameter, Secret, SecretValue, Stack, Variable};
use crate::template;
use crate::values::ValueFormat;
use serde::Serialize;

static EXAMPLE: Template = template!("dotenv/example", Dotenv);
static GITIGNORE: Template = template!("dotenv/gitignore", Ignore);

/// The target.
pub const TARGET: Target = Target { id: "dotenv", templates: &[&EXAMPLE, &GITIGNORE], artifacts };

#[derive(Serialize)]
struct EnvFileView {
    made_by: String,
    profile: String,
    example: String,
    file: String,
    backup: String,
    /// Scripts note in a folder of their own what runs.
    deployed: bool,
    development: bool,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    title: String,
    variables: Vec<VariableView>,
}

#[derive(Serialize)]
struct VariableView {
    name: String,
    about: Vec<String>,
    /// What stands behind `=`; nothing for a secret that is to be filled in.
    value: String,
    /// True for what nobody has to set: the line is a comment.
    optional: bool,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if !stack.targets.dotenv {
        return Vec::new();
    }
    vec![example(stack), Artifact::new(".gitignore", &GITIGNORE, &env_view(stack))]
}

/// The template of the env file, whether or not the profile asks for it.
pub fn example(stack: &Stack) -> Artifact {
    Artifact::new(format!("{}.example", stack.env_file()), &EXAMPLE, &env_view(stack))
}

fn env_view(stack: &Stack) -> EnvFileView {
    let sections = stack
        .env_sections()
        .into_iter()
        .map(|(title, variables)| Section { title: title.to_owned(), variables: variables.into_iter().map(|variable| view(stack, variable)).collect() });
    let file = stack.env_file();
    EnvFileView {
        made_by: made_by(stack),
        profile: stack.profile.clone(),
        example: format!("{file}.example"),
        backup: format!("{file}.backup"),
        deployed: stack.targets.scripts && stack.environment != EnvironmentKind::Development,
        development: stack.environment == EnvironmentKind::Development,
        sections: sections.collect(),
        file,
    }
}

fn view(stack: &Stack, variable: Variable<'_>) -> VariableView {
    let (about, value) = match variable {
        Variable::Secret(secret) => (about_secret(secret), secret_value(stack, secret)),
        Variable::Parameter(parameter) => (about_parameter(parameter), parameter.default.clone()),
    };
    // What is written here is what development runs with: it works as it is copied.
    // What builds need stays a line to fill in: on a server that only pulls, it is left empty.
    let is_needed = matches!(variable, Variable::Secret(secret) if secret.required) || variable.is_required();
    let optional = !is_needed && (value.is_empty() || matches!(variable, Variable::Parameter(_)));
    VariableView { name: variable.name().to_owned(), about, value, optional }
}

fn need(required: bool, readers: &[String]) -> String {
    let need = if required { "Required" } else { "Optional" };
    if readers.is_empty() { format!("{need}; a part of what follows from it.") } else { format!("{need}; read by {}.", readers.join(", ")) }
}

fn about_secret(secret: &Secret) -> Vec<String> {
    let mut lines: Vec<String> = (!secret.description.trim().is_empty()).then(|| secret.description.clone()).into_iter().collect();
    lines.push(if secret.build_only && secret.required {
        format!("Required where the image is built; read by {}.", secret.readers.join(", "))
    } else {
        need(secret.required, &secret.readers)
    });
    lines.push(match &secret.value {
        SecretValue::Generated { kind, bytes: Some(bytes), .. } => {
            format!(
                "Exactly {bytes} bytes in {}: openssl rand -{} {bytes}{}",
                kind.as_str(),
                kind.as_str(),
                if *kind == GenerateKind::Base64 { " | tr -d '\\n'" } else { "" }
            )
        }
        SecretValue::Generated { kind, length, .. } => {
            format!("At least {} characters. A strong one: {}", secret.min_length, command(*kind, *length))
        }
        SecretValue::External => {
            let format = if secret.format == ValueFormat::Text { String::new() } else { format!(" Expected: {}.", secret.format.expects()) };
            let length = if secret.min_length > 1 { format!(" At least {} characters.", secret.min_length) } else { String::new() };
            format!("Supplied from outside.{format}{length}")
        }
        SecretValue::Derived(connection) => connection.with(&format!("<{}, percent-encoded>", connection.password)),
    });
    lines
}

/// A command that makes such a value, with programs that servers have.
fn command(kind: GenerateKind, length: u32) -> String {
    match kind {
        // A digit more than asked for does no harm.
        GenerateKind::Hex => format!("openssl rand -hex {}", length.div_ceil(2)),
        GenerateKind::Base64 => format!("openssl rand -base64 {} | tr -d '\\n'", length / 4 * 3),
        GenerateKind::Urlsafe => format!("openssl rand -base64 {length} | tr -d '\\n' | tr +/ -_ | cut -c 1-{length}"),
        GenerateKind::Words => "infragen env generate, or eight words of a word list".to_owned(),
    }
}

fn about_parameter(parameter: &Parameter) -> Vec<String> {
    let mut lines: Vec<String> = (!parameter.description.trim().is_empty()).then(|| parameter.description.clone()).into_iter().collect();
    let format = if parameter.expected.is_any() { String::new() } else { format!(" Expected: {}.", parameter.expected.expects()) };
    lines.push(need(parameter.required, &parameter.readers) + &format);
    lines
}

/// Development works as it is copied: its values are known to everybody, and its ports are open to this machine only.
fn secret_value(stack: &Stack, secret: &Secret) -> String {
    if stack.environment != EnvironmentKind::Development {
        return String::new();
    }
    match &secret.value {
        // A key that is known to everybody, and still one.
        SecretValue::Generated { kind: GenerateKind::Hex, bytes: Some(bytes), .. } => "00".repeat(*bytes as usize),
        SecretValue::Generated { bytes: Some(bytes), .. } => {
            let missing = (3 - bytes % 3) % 3;
            "A".repeat((secret.min_length - missing) as usize) + &"=".repeat(missing as usize)
        }
        SecretValue::Generated { length, .. } => {
            // A program may insist on the length.
            let mut value = format!("{}{}", crate::stack::DEVELOPMENT_MARK, secret.name.to_lowercase().replace('_', "-"));
            while value.len() < *length as usize {
                value.push('x');
            }
            value.truncate(*length as usize);
            value
        }
        SecretValue::External => String::new(),
        SecretValue::Derived(connection) => connection.with(&stack.secret(&connection.password).map(|secret| secret_value(stack, secret)).unwrap_or_default()),
    }
}
