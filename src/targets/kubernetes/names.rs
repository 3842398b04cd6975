//! Names and texts in the form that Kubernetes wants them.

use sha2::{Digest, Sha256};

/// The longest name that is a label's value, too, as a Job's is.
const LONGEST: usize = 63;

/// Name of the Job that runs a release service with one image tag.
///
/// Dots become dashes. A tag with anything but lower-case letters, digits and dots, or a long one, would not stay apart from
/// all others: then the first eight digits of `sha256sum` of the tag follow.
pub fn job(service: &str, tag: &str) -> String {
    let label: String = tag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let name = format!("{service}-{label}");
    let is_unique = tag.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.') && !tag.ends_with('.');
    if is_unique && name.len() <= LONGEST {
        return name;
    }
    let digest = format!("{:08x}", first_bits(&[tag], 32));
    let start: String = name.chars().take(LONGEST - 1 - digest.len()).collect();
    format!("{}-{digest}", start.trim_end_matches('-'))
}

/// A short digest of all texts in base32: scanners take hexadecimal ones for secrets.
pub fn digest(texts: &[&str]) -> String {
    let bits = first_bits(texts, 80);
    let letter = |at: u32| "abcdefghijklmnopqrstuvwxyz234567".chars().nth(((bits >> (5 * at)) & 31) as usize);
    (0..16).rev().filter_map(letter).collect()
}

fn first_bits(texts: &[&str], count: usize) -> u128 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
    }
    hash.finalize().iter().take(count / 8).fold(0, |bits, byte| (bits << 8) | u128::from(*byte))
}

/// Text for `args`, `command` and the commands of probes, where `$(NAME)` is a variable and `$$` is a dollar.
pub fn literal(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        let (before, from_dollar) = rest.split_at(start);
        let after = from_dollar.trim_start_matches('$');
        let dollars = &from_dollar[..from_dollar.len() - after.len()];
        result.push_str(before);
        result.push_str(dollars);
        // One dollar before most characters means itself; Kubernetes breaks a character of several bytes behind it.
        if dollars.len() > 1 || after.starts_with(|c: char| c == '(' || !c.is_ascii()) {
            result.push_str(dollars);
        }
        rest = after;
    }
    result + rest
}

/// `wanted`, or the first of `wanted-2`, `wanted-3`, ... that is free.
pub fn free(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2_u32..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_names_carry_the_tag_and_stay_apart() {
        assert_eq!(job("migrate", "1.4.0"), "migrate-1-4-0");
        let tags = ["1.4.0", "1-4-0", "1_4_0", "1.4.0.", "1.4.0-rc1", "1.4.0-RC1", "_", "__", &"a".repeat(128), &"a".repeat(127)];
        let names: std::collections::BTreeSet<String> = tags.iter().map(|tag| job("migrate", tag)).collect();
        assert_eq!(names.len(), tags.len(), "{names:?}");
        for name in names.iter().chain([&job(&"s".repeat(40), &"9.".repeat(64))]) {
            let is_label = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !name.ends_with('-');
            assert!(is_label && name.len() <= LONGEST, "{name}");
        }
        // What a script makes of it: printf %s 1.4.0-rc1 | sha256sum | cut -c 1-8
        assert_eq!(job("migrate", "1.4.0-rc1"), "migrate-1-4-0-rc1-8c3333a3");
    }

    #[test]
    fn digests_are_base32() {
        // printf '' | sha256sum | cut -c 1-20 | xxd -r -p | base32
        assert_eq!(digest(&["", ""]), "4oymiquy7qobjgx3");
    }

    /// Kubernetes' own expansion, for names that are not set.
    fn expand(text: &str) -> String {
        let mut chars = text.chars();
        let mut result = String::new();
        while let Some(c) = chars.next() {
            if c != '$' {
                result.push(c);
                continue;
            }
            match chars.next() {
                Some('$') | None => result.push('$'),
                Some('(') => result.push_str("<variable>"),
                Some(c) if c.is_ascii() => result.extend(['$', c]),
                Some(_) => result.push_str("<broken>"),
            }
        }
        result
    }

    #[test]
    fn dollars_survive_kubernetes() {
        for text in ["", "$", "$$", "$$$", "$(X)", "$$(X)", "$$$(X)", "a$b$(c)$$d$", "$é", "${HOME} $1", "$($(X))", "echo $$ > $((1 + 1))", "$a$(b)"] {
            assert_eq!(expand(&literal(text)), text, "{}", literal(text));
        }
        assert_eq!(literal("echo ${HOME} $1"), "echo ${HOME} $1");
    }
}
