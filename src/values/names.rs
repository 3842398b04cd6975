//! Names, paths and texts.

use super::Scalar;
use crate::key_path::KeyPath;
use std::fmt;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $format:literal, expects $expects:literal, pattern $pattern:literal, examples $examples:expr, valid $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl Scalar for $name {
            const FORMAT: &'static str = $format;
            const EXPECTS: &'static str = $expects;
            const PATTERN: &'static str = $pattern;
            const EXAMPLES: &'static [&'static str] = &$examples;

            fn parse(text: &str) -> Result<Self, String> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(super::names::shown(text)) }
            }
        }
    };
}
pub(super) use text;

/// The offending value as a short quotation for a message.
pub(super) fn shown(text: &str) -> String {
    if text.is_empty() {
        return "it is empty".to_owned();
    }
    let short: String = text.chars().take(60).collect();
    let more = if short.len() < text.len() { "..." } else { "" };
    format!("found `{}{more}`", short.escape_debug())
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.chars().all(allowed)
}

fn starts(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(allowed)
}

/// A DNS label: what container engines, Kubernetes and DNS all take for a name.
fn dns_label(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && starts(text, |c| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// No segment that leads out of the folder, and nothing that a shell, Docker or YAML would take for syntax.
fn plain_path(text: &str) -> bool {
    text.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && !part.starts_with('-'))
        && all(text, |c| c.is_ascii_alphanumeric() || "._-+@/".contains(c))
}

text! {
    /// Name of a project.
    ProjectName, "project-name",
    expects "a lower-case DNS label of at most 40 characters: letters, digits and dashes, such as `shop`",
    pattern r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$", examples ["pyt", "shop-2"],
    valid |text| dns_label(text, 40)
}

text! {
    /// Name of a service or of a backing service: its host name on every target.
    ServiceName, "service-name",
    expects "a lower-case DNS label of at most 40 characters: letters, digits and dashes, such as `web-api`",
    pattern r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$", examples ["api", "web-api"],
    valid |text| dns_label(text, 40)
}

text! {
    /// Name of an environment variable.
    EnvName, "environment-variable",
    expects "a name of an environment variable: letters, digits, `_`, `.` and `-`, not starting with a digit, such as `LOG_LEVEL`",
    pattern r"^[A-Za-z_][A-Za-z0-9_.-]*$", examples ["LOG_LEVEL", "spring.profiles.active"],
    valid |text| starts(text, |c| c.is_ascii_alphabetic() || c == '_') && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

text! {
    /// Name of a secret: a file below `/run/secrets` and a variable in the env file.
    SecretName, "secret-name",
    expects "a name in upper case: letters, digits and `_`, such as `SECRET_KEY`",
    pattern r"^[A-Z][A-Z0-9_]*$", examples ["SECRET_KEY", "SMTP_PASSWORD_2"],
    valid |text| starts(text, |c| c.is_ascii_uppercase()) && all(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

text! {
    /// A reference to a value that something else in the profile defines.
    Reference, "reference",
    expects "a reference such as `database.url` (NAME.VALUE of a backing service), `database.reports.url` (of one of its databases) or `edge.url`",
    pattern r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?(\.[a-z_][a-z0-9_]{0,62})?\.[a-z]+$", examples ["database.url", "edge.host", "database.reports.url"],
    valid |text| {
        let parts: Vec<_> = text.split('.').collect();
        let value = |value: &str| !value.is_empty() && all(value, |c| c.is_ascii_lowercase());
        match parts.as_slice() {
            [name, last] => dns_label(name, 40) && value(last),
            [name, database, last] => dns_label(name, 40) && DatabaseName::parse(database).is_ok() && value(last),
            _ => false,
        }
    }
}

text! {
    /// Any text that an environment variable can hold.
    EnvText, "environment-value",
    expects "text without a NUL character",
    pattern r"^[^\u0000]*$", examples ["INFO", "", "p@ss $1 \"#'"],
    valid |text| !text.contains('\0')
}

text! {
    /// Default of a parameter: it stands inside `${NAME:-...}` and in the env file's template.
    ParameterText, "parameter-value",
    expects "one line without quotes, backslashes, `$`, `#`, `{` and `}`, and without a space at either end, such as `INFO`",
    pattern r#"^(?! )[^\u0000-\u001f\u007f-\u009f\u2028\u2029'"`\\$#{}]*(?<! )$"#, examples ["INFO", "30s", "https://example.com/a?b=c"],
    valid |text| !text.starts_with(' ') && !text.ends_with(' ')
        && !text.contains(|c: char| c.is_control() || "'\"`\\$#{}\u{2028}\u{2029}".contains(c))
}

text! {
    /// One argument of a command.
    Arg, "argument",
    expects "text without a NUL character",
    pattern r"^[^\u0000]*$", examples ["--verbose", "a b"],
    valid |text| !text.contains('\0')
}

text! {
    /// A sentence for people.
    Sentence, "sentence",
    expects "one line of text",
    pattern r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$", examples ["Tuned by hand"],
    valid |text| !text.is_empty() && !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

text! {
    /// Path of a key, as messages show it.
    KeyPathText, "key-path",
    expects "the path of a key, such as `services.api.replicas`; keys with dots stand in quotes",
    pattern r#"^("[^"]+"|[^".][^.]*)(\.("[^"]+"|[^".][^.]*))*$"#, examples ["services.api.replicas", "edge.hosts.\"api.example.com\""],
    valid |text| KeyPath::parse(text).is_ok()
}

impl KeyPathText {
    /// The path itself.
    pub fn path(&self) -> KeyPath {
        KeyPath::parse(&self.0).unwrap_or_default()
    }
}

text! {
    /// A name of your own: what an entry is called, and nothing else.
    EntryName, "entry-name",
    expects "a name of your own: lower-case letters, digits and `-`, starting with a letter, such as `more-memory`",
    pattern "^[a-z]([-a-z0-9]{0,62}[a-z0-9])?$", examples ["more-memory", "until-spring"],
    valid |text| starts(text, |c| c.is_ascii_lowercase()) && text.len() <= 64 && !text.ends_with('-')
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

text! {
    /// Name of a rule.
    RuleName, "rule-name",
    expects "the name of a rule, such as `single-replica`",
    pattern "^[a-z]([-a-z0-9]{0,62}[a-z0-9])?$", examples ["single-replica", "no-tls"],
    valid |text| starts(text, |c| c.is_ascii_lowercase()) && text.len() <= 64 && !text.ends_with('-')
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

text! {
    /// Name of an image without its tag.
    ImageName, "image-name",
    expects "an image name without a tag, such as `registry.example.com/acme/api` or `nginx`",
    pattern r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
    examples ["nginx", "registry.example.com:5000/acme/api", "prom/prometheus"],
    valid valid_image_name
}

fn valid_image_name(text: &str) -> bool {
    let component = |part: &str| {
        starts(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && all(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    let registry = |part: &str| match part.split_once(':') {
        Some((host, port)) => {
            all(host, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
                && component(host)
                && (1..=5).contains(&port.len())
                && all(port, |c| c.is_ascii_digit())
        }
        None => component(part),
    };
    match text.split_once('/') {
        Some((first, rest)) => registry(first) && rest.split('/').all(component),
        None => component(text),
    }
}

text! {
    /// Tag of an image.
    ImageTag, "image-tag",
    expects "an image tag of at most 128 characters: letters, digits, `_`, `.` and `-`, such as `\"1.4.0\"`",
    pattern r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", examples ["1.4.0", "17-alpine"],
    valid |text| text.len() <= 128 && starts(text, |c| c.is_ascii_alphanumeric() || c == '_') && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

text! {
    /// An image with its tag.
    ImageReference, "image-reference",
    expects "an image with its tag, such as `postgres:17-trixie`",
    pattern r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
    examples ["postgres:17-trixie", "registry.example.com:5000/acme/api:1.4.0"],
    valid |text| text.rsplit_once(':').is_some_and(|(name, tag)| valid_image_name(name) && ImageTag::parse(tag).is_ok())
}

text! {
    /// The digest of an image.
    Digest, "image-digest",
    expects "a digest: `sha256:` and 64 hexadecimal digits, as `docker buildx imagetools inspect` prints it",
    pattern r"^sha256:[0-9a-f]{64}$", examples ["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    valid |text| text.strip_prefix("sha256:").is_some_and(|digits| digits.len() == 64 && all(digits, |c| c.is_ascii_digit() || ('a'..='f').contains(&c)))
}

text! {
    /// Name of a build argument.
    BuildArgName, "build-argument-name",
    expects "a name in upper case: letters, digits and `_`, such as `COMMIT`; `VERSION` and `REVISION` are taken",
    pattern r"^(?!(VERSION|REVISION)$)[A-Z][A-Z0-9_]*$", examples ["COMMIT", "PIP_EXTRA_INDEX_URL"],
    valid |text| SecretName::parse(text).is_ok() && text != "VERSION" && text != "REVISION"
}

text! {
    /// Value of a build argument.
    BuildArg, "build-argument",
    expects "letters, digits and `/._-+=:@,`, such as `https://pypi.example.com/simple`",
    pattern r"^[A-Za-z0-9/._+=:@,-]+$", examples ["https://pypi.example.com/simple", "1"],
    valid |text| !text.is_empty() && all(text, |c| c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c))
}

text! {
    /// A version of a program.
    Version, "version",
    expects "a version in quotes, one to three numbers with dots, such as `\"3.12\"`",
    pattern r"^(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){0,2}$", examples ["3.12", "17", "1.30.2"],
    valid |text| {
        let parts: Vec<_> = text.split('.').collect();
        parts.len() <= 3
            && parts.iter().all(|part| (1..=4).contains(&part.len()) && all(part, |c| c.is_ascii_digit()) && (part.len() == 1 || !part.starts_with('0')))
    }
}

text! {
    /// Version of infragen itself.
    GeneratorVersion, "generator-version",
    expects "a version of infragen in quotes, two or three numbers with dots, such as `\"0.1\"`",
    pattern r"^(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){1,2}$", examples ["0.1", "1.30.2"],
    valid |text| text.contains('.') && Version::parse(text).is_ok()
}

impl GeneratorVersion {
    /// True if a whole version is this one; what is left out may be anything.
    pub fn takes(&self, version: &str) -> bool {
        version.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

text! {
    /// An object that is rendered.
    PatchTarget, "patch-target",
    expects "`kubernetes:KIND/NAME` or `compose:SECTION/NAME`, such as `kubernetes:Deployment/api` or `compose:services/api`",
    pattern r"^(kubernetes:[A-Z][A-Za-z0-9]{0,62}/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?|compose:(services|volumes|networks)/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$",
    examples ["kubernetes:Deployment/api", "compose:services/api"],
    valid |text| {
        let Some((target, (kind, name))) = text.split_once(':').and_then(|(target, rest)| Some((target, rest.split_once('/')?))) else { return false };
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        match target {
            "kubernetes" => {
                kind.len() <= 63 && starts(kind, |c| c.is_ascii_uppercase()) && all(kind, |c| c.is_ascii_alphanumeric())
                    && name.len() <= 253 && starts(name, end) && name.ends_with(end) && all(name, |c| end(c) || "-.".contains(c))
            }
            "compose" => {
                ["services", "volumes", "networks"].contains(&kind) && name.len() <= 128
                    && starts(name, |c| c.is_ascii_alphanumeric() || c == '_') && all(name, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))
            }
            _ => false,
        }
    }
}

impl PatchTarget {
    /// Target, kind or section, and name.
    pub fn parts(&self) -> (&str, &str, &str) {
        let (target, rest) = self.0.split_once(':').unwrap_or((&self.0, ""));
        let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
        (target, kind, name)
    }
}

impl Version {
    /// The numbers; those left out are 0.
    pub fn numbers(&self) -> [u32; 3] {
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(self.0.split('.')) {
            *number = part.parse().unwrap_or(0);
        }
        numbers
    }
}

text! {
    /// A Debian package.
    PackageName, "debian-package",
    expects "the name of a Debian package, such as `libpq5`",
    pattern r"^[a-z0-9][a-z0-9+.-]+$", examples ["libpq5", "g++"],
    valid |text| text.len() >= 2
        && starts(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit())
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c))
}

text! {
    /// A module and the application object in it.
    AppPath, "application",
    expects "MODULE:OBJECT, such as `src.api.app:app`",
    pattern r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$", examples ["src.api.app:app", "main:app"],
    valid |text| {
        let identifier = |part: &str| starts(part, |c| c.is_ascii_alphabetic() || c == '_') && all(part, |c| c.is_ascii_alphanumeric() || c == '_');
        text.split_once(':').is_some_and(|(module, object)| module.split('.').all(identifier) && identifier(object))
    }
}

text! {
    /// Name of a database or of a database user.
    DatabaseName, "database-name",
    expects "a lower-case name of at most 63 characters: letters, digits and `_`, such as `shop_production`",
    pattern r"^[a-z_][a-z0-9_]{0,62}$", examples ["shop_production", "app"],
    valid |text| text.len() <= 63
        && starts(text, |c| c.is_ascii_lowercase() || c == '_')
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

text! {
    /// What stands before `://` of a connection string.
    UrlScheme, "url-scheme",
    expects "what stands before `://`: lower-case letters, digits, `+`, `.` and `-`, such as `postgresql+asyncpg`",
    pattern r"^[a-z][a-z0-9+.-]*$", examples ["amqp", "postgresql+asyncpg"],
    valid |text| starts(text, |c| c.is_ascii_lowercase()) && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c))
}

text! {
    /// Name of an extension of PostgreSQL.
    ExtensionName, "extension-name",
    expects "the name of an extension: lower-case letters, digits, `_` and `-`, such as `pgcrypto`",
    pattern r"^[a-z][a-z0-9_-]{0,62}$", examples ["pgcrypto", "uuid-ossp"],
    valid |text| text.len() <= 63
        && starts(text, |c| c.is_ascii_lowercase())
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
}

text! {
    /// Name of a setting of a server.
    SettingName, "setting-name",
    expects "the name of a setting: letters, digits, `_`, `.` and `-`, such as `shared_preload_libraries`",
    pattern r"^[A-Za-z_][A-Za-z0-9_.-]*$", examples ["shared_preload_libraries", "hash-max-listpack-entries"],
    valid |text| starts(text, |c| c.is_ascii_alphabetic() || c == '_') && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

text! {
    /// Value of a setting of a server.
    SettingText, "setting-value",
    expects "one line of text that does not start with `--`, such as `500ms`; a number with a fraction in quotes",
    pattern r"^(?!--)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$", examples ["500ms", "pg_stat_statements", "", "-1"],
    valid |text| !text.starts_with("--") && !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

text! {
    /// Name that clients log in with.
    LoginName, "login-name",
    expects "letters, digits, `.`, `_` and `-`, such as `app`",
    pattern r"^[A-Za-z0-9._-]+$", examples ["app", "read-only"],
    valid |text| !text.is_empty() && all(text, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

text! {
    /// What follows host and port in a connection string.
    UrlPath, "url-rest",
    expects "what follows host, port and `/` in a URL: letters, digits and `._~-/%?=&,:+`, such as `1` or `events?compress=true`",
    pattern r"^[A-Za-z0-9._~%?-][A-Za-z0-9._~/%?=&,:+-]*$", examples ["1", "events?compress=true", "%2F"],
    valid |text| starts(text, |c| c.is_ascii_alphanumeric() || "._~%?-".contains(c)) && all(text, |c| c.is_ascii_alphanumeric() || "._~/%?=&,:+-".contains(c))
}

text! {
    /// A path below the project's root or below a build context.
    RelativePath, "relative-path",
    expects "a path below the project's root: letters, digits, `.`, `_`, `-`, `+`, `@` and `/`, without `..`, such as `deploy/production`",
    pattern r"^(?!.*(^|/)(\.{0,2}(/|$)|-))[A-Za-z0-9._+@/-]+$", examples ["deploy/production", "static", ".github/workflows"],
    valid plain_path
}

text! {
    /// A folder that rendered files may go to.
    OutputFolder, "output-folder",
    expects "a folder below the project's root that is neither git's nor `profiles`, such as `deploy/production`",
    pattern r"^(?!(.*/)?\.[Gg][Ii][Tt](/|$)|[Pp][Rr][Oo][Ff][Ii][Ll][Ee][Ss](/|$))(?!.*(^|/)(\.{0,2}(/|$)|-))[A-Za-z0-9._+@/-]+$", examples ["deploy/production", "infra", "deploy/.github"],
    valid |text| {
        let is = |part: &str, taken: &str| part.eq_ignore_ascii_case(taken);
        plain_path(text) && !text.split('/').any(|part| is(part, ".git")) && !text.split('/').next().is_some_and(|first| is(first, "profiles"))
    }
}

text! {
    /// A folder below the project's root, or `.` for the root itself.
    BuildPath, "folder",
    expects "a folder below the project's root, or `.` for the root itself",
    pattern r"^(\.|(?!.*(^|/)(\.{0,2}(/|$)|-))[A-Za-z0-9._+@/-]+)$", examples [".", "services/api"],
    valid |text| text == "." || plain_path(text)
}

text! {
    /// Another profile, relative to the file that names it.
    ProfileFile, "profile-file",
    expects "the path of another profile, relative to this one, such as `base.yaml`",
    pattern r"^[^\u0000-\u001f\u007f-\u009f]+\.ya?ml$", examples ["base.yaml", "../shared/base.yml"],
    valid |text| {
        let stem = text.strip_suffix(".yaml").or_else(|| text.strip_suffix(".yml"));
        stem.is_some_and(|stem| !stem.is_empty()) && !text.contains(char::is_control)
    }
}

text! {
    /// A numeric user, with or without a group.
    UserId, "user-id",
    expects "a numeric user, or USER:GROUP, such as `\"10001:10001\"`; 0 (root) is refused",
    pattern r"^[1-9][0-9]{0,8}(:(0|[1-9][0-9]{0,8}))?$", examples ["10001:10001", "999"],
    valid |text| {
        let number = |part: &str| (1..=9).contains(&part.len()) && all(part, |c| c.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        let (user, group) = text.split_once(':').unwrap_or((text, "0"));
        number(user) && user != "0" && number(group)
    }
}

impl UserId {
    /// The user, and the group where one is given.
    pub fn ids(&self) -> (u32, Option<u32>) {
        let number = |part: &str| part.parse().unwrap_or(u32::MAX);
        self.0.split_once(':').map_or((number(&self.0), None), |(user, group)| (number(user), Some(number(group))))
    }
}
