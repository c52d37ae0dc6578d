//! `faultlab completions`: completion scripts for shells.

use super::{Exit, output};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a completion script for a shell
///
/// For example: `faultlab completions bash > ~/.local/share/bash-completion/completions/faultlab`
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "faultlab", &mut script);
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Passed)
}
