//! Env files such as `.env.production`: what Docker Compose reads in them, who reads them otherwise, and how a value is written.
//!
//! Compose is the reader that counts ([`parse`]). Administrators also read the file with a shell, and programs with a library
//! for dotenv; [`is_plain`] says if they get the same value. [`quote`] writes a value that all of them read alike,
//! where there is such a form.

mod check;
mod expand;
mod file;
mod generate;
mod layout;
mod parse;
mod plain;
mod rules;
mod strength;
mod words;
mod write;

pub use check::{Content, Facts, MAX_KIB, OWNER_ONLY, check};
pub use file::{BACKUP, Draft, read};
pub use generate::{Generated, Made, Random, generate};
pub use parse::{Assignment, Parsed, Problem, ProblemKind, Quote, parse};
pub use plain::is_plain;
pub use rules::{ENV_RULES, EnvRule, Finding, reason};
pub use strength::{EMPTY_WORDS, KnownWords, LEAST_BITS, LOOKED_AT, MILLIBITS, PLACEHOLDERS, SHORTEST_WORD, weakness};
pub use write::quote;
