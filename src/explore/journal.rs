//! The journal of a sweep: a header, then a line for each seed, in order.
//!
//! A line is written whole before the next seed is counted, so whoever is killed leaves a journal that says exactly what was
//! done; at most its last line is torn, and dropped. Reading is strict about everything else, because a journal with a gap, a
//! repetition, or of another sweep would make a summary that looks right and is not.

use super::mix::Mix;
use super::outcome::Outcome;
use crate::engine::digest::Digest;
use crate::scenario::AnyScenario;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead};
use std::ops::Range;

/// The version of the format.
pub const FORMAT: u32 = 1;

/// The first line of a journal: which sweep it is the journal of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub format_version: u32,
    /// The version of Faultlab: another one may draw other plans.
    pub version: String,
    /// The scenario's file, as it was named; another name is no other sweep.
    pub file: String,
    /// The pattern.
    pub pattern: String,
    /// The scenario's title.
    pub title: String,
    /// The digest of the text of the scenario's file.
    pub file_digest: String,
    /// The mix, as it is written in `--mix`.
    pub mix: String,
    /// The first seed of the whole sweep.
    pub from: u64,
    /// How many seeds the whole sweep has.
    pub seeds: u64,
    /// The part of the sweep that this journal is of, counted from one, and how many parts there are.
    pub shard: (u64, u64),
}

impl Header {
    /// The header of a sweep of the scenario in a file with this name and text.
    pub fn new(
        scenario: &dyn AnyScenario,
        file: &str,
        text: &str,
        mix: Mix,
        seeds: Range<u64>,
        shard: (u64, u64),
    ) -> Self {
        Self {
            format_version: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            file: file.into(),
            pattern: scenario.pattern().into(),
            title: scenario.title().into(),
            file_digest: format!("{:032x}", Digest::of(&text)),
            mix: mix.to_string(),
            from: seeds.start,
            seeds: seeds.end - seeds.start,
            shard,
        }
    }

    /// The seeds of this part. Parts are contiguous, and differ in size by one at most.
    pub fn part(&self) -> Range<u64> {
        let (part, parts) = (u128::from(self.shard.0), u128::from(self.shard.1.max(1)));
        let edge = |number: u128| self.from + (u128::from(self.seeds) * number / parts) as u64;
        edge(part.saturating_sub(1))..edge(part)
    }

    /// As a line.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a header is plain data") + "\n"
    }

    /// How this sweep differs from another, parts aside; nothing if it does not.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let pairs = [
            ("version of faultlab", &self.version, &other.version),
            ("pattern", &self.pattern, &other.pattern),
            ("text of the scenario", &self.file_digest, &other.file_digest),
            ("mix", &self.mix, &other.mix),
        ];
        let different = pairs.into_iter().find(|(_, one, another)| one != another);
        if let Some((what, one, another)) = different {
            return Some(format!("the {what} differs: {one} and {another}"));
        }
        let range = |header: &Self| format!("{} from {}", header.seeds, header.from);
        ((self.from, self.seeds) != (other.from, other.seeds))
            .then(|| format!("the seeds differ: {} and {}", range(self), range(other)))
    }
}

impl Outcome {
    /// As a line of the journal.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("an outcome is plain data") + "\n"
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadJournal {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It was written in a format of which this version knows nothing.
    #[error("it is a journal of format {0}, and this version of faultlab reads format {FORMAT}")]
    Format(u64),
    /// The first line is no header.
    #[error("its first line is not the header of a sweep: {0}")]
    Header(String),
    /// A line is no outcome.
    #[error("line {line} is not the outcome of a seed: {reason}")]
    Outcome {
        /// Which line, counted from one.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A line is of another seed than the one that should follow.
    #[error("line {line} is of seed {found}, where seed {expected} should follow")]
    Order {
        /// Which line, counted from one.
        line: u64,
        /// Which seed it is of.
        found: u64,
        /// Which seed it should be of.
        expected: u64,
    },
}

/// A journal that is being read.
pub struct Reader<R> {
    lines: R,
    line: u64,
    buffer: Vec<u8>,
    /// The bytes of the lines that were whole.
    sound: u64,
}

impl<R: BufRead> Reader<R> {
    /// Begins to read.
    pub fn new(lines: R) -> Self {
        Self { lines, line: 0, buffer: Vec::new(), sound: 0 }
    }

    /// How many bytes the whole lines read so far take: what follows them was torn.
    pub fn sound(&self) -> u64 {
        self.sound
    }

    /// The next whole line.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.buffer.clear();
        self.lines.read_until(b'\n', &mut self.buffer)?;
        if self.buffer.last() != Some(&b'\n') {
            return Ok(None);
        }
        self.line += 1;
        self.sound += self.buffer.len() as u64;
        Ok(Some(&self.buffer))
    }

    /// The header; none if not even that was written whole.
    ///
    /// # Errors
    /// If the journal cannot be read, or its first line is something else.
    pub fn header(&mut self) -> Result<Option<Header>, BadJournal> {
        let Some(line) = self.next()? else { return Ok(None) };
        let value: serde_json::Value =
            serde_json::from_slice(line).map_err(|error| BadJournal::Header(error.to_string()))?;
        match value.get("format_version").and_then(serde_json::Value::as_u64) {
            Some(format) if format != u64::from(FORMAT) => return Err(BadJournal::Format(format)),
            _ => {}
        }
        let header: Header = serde_json::from_value(value).map_err(|error| BadJournal::Header(error.to_string()))?;
        let (part, parts) = header.shard;
        if header.from.checked_add(header.seeds).is_none() || part == 0 || part > parts {
            return Err(BadJournal::Header("its seeds or its part make no sense".into()));
        }
        Ok(Some(header))
    }

    /// Hands over the outcomes, which must be of these seeds in order, and returns the seeds that are missing at the end.
    ///
    /// # Errors
    /// If the journal cannot be read, or is not what it should be.
    pub fn outcomes(&mut self, seeds: Range<u64>, hear: &mut dyn FnMut(Outcome)) -> Result<Range<u64>, BadJournal> {
        let mut expected = seeds.start;
        while let Some(line) = self.next()? {
            let outcome = serde_json::from_slice::<Outcome>(line);
            let line = self.line;
            let outcome = outcome.map_err(|error| BadJournal::Outcome { line, reason: error.to_string() })?;
            if expected >= seeds.end {
                let reason = "the part that this journal is of has no more seeds".into();
                return Err(BadJournal::Outcome { line, reason });
            }
            if outcome.seed != expected {
                return Err(BadJournal::Order { line, found: outcome.seed, expected });
            }
            expected += 1;
            hear(outcome);
        }
        Ok(expected..seeds.end)
    }
}
