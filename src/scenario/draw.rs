//! Plans drawn from a seed: the same scenario under other conditions.
//!
//! One file describes one run; a sweep wants thousands that differ. [`Class`] says how far from the file a seed may lead.
//! A drawn plan is a scenario like any other: explicit, runnable, and writable as a file.

use std::fmt;
use std::str::FromStr;

/// How much of a plan is drawn from its seed.
///
/// No single class finds everything: heavy faults hide the bugs that need a service in working order, and calm runs never
/// meet those that need a crash at the wrong moment. A sweep therefore mixes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The file as it stands; only the seed differs.
    Written,
    /// The file, and a network that loses and repeats a few messages.
    Calm,
    /// The file, and partitions, crashes and pauses at random moments.
    Faults,
    /// Every class of faults on or off by a coin, and every number drawn.
    Swarm,
    /// A swarm with crashes always on, fast restarts, tight timeouts and faults in quick succession.
    Storm,
}

impl Class {
    /// All of them, the gentlest first.
    pub const ALL: [Self; 5] = [Self::Written, Self::Calm, Self::Faults, Self::Swarm, Self::Storm];

    /// Its name in `--mix` and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Calm => "calm",
            Self::Faults => "faults",
            Self::Swarm => "swarm",
            Self::Storm => "storm",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::word).join(", ");
        Self::ALL.into_iter().find(|class| class.word() == text).ok_or_else(|| format!("expected one of {}", known()))
    }
}
