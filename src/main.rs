//! The `faultlab` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    faultlab::cli::main()
}
