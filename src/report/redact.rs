//! What may be shown of a file that somebody edited: reports are printed in CI, and what is typed into a file may be a secret.
//!
//! What the profile renders is no secret. Of everything else, whatever looks like one is left out.

use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What stands in the place of what is left out.
pub(super) const HIDDEN: &str = "(not shown: it may be a secret)";

/// A text as far as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// The text, line for line.
    pub text: String,
    /// True if something was left out.
    pub redacted: bool,
}

/// The file's text without what looks like a secret.
pub fn shown(path: &str, current: &str, rendered: &str) -> Shown {
    let known: BTreeSet<&str> = rendered.lines().collect();
    // Somebody may have filled the template in, in the place of its copy.
    let is_env_file = path.rsplit('/').next().is_some_and(|name| name.starts_with(".env."));
    let mut shown = Shown { text: String::with_capacity(current.len()), redacted: false };
    let mut in_key = false;
    let lines: Vec<&str> = current.split_inclusive('\n').collect();
    for (line, is_value) in lines.iter().copied().zip(values_of_secrets(&lines)) {
        let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
        let begins = begins_key(text);
        let hidden = if known.contains(text.trim_end_matches('\r')) && !in_key {
            None
        } else if in_key || begins || is_env_file || is_value {
            Some(HIDDEN.to_owned())
        } else {
            without_secrets(text, rendered)
        };
        in_key = (in_key || begins) && !text.contains("-----END");
        shown.redacted |= hidden.is_some();
        shown.text.push_str(hidden.as_deref().unwrap_or(text));
        shown.text.push_str(end);
    }
    shown
}

/// True if a line holds what looks like a secret.
pub(super) fn is_hidden(line: &str, rendered: &str) -> bool {
    begins_key(line) || without_secrets(line, rendered).is_some()
}

fn begins_key(line: &str) -> bool {
    line.contains("-----BEGIN") && line.contains("PRIVATE KEY")
}

/// For each line whether it is the value of a secret by the lines around it.
fn values_of_secrets(lines: &[&str]) -> Vec<bool> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let item = |at: usize, key: &str| lines.get(at).and_then(|line| line.trim_start().trim_start_matches("- ").strip_prefix(key)).map(str::trim);
    let mut is_secret: Vec<bool> = (0..lines.len())
        .map(|at| {
            let names = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| item(at, "name:"));
            item(at, "value:").is_some_and(|value| !value.is_empty()) && names.into_iter().any(|name| SECRET_NAME.is_match(name))
        })
        .collect();
    let mut document = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("---") {
            document = at;
        } else if line.trim_end() == "kind: Secret" {
            let end = lines[at..].iter().position(|line| line.starts_with("---")).map_or(lines.len(), |length| at + length);
            let says_nothing = |line: &str| ["---", "apiVersion:", "kind:", "metadata:"].iter().any(|key| line.starts_with(key));
            (document..end).for_each(|at| is_secret[at] = !says_nothing(lines[at]));
        } else if BLOCK.is_match(line) {
            let length = lines[at + 1..].iter().take_while(|next| next.trim().is_empty() || indent(next) > indent(line)).count();
            is_secret[at + 1..=at + length].fill(true);
        }
    }
    is_secret
}

/// The name of a variable that holds a secret, and no path to one.
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)<secret>[a-z]*["']?$"#));
/// A key that sounds secret, whose value is on the lines below it.
static BLOCK: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)<secret>[a-z0-9_.-]*["']?\s*:\s*[|>][0-9+-]*\s*$"#));
/// An item of a list that sets a variable which sounds secret, on one line.
static ITEM: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)(["']?name["']?\s*:\s*["']?[a-z0-9_.-]*<secret>[a-z]*["']?\s*,\s*["']?value["']?\s*:\s*["']?)([^"'}]+)"#));
/// Password of a URL.
static URL: LazyLock<Regex> = LazyLock::new(|| regex(r"(://[^/\s:@]*:)([^@\s]+)(@)"));
/// A name that sounds secret, and what it is set to.
static NAMED: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)(<secret>[a-z0-9_.-]*["']?\s*[:=]\s*["']?)([^\s"'].*)$"#));
/// An option of a command that takes a password.
static OPTION: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)(--?[a-z-]*(?:pass|secret|token|key|auth)[a-z-]*[= ]['\x22]?)([^\s'\x22-][^\s'\x22]*)"));
/// Words that are long enough for a key.
static WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9+/_=-]{20,}"));

/// What the name of a secret holds: `<secret>` in the patterns.
const WORDS: &str = "(?:passw|secret|token|api_?key|private_?key|credential|dsn|auth)";

fn regex(pattern: &str) -> Regex {
    Regex::new(&pattern.replace("<secret>", WORDS)).expect("internal error: a pattern of our own")
}

/// The line without what looks like a secret; `None` if nothing does.
fn without_secrets(line: &str, rendered: &str) -> Option<String> {
    // A reference, a path, a type or an option is no value. In quotes, only the first two are told from a text.
    let is_rendered =
        |text: &str| rendered.split(|c: char| c.is_whitespace() || "\"'=,:".contains(c)).any(|word| word == text.trim_end_matches(['"', '\'', ',']));
    let is_value = |text: &str, is_quoted: bool| {
        let is_reference = ["${", "$(", "/"].iter().any(|start| text.starts_with(start));
        let is_syntax = !is_quoted && text.starts_with(['$', '{', '[', '<', '*', '&', '#', '|', '>']);
        !is_reference && !is_syntax && !is_rendered(text.trim())
    };
    let mut text = line.to_owned();
    for pattern in [&*URL, &*NAMED, &*ITEM, &*OPTION] {
        let replaced = pattern.replace_all(&text, |found: &regex::Captures| {
            if is_value(&found[2], found[1].ends_with(['"', '\''])) {
                format!("{}{HIDDEN}{}", &found[1], found.get(3).map_or("", |end| end.as_str()))
            } else {
                found[0].to_owned()
            }
        });
        text = replaced.into_owned();
    }
    let replaced = WORD.replace_all(&text, |found: &regex::Captures| {
        let word = &found[0];
        let is_digest = found.get(0).is_some_and(|word| text[..word.start()].ends_with("sha256:"));
        if is_random(word) && !is_digest && !rendered.contains(word) { HIDDEN.to_owned() } else { word.to_owned() }
    });
    (replaced != line).then(|| replaced.into_owned())
}

/// True for what no person would type as a name: many different characters of several kinds, or hexadecimal digits of a key's length.
fn is_random(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    let hexadecimal = word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let distinct = word.bytes().collect::<BTreeSet<_>>().len();
    hexadecimal || (has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && distinct >= 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        shown("docker-compose.prod.yml", line, "      image: acme/api@sha256:0123456789abcdef0123456789abcdef\n      TOKEN_FILE: /run/secrets/TOKEN\n").text
    }

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        for (line, secret) in [
            ("      POSTGRES_PASSWORD: hunter2", "hunter2"),
            ("      POSTGRES_PASSWORD: \"hunter2 and more\"", "hunter2"),
            ("  - SECRET_KEY=abc", "abc"),
            ("      DATABASE_URL: postgresql://shop:hunter2@database/shop", "hunter2"),
            ("      DATABASE_URL: postgresql://shop:hun:ter2@database/shop", "ter2"),
            ("command: redis-server --requirepass hunter2", "hunter2"),
            ("  proxy_set_header Authorization: Bearer abcdef;", "abcdef"),
            ("      x: 9fQ2mK7xL4vN8wR1pT3z", "9fQ2mK7xL4vN8wR1pT3z"),
            ("      x: 3f9c1d7ab2e84a603f9c1d7ab2e84a60", "3f9c1d7ab2e84a60"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "MIIE"),
            ("{\"auth_token\": \"hunter2\"}", "hunter2"),
            ("      POSTGRES_PASSWORD: \"#hunter2\"", "hunter2"),
            ("      POSTGRES_PASSWORD: '$hunter2'", "hunter2"),
            ("        - name: API_TOKEN\n          value: hunter2", "hunter2"),
            ("        - value: hunter2\n          name: API_TOKEN", "hunter2"),
            ("        - {name: API_TOKEN, value: hunter2}", "hunter2"),
            ("env: [{\"name\":\"API_TOKEN\",\"value\":\"hunter2\"}]", "hunter2"),
            ("  password: |\n    hunter2\n\n    hunter2\nother: x", "hunter2"),
            ("kind: Secret\nmetadata: {name: x}\nstringData:\n  a: hunter2", "hunter2"),
        ] {
            let text = of(line);
            assert!(!text.contains(secret) && text.contains(HIDDEN), "{line}: {text}");
            assert_eq!(text.lines().count(), line.lines().count(), "{text}");
        }
    }

    #[test]
    fn what_does_not_is_shown() {
        for line in [
            "        - name: API_TOKEN_FILE\n          value: /run/secrets/TOKEN",
            "        - name: LOG_LEVEL\n          value: debug",
            "kind: SecretStore\nspec: {provider: x}",
            "  password: |\nother: x",
            "      restart: always",
            "      POSTGRES_PASSWORD_FILE: /run/secrets/DATABASE_PASSWORD",
            "      POSTGRES_PASSWORD: '${DATABASE_PASSWORD:?}'",
            "      TOKEN_FILE: /run/secrets/TOKEN",
            "  automountServiceAccountToken: # why",
            "    ssl_certificate_key /run/secrets/tls.key;",
            "      image: acme/api@sha256:0123456789abcdef0123456789abcdef",
            "      secrets: [TOKEN, KEY]",
            "      image: acme/api@sha256:fedcba9876543210fedcba9876543210",
            "# a long sentence with words such as internationalisation_of_everything",
        ] {
            assert_eq!(of(line), line);
        }
    }

    #[test]
    fn of_an_env_file_nothing_is_shown_that_was_not_rendered() {
        let shown = shown(".env.production.example", "# Why\nPORT=80\nNAME=x\r\n", "# Why\nPORT=\n");
        assert_eq!(shown.text, format!("# Why\n{HIDDEN}\n{HIDDEN}\n"));
        assert!(shown.redacted);
    }
}
