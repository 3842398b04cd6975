//! The scripts target: what a server without infragen runs.

mod deploy;
mod docker;
mod k8s;
mod local;
mod start;
mod timers;

pub use timers::{TIMERS_PATH, has_timers};

use super::{Target, made_by};
use crate::envfile::{COMMON, EMPTY_WORDS, ENV_RULES, LEAST_BITS, LOOKED_AT, MAX_KIB, MILLIBITS, PLACEHOLDERS};
use crate::render::{Artifact, Template};
use crate::stack::{CERTIFICATE, CERTIFICATE_KEY, DEVELOPMENT_MARK, DOCKERS_OWN, EnvironmentKind, SecretFile, SecretValue, Stack, Variable};
use crate::template;
use crate::values::ValueFormat;
use serde::Serialize;

static LIB: Template = template!("scripts/lib.sh", Shell);
static VALIDATE: Template = template!("scripts/validate_config.sh", Shell);
static INSTALL_SECRETS: Template = template!("scripts/install_secrets.sh", Shell);

/// The target.
pub const TARGET: Target = Target {
    id: "scripts",
    templates: &[
        &LIB,
        &VALIDATE,
        &INSTALL_SECRETS,
        &deploy::DEPLOY,
        &docker::DOCKER,
        &k8s::K8S,
        &local::LOCAL,
        &start::START,
        &start::ASK_STORES,
        &timers::TIMERS,
    ],
    artifacts,
};

#[derive(Serialize)]
struct ValidateView {
    made_by: String,
    profile: String,
    file: String,
    variables: Vec<VariableView>,
    rules: Vec<RuleView>,
    formats: Vec<FormatView>,
    development: &'static str,
    development_mark: &'static str,
    least_bits: u32,
    looked_at: usize,
    max_kib: u64,
    millibits: Vec<u32>,
    dockers_own: Vec<&'static str>,
    common: &'static [&'static str],
    placeholders: &'static [&'static str],
    empty_words: &'static [&'static str],
}

#[derive(Serialize)]
struct VariableView {
    name: String,
    kind: &'static str,
    required: &'static str,
    least: u32,
    format: &'static str,
    /// Of a connection string: password's variable, scheme, address, path, and the user where there is one.
    parts: Vec<String>,
}

#[derive(Serialize)]
struct RuleView {
    id: &'static str,
    severity: &'static str,
    message: &'static str,
    help: &'static str,
}

#[derive(Serialize)]
struct FormatView {
    name: &'static str,
    expects: &'static str,
}

#[derive(Serialize)]
struct InstallView {
    made_by: String,
    file: String,
    chown_image: String,
    command_line: String,
    files: Vec<FileView>,
    optional: Vec<String>,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    owner: String,
    /// Name of the variable, or `file:` and a path.
    source: String,
}

#[derive(Serialize)]
struct LibView {
    made_by: String,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if !stack.targets.scripts {
        return Vec::new();
    }
    let mut list = vec![Artifact::new("scripts/lib.sh", &LIB, &LibView { made_by: made_by(stack) }), validate(stack).executable()];
    // In development Compose makes the files from the env file.
    if stack.targets.compose.is_some() && stack.environment != EnvironmentKind::Development && !stack.secret_files().is_empty() {
        list.push(install(stack).executable());
    }
    list.extend(deploy::artifacts(stack));
    list.extend(start::artifacts(stack));
    list.extend(timers::artifact(stack));
    list
}

fn yes(truth: bool) -> &'static str {
    if truth { "yes" } else { "no" }
}

fn validate(stack: &Stack) -> Artifact {
    let variables = stack.env_sections().into_iter().flat_map(|(_, list)| list).map(variable);
    let view = ValidateView {
        made_by: made_by(stack),
        profile: stack.profile.clone(),
        file: stack.env_file(),
        variables: variables.collect(),
        rules: ENV_RULES.iter().map(|rule| RuleView { id: rule.id, severity: rule.severity.as_str(), message: rule.message, help: rule.help }).collect(),
        formats: ValueFormat::ALL.iter().map(|format| FormatView { name: format.as_str(), expects: format.expects() }).collect(),
        development: yes(stack.environment == EnvironmentKind::Development),
        development_mark: DEVELOPMENT_MARK,
        least_bits: LEAST_BITS,
        looked_at: LOOKED_AT,
        max_kib: MAX_KIB,
        millibits: MILLIBITS.to_vec(),
        dockers_own: DOCKERS_OWN.to_vec(),
        common: COMMON,
        placeholders: PLACEHOLDERS,
        empty_words: EMPTY_WORDS,
    };
    Artifact::new("scripts/validate_config.sh", &VALIDATE, &view)
}

fn variable(variable: Variable<'_>) -> VariableView {
    let (kind, least, format, parts) = match variable {
        Variable::Parameter(parameter) => ("parameter", 1, parameter.format, Vec::new()),
        Variable::Secret(secret) => match &secret.value {
            SecretValue::Generated { .. } => ("generated", secret.min_length, secret.format, Vec::new()),
            SecretValue::External => ("external", secret.min_length, secret.format, Vec::new()),
            SecretValue::Derived(connection) => {
                let mut parts = vec![connection.password.clone(), connection.scheme.clone(), connection.address.clone(), connection.path.clone()];
                parts.extend((!connection.user.is_empty()).then(|| connection.user.clone()));
                ("derived", secret.min_length, secret.format, parts)
            }
        },
    };
    VariableView { name: variable.name().to_owned(), kind, required: yes(variable.is_required()), least, format: format.as_str(), parts }
}

fn install(stack: &Stack) -> Artifact {
    let file = |file: &SecretFile| FileView {
        path: file.path(),
        owner: file.owner.map_or_else(|| "any".to_owned(), |user| user.to_string()),
        source: if [CERTIFICATE, CERTIFICATE_KEY].contains(&file.name.as_str()) { format!("file:secrets/{}", file.name) } else { file.name.clone() },
    };
    let view = InstallView {
        made_by: made_by(stack),
        file: stack.env_file(),
        chown_image: chown_image(stack),
        command_line: super::compose::command_line(stack),
        files: stack.secret_files().iter().map(file).collect(),
        optional: stack.secrets.iter().filter(|secret| !secret.required).map(|secret| secret.name.clone()).collect(),
    };
    Artifact::new("scripts/install_secrets.sh", &INSTALL_SECRETS, &view)
}

/// An image that is on the host anyway, and has a shell.
fn chown_image(stack: &Stack) -> String {
    let store = stack.backing_services.iter().find_map(|store| store.server.as_ref()).map(|server| server.image.clone());
    let edge = stack.targets.nginx.as_ref().filter(|_| stack.edge.is_some()).map(|nginx| nginx.image.clone());
    store.or(edge).or_else(|| stack.services.first().map(|service| service.image.reference())).unwrap_or_default()
}
