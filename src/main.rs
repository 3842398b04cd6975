//! The `infragen` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    infragen::cli::main()
}
