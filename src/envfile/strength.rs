//! How strong a secret is, by rules that a shell script can have, too.
//!
//! Length, kinds of characters, repetitions, sequences, well-known passwords, and a rough count of bits, for which well-known words, years and
//! what was there before count for little. All of it is about bytes, but for the length, which is in characters.

use crate::stack::Stack;
use std::collections::BTreeSet;

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

/// Shortest word that counts for little inside a value: shorter ones are in random values, too.
pub const SHORTEST_WORD: usize = 4;

/// How many bytes make a piece that is looked for further up in the value.
const PIECE: usize = 3;

/// A year, or a word that is well-known: it counts for one sign,
const MARK: u8 = 2;
/// and the rest of it for nothing. Both are signs that people cannot type.
const NOTHING: u8 = 3;

/// Words that passwords are made of, in lower case without anything but letters.
pub const COMMON: &[&str] = &[
    "abc",
    "access",
    "admin",
    "administrator",
    "adobe",
    "april",
    "asdf",
    "asdfgh",
    "august",
    "autumn",
    "azerty",
    "backup",
    "baseball",
    "batman",
    "cache",
    "change",
    "changeit",
    "charlie",
    "company",
    "computer",
    "database",
    "december",
    "default",
    "develop",
    "development",
    "docker",
    "donald",
    "dragon",
    "facebook",
    "february",
    "flower",
    "football",
    "freedom",
    "friday",
    "google",
    "guest",
    "hallo",
    "hello",
    "hottie",
    "hunter",
    "iloveyou",
    "internet",
    "january",
    "jesus",
    "july",
    "june",
    "killer",
    "letmein",
    "linux",
    "login",
    "love",
    "loveme",
    "manager",
    "march",
    "master",
    "michael",
    "microsoft",
    "monday",
    "monkey",
    "mustang",
    "nginx",
    "ninja",
    "november",
    "october",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "postgres",
    "princess",
    "prod",
    "production",
    "qazwsx",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "redis",
    "root",
    "saturday",
    "secret",
    "secretkey",
    "september",
    "server",
    "service",
    "shadow",
    "sommer",
    "spring",
    "staging",
    "starwars",
    "summer",
    "sunday",
    "sunshine",
    "superman",
    "supersecret",
    "superuser",
    "temp",
    "temporary",
    "test",
    "testing",
    "thursday",
    "token",
    "trustno",
    "tuesday",
    "ubuntu",
    "user",
    "website",
    "wednesday",
    "welcome",
    "whatever",
    "winter",
    "word",
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

/// Words that are tried first, in lower case and with `i` for `l`, the longest first.
#[derive(Clone, Debug)]
pub struct KnownWords(Vec<String>);

impl KnownWords {
    /// The usual ones, and the names that this deployment has.
    pub fn of(stack: &Stack) -> Self {
        Self::with(stack.names().iter().map(String::as_str))
    }

    /// The usual ones, and what these names are made of.
    pub fn with<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let parts = names.into_iter().flat_map(|name| name.split(|c: char| !c.is_ascii_alphanumeric())).filter(|part| part.len() >= SHORTEST_WORD);
        let mut words: Vec<String> =
            COMMON.iter().copied().chain(parts).map(|word| folded(word.as_bytes()).iter().map(|byte| char::from(*byte)).collect()).collect();
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self(words)
    }

    /// All of them.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// In lower case, with the letters that people mean by other signs. `l`, `1` and `!` all become `i`.
fn folded(value: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| match byte.to_ascii_lowercase() {
        b'0' => b'o',
        b'1' | b'!' | b'l' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        other => other,
    };
    value.iter().map(fold).collect()
}

/// Why a value is weak; `None` if it is not.
pub fn weakness(value: &str, least: u32, known: &KnownWords) -> Option<String> {
    let length = value.chars().count();
    if length < least as usize {
        return Some(format!("it has {length} characters, {least} are needed"));
    }
    let bytes = &value.as_bytes()[..value.len().min(LOOKED_AT)];
    if is_common(bytes, known) {
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
    let bits = |length: usize| MILLIBITS[distinct.clamp(1, MILLIBITS.len()) - 1] as usize * length / 1000;
    if bits(bytes.len()) < LEAST_BITS as usize {
        return Some("it is easy to guess".to_owned());
    }
    (bits(worth(bytes, known)) < LEAST_BITS as usize).then(|| "well-known words, years or repetitions are most of it".to_owned())
}

/// How many bytes are neither a part of what everybody tries first, nor the end of a piece that was there before.
fn worth(value: &[u8], known: &KnownWords) -> usize {
    let mut text = value.to_vec();
    let is_year = |piece: &[u8]| matches!(piece, [b'1', b'9', b'5'..=b'9', b'0'..=b'9'] | [b'2', b'0', b'0'..=b'3', b'0'..=b'9']);
    mark(&mut text, 4, is_year);
    text = folded(&text);
    for word in known.0.iter().filter(|word| word.len() >= SHORTEST_WORD) {
        mark(&mut text, word.len(), |piece| piece == word.as_bytes());
    }
    let mut pieces: BTreeSet<&[u8]> = BTreeSet::new();
    let is_new = |at: usize| at + 1 < PIECE || pieces.insert(&text[at + 1 - PIECE..=at]);
    let new: Vec<bool> = (0..text.len()).map(is_new).collect();
    text.iter().zip(new).filter(|(byte, is_new)| **byte != NOTHING && *is_new).count()
}

/// Puts one mark in the place of each piece of this length.
fn mark(text: &mut [u8], length: usize, is_known: impl Fn(&[u8]) -> bool) {
    let mut at = 0;
    while at + length <= text.len() {
        if is_known(&text[at..at + length]) {
            text[at..at + length].fill(NOTHING);
            text[at] = MARK;
            at += length;
        } else {
            at += 1;
        }
    }
}

/// Its letters, once if they repeat, are a word of the list.
fn is_common(value: &[u8], known: &KnownWords) -> bool {
    let letters: Vec<u8> = folded(&value.iter().filter(|byte| byte.is_ascii_alphabetic()).copied().collect::<Vec<_>>());
    let core = &letters[..period(&letters).min(letters.len())];
    known.0.iter().any(|word| word.as_bytes() == core)
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
        let known = KnownWords::with([]);
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
            let found = weakness(value, 16, &known).unwrap_or_default();
            assert!(found.contains(why), "{value}: {found}");
        }
        for value in ["3f9c1d7ab2e84a60", "correct-horse-battery-staple", "p@ss w0rd: $1 'q' \"x\"", "7fK2mQ9xL4vN8wR1", "žluťoučký kůň 42 úpěl"] {
            assert_eq!(weakness(value, 16, &known), None, "{value}");
        }
    }

    #[test]
    fn what_people_make_of_words_is_weak() {
        let known = KnownWords::with(["acme-shop", "shop_owner", "warehouse.example.com"]);
        for value in [
            "passw0rdpassw0rd1",
            "Company2024Company24",
            "P@ssw0rd2024!",
            "Production-2024-Admin",
            "P4$$w0rd-P4$$w0rd!",
            "5ummer2023!W1nter2024",
            "Zorblax2024Zorblax24",
            "aB3$aB3$aB3$aB3$x",
            "S3cr3tK3y-S3cr3tT0k3n-1999",
            "Sh0p-0wner-Warehouse-1",
            "acme.shop.owner.2025",
            "postgres_shop_admin_01",
            "adminadmin!administrator7",
            "MasterPasswordMaster12",
        ] {
            assert!(weakness(value, 8, &known).is_some_and(|why| !why.contains("characters")), "{value}");
        }
        for value in [
            "winter-maple-otter-cobalt-lantern",
            "my dog ate 3 summer hats",
            "Rain falls on 12 tin roofs",
            "warehouse-candle-orbit-velvet",
            "in 2019 we walked to Lhasa",
            "shopfloor Kumquat 7 tango",
        ] {
            assert_eq!(weakness(value, 8, &known), None, "{value}");
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
