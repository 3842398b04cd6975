//! Env files such as `.env.production`: what Docker Compose reads in them, who reads them otherwise, and how a value is written.
//!
//! Compose is the reader that counts ([`parse`]). Administrators also read the file with a shell, and programs with a library
//! for dotenv; [`differences`] names those that would get another value. [`quote`] writes a value that all of them read alike,
//! where there is such a form.

mod expand;
mod parse;
mod readers;
mod write;

pub use parse::{Assignment, Parsed, Problem, ProblemKind, Quote, parse};
pub use readers::{Reader, Reading, differences, python_dotenv, shell};
pub use write::quote;
