//! A value as it stands in an env file.

/// The written form of a value: what stands behind `=`.
///
/// [`parse`](super::parse) gives back exactly the value, if it has no NUL. bash, dash and python-dotenv read the same, except of
/// a few values for which there is no such form: those with a single quote, or backslashes that single quotes do not keep, and also a
/// living `$` or a backtick; those that end in a backslash or have one before a double quote; carriage returns and other control
/// characters.
///
/// A carriage return is written as `\r` in double quotes. Compose would keep a real one in quotes, but editors and git do not.
pub fn quote(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c);
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    // Compose keeps both backslashes of a pair in single quotes, python-dotenv one.
    let for_all_in_single = !value.contains(['\'', '\r']) && !value.contains(r"\\") && !value.ends_with('\\');
    if for_all_in_single {
        return format!("'{value}'");
    }
    if !value.contains(['`', '\r', '$']) {
        return in_double(value, false);
    }
    if let Some(quoted) = in_single(value) {
        return quoted;
    }
    in_double(value, true)
}

/// In single quotes with `\'`, which shells do not know, if Compose and python-dotenv read that alike.
fn in_single(value: &str) -> Option<String> {
    let is_kept = !value.contains(r"\\") && !value.contains(r"\'") && !value.contains('\r') && !value.ends_with('\\');
    is_kept.then(|| format!("'{}'", value.replace('\'', r"\'")))
}

fn in_double(value: &str, escape_dollars: bool) -> String {
    let mut quoted = String::from('"');
    for c in value.chars() {
        match c {
            '\r' => quoted.push_str(r"\r"),
            '\\' | '"' => quoted.extend(['\\', c]),
            '$' if escape_dollars => quoted.push_str(r"\$"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::{is_plain, parse};
    use super::*;

    #[test]
    fn the_plainest_form_is_taken() {
        for (value, written, alike) in [
            ("", "", true),
            ("a/b:c@d%e+f,g=h-i_j.k", "a/b:c@d%e+f,g=h-i_j.k", true),
            ("postgres://a:b@c/d?e=f", "'postgres://a:b@c/d?e=f'", true),
            ("a b", "'a b'", true),
            ("$A`b`\"\\n\n", "'$A`b`\"\\n\n'", true),
            ("it's", "\"it's\"", true),
            ("it's 5$", r"'it\'s 5$'", false),
            (r"a\\b", r#""a\\\\b""#, false),
            ("\"'", r#""\"'""#, false),
            // From here on, not all read the same.
            (r"a\", r#""a\\""#, false),
            ("it's $A", r"'it\'s $A'", false),
            (r"\'$A", r#""\\'\$A""#, false),
            ("a\rb", r#""a\rb""#, false),
        ] {
            assert_eq!(quote(value), written, "{value:?}");
            let text = format!("A={written}\n");
            let parsed = parse(&text);
            assert_eq!(parsed.values().get("A"), Some(&value));
            assert_eq!(is_plain(&parsed.assignments[0], &text), alike, "{value:?}");
        }
    }
}
