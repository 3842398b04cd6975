//! What may be shown of a file that somebody edited: reports are printed in CI, and what is typed into a file may be a secret.
//!
//! What the profile renders is no secret. Of everything else, whatever looks like one is left out, and more rather than less.

use regex::{Captures, Regex};
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

/// The file's text without what looks like a secret; `secrets` are the names of those that the profile has.
pub fn shown(path: &str, current: &str, rendered: &str, secrets: &[String]) -> Shown {
    // However it is indented, what the profile renders is no secret.
    let known: BTreeSet<&str> = rendered.lines().map(str::trim).collect();
    // Somebody may have filled the template in, in the place of its copy.
    let is_env_file = path.rsplit('/').next().is_some_and(|name| name.starts_with(".env."));
    let mut shown = Shown { text: String::with_capacity(current.len()), redacted: false };
    let mut in_key = false;
    let lines: Vec<&str> = current.split_inclusive('\n').collect();
    for (line, is_value) in lines.iter().copied().zip(values_of_secrets(&lines, secrets)) {
        let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
        let begins = begins_key(text);
        let hidden = if known.contains(text.trim()) && !in_key {
            None
        } else if in_key || begins || is_env_file || is_value {
            Some(HIDDEN.to_owned())
        } else {
            without_secrets(text, rendered, secrets, Flow::Hidden)
        };
        in_key = (in_key || begins) && !text.contains("-----END");
        shown.redacted |= hidden.is_some();
        shown.text.push_str(hidden.as_deref().unwrap_or(text));
        shown.text.push_str(end);
    }
    shown
}

/// Where in a line of a profile that is what looks like a secret begins; `None` if nothing does.
pub fn hidden_from(line: &str) -> Option<usize> {
    let shown = without_secrets(line, "", &[], Flow::Looked)?;
    Some(line.bytes().zip(shown.bytes()).take_while(|(a, b)| a == b).count().min(line.len())).filter(|at| line.is_char_boundary(*at))
}

/// What is done with a map or a list in braces behind the name of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// It is left out, unless it says where the value comes from.
    Hidden,
    /// What it holds is looked at: in a profile it says how a secret is made.
    Looked,
}

/// True if a line holds what looks like a secret.
pub(super) fn is_hidden(line: &str, rendered: &str, secrets: &[String]) -> bool {
    begins_key(line) || without_secrets(line, rendered, secrets, Flow::Hidden).is_some()
}

/// True for an option of a command whose value is the argument behind it.
pub(super) fn is_option_of_secret(argument: &str) -> bool {
    OPTION_ALONE.is_match(argument)
}

fn begins_key(line: &str) -> bool {
    line.contains("-----BEGIN") && line.contains("PRIVATE KEY")
}

/// For each line whether it is the value of a secret by the lines around it.
fn values_of_secrets(lines: &[&str], secrets: &[String]) -> Vec<bool> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let item = |line: &str, key: &str| line.trim_start().trim_start_matches("- ").strip_prefix(key).map(|value| value.trim().to_owned());
    let is_named = |name: &str| SECRET_NAME.is_match(name) || secrets.iter().any(|secret| secret == name.trim_matches(['"', '\'']));
    let mut is_secret = vec![false; lines.len()];
    let mut document = 0;
    // The next line that says something, for each of them.
    let mut afters = vec![""; lines.len()];
    for at in (1..lines.len()).rev() {
        afters[at - 1] = if is_comment(lines[at]) { afters[at] } else { lines[at] };
    }
    let mut said = "";
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_end();
        let (before, after) = (said, afters[at]);
        if !is_comment(line) {
            said = line;
        }
        // How many lines below belong to this one.
        let below = lines[at + 1..].iter().take_while(|next| next.trim().is_empty() || indent(next) > indent(line)).count();
        let is_value = item(line, "value:").is_some_and(|value| !value.is_empty())
            && [before, after].iter().any(|line| item(line, "name:").is_some_and(|name| is_named(&name)));
        if line.starts_with("---") {
            document = at;
        } else if KIND.is_match(text) {
            let end = lines[at..].iter().position(|line| line.starts_with("---")).map_or(lines.len(), |length| at + length);
            let says_nothing = |line: &str| ["---", "apiVersion:", "kind:", "metadata:"].iter().any(|key| line.starts_with(key)) && !line.contains('{');
            (document..end).for_each(|at| is_secret[at] |= !says_nothing(lines[at]));
        } else if is_value {
            is_secret[at..=at + below].fill(true);
        } else if OPTION_ALONE.is_match(before.trim()) && item(line, "").is_some() && line.trim_start().starts_with("- ") {
            is_secret[at] = true;
        } else if let Some(found) = KEY_ALONE.captures(text) {
            // Text below a key, in a block or not; a map below it has keys of its own.
            let is_block = found.name("block").is_some_and(|block| !block.as_str().is_empty());
            let is_map = after.contains(": ") || after.trim_end().ends_with(':');
            // Secrets of a service are named.
            let is_list = after.trim_start().starts_with("- ") && found["name"].to_ascii_lowercase().ends_with("secrets");
            if is_named(&found["name"]) && (is_block || !(is_map || is_list)) {
                is_secret[at + 1..=at + below].fill(true);
            }
        } else if ENV_ALONE.is_match(text) {
            is_secret.iter_mut().skip(at + 1).take(1).for_each(|line| *line = true);
        } else if let Some(found) = OPEN_QUOTE.captures(text) {
            let quote = if found.name("single").is_some() { '\'' } else { '"' };
            let end = lines[at + 1..].iter().position(|next| next.contains(quote)).unwrap_or_default();
            if is_named(&found["name"]) {
                is_secret.iter_mut().skip(at + 1).take(end + 1).for_each(|line| *line = true);
            }
        }
    }
    is_secret
}

/// What the name of a secret holds: `<secret>` in the patterns.
const WORDS: &str = "(?:passw|passphrase|pgpass|[_.-]pass\\b|(?-i:\\bPASS\\b)|[_-]pw\\b|pwd|secret|token|api_?key|[_-]keys?\\b|(?-i:\\bKEY\\b)|credential|dsn|auth|jwt|pepper|salt\\b|\
    cookie|session)";

/// The name of a variable that holds a secret, and no path to one.
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)<secret>[a-z]*["']?$"#));
/// A key without a value on its line, or with the head of a block.
static KEY_ALONE: LazyLock<Regex> = LazyLock::new(|| regex(r#"^[\s-]*["']?(?P<name>[A-Za-z0-9_.-]+)["']?\s*[:=]\s*(?P<block>[|>][0-9+-]*)?\s*$"#));
/// A key whose value is a text in quotes that ends on another line.
static OPEN_QUOTE: LazyLock<Regex> = LazyLock::new(|| regex(r#"^[\s-]*(?P<name>[A-Za-z0-9_.-]+)\s*[:=]\s*(?:"[^"]*|(?P<single>')[^']*)$"#));
/// A variable of a Dockerfile whose value is on the next line.
static ENV_ALONE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bENV\s+\w*<secret>\w*\s*[\s=]\\$"));
/// An object of Kubernetes that is nothing but secrets, as YAML or JSON.
static KIND: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?:^|[\s{,"'-])kind["']?\s*:\s*["']?Secret["']?(?:\s*[,}#].*|\s*)$|["']kind["']\s*:\s*["']Secret["']"#));
/// An option whose value is the next argument.
static OPTION_ALONE: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)^(?:-\s+)?["']?--?[a-z-]*(?:pass|secret|token|key|auth|credential)[a-z-]*["']?,?$"#));

/// What a secret follows: all of it, the secret, and what is behind.
static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // User and password of a URL, or the one of them that is there; for code hosts, the user is the secret.
        r#"(://)([^/\s:@"'$]+)(:(?:x-oauth-basic|x-token-auth)?@)"#,
        r#"(://[^/\s:@"']*:)([^\s"']+)(@)"#,
        r#"(://)([^/\s:@"'$]+)(@)"#,
        // A name that sounds secret, and what it is set to.
        r#"(?i)([a-z0-9_.-]*<secret>[a-z0-9_.-]*["']?\s*[:=]\s*["']?)([^\s"'].*)$"#,
        // An item of a list that sets a variable which sounds secret, on one line.
        r#"(?i)(["']?name["']?\s*:\s*["']?[a-z0-9_.-]*<secret>[a-z]*["']?\s*,\s*["']?value["']?\s*:\s*["']?)([^"'}]+)"#,
        r#"(?i)(["']?value["']?\s*:\s*["']?)([^"',}]+)(["']?\s*,\s*["']?name["']?\s*:\s*["']?[a-z0-9_.-]*<secret>)"#,
        // Options of commands.
        r#"(?i)(\B--?[a-z-]*(?:pass|secret|token|key|auth)[a-z-]*[= ]['"]?)([^\s'"-][^\s'"]*)"#,
        r#"(?i)(\b(?:mysql\w*|mariadb\w*)\s.*?-p)([^\s'"]\S*)"#,
        r#"(?i)(\b(?:sshpass|docker\s+login)\s.*?-p\s*['"]?)([^\s'"]+)"#,
        r#"(?i)(["']?\B--?[a-z-]*(?:pass|secret|token|key|auth)[a-z-]*["']?\s*,\s*["']?)([^\s"',\]-][^"',\]]*)"#,
        r#"(?i)(\bredis-cli["']?[\s,].*?-a["']?[\s,]+["']?)([^\s"',\]]+)"#,
        r#"(\s(?:-u|--user)[\s=]+['"]?[^\s:'"]+:)([^\s'"]+)"#,
        // What nginx, Dockerfiles, Redis, SQL and XML set without a sign between.
        r#"(?i)(\b(?:requirepass|masterauth|primaryauth)\s+["']?)([^\s"']+)"#,
        r"(?i)(\bpassword\s+')([^']+)",
        r"(?i)(<[\w.-]*<secret>[\w.-]*>)([^<]+)",
        r#"(?i)(\$\w*<secret>\w*\s*!?[=~]+\*?\s*["'])([^"']+)"#,
        r#"(?i)((?:\bset\s+\$|\b(?:ENV|fastcgi_param|uwsgi_param)\s+)\w*<secret>\w*\s+["']?)([^\s"'].*)$"#,
        r#"(?i)(\b(?:cookie|authorization|secure_link_md5)\s+["'])([^"']+)"#,
        r"(?i)(<secret>\w*\s+is\s+)(\S.*)$",
    ]
    .into_iter()
    .map(regex)
    .collect()
});
/// Keys that say by their form what they are.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b(?:eyJ[\w-]+(?:\.[\w-]+)*|(?:AKIA|ASIA)[A-Z0-9]{16}|(?:gh[opusr]_|github_pat_|glpat-|sk_(?:live|test)_|xox[abps]-|AIza)[\w-]{8,})")
});
/// Words that are long enough for a key.
static WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9+/_=-]{20,}"));
/// A variable without a value of its own, a file, a placeholder.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| regex(r#"^(?:\$\{?[A-Z_][A-Z0-9_]*(?::?\?[^}]*)?\}?|(?:/[\w.-]+){2,}/?|<[\w ./-]+>)["']?[,;\s]*$"#));
/// A comment, an alias, the head of a block, a map, an empty list: where they are in no quotes.
static SYNTAX: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:#.*|\*\w+|[|>][0-9+-]*|\{\s*\}.*|\[\s*\])[,;\s}]*$"));
/// The name of a secret, and what may follow it on its line.
static NAME_OF_SECRET: LazyLock<Regex> = LazyLock::new(|| regex(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:[,}\s].*)?$"));
/// A map that says where a value comes from.
static FROM_ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^\{\s*(?:from|valueFrom|secretKeyRef|configMapKeyRef|secretName|name|key|file|environment|external|remoteRef|optional|source|target)\b")
});
/// A key that says how somebody logs in.
static WAY_IN: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)\bauth(?:_?(?:type|mode|method|scheme))?["']?\s*[:=]\s*["']?$"#));
/// Its value, which is no credential.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)^(?:basic|digest|bearer|none|off)["']?[,;\s}]*(?:#.*)?$"#));
/// A key whose value is the name of an object, or a switch, in Kubernetes or in a profile.
static NAME_OF_OBJECT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)(?:secretName|secret_name|secretKeyRef|secretRef|secretStoreRef|existing_?secret|automountServiceAccountToken|imagePullSecrets|external_secrets|tokenExpirationSeconds)["']?\s*[:=]\s*["']?$"#,
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(&pattern.replace("<secret>", WORDS)).expect("internal error: a pattern of our own")
}

/// The line without what looks like a secret; `None` if nothing does.
fn without_secrets(line: &str, rendered: &str, secrets: &[String], flow: Flow) -> Option<String> {
    let is_rendered =
        |text: &str| rendered.split(|c: char| c.is_whitespace() || "\"'=,:/".contains(c)).any(|word| word == text.trim_end_matches(['"', '\'', ',']));
    // A list of names that is called after what they are, and an anchor of a map, hold no value.
    let is_structure =
        |key: &str, text: &str| text.starts_with('[') && key.to_ascii_lowercase().contains("secrets") || (text.starts_with('&') && !text.contains(' '));
    let is_syntax = |key: &str, text: &str| !key.ends_with(['"', '\'']) && (SYNTAX.is_match(text) || is_structure(key, text));
    // A user is known by what is rendered; what a secret is set to may be any word of the file.
    let is_user = |key: &str, behind: &str| key.ends_with("://") && behind == "@";
    // In a profile, a secret is named by its name; and a tag is what is wrong.
    let is_name = |text: &str| flow == Flow::Looked && (NAME_OF_SECRET.is_match(text) || text.starts_with('!'));
    let is_value = |key: &str, text: &str, behind: &str| {
        let is_known = is_user(key, behind) && is_rendered(text.trim());
        let is_scheme = WAY_IN.is_match(key) && SCHEME.is_match(text);
        !(is_scheme || is_name(text) || REFERENCE.is_match(text) || NAME_OF_OBJECT.is_match(key) || is_syntax(key, text) || is_known)
    };
    let hide = |found: &Captures| {
        let (key, text, behind) = (&found[1], &found[2], found.get(3).map_or("", |end| end.as_str()));
        if text.starts_with('{') && !key.ends_with(['"', '\'']) {
            let name = key.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
            if flow == Flow::Hidden && !name.ends_with("secrets") && is_value(key, text, behind) && !FROM_ELSEWHERE.is_match(text) {
                return format!("{key}{HIDDEN}");
            }
            // Its keys are names, too.
            let inner = without_secrets(&text[1..], rendered, secrets, flow);
            return inner.map_or_else(|| found[0].to_owned(), |inner| format!("{key}{{{inner}{behind}"));
        }
        if is_value(key, text, behind) { format!("{key}{HIDDEN}{behind}") } else { found[0].to_owned() }
    };
    let mut text = line.to_owned();
    for pattern in PATTERNS.iter() {
        text = pattern.replace_all(&text, hide).into_owned();
    }
    for name in secrets.iter().filter(|name| line.contains(name.as_str())) {
        let name = regex::escape(name);
        // Set with a sign between or without; or written into its file.
        for own in [format!(r#"(\b{name}["']?(?:\s*[:=]\s*|\s+)["']?)([^\s"'].*)$"#), format!(r"(\b(?:echo|printf)\s+)(.*?)(\s*>+\s*\S*\b{name}\b.*)$")] {
            text = regex(&own).replace_all(&text, hide).into_owned();
        }
    }
    let text = TOKENS.replace_all(&text, |found: &Captures| if rendered.contains(&found[0]) { found[0].to_owned() } else { HIDDEN.to_owned() }).into_owned();
    let replaced = WORD.replace_all(&text, |found: &Captures| {
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
        shown(
            "docker-compose.prod.yml",
            line,
            "      image: acme/api@sha256:0123456789abcdef0123456789abcdef\n      TOKEN_FILE: /run/secrets/TOKEN\n",
            &["LICENCE".to_owned()],
        )
        .text
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
            ("      LICENCE: hunter2", "hunter2"),
            ("        - name: LICENCE\n          value: hunter2", "hunter2"),
            ("      DB_PASS: hunter2", "hunter2"),
            ("      POSTGRES_PWD: hunter2", "hunter2"),
            ("      SIGNING_KEY: hunter2", "hunter2"),
            ("      PASSPHRASE: hunter2", "hunter2"),
            ("      JWT: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
            ("      X: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
            ("      X: AKIAIOSFODNN7EXAMPLE", "AKIA"),
            ("      API_KEY:\n        hunter2", "hunter2"),
            ("      API_KEY: \"abc\n        hunter2\"", "hunter2"),
            ("      API_KEY: 'abc\n        hunter2'", "hunter2"),
            ("      API_KEY: 'abc hunter2", "hunter2"),
            ("      API_KEY: [hunter2]", "hunter2"),
            ("      API_KEY: &x hunter2", "hunter2"),
            ("      API_KEY: $$hunter2", "hunter2"),
            ("      A_PASSWORD: \"/hunter2+\"", "hunter2"),
            ("      A_PASSWORD: ${X:-hunter2}", "hunter2"),
            ("      DB: Server=x;Pwd=hunter2;", "hunter2"),
            ("      URL: https://hunter2@host/", "hunter2"),
            ("        - --password\n        - hunter2", "hunter2"),
            ("        - name: Y_TOKEN\n          value: |\n            hunter2", "hunter2"),
            ("        - name: Y_TOKEN\n          # why\n          value: hunter2", "hunter2"),
            ("kind: \"Secret\"\nstringData: {p: hunter2}", "hunter2"),
            ("kind: Secret # db\nstringData: {p: hunter2}", "hunter2"),
            ("{\"kind\": \"Secret\", \"stringData\": {\"p\": \"hunter2\"}}", "hunter2"),
            ("kind: List\nitems:\n  - kind: Secret\n    stringData: {p: hunter2}", "hunter2"),
            ("    set $secret \"hunter2\";", "hunter2"),
            ("    proxy_set_header Cookie \"session=hunter2\";", "hunter2"),
            ("    secure_link_md5 \"$uri hunter2\";", "hunter2"),
            ("    # password is hunter2", "hunter2"),
            ("ENV DB_PASSWORD hunter2", "hunter2"),
            ("export DB_PASS=\"hunter2\"", "hunter2"),
            ("mysql -u root -phunter2 shop", "hunter2"),
            ("curl -u admin:hunter2 https://x", "hunter2"),
            ("sshpass -p 'hunter2' ssh x", "hunter2"),
            ("docker login registry -u x -p hunter2", "hunter2"),
            ("TOKEN=$(echo hunter2)", "hunter2"),
            ("    text LICENCE hunter2", "hunter2"),
            ("command: [\"redis-server\", \"--requirepass\", \"hunter2\"]", "hunter2"),
            ("test: [CMD, redis-cli, -a, hunter2, ping]", "hunter2"),
            ("args: [\"--token\", \"hunter2\"]", "hunter2"),
            ("        - {value: hunter2, name: ADMIN_PASSWORD}", "hunter2"),
            ("      URL: postgres://u:p@hunter2@database/x", "hunter2"),
            ("      KEY: hunter2", "hunter2"),
            ("      PASS: hunter2", "hunter2"),
            ("      DB_PW: hunter2", "hunter2"),
            ("      API_KEYS: {a: hunter2}", "hunter2"),
            ("      TOKENS:\n        - hunter2", "hunter2"),
            ("    requirepass hunter2", "hunter2"),
            ("    fastcgi_param DB_PASSWORD hunter2;", "hunter2"),
            ("    if ($arg_token != \"hunter2\") {", "hunter2"),
            ("ALTER ROLE x PASSWORD 'hunter2'", "hunter2"),
            ("git clone https://hunter2:x-oauth-basic@example.com/x", "hunter2"),
            ("ENV DB_PASSWORD \\\n  hunter2", "hunter2"),
            ("curl --user a:hunter2 https://x", "hunter2"),
            ("<password>hunter2</password>", "hunter2"),
            ("printf '%s' hunter2 > secrets/LICENCE", "hunter2"),
            // A word of the file.
            ("      POSTGRES_PASSWORD: image", "image"),
            ("pip install --index-url https://hunter2@pypi.example.com/simple x", "hunter2"),
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
            "image: {name: registry.example.com/shop/issue-token, tag: latest}",
            "a: {rule: plain-secret, reason: known}",
            "kind: SecretStore\nspec: {provider: x}",
            "  password: |\nother: x",
            "          valueFrom:\n            secretKeyRef:\n              name: shop-secrets\n              key: TOKEN",
            "      TOKEN:\n        valueFrom: x",
            "    proxy_pass http://web;",
            "    proxy_set_header Authorization $http_authorization;",
            "    auth_basic off;",
            "      POSTGRES_PASSWORD: ${DATABASE_PASSWORD}",
            "    cd \"$(pwd)\"",
            "mkdir -p /srv/data",
            "  authentik:\n    image: x",
            "      restart: always",
            "      POSTGRES_PASSWORD_FILE: /run/secrets/DATABASE_PASSWORD",
            "      POSTGRES_PASSWORD: '${DATABASE_PASSWORD:?}'",
            "      TOKEN_FILE: /run/secrets/TOKEN",
            "  automountServiceAccountToken: # why",
            "    ssl_certificate_key /run/secrets/tls.key;",
            "      image: acme/api@sha256:0123456789abcdef0123456789abcdef",
            "      secrets: [TOKEN, KEY]",
            "      secrets:\n        - TOKEN\n        - LICENCE",
            "          secretName: stolen-secrets",
            "   TOKEN_FILE: /run/secrets/TOKEN",
            "      image: acme/api@sha256:fedcba9876543210fedcba9876543210",
            "# a long sentence with words such as internationalisation_of_everything",
        ] {
            assert_eq!(of(line), line);
        }
    }

    #[test]
    fn in_a_profile_only_values_are_hidden() {
        for (line, shown) in [
            ("secrets: {SECRET_KEY: hunter2}", "secrets: {SECRET_KEY: "),
            ("  database: {kind: postgres, password: hunter2}", "  database: {kind: postgres, password: "),
            ("    command: [python, --password, hunter2]", "    command: [python, --password, "),
            ("    env: {DB: postgres://a:hunter2@x/y}", "    env: {DB: postgres://a:"),
        ] {
            assert_eq!(hidden_from(line).map(|at| &line[..at]), Some(shown), "{line}");
        }
        for line in [
            "/admin: {service: web, auth: basic}",
            "secrets: {SECRET_KEY: {min_lenght: 32}}",
            "  SECRET_KEY: {generate: {kind: hex}}",
            "    existing_secret: shop",
            "    secrets: [SECRET_KEY]",
        ] {
            assert_eq!(hidden_from(line), None, "{line}");
        }
    }

    #[test]
    fn of_an_env_file_nothing_is_shown_that_was_not_rendered() {
        let shown = shown(".env.production.example", "# Why\nPORT=80\nNAME=x\r\n", "# Why\nPORT=\n", &[]);
        assert_eq!(shown.text, format!("# Why\n{HIDDEN}\n{HIDDEN}\n"));
        assert!(shown.redacted);
    }
}
