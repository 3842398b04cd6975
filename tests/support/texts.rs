//! Texts that break things, and a runner of property tests.
#![allow(dead_code, reason = "each test uses a part of it")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What profiles, templates, shells, Compose, Kubernetes, YAML, Docker or dotenv give a meaning to.
#[rustfmt::skip]
pub const PIECES: &[&str] = &[
    "\"", "'", "`", "\\", "\\n", "\\\n", "$", "$$", "${X}", "${X:-y}", "$(X)", "$(", "$X", "$é", "{{", "}}", "{{ x }}", "{%", "%}", "{#", "#", " #",
    "# ", ":", ": ", " :", "- ", "-", "--", "---", "...", "\n---\n", "\n", "\n\n", "\r", "\r\n", "\t", " ", "  ", "\u{a0}", "~", "null", "no", "On",
    "TRUE", "0042", "1_000", "0x1F", "1e3", "22:22", ".5", "=", "<<", "*a", "&a", "!a", "!!str", "|", ">", "@", "%", "?", "? ", "[", "]", "{", "}",
    ",", ";", "é", "中", "🦀", "e\u{301}", "\u{200b}", "\u{202e}", "\u{feff}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{10ffff}", "\u{d7ff}", "\u{e000}",
    "\u{85}", "\u{2028}", "\u{2029}", "\u{1}", "\u{8}", "\u{c}", "\u{1b}[31m", "\u{7f}", "\u{80}", "\u{9f}", "<<EOF", "CMD", "RUN x", "A=b",
    "export A=b", "services", "a b",
];

/// A text whose end is left out where a failure shows it.
#[derive(Clone, Default)]
pub struct Text(pub String);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.chars().take(200).collect::<String>())?;
        if self.0.len() > 200 { write!(f, "... ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}

/// A text that somebody may write, or that somebody writes to break something. A NUL is in few.
pub fn text() -> impl Strategy<Value = Text> {
    let piece =
        prop_oneof![8 => proptest::sample::select(PIECES).prop_map(str::to_owned), 2 => any::<char>().prop_map(String::from), 2 => "[a-zA-Z0-9_./-]{1,6}"];
    let joined = proptest::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat());
    let long = (proptest::sample::select(PIECES), 1..3usize).prop_map(|(piece, more)| piece.repeat(10_000 / piece.len() * more / 2));
    let with_nul = Just("a\0b".to_owned());
    prop_oneof![24 => joined, 4 => any::<String>(), 2 => long, 1 => with_nul].prop_map(Text)
}

/// A test runner that does the same on each machine.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}
