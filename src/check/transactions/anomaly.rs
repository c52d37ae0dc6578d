//! What can go wrong with transactions, by the names that the literature uses.
//!
//! Adya ("Weak Consistency: A Generalized Theory and Optimistic Implementations for Distributed Transactions", 1999)
//! describes an execution as a graph: transactions are points, and an arrow says that one must have come before
//! another. There are three reasons why T1 came before T2:
//!
//! - **ww**: T2 overwrote (here: appended after) what T1 wrote;
//! - **wr**: T2 read what T1 wrote;
//! - **rw**: T1 read a version that T2 replaced; so T1 did not see T2 (an *anti-dependency*).
//!
//! A cycle means that no serial order explains the execution, and the arrows in it say how bad that is. The orders of
//! clients and of the clock add two more arrows: **process** and **realtime**.
//!
//! G-nonadjacent (no two rw next to each other) is what snapshot isolation forbids by Cerone and Gotsman, "Analysing
//! Snapshot Isolation" (PODC 2016), theorem 10; the other names not in Adya are those of Elle (Kingsbury and Alvaro,
//! "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020).

use serde::Serialize;
use std::fmt;

/// Why one transaction came before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dependency {
    /// The second overwrote what the first wrote.
    Ww,
    /// The second read what the first wrote.
    Wr,
    /// The second replaced what the first read.
    Rw,
    /// The same client ran the second after the first.
    Process,
    /// The first was answered before the second was asked for.
    Realtime,
}

impl Dependency {
    /// The name: `ww`, `wr`, `rw`, `process`, `realtime`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ww => "ww",
            Self::Wr => "wr",
            Self::Rw => "rw",
            Self::Process => "process",
            Self::Realtime => "realtime",
        }
    }
}

/// The shape of a cycle: which of the three data dependencies it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Only ww: writes interleave.
    G0,
    /// ww and at least one wr: information flows in a circle.
    G1c,
    /// Exactly one rw: a transaction saw only part of another's effects.
    GSingle,
    /// Several rw, no two next to each other: two observers disagree about an order (long fork).
    GNonadjacent,
    /// Several rw, two of them next to each other: write skew.
    G2Item,
}

impl Shape {
    /// From the worst to the mildest.
    pub const ALL: [Self; 5] = [Self::G0, Self::G1c, Self::GSingle, Self::GNonadjacent, Self::G2Item];
}

/// Which order beyond the data a cycle needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// None: the data alone is contradictory.
    Data,
    /// The order in which each client ran its transactions.
    Process,
    /// The order of real time.
    Realtime,
}

/// Something that went wrong. The order is by severity, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// A read returned a value that nobody ever wrote.
    GarbageRead,
    /// A list holds the same element twice, although it was appended once.
    DuplicateElements,
    /// A list does not hold the appends of one transaction in the order in which that made them.
    ScrambledWrites,
    /// Two reads of a list disagree about its past: neither is a beginning of the other.
    IncompatibleOrder,
    /// G1a: a committed transaction read what an aborted one wrote.
    AbortedRead,
    /// A committed write built upon what an aborted transaction wrote.
    DirtyUpdate,
    /// G1b: a transaction read a version in the middle of another one.
    IntermediateRead,
    /// A transaction read what it wrote only afterwards.
    FutureRead,
    /// A transaction contradicts itself: a read ignores its own earlier write or read.
    Internal,
    /// Two transactions read the same version and both replaced it: one did not see the other.
    LostUpdate,
    /// A cycle of dependencies.
    Cycle(Clock, Shape),
}

impl Anomaly {
    /// The name: `G1a`, `lost update`, `G-single-realtime`.
    pub fn name(self) -> &'static str {
        use Clock::{Data, Process, Realtime};
        use Shape::{G0, G1c, G2Item, GNonadjacent, GSingle};
        match self {
            Self::GarbageRead => "garbage read",
            Self::DuplicateElements => "duplicate elements",
            Self::ScrambledWrites => "scrambled writes",
            Self::IncompatibleOrder => "incompatible order",
            Self::AbortedRead => "G1a",
            Self::DirtyUpdate => "dirty update",
            Self::IntermediateRead => "G1b",
            Self::FutureRead => "future read",
            Self::Internal => "internal",
            Self::LostUpdate => "lost update",
            Self::Cycle(Data, G0) => "G0",
            Self::Cycle(Data, G1c) => "G1c",
            Self::Cycle(Data, GSingle) => "G-single",
            Self::Cycle(Data, GNonadjacent) => "G-nonadjacent",
            Self::Cycle(Data, G2Item) => "G2-item",
            Self::Cycle(Process, G0) => "G0-process",
            Self::Cycle(Process, G1c) => "G1c-process",
            Self::Cycle(Process, GSingle) => "G-single-process",
            Self::Cycle(Process, GNonadjacent) => "G-nonadjacent-process",
            Self::Cycle(Process, G2Item) => "G2-item-process",
            Self::Cycle(Realtime, G0) => "G0-realtime",
            Self::Cycle(Realtime, G1c) => "G1c-realtime",
            Self::Cycle(Realtime, GSingle) => "G-single-realtime",
            Self::Cycle(Realtime, GNonadjacent) => "G-nonadjacent-realtime",
            Self::Cycle(Realtime, G2Item) => "G2-item-realtime",
        }
    }

    /// What it is, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::GarbageRead => "a read returned a value that nobody wrote",
            Self::DuplicateElements => "an element that was appended once is in a list twice",
            Self::ScrambledWrites => "the appends of a transaction stand in another order than it made them",
            Self::IncompatibleOrder => "two reads of a list disagree about its past",
            Self::AbortedRead => "aborted read: a committed transaction saw what an aborted one wrote",
            Self::DirtyUpdate => "a committed write builds upon what an aborted transaction wrote",
            Self::IntermediateRead => "intermediate read: a transaction saw another one in the middle of its writes",
            Self::FutureRead => "a transaction read what it wrote only afterwards",
            Self::Internal => "a transaction contradicts its own earlier reads or writes",
            Self::LostUpdate => "several transactions read the same version and replaced it, blind to each other",
            Self::Cycle(_, Shape::G0) => "write cycle: the writes of transactions interleave",
            Self::Cycle(_, Shape::G1c) => "circular information flow: transactions depend on each other's writes",
            Self::Cycle(_, Shape::GSingle) => {
                "read skew: a transaction missed a write, yet saw or preceded something that came after that write"
            }
            Self::Cycle(_, Shape::GNonadjacent) => {
                "long fork: transactions missed writes in such a way that no snapshots explain what they saw"
            }
            Self::Cycle(_, Shape::G2Item) => "write skew: transactions each missed what the next one wrote",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Serialize for Anomaly {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
