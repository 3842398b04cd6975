//! How strong a secret is, by rules that a shell script can have, too.
//!
//! Length, kinds of characters, repetitions, sequences, well-known passwords, and a rough count of bits. All of it is about bytes,
//! but for the length, which is in characters.

/// How much of a value is looked at, in bytes: a shell takes its time over each, and so much decides.
pub const LOOKED_AT: usize = 4096;

/// Fewest bits: what nobody tries out over a network, and few at home.
pub const LEAST_BITS: u32 = 48;

/// Thousandths of bits that one of so many different bytes is worth: the binary logarithm, rounded down; for 1 to 64.
pub const MILLIBITS: [u32; 64] = [
    0, 1000, 1584, 2000, 2321, 2584, 2807, 3000, 3169, 3321, 3459, 3584, 3700, 3807, 3906, 4000, 4087, 4169, 4247, 4321, 4392, 4459, 4523, 4584, 4643, 4700,
    4754, 4807, 4857, 4906, 4954, 5000, 5044, 5087, 5129, 5169, 5209, 5247, 5285, 5321, 5357, 5392, 5426, 5459, 5491, 5523, 5554, 5584, 5614, 5643, 5672, 5700,
    5727, 5754, 5781, 5807, 5832, 5857, 5882, 5906, 5930, 5954, 5977, 6000,
];

/// Words that passwords are made of, in lower case without anything but letters.
pub const COMMON: &[&str] = &[
    "abc",
    "adobe",
    "admin",
    "administrator",
    "asdf",
    "asdfgh",
    "azerty",
    "baseball",
    "batman",
    "changeit",
    "charlie",
    "computer",
    "database",
    "default",
    "donald",
    "dragon",
    "flower",
    "football",
    "freedom",
    "guest",
    "hello",
    "hottie",
    "hunter",
    "iloveyou",
    "jesus",
    "killer",
    "letmein",
    "login",
    "loveme",
    "master",
    "michael",
    "monkey",
    "mustang",
    "ninja",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "postgres",
    "princess",
    "production",
    "qazwsx",
    "qwerty",
    "qwertyuiop",
    "redis",
    "root",
    "secret",
    "secretkey",
    "shadow",
    "starwars",
    "sunshine",
    "superman",
    "supersecret",
    "test",
    "testing",
    "trustno",
    "user",
    "welcome",
    "whatever",
    "zaq",
];

/// What is meant to be replaced, wherever it stands in a value in lower case.
pub const PLACEHOLDERS: &[&str] = &[
    "change-me",
    "change_me",
    "changeme",
    "change-this",
    "change_this",
    "changethis",
    "fill-me",
    "fill_me",
    "insert-",
    "insert_",
    "placeholder",
    "random_key",
    "replace-me",
    "replace_me",
    "replace-this",
    "replace_this",
    "replaceme",
    "strong-password",
    "strong_password",
    "your-",
    "your_",
    "yourkey",
    "yourpassword",
    "yoursecret",
];

/// What is meant to be replaced if it is the whole value in lower case.
pub const EMPTY_WORDS: &[&str] = &["...", "dummy", "example", "fixme", "none", "null", "tbd", "todo", "undefined", "xxx", "xxxx", "xxxxxxxx"];

/// True for `<...>`.
pub fn is_marked(value: &str) -> bool {
    value.starts_with('<') && value.ends_with('>')
}

/// True for `<...>` and for the usual words.
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    is_marked(value) || EMPTY_WORDS.contains(&lower.as_str()) || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Why a value is weak; `None` if it is not.
pub fn weakness(value: &str, least: u32) -> Option<String> {
    let length = value.chars().count();
    if length < least as usize {
        return Some(format!("it has {length} characters, {least} are needed"));
    }
    let bytes = &value.as_bytes()[..value.len().min(LOOKED_AT)];
    if is_common(bytes) {
        return Some("it is a well-known password".to_owned());
    }
    if period(bytes) < bytes.len() {
        return Some("it repeats itself".to_owned());
    }
    let steps = bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    if steps * 2 > bytes.len() {
        return Some("it is a sequence".to_owned());
    }
    let kinds: [fn(&u8) -> bool; 4] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, |b| !b.is_ascii_alphanumeric()];
    if kinds.iter().filter(|kind| bytes.iter().any(*kind)).count() < 2 {
        return Some("it has only one kind of characters".to_owned());
    }
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let bits = MILLIBITS[distinct.clamp(1, MILLIBITS.len()) - 1] as usize * bytes.len() / 1000;
    (bits < LEAST_BITS as usize).then(|| "it is easy to guess".to_owned())
}

/// Its letters, once if they repeat, are a word of the list.
fn is_common(value: &[u8]) -> bool {
    let letters: Vec<u8> = value.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    let core = &letters[..period(&letters).min(letters.len())];
    COMMON.iter().any(|word| word.as_bytes() == core)
}

/// Length of the shortest start that the whole is a repetition of, twice at least; the whole length if there is none.
fn period(bytes: &[u8]) -> usize {
    (1..=bytes.len() / 2).find(|length| bytes[*length..].iter().zip(bytes).all(|(a, b)| a == b)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms() {
        for (at, millibits) in MILLIBITS.iter().enumerate() {
            #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss)]
            let exact = (((at + 1) as f64).log2() * 1000.0).floor() as u32;
            assert_eq!(*millibits, exact, "of {}", at + 1);
        }
        for list in [COMMON, PLACEHOLDERS, EMPTY_WORDS] {
            assert!(list.iter().all(|word| *word == word.to_ascii_lowercase()));
        }
    }

    #[test]
    fn weak_values_say_why() {
        for (value, why) in [
            ("short1", "16 are needed"),
            ("password12345678", "well-known"),
            ("Password!Password!", "well-known"),
            ("aB3$aB3$aB3$aB3$", "repeats"),
            ("aaaaaaaaaaaaaaaaa1", "sequence"),
            ("abcdefghijklmnopqr", "sequence"),
            ("123456789012345678", "sequence"),
            ("kdjwnqpzmvbhrtyx", "one kind"),
            ("aba1aba2aba1aab2", "easy to guess"),
            ("žluťoučký", "9 characters"),
        ] {
            let found = weakness(value, 16).unwrap_or_default();
            assert!(found.contains(why), "{value}: {found}");
        }
        for value in ["3f9c1d7ab2e84a60", "correct-horse-battery-staple", "p@ss w0rd: $1 'q' \"x\"", "7fK2mQ9xL4vN8wR1", "žluťoučký kůň 42 úpěl"] {
            assert_eq!(weakness(value, 16), None, "{value}");
        }
    }

    #[test]
    fn placeholders() {
        for value in ["<DATABASE_PASSWORD>", "changeme", "CHANGE_ME_PLEASE", "VERY_STRONG_PASSWORD", "64_CHAR_RANDOM_KEY", "your-api-key", "TODO", "xxxx"] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["", "7fK2mQ9xL4vN8wR1", "https://example.com", "a<b>", "notodo4me"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
