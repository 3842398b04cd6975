//! A value as it stands in an env file.

use super::readers::is_dollar_dead_before;

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
    if !value.contains(['`', '\r']) && dollars_are_dead(value) {
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

fn dollars_are_dead(value: &str) -> bool {
    value.match_indices('$').all(|(at, _)| is_dollar_dead_before(value[at + 1..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::super::{differences, parse};
    use super::*;

    #[test]
    fn the_plainest_form_is_taken() {
        for (value, written, differ) in [
            ("", "", 0),
            ("a/b:c@d%e+f,g=h-i_j.k", "a/b:c@d%e+f,g=h-i_j.k", 0),
            ("postgres://a:b@c/d?e=f", "'postgres://a:b@c/d?e=f'", 0),
            ("a b", "'a b'", 0),
            ("$A`b`\"\\n\n", "'$A`b`\"\\n\n'", 0),
            ("it's", "\"it's\"", 0),
            ("it's 5$", "\"it's 5$\"", 0),
            (r"a\\b", r#""a\\\\b""#, 0),
            ("\"'", r#""\"'""#, 0),
            // From here on, not all read the same.
            (r"a\", r#""a\\""#, 1),
            ("it's $A", r"'it\'s $A'", 1),
            (r"\'$A", r#""\\'\$A""#, 1),
            ("a\rb", r#""a\rb""#, 1),
        ] {
            assert_eq!(quote(value), written, "{value:?}");
            let text = format!("A={written}\n");
            let parsed = parse(&text);
            assert_eq!(parsed.values().get("A"), Some(&value));
            assert_eq!(differences(&parsed.assignments[0], &text).len(), differ, "{value:?}");
        }
    }
}
