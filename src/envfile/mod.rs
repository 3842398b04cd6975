//! Env files such as `.env.production`, as Docker Compose reads them.

mod expand;
mod parse;

pub use parse::{Assignment, Parsed, Problem, ProblemKind, Quote, parse};
