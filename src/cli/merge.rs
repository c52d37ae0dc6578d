//! `faultlab merge`: the parts of a sweep, put together.

use super::files::Batch;
use super::journal;
use super::output::{self, BOLD, Failure, styled};
use super::sweep_report::{self, Shown};
use crate::explore::journal::{Header, Reader};
use crate::explore::tally::{Subject, Tally};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Put the parts of a sweep together, as if it had been run in one
///
/// Parts are what `faultlab sweep --shard K/N` leaves. All of them must be there, complete, and of the same sweep.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The parts: their `sweep.jsonl`, or the folders that hold it
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,

    /// Where to write the whole
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Write charts as PNG too
    #[arg(long)]
    png: bool,

    /// Print the summary as JSON
    #[arg(long, conflicts_with = "quiet")]
    json: bool,

    /// Print one line
    #[arg(long, short)]
    quiet: bool,
}

/// A part whose header was read.
struct Part {
    path: PathBuf,
    header: Header,
    reader: Reader<BufReader<File>>,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let parts = arguments.parts.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let parts = in_order(parts)?;
    let header = Header { shard: (1, 1), ..parts[0].header.clone() };
    let mut tally = Tally::default();
    let mut batch = Batch::new(&arguments.out)?;
    let mut failure = None;
    batch.add(journal::NAME, |file| {
        let mut out = BufWriter::new(file);
        out.write_all(header.line().as_bytes())?;
        for part in parts {
            match copy(part, &mut out, &mut tally) {
                Err(Copying::Part(refused)) => {
                    failure = Some(refused);
                    return Ok(());
                }
                Err(Copying::Out(error)) => return Err(error),
                Ok(()) => {}
            }
        }
        out.flush()
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let subject = Subject::from(&header);
    let shown = Shown { file: Path::new(&header.file), subject: &subject, tally: &tally, complete: true };
    sweep_report::add(&mut batch, &shown, arguments.png)?;
    batch.finish()?;
    sweep_report::print(&shown, arguments.json, arguments.quiet)?;
    output::note(&format!("Wrote {}", styled(BOLD, &arguments.out.display().to_string())));
    Ok(super::sweep::exit(tally.verdict()))
}

fn open(path: &Path) -> super::Result<Part> {
    let path = if path.is_dir() { path.join(journal::NAME) } else { path.to_path_buf() };
    let (header, reader) = journal::read(&path)?;
    Ok(Part { path, header, reader })
}

/// The parts from the first to the last, if they are all of one sweep and each is there once.
fn in_order(mut parts: Vec<Part>) -> super::Result<Vec<Part>> {
    parts.sort_by_key(|part| part.header.shard);
    let first = &parts[0];
    for other in &parts[1..] {
        let apart = (first.header.shard.1 != other.header.shard.1).then(|| {
            format!("one is cut into {} parts, the other into {}", first.header.shard.1, other.header.shard.1)
        });
        if let Some(difference) = first.header.difference(&other.header).or(apart) {
            let message = format!(
                "{} and {} are parts of different sweeps: {difference}",
                first.path.display(),
                other.path.display()
            );
            return Err(Failure::input(message, "name the parts of one sweep"));
        }
    }
    let twice = parts.windows(2).find(|pair| pair[0].header.shard == pair[1].header.shard);
    if let Some([one, other]) = twice {
        let (part, parts) = one.header.shard;
        let message = format!("{} and {} are both part {part} of {parts}", one.path.display(), other.path.display());
        return Err(Failure::input(message, "name each part once"));
    }
    let there: BTreeSet<u64> = parts.iter().map(|part| part.header.shard.0).collect();
    let all = first.header.shard.1;
    if let Some(missing) = (1..=all).find(|number| !there.contains(number)) {
        let message = format!("part {missing} of {all} is missing");
        return Err(Failure::input(message, format!("run it with --shard {missing}/{all}, and name it too")));
    }
    Ok(parts)
}

/// Why a part was not copied.
enum Copying {
    Part(Failure),
    Out(std::io::Error),
}

fn copy(mut part: Part, out: &mut impl Write, tally: &mut Tally) -> Result<(), Copying> {
    let mut written = Ok(());
    let left = part.reader.outcomes(part.header.part(), &mut |outcome| {
        tally.add(&outcome);
        if written.is_ok() {
            written = out.write_all(outcome.line().as_bytes());
        }
    });
    written.map_err(Copying::Out)?;
    let left = left.map_err(|error| {
        let help = "a journal is only written by `faultlab sweep`: run that part again with --fresh";
        Copying::Part(journal::bad(&part.path, &error, help))
    })?;
    if left.is_empty() {
        return Ok(());
    }
    let (number, parts) = part.header.shard;
    let seeds = match left.end - left.start {
        1 => format!("seed {}", left.start),
        _ => format!("the seeds from {} to {}", left.start, left.end - 1),
    };
    let message = format!("{} lacks {seeds}", part.path.display());
    let help = format!("its sweep was interrupted: run it again with --shard {number}/{parts}, and it goes on");
    Err(Copying::Part(Failure::input(message, help)))
}
