//! The scripts target: what a server without infragen runs.

mod deploy;
mod docker;
mod k8s;
mod local;
mod start;
mod timers;

pub use timers::{TIMERS_PATH, has_timers};

pub use deploy::script;

use super::{Target, made_by};
use crate::envfile::{EMPTY_WORDS, ENV_RULES, KnownWords, LEAST_BITS, LOOKED_AT, MAX_KIB, MILLIBITS, PLACEHOLDERS, SHORTEST_WORD};
use crate::render::{Artifact, Template};
use crate::stack::{CERTIFICATE, CERTIFICATE_KEY, DEVELOPMENT_MARK, DOCKERS_OWN, EnvironmentKind, Parameter, SecretFile, SecretValue, Stack, Variable};
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
        &deploy::RESTORE,
        &docker::COMPOSE,
        &docker::DOCKER,
        &docker::CHECKS,
        &docker::EDGE,
        &docker::ROLL,
        &k8s::K8S,
        &k8s::CLUSTER,
        &k8s::RECORD,
        &k8s::MANIFESTS,
        &k8s::WAITS,
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
    choices: Vec<ChoiceView>,
    ranges: Vec<RangeView>,
    development: &'static str,
    development_mark: &'static str,
    least_bits: u32,
    looked_at: usize,
    max_kib: u64,
    millibits: Vec<u32>,
    dockers_own: Vec<&'static str>,
    known: Vec<String>,
    shortest_word: usize,
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

/// The values that a parameter may have.
#[derive(Serialize)]
struct ChoiceView {
    name: String,
    expects: String,
    values: Vec<String>,
}

/// The least and the largest value of a parameter, empty where there is none.
#[derive(Serialize)]
struct RangeView {
    name: String,
    expects: String,
    min: String,
    max: String,
}

#[derive(Serialize)]
struct InstallView {
    made_by: String,
    file: String,
    chown_image: String,
    deploy: String,
    up: &'static str,
    files: Vec<FileView>,
    readers: Vec<ReaderView>,
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
struct ReaderView {
    variable: String,
    /// Names, with spaces between.
    secrets: String,
}

#[derive(Serialize)]
struct LibView {
    made_by: String,
}

/// Path of the script that deploys, if there is one.
pub fn deploy_script(stack: &Stack) -> Option<String> {
    (stack.targets.scripts && stack.environment != EnvironmentKind::Development).then(|| deploy::script("deploy", stack))
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
    let narrow = || stack.parameters.iter().filter(|parameter| parameter.expected.is_narrow());
    let choice = |Parameter { name, expected, .. }: &Parameter| ChoiceView { name: name.clone(), expects: expected.expects(), values: expected.one_of.clone() };
    let bound = |bound: Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    let range = |Parameter { name, expected, .. }: &Parameter| RangeView {
        name: name.clone(),
        expects: expected.expects(),
        min: bound(expected.min),
        max: bound(expected.max),
    };
    let view = ValidateView {
        made_by: made_by(stack),
        profile: stack.profile.clone(),
        file: stack.env_file(),
        variables: variables.collect(),
        rules: ENV_RULES.iter().map(|rule| RuleView { id: rule.id, severity: rule.severity.as_str(), message: rule.message, help: rule.help }).collect(),
        formats: ValueFormat::ALL.iter().map(|format| FormatView { name: format.as_str(), expects: format.expects() }).collect(),
        choices: narrow().filter(|parameter| !parameter.expected.one_of.is_empty()).map(choice).collect(),
        ranges: narrow().filter(|parameter| parameter.expected.min.or(parameter.expected.max).is_some()).map(range).collect(),
        development: yes(stack.environment == EnvironmentKind::Development),
        development_mark: DEVELOPMENT_MARK,
        least_bits: LEAST_BITS,
        looked_at: LOOKED_AT,
        max_kib: MAX_KIB,
        millibits: MILLIBITS.to_vec(),
        dockers_own: DOCKERS_OWN.to_vec(),
        known: KnownWords::of(stack).as_slice().to_vec(),
        shortest_word: SHORTEST_WORD,
        placeholders: PLACEHOLDERS,
        empty_words: EMPTY_WORDS,
    };
    Artifact::new("scripts/validate_config.sh", &VALIDATE, &view)
}

fn variable(variable: Variable<'_>) -> VariableView {
    let (kind, least, format, parts) = match variable {
        Variable::Parameter(parameter) => ("parameter", 1, parameter.expected.format, Vec::new()),
        Variable::Secret(secret) => match &secret.value {
            SecretValue::Generated { .. } => ("generated", secret.min_length, secret.format, Vec::new()),
            SecretValue::External => ("external", secret.min_length, secret.format, Vec::new()),
            SecretValue::Derived(connection) => {
                let mut parts = vec![connection.password.clone(), connection.scheme.clone(), connection.address.clone(), format!("/{}", connection.path)];
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
        deploy: script("deploy", stack),
        up: super::compose::up(stack),
        readers: stack.secret_readers().into_iter().map(|reader| ReaderView { variable: reader.variable, secrets: reader.secrets.join(" ") }).collect(),
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
