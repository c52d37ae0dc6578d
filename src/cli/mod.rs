//! The `faultlab` command: one file per subcommand.
//!
//! Only this layer prints, reads the environment, touches files and looks at the wall clock. Results go to standard
//! output, notes and errors to standard error; colour only on a terminal, and `NO_COLOR` is honoured. Exit codes: 0 all
//! passed, 1 a property was violated, 2 bad input or usage, 3 a fault of ours, 4 unknown.
#![allow(clippy::disallowed_types, reason = "the command may look at the wall clock to say how fast a run was")]

mod bugs;
mod completions;
mod crash;
mod diff;
mod explain;
mod faults;
mod files;
mod interrupt;
mod journal;
mod judge;
mod list;
mod merge;
mod numbers;
mod output;
mod reproduce;
mod run;
mod schema;
mod shrink;
mod sweep;
mod sweep_report;
mod text;
mod verify;

use clap::{Parser, Subcommand};
use output::Failure;
use std::process::ExitCode;

/// Run scenarios of distributed systems, see what breaks and why.
///
/// Faultlab simulates a cluster under the faults that a scenario file describes, judges what happened, and leaves a
/// trace and charts. Everything is deterministic: the same file, seed and version give the same run, byte for byte.
#[derive(Parser)]
#[command(
    name = "faultlab",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Start with:\n  \
      faultlab list                                        what there is\n  \
      faultlab explain raft                                what a pattern is about\n  \
      faultlab explain faults                              what can go wrong\n  \
      faultlab run scenarios/raft/leader_isolated.toml     watch it withstand a fault\n  \
      faultlab sweep scenarios/raft/leader_isolated.toml   see what thousands of other faults do to it\n\n\
    Exit codes:\n  \
      0  everything passed\n  \
      1  a property was violated\n  \
      2  bad input or usage\n  \
      3  a fault of faultlab itself\n  \
      4  unknown: the run was stopped before everything was judged"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Sweep(sweep::Arguments),
    Merge(merge::Arguments),
    Bugs(bugs::Arguments),
    Shrink(shrink::Arguments),
    Judge(judge::Arguments),
    Reproduce(reproduce::Arguments),
    List(list::Arguments),
    Explain(explain::Arguments),
    Diff(diff::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

/// How a command ended, in the order in which one outranks another when several scenarios run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Passed,
    Unknown,
    Violated,
    BadInput,
    OurFault,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Passed => 0,
            Exit::Violated => 1,
            Exit::BadInput => 2,
            Exit::OurFault => 3,
            Exit::Unknown => 4,
        })
    }
}

/// Runs the command with the arguments of this process.
pub fn main() -> ExitCode {
    crash::guard(|| {
        let arguments = Arguments::parse();
        let result = match arguments.command {
            Command::Run(arguments) => run::run(&arguments),
            Command::Sweep(arguments) => sweep::run(&arguments),
            Command::Merge(arguments) => merge::run(&arguments),
            Command::Bugs(arguments) => bugs::run(&arguments),
            Command::Shrink(arguments) => shrink::run(&arguments),
            Command::Judge(arguments) => judge::run(&arguments),
            Command::Reproduce(arguments) => reproduce::run(&arguments),
            Command::List(arguments) => list::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Diff(arguments) => diff::run(&arguments),
            Command::Schema(arguments) => schema::run(&arguments),
            Command::Completions(arguments) => completions::run(&arguments),
        };
        result.unwrap_or_else(|failure| failure.report())
    })
    .into()
}

type Result<T = Exit> = std::result::Result<T, Failure>;
