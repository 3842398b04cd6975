//! Env files with mistakes: a good one, changed in random ways that are the same on each machine.
#![allow(dead_code, reason = "each test uses a part of it")]

use infragen::envfile::quote;

/// Numbers that look random: splitmix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below")
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Random bytes for `envfile::generate`.
    #[allow(clippy::unnecessary_wraps, reason = "what it is passed to may fail")]
    pub fn fill(&mut self, buffer: &mut [u8]) -> std::io::Result<()> {
        for byte in buffer.iter_mut() {
            *byte = self.next().to_le_bytes()[3];
        }
        Ok(())
    }
}

/// Weak, strong, well and badly formed.
#[rustfmt::skip]
pub const VALUES: &[&str] = &[
    "INFO", "DEBUG", "not at all", "not", "INFO\nDEBUG", "64", "65", "-2", "-3", "-0002", "0064", "-0", "000000000000000009", "0.25", "1.0", "1.01", ".5", "0.", "v1.2_rc-3", "-x", "a/b",
    "P@ssw0rdP@ssw0rd2024-5h0p", "Company2024Company24Company", "Zorblax2024Zorblax24Zorblax", "Production-2024-Admin-1999-Shop_Owner", "w4reh0use-$h0p!0wner-2031", "\u{1}\u{2}\u{3}\u{1}\u{2}\u{3}aB3$", "19992024195020391940204", "admin]admin[admin*admin?admin\\admin",
    "short1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aB3$aB3$aB3$aB3$aB3$aB3$aB3$aB3$", "password1234567890123456789012345678", "Password!Password!Password!Password!",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop", "0123456789012345678901234567890123", "fedcba9876543210fedcba9876543210zyxwvuts", "kdjwnqpzmvbhrtyxkdjwnqpzmvbhrtylkdjw",
    "aba1aba2aba1aab2", "aba1aba2aba1aab2aba1aba2aba1aab3aa1a", "Admin-admin-2024-ADMIN-admin-2025-12", "development-only-key-x-x-x-x-x-x-x-x-x", "Development-only-key-x-x-x-x-x-x-x-x-x",
    "changeme", "prefix-CHANGE_ME-suffix-2b7d", "<KEY>", "<>", "<", "a<b>", "TODO", "xxxx", "xxxxx", "...", "Null", "your-api-key-1234567890123456789012", "VERY_STRONG_PASSWORD",
    "7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2g", "7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2g", "correct-horse-battery-staple-again-and", "žluťoučký kůň 42 úpěl ďábelské ódy ňá", "žluťoučký", "🦀🦀🦀🦀1", "p@ss/w:ord$1'\"# %\\ žluťoučký",
    "0", "080", "65535", "65536", "99999", "443", "-7", "+7", "--7", "-", "0042", "123456789012345678", "1234567890123456789", "1.5", "1e3", "٣",
    "30s", "30", "s", "1.5s", "500ms", "999999999d", "9999999999d", "1w", "30S", "TRUE", "true", "maybe", "On", "off ", "1",
    "a@example.com", "a@b", "a\\b@example.com", "a b@example.com", "\"a\"@example.com", "{a|b}@example.com", "a`b@example.com", "a'b@example.com", "a$b@example.com", "a^b&c*d!e#f@example.com",
    "a@@example.com", "a@ex_ample.com", "a@.com", "a@example.com.", "@example.com", "ä@example.com", "a[b]@example.com", "a\\@example.com",
    "https://example.com", "https://user:p%40@[::1]:80/x?y#z", "https://[a]", "https://[abc]", "https://[abc", "https://abc]", "https://[::1]:", "https://[g::1]", "https://h:", "https://h:123456",
    "https://h:99999", "://h", "1a://b", "a+b-c.d://e", "https://a b", "https://", "https://user@", "HTTPS://EXAMPLE.COM", "https://h\u{7f}", "https://é.example.com", "https://h/é", "https://h?x@y:1",
    "https://h#a@b", "https://a:b:c@d@e:1/", "https://h\t", "https:/h", "https:///x", "http://u:p@h://x",
];

/// How a password may stand in a connection string.
fn encodings(password: &str, dice: &mut Dice) -> String {
    let all = |upper: bool| password.bytes().map(|b| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") }).collect::<String>();
    match dice.below(12) {
        0 => all(true),
        1 => all(false),
        2 => format!("%{}", &all(true)),
        3 => format!("{password}%"),
        4 => format!("{password}%4"),
        5 => format!("{password}%zz"),
        6 => format!("%00{password}"),
        7 => format!("{password}@"),
        8 => format!("a:{password}"),
        9 => format!("{password}#"),
        10 => format!("{password}x"),
        _ => password.to_owned(),
    }
}

/// A connection string that may be the one that is needed.
fn url(name: &str, password: &str, dice: &mut Dice) -> String {
    let (scheme, user, address, path) = match name {
        "CACHE_URL" => ("redis", "", "cache:6379", "0"),
        "DATABASE_URL" => ("postgresql", "shop_owner", "database:5432", "shop"),
        _ => ("postgresql", "reader", "warehouse.example.com:5433", "facts?sslmode=require"),
    };
    let written = encodings(password, dice);
    match dice.below(14) {
        0 => format!("{scheme}s://{user}:{written}@{address}/{path}"),
        1 => format!("{scheme}://{user}:{written}@{address}/{path}?x=y"),
        2 => format!("{scheme}://{user}:{written}@{address}/{path}x"),
        3 => format!("{scheme}://{user}:{written}@{address}"),
        4 => format!("{scheme}://{user}:{written}@other{address}/{path}"),
        5 => format!("{scheme}://{user}@{address}/{path}"),
        6 => format!("{scheme}://%73hop_owner:{written}@{address}/{path}"),
        7 => format!("{scheme}:/{user}:{written}@{address}/{path}"),
        8 => format!("{scheme}://{user}:{written}@{address}/"),
        9 => format!("://{user}:{written}@{address}/{path}://"),
        _ => format!("{scheme}://{user}:{written}@{address}/{path}"),
    }
}

/// A value as somebody may write it, with what they put around it: the whole of a line behind the name.
fn written(value: &str, dice: &mut Dice) -> String {
    let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
    match dice.below(34) {
        0 => format!("={value}"),
        1 => format!("='{value}'"),
        2 => format!("=\"{value}\""),
        3 => format!("=\"{escaped}\""),
        4 => format!("='{value}"),
        5 => format!("=\"{value}"),
        6 => format!("='{value}' and more"),
        7 => format!("='{value}' OTHER_NAME=x"),
        8 => format!("='{value}'# note"),
        9 => format!("='{value}'   # it's a note"),
        10 => format!("={value} # note"),
        11 => format!("={value}\t# note"),
        12 => format!(" = {value}"),
        13 => format!(": {value}"),
        14 => format!("=\t'{value}'\t"),
        15 => format!("={value}  "),
        16 => format!("={value}\u{a0}"),
        17 => format!("=\u{a0}{value}\u{2003}"),
        18 => format!("={value}$X"),
        19 => format!("=${{X:-{value}}}"),
        20 => format!("=${{{value}"),
        21 => format!("='{value}$'"),
        22 => format!("=\"{escaped}\\n\\t\\x\\'\\0101\\0344\\0400\\09\""),
        23 => format!("=\"{escaped}\\0000\""),
        24 => format!("=\"{escaped}\\0044X\""),
        25 => format!("=\"{escaped}\\$X\""),
        26 => format!("='{value}\\'"),
        27 => format!("=\"{value}\\\\\""),
        28 => format!("='{value}\nZm9vYmFy==\n# NOTE=x\nKEY=value\n'"),
        29 => format!("=\"-----BEGIN-----\n{escaped}\n\n-----END-----\" # note"),
        30 => format!("=$'{value}'"),
        31 => format!("= # {value}"),
        _ => format!("={}", quote(value)),
    }
}

/// Lines that are no assignment of a variable of the profile.
#[rustfmt::skip]
const LINES: &[&str] = &[
    "=x", ": x", "KEY", "TOKEN ", "ONLY_NAME", "two words", "TWO WORDS=x", "UNKNOWN_NAME=x", "UNKNOWN_NAME=", "lower=x", "Zm9vYmFyYmF6==", "COMPOSE_PROFILES=a", "DOCKER_HOST=b", "BUILDKIT_X=$Y",
    "é=x", "中=x", "A.B=x", "a[0]=x", "x]=y", "MY-NAME=x", "A_VERY_LONG_NAME_THAT_NO_VARIABLE_OF_THIS_STACK_HAS=x", "export", "export ", "export\tKEY=x", "export  RATE=5", "export \tRATE=6",
    "export RATE", "export export RATE=7", "export A B=x", "export =x", "exportRATE=8", "\u{a0}RATE=9", "RATE\u{a0}=9", "\u{2003}RATE=9", "RATE\u{2003}=9", "\u{200b}RATE=9", "RATE\u{200b}=9", "\u{feff}RATE=9",
    "“RATE”=9", "🦀=x", "🦀='a", "RATE\t=9", "\u{b}RATE=9", "\u{c}", "RATE=\u{b}9", "RATE=9\u{c}", "RATE=9\r", "RATE=\r", "RATE=9\rNOTE=x", "\r", "#\r", "# RATE=9", "'RATE'=9", "RATE+=9", "$RATE=9",
    "- RATE=9", "RATE=(9)", "RATE=9;", "RATE=~", "NOTE=*", "export NOTE=*", "NOTE={a,b}", "export NOTE=[a]", "NOTE=é", "NOTE='é'", "NOTE=`date`", "NOTE='`date`'", "NOTE=\"`date`\"", "NOTE=a\\", "NOTE=a\\ b",
    "NOTE='a' 'b'", "NOTE='a''b'", "NOTE=\"a\"'b'", "'", "\"", "KEY='", "KEY=\"", "TOKEN='a' RATE='b' NOTE=\"${\" UNKNOWN_NAME=x", "NOTE='a' RATE=\"$X\" two words", "NOTE='a\n' RATE=x", "A_=x", "_A=x", "A__B=x",
    "x]=1\nx]=2", "a[0]=1\na[0]=2", "@=x", "*=x", "RATE=9\u{85}", "RATE=9\u{3000}", "NOTE=\"\\0377\\0200\\0177\\0000\"", "NOTE=\"\\00\\0\\000x\"", "export\u{b}RATE=9", "export\u{a0}RATE=9", "export\r", "--- NOTE ---",
];

/// `good` with one to six mistakes, or none.
pub fn mutated(good: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
    let mut end = "\n";
    let mut start = "";
    for _ in 0..=dice.below(6) {
        let named: Vec<usize> = (0..lines.len()).filter(|at| name_of(&lines[*at]).is_some()).collect();
        if named.is_empty() {
            break;
        }
        let at = *dice.pick(&named);
        let name = name_of(&lines[at]).unwrap_or_default().to_owned();
        match dice.below(24) {
            0..=11 => {
                let value = if name.ends_with("_URL") && name != "HOOK_URL" && dice.below(4) > 0 {
                    let password = name.replace("_URL", "_PASSWORD=");
                    let password = lines.iter().find_map(|line| line.strip_prefix(&password)).unwrap_or("none").to_owned();
                    url(&name, &password, dice)
                } else {
                    (*dice.pick(VALUES)).to_owned()
                };
                let before = *dice.pick(&["", "", "", "", "", "", "export ", "export  ", "export\t", "  ", "\t", "\u{a0}"]);
                lines[at] = format!("{before}{name}{}", written(&value, dice));
            }
            12 => lines[at] = format!("{name}={}", dice.pick(VALUES)),
            13 => drop(lines.remove(at)),
            14 => lines[at] = format!("# {}", lines[at]),
            15 => {
                let again = lines[at].clone();
                lines.insert(dice.below(lines.len() + 1), again);
            }
            16 => lines[at] = format!("{name}={}", *dice.pick(&["", " ", "''", "\"\"", " # none", "\r"])),
            17 => {
                // Two that have one value.
                let from = *dice.pick(&named);
                let value = lines[from].split_once('=').map_or("", |(_, value)| value).to_owned();
                lines[at] = format!("{name}={value}");
            }
            18 if dice.below(3) == 0 => end = *dice.pick(&["", "\r\n"]),
            19 if dice.below(3) == 0 => start = "\u{feff}",
            _ => lines.insert(dice.below(lines.len() + 1), (*dice.pick(LINES)).to_owned()),
        }
    }
    let text = lines.join(if end == "\r\n" { "\r\n" } else { "\n" });
    format!("{start}{text}{end}")
}

/// The variable that a line of a good file sets, or has as a comment.
fn name_of(line: &str) -> Option<&str> {
    let (name, _) = line.trim_start_matches("# ").split_once('=')?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')).then_some(name)
}
