//! The journal of a sweep as a file: begun, gone on with, or read as a part.

use super::files::{said, unreadable};
use super::output::Failure;
use crate::explore::journal::{BadJournal, Header, Reader};
use crate::explore::outcome::Outcome;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Its name in the folder of a sweep.
pub(super) const NAME: &str = "sweep.jsonl";

/// A journal that is being written.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// The bytes of the lines written whole.
    sound: u64,
}

impl Journal {
    /// Begins the journal in `folder`, or goes on with the one that is there: `hear` is told of what it holds. Returns the
    /// seeds that are left.
    pub(super) fn open(
        folder: &Path,
        header: &Header,
        fresh: bool,
        hear: &mut dyn FnMut(Outcome),
    ) -> super::Result<(Self, Range<u64>)> {
        let path = folder.join(NAME);
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let found = if fresh { None } else { resume(&path, header, hear)? };
        let mut options = OpenOptions::new();
        let mut file =
            options.create(true).truncate(false).write(true).open(&path).map_err(|e| unwritable(&path, &e))?;
        let (sound, left) = found.clone().unwrap_or((0, header.part()));
        // What was torn goes, and what is written from here on follows what was whole.
        let placed = file.set_len(sound).and_then(|()| io::Seek::seek(&mut file, io::SeekFrom::Start(sound)));
        placed.map_err(|error| unwritable(&path, &error))?;
        let mut journal = Self { path, file, sound };
        if found.is_none() {
            journal.write(&header.line()).map_err(|error| unwritable(&journal.path, &error))?;
        }
        Ok((journal, left))
    }

    /// Writes down the outcome of one seed.
    pub(super) fn note(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.write(&outcome.line())
    }

    /// Writes one line, whole or not at all.
    fn write(&mut self, line: &str) -> io::Result<()> {
        let written = self.file.write_all(line.as_bytes());
        match written {
            Ok(()) => self.sound += line.len() as u64,
            // If even that fails, the next one who reads the journal drops what is torn.
            Err(_) => drop(self.file.set_len(self.sound)),
        }
        written
    }

    /// What to say if a line could not be written.
    pub(super) fn broke_off(&self, error: &io::Error) -> Failure {
        Failure::input(
            format!("{} cannot be written any further: {}", self.path.display(), said(error)),
            "nothing is lost: make room and run the same command again, and the sweep goes on where it stopped",
        )
    }
}

/// The bytes of a journal's whole lines and the seeds that it lacks; none if there is no journal.
fn resume(path: &Path, header: &Header, hear: &mut dyn FnMut(Outcome)) -> super::Result<Option<(u64, Range<u64>)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let bad = |error| bad(path, &error, "--fresh starts over and forgets it, --out writes elsewhere");
    let mut reader = Reader::new(BufReader::new(file));
    let Some(found) = reader.header().map_err(bad)? else { return Ok(None) };
    if let Some(difference) =
        found.difference(header).or_else(|| (found.shard != header.shard).then(|| parts(&found, header)))
    {
        let message = format!("{} is the journal of another sweep: {difference}", path.display());
        return Err(Failure::input(message, "--fresh starts over and forgets it, --out writes elsewhere"));
    }
    let left = reader.outcomes(header.part(), hear).map_err(bad)?;
    Ok(Some((reader.sound(), left)))
}

fn parts(found: &Header, wanted: &Header) -> String {
    let part = |header: &Header| format!("{}/{}", header.shard.0, header.shard.1);
    format!("it is part {}, and this is part {}", part(found), part(wanted))
}

/// Begins to read the journal of a finished sweep or part of one.
pub(super) fn read(path: &Path) -> super::Result<(Header, Reader<BufReader<File>>)> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut reader = Reader::new(BufReader::new(file));
    let help = "name the sweep.jsonl of a sweep, or the folder that holds it";
    match reader.header().map_err(|error| bad(path, &error, help))? {
        Some(header) => Ok((header, reader)),
        None => Err(Failure::input(format!("{} is empty", path.display()), help)),
    }
}

/// What to say about a journal that cannot be used.
pub(super) fn bad(path: &Path, error: &BadJournal, help: &str) -> Failure {
    match error {
        BadJournal::Io(error) => unreadable(path, error),
        _ => Failure::input(format!("{}: {error}", path.display()), help),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("{} cannot be written: {}", path.display(), said(error)), "choose another folder with --out")
}
