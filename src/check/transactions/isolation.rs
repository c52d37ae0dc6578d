//! Which promises a history breaks.
//!
//! An isolation level is a promise that certain anomalies never happen, and the stronger levels promise what the
//! weaker ones do and more. So an anomaly rules out the weakest levels that forbid it, and with them all that are
//! stronger.
//!
//! The lattice is that of Adya's portable levels (PL-1, PL-2, PL-2+, PL-2.99, PL-3) with snapshot isolation and cursor
//! stability, each also in the *strong session* and *strong* variants of Daudjee and Salem ("Lazy Database Replication
//! with Snapshot Isolation", VLDB 2006), where the order of a client's own transactions, or of all in real time, counts
//! as well. Strong serializability is what is usually called strict.
//!
//! A level that is not ruled out is possible, never proved: another history of the same database may rule it out.

use super::anomaly::{Anomaly, Clock, Shape};
use serde::{Serialize, Serializer};
use std::fmt;

/// States the levels once: what each is, and its name.
macro_rules! levels {
    ($($(#[$about:meta])* $level:ident = $name:literal,)*) => {
        /// An isolation level.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Level {
            $($(#[$about])* $level,)*
        }

        use Level::{$($level),*};

        impl Level {
            /// All levels; a weaker one stands before every stronger one.
            pub const ALL: &[Self] = &[$($level),*];

            /// The name on the command line: `snapshot-isolation`.
            pub fn name(self) -> &'static str {
                match self {
                    $($level => $name,)*
                }
            }
        }
    };
}

levels! {
    /// PL-1: writes do not interleave.
    ReadUncommitted = "read-uncommitted",
    /// PL-2: nobody sees aborted or intermediate writes, and information does not flow in a circle.
    ReadCommitted = "read-committed",
    /// PL-CS: no update is lost.
    CursorStability = "cursor-stability",
    /// PL-2+: a transaction sees all of another's effects or none.
    ConsistentView = "consistent-view",
    /// PL-2.99: what was read does not change until the end.
    RepeatableRead = "repeatable-read",
    /// PL-SI: every transaction reads from one snapshot, and the first writer of a version wins.
    SnapshotIsolation = "snapshot-isolation",
    /// PL-3: as if one after the other.
    Serializable = "serializable",
    /// PL-1, in an order that respects every client's own.
    StrongSessionReadUncommitted = "strong-session-read-uncommitted",
    /// PL-2, in an order that respects every client's own.
    StrongSessionReadCommitted = "strong-session-read-committed",
    /// Snapshot isolation where a client sees its own earlier transactions.
    StrongSessionSnapshotIsolation = "strong-session-snapshot-isolation",
    /// Serializable in an order that respects every client's own.
    StrongSessionSerializable = "strong-session-serializable",
    /// PL-1, in an order that respects real time.
    StrongReadUncommitted = "strong-read-uncommitted",
    /// PL-2, in an order that respects real time.
    StrongReadCommitted = "strong-read-committed",
    /// Snapshot isolation where every snapshot is up to date.
    StrongSnapshotIsolation = "strong-snapshot-isolation",
    /// Serializable in an order that respects real time.
    #[default]
    StrictSerializable = "strict-serializable",
}

impl Level {
    /// The level of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.name() == name)
    }

    /// The next weaker levels.
    fn directly_implies(self) -> &'static [Self] {
        match self {
            ReadUncommitted => &[],
            ReadCommitted => &[ReadUncommitted],
            CursorStability => &[ReadCommitted],
            ConsistentView | RepeatableRead => &[CursorStability],
            SnapshotIsolation => &[ConsistentView],
            Serializable => &[RepeatableRead, SnapshotIsolation],
            StrongSessionReadUncommitted => &[ReadUncommitted],
            StrongSessionReadCommitted => &[ReadCommitted, StrongSessionReadUncommitted],
            StrongSessionSnapshotIsolation => &[SnapshotIsolation, StrongSessionReadCommitted],
            StrongSessionSerializable => &[Serializable, StrongSessionSnapshotIsolation],
            StrongReadUncommitted => &[StrongSessionReadUncommitted],
            StrongReadCommitted => &[StrongSessionReadCommitted, StrongReadUncommitted],
            StrongSnapshotIsolation => &[StrongSessionSnapshotIsolation, StrongReadCommitted],
            StrictSerializable => &[StrongSessionSerializable, StrongSnapshotIsolation],
        }
    }

    /// Whether this level promises all that `other` does.
    pub fn implies(self, other: Self) -> bool {
        self == other || self.directly_implies().iter().any(|weaker| weaker.implies(other))
    }

    /// The order beyond the data that this level depends on.
    pub fn clock(self) -> Clock {
        if self.implies(StrongReadUncommitted) {
            Clock::Realtime
        } else if self.implies(StrongSessionReadUncommitted) {
            Clock::Process
        } else {
            Clock::Data
        }
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The weakest levels that forbid an anomaly.
fn forbidden_by(anomaly: Anomaly) -> &'static [Level] {
    use Clock::{Data, Process, Realtime};
    use Shape::{G0, G1c, G2Item, GNonadjacent, GSingle};
    match anomaly {
        Anomaly::GarbageRead | Anomaly::DuplicateElements | Anomaly::ScrambledWrites | Anomaly::Cycle(Data, G0) => {
            &[ReadUncommitted]
        }
        Anomaly::IncompatibleOrder
        | Anomaly::AbortedRead
        | Anomaly::DirtyUpdate
        | Anomaly::IntermediateRead
        | Anomaly::FutureRead
        | Anomaly::Cycle(Data, G1c) => &[ReadCommitted],
        Anomaly::LostUpdate => &[CursorStability],
        Anomaly::Internal => &[RepeatableRead, SnapshotIsolation],
        Anomaly::Cycle(Data, GSingle) => &[ConsistentView, RepeatableRead],
        Anomaly::Cycle(Data, GNonadjacent) => &[SnapshotIsolation, RepeatableRead],
        Anomaly::Cycle(Data, G2Item) => &[RepeatableRead],
        Anomaly::Cycle(Process, G0) => &[StrongSessionReadUncommitted],
        Anomaly::Cycle(Process, G1c) => &[StrongSessionReadCommitted],
        Anomaly::Cycle(Process, GSingle | GNonadjacent) => &[StrongSessionSnapshotIsolation],
        Anomaly::Cycle(Process, G2Item) => &[StrongSessionSerializable],
        Anomaly::Cycle(Realtime, G0) => &[StrongReadUncommitted],
        Anomaly::Cycle(Realtime, G1c) => &[StrongReadCommitted],
        Anomaly::Cycle(Realtime, GSingle | GNonadjacent) => &[StrongSnapshotIsolation],
        Anomaly::Cycle(Realtime, G2Item) => &[StrictSerializable],
    }
}

/// Whether a history with this anomaly cannot come from a database of this level.
pub fn rules_out(anomaly: Anomaly, level: Level) -> bool {
    forbidden_by(anomaly).iter().any(|weakest| level.implies(*weakest))
}

/// The weakest levels that these anomalies rule out: all stronger ones go with them.
pub fn weakest_ruled_out(anomalies: &[Anomaly]) -> Vec<Level> {
    let out = |level: Level| anomalies.iter().any(|anomaly| rules_out(*anomaly, level));
    let weakest = |level: &Level| {
        out(*level) && !Level::ALL.iter().any(|weaker| weaker != level && level.implies(*weaker) && out(*weaker))
    };
    Level::ALL.iter().copied().filter(weakest).collect()
}

/// The strongest levels that these anomalies leave possible, among those that only depend on the orders in `clocks`.
pub fn strongest_possible(anomalies: &[Anomaly], clocks: &[Clock]) -> Vec<Level> {
    let possible =
        |level: Level| clocks.contains(&level.clock()) && !anomalies.iter().any(|anomaly| rules_out(*anomaly, level));
    let strongest = |level: &Level| {
        possible(*level) && !Level::ALL.iter().any(|other| other != level && other.implies(*level) && possible(*other))
    };
    Level::ALL.iter().copied().filter(strongest).collect()
}
