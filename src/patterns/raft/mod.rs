//! Raft: several servers keep one log, and therefore one state, although any minority of them may fail.
//!
//! **The one idea.** Let a single leader decide the order of all commands, and make the choice of the next leader so
//! strict that it must already know everything the last one promised. A server votes once in a term, and only for a
//! candidate whose log is at least as complete as its own; an entry counts as promised (*committed*) when a majority
//! holds it. Two majorities always share a server, so the winner of any later election has met, in that server, every
//! promise ever made.
//!
//! **The rooms.** [`Core`] is the consensus itself, a component that any actor can embed; it is generic over the
//! [`StateMachine`] that it replicates. One idea a file:
//!
//! | file | the idea | in Ongaro and Ousterhout's paper |
//! |---|---|---|
//! | [`disk`] | what must survive a crash, and the log itself | figure 2, "persistent state" |
//! | [`message`] | what servers say to each other | figure 2, the two calls |
//! | [`core`](mod@core) | the component: roles, dispatch, stepping down | 5.1 |
//! | `election` | candidates, votes, and sounding out before an election | 5.2, 5.4.1; dissertation 9.6 |
//! | `leader` | what a leader knows, and forgets when it steps down | figure 2, "volatile state on leaders" |
//! | `replication` | sending entries, finding where two logs part | 5.3 |
//! | `progress` | how much may be under way to a follower, and what a refusal means | 10.2.1 of the dissertation; etcd |
//! | `follow` | taking over a leader's log | 5.3 |
//! | `early` | appends that overtook others | none |
//! | `commit` | when an entry counts, and applying it | 5.3, 5.4.2 (figure 8) |
//! | [`snapshot`] | forgetting the past, and serving those who missed it | 7 (figure 13); dissertation 5.1 |
//! | `read` | answering without writing, and never from the past | 8; dissertation 6.4 |
//! | `lease` | reading without asking, by the clock | dissertation 6.4.1 |
//! | `transfer` | handing leadership on | dissertation 3.10 |
//! | [`membership`] | who takes part, and which majorities decide | 6; dissertation 4 |
//! | `reconfigure` | changing that, step by step | 6; dissertation 4.2 |
//! | `session` | a command sent twice takes effect once | 8; dissertation 6.3 |
//!
//! Around it stands a small service: [`Store`], a key-value state machine; [`Server`], which hosts a core and talks to
//! clients; [`Client`], which finds the leader, repeats what got lost, and gives up in the end. [`Bug`] lists the
//! faults that can be planted, each a single `if` where the rule that it breaks is kept. [`admin`] is an operator who
//! changes the members and hands leadership on by a timetable, and [`Profile`] holds the settings of two real systems.
//!
//! [`properties`] watches the logs of any actors that host cores and compares snapshots with the logs that they replace,
//! [`members`] watches who takes part, and [`answers`] what the service's clients are told; together they say whether a
//! run was right. What clients saw is also judged on its own, by [`Linearizable`](crate::check::Linearizable).
//! [`workload`] says what clients ask.
//!
//! **What differs from the paper.**
//! - Many appends may be under way to a follower (`max_inflight`, `max_inflight_bytes`), as in etcd. A follower keeps what
//!   comes early, so that appends which overtake one another cost a refusal each and nothing else; etcd's would go back and
//!   send everything again.
//! - A snapshot travels in one message. Cutting it into chunks, as figure 13 does, would change nothing here: the network
//!   does not mind large messages.
//! - A refused append names the term in the way and where that term begins, so that a leader skips a whole term a
//!   round trip (the end of 5.3 sketches this).
//! - An elected leader appends an empty entry at once (section 8 asks for it): it is what lets entries of earlier
//!   terms be committed, and reads be answered.
//! - Before it raises its term, a server first asks whether it could win (`pre_vote`), and a leader that has not heard
//!   from a majority for an election timeout retires by itself (`check_quorum`). Both can be switched off. With
//!   `check_quorum`, whoever hears from a leader also refuses candidates (4.2.3 of the dissertation), so that a server
//!   which was removed, or comes back, disturbs nobody.
//! - When the members change, newcomers first follow as learners, and a leader changes nothing before it has committed
//!   an entry of its own term (Ongaro's correction of 2015).
//!
//! **Caveats.** Sessions are kept for ever: a table that expired them would have to do so by the log. Timeouts only ever
//! cost progress: no safety argument mentions a clock, except that of leases.

pub mod admin;
pub mod answers;
mod asking;
mod bugs;
mod calls;
pub mod client;
mod commit;
mod config;
#[cfg(test)]
mod conversations;
pub mod core;
pub mod disk;
mod early;
mod election;
mod follow;
mod leader;
mod lease;
pub mod members;
pub mod membership;
pub mod message;
mod pattern;
mod profile;
mod progress;
pub mod properties;
mod read;
mod reconfigure;
mod replication;
mod rest;
#[cfg(test)]
mod scenarios;
pub mod server;
mod session;
mod show;
mod slots;
pub mod snapshot;
mod snapshot_checks;
pub mod stage;
mod standing;
mod store;
mod studies;
mod tail;
#[cfg(test)]
mod tests;
mod ticks;
mod timetable;
mod transfer;
#[cfg(test)]
mod trials;
mod vary;
pub mod workload;

pub use self::core::{Core, Reads, Settings, StateMachine};
pub use bugs::Bug;
pub use client::Client;
pub use config::Config;
pub use membership::{Change, Changes};
pub use pattern::Raft;
pub use profile::Profile;
pub use reconfigure::CatchUp;
pub use server::{Answer, Disk, Msg, Op, Reply, Server, Timer, Write};
pub use store::{Command, Key, Output, Query, Store, Value};
pub use timetable::{Handover, Reconfigure};
