//! A value that only somebody else can hand out would be made up at random.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Secret, SecretValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "generated-credential",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A credential of a provider, or the key to what is encrypted already, would be made up at random",
    why: "`env generate` fills it in, everything looks complete, and the provider refuses it with the first request; what another key encrypted is not opened.",
    instead: "Write `{source: external}`: whoever deploys puts in what the provider handed out.",
    check,
};

/// Starts of names of what providers hand out.
const PROVIDERS: [&str; 37] = [
    "ADYEN_",
    "AIRTABLE_",
    "ALGOLIA_",
    "AUTH0_",
    "AWS_",
    "AZURE_",
    "BRAINTREE_",
    "CLOUDFLARE_",
    "CLOUDINARY_",
    "DATADOG_",
    "DD_API_",
    "DROPBOX_",
    "FACEBOOK_",
    "GCP_",
    "GITHUB_",
    "GITLAB_",
    "GOOGLE_",
    "HUBSPOT_",
    "MAILCHIMP_",
    "MAILGUN_",
    "MAILJET_",
    "MAPBOX_",
    "MOLLIE_",
    "NEW_RELIC_",
    "OKTA_",
    "OPENAI_",
    "PAYPAL_",
    "PLAID_",
    "POSTMARK_",
    "ROLLBAR_",
    "SENDGRID_",
    "SENTRY_",
    "SHOPIFY_",
    "SLACK_",
    "STRIPE_",
    "TELEGRAM_",
    "TWILIO_",
];

/// Keys to files that are encrypted in the repository: starts of their names, and the files.
const OPENERS: [(&str, &str); 4] = [
    ("RAILS_MASTER_KEY", "config/credentials.yml.enc"),
    ("LARAVEL_ENV_ENCRYPTION_KEY", ".env.encrypted"),
    ("DOTENV_PRIVATE_KEY", ".env"),
    ("SOPS_AGE_KEY", "what SOPS encrypted"),
];

/// What belongs to a mail server.
const MAIL: [&str; 5] = ["SMTP", "EMAIL", "MAIL", "EMAIL_HOST", "MAIL_SERVER"];

fn check(stack: &Stack, found: &mut Findings) {
    for secret in &stack.secrets {
        let path = KeyPath::of(&["secrets", &secret.name]);
        if !matches!(secret.value, SecretValue::Generated { .. }) || !stack.origins.is_written(&path) {
            continue;
        }
        // A server of this deployment takes what it is given.
        let is_own = secret.readers.iter().any(|reader| stack.backing_services.iter().any(|store| store.name.as_str() == reader));
        let opens = OPENERS.iter().find(|(start, _)| secret.name.starts_with(start)).map(|(_, file)| file);
        if is_own || !(opens.is_some() || is_of_a_provider(&secret.name) || is_of_mail_outside(stack, secret)) {
            continue;
        }
        let help = if stack.origins.is_written(&path.key("generate")) {
            "Write `source: external` in place of `generate`.".to_owned()
        } else {
            let delivery = stack.origins.text(&path.key("deliver")).map(|word| format!(", deliver: {word}")).unwrap_or_default();
            format!("Write `{}: {{source: external{delivery}}}`.", secret.name)
        };
        let reason = match opens {
            Some(file) if file.contains(' ') => format!("it has to open {file}"),
            Some(file) => format!("it has to open `{file}`"),
            None => "only its provider can say it".to_owned(),
        };
        found.with_help(path, format!("`{}` would be made up at random, and {reason}", secret.name), help);
    }
}

/// True for `STRIPE_KEY`, not for `GITHUB_WEBHOOK_SECRET`, which is chosen here and told to the provider.
fn is_of_a_provider(name: &str) -> bool {
    PROVIDERS.iter().any(|provider| name.starts_with(provider)) && (!name.contains("WEBHOOK") || name.starts_with("STRIPE_"))
}

/// True for the password of a mail server that is none of this deployment's.
fn is_of_mail_outside(stack: &Stack, secret: &Secret) -> bool {
    let Some(prefix) = ["_PASSWORD", "_PASS", "_KEY", "_TOKEN"].iter().find_map(|end| secret.name.strip_suffix(end)) else { return false };
    let is_here = |host: &str| {
        let host = host.split(':').next().unwrap_or(host);
        stack.services.iter().any(|service| service.name.as_str() == host) || stack.backing_services.iter().any(|store| store.name.as_str() == host)
    };
    let hosts = [format!("{prefix}_HOST"), format!("{prefix}_SERVER"), prefix.to_owned()];
    MAIL.contains(&prefix)
        && !stack.variables().any(|var| hosts.contains(&var.name) && matches!(&var.value, crate::stack::EnvValue::Literal(host) if is_here(host)))
}
