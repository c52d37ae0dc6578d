//! Histories to try a judge on: a small database with several clients, honest or broken in a known way.
//!
//! Every client goes through the same stages: ask for a transaction, begin it, run its operations one by one, commit it,
//! learn the outcome. A seeded stream decides whose turn it is, so transactions overlap. What the engines differ in is
//! when a read looks and when a write becomes visible; each is the textbook implementation of a level, or that with one
//! part left out.

use super::builder::{Builder, Event, Phase};
use super::history::{Action, History, Key, Op, Workload};
use crate::engine::random::{Domain, Stream};

/// How the database runs transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// All at once, at the commit: strictly serializable.
    Serializable,
    /// Reads from the state at the beginning; the second to commit a write to the same key aborts. Allows write skew.
    SnapshotIsolation,
    /// Snapshots without that abort: loses updates.
    BlindSnapshots,
    /// Reads whatever is committed at that moment, writes at the commit; aborts if somebody else wrote the same key
    /// between its first write and its commit, which stands for a write lock.
    ReadCommitted,
    /// Reads and writes at once, and an abort undoes nothing.
    ReadUncommitted,
    /// All at once; but transactions that only read see the state as it was some time before they began.
    StaleReads,
}

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The seed: the same settings give the same history.
    pub seed: u64,
    /// How the database runs transactions.
    pub engine: Engine,
    /// Lists or registers.
    pub workload: Workload,
    /// How many transactions.
    pub transactions: u32,
    /// How many clients.
    pub clients: u32,
    /// How many operations a transaction has at most; each number is equally likely.
    pub longest: u32,
    /// How many operations it has at least.
    pub shortest: u32,
    /// How many keys are in use at a time.
    pub keys: u32,
    /// How often a key is written before a new one takes its place.
    pub writes_per_key: u32,
    /// How many of a hundred transactions abort for no reason.
    pub aborts: u32,
    /// Of how many of a hundred nobody learns the outcome.
    pub unknowns: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            engine: Engine::Serializable,
            workload: Workload::ListAppend,
            transactions: 100,
            clients: 5,
            shortest: 1,
            longest: 4,
            keys: 4,
            writes_per_key: 64,
            aborts: 0,
            unknowns: 0,
        }
    }
}

/// A version: who committed it does not matter, but when.
#[derive(Clone, Copy)]
struct Version {
    value: i64,
    moment: u64,
}

/// Where a client stands.
enum Stage {
    Idle,
    /// `snapshot` is when it began; `wrote` is when it first wrote, if it did.
    Running {
        ops: Vec<Op>,
        next: usize,
        snapshot: Option<u64>,
        wrote: Option<u64>,
    },
    Done {
        phase: Phase,
        ops: Vec<Op>,
    },
}

struct Client {
    process: i64,
    stage: Stage,
}

struct Database {
    settings: Settings,
    chance: Stream,
    builder: Builder,
    /// The versions of each key, oldest first.
    versions: Vec<Vec<Version>>,
    /// The keys in use, and how often each was written.
    active: Vec<(Key, u32)>,
    /// The next value to write to each key.
    fresh: Vec<i64>,
    /// Rises with every step.
    clock: u64,
    events: i64,
}

/// Generates a history.
pub fn history(settings: &Settings) -> History {
    let mut database = Database {
        settings: *settings,
        chance: Stream::new(settings.seed, Domain::Client, 0),
        builder: Builder::new(Some(settings.workload)),
        versions: Vec::new(),
        active: Vec::new(),
        fresh: Vec::new(),
        clock: 0,
        events: 0,
    };
    for _ in 0..settings.keys.max(1) {
        let key = database.new_key();
        database.active.push((key, 0));
    }
    let clients = i64::from(settings.clients.max(1));
    let mut clients: Vec<Client> = (0..clients).map(|process| Client { process, stage: Stage::Idle }).collect();
    let mut left = settings.transactions.max(1);
    while left > 0 || clients.iter().any(|client| !matches!(client.stage, Stage::Idle)) {
        let turn = database.chance.below(clients.len() as u64) as usize;
        if matches!(clients[turn].stage, Stage::Idle) {
            if left == 0 {
                continue;
            }
            left -= 1;
        }
        database.clock += 1;
        database.step(&mut clients[turn], i64::from(settings.clients.max(1)));
    }
    database.builder.finish().expect("a generated history is in order")
}

impl Database {
    fn new_key(&mut self) -> Key {
        self.versions.push(Vec::new());
        self.fresh.push(1);
        self.builder.key(&self.versions.len().to_string())
    }

    fn percent(&mut self, share: u32) -> bool {
        self.chance.below(100) < u64::from(share)
    }

    /// Moves a client one stage on.
    fn step(&mut self, client: &mut Client, clients: i64) {
        client.stage = match std::mem::replace(&mut client.stage, Stage::Idle) {
            Stage::Idle => {
                let ops = self.draw();
                self.event(Phase::Invoke, client.process, ops.clone());
                Stage::Running { ops, next: 0, snapshot: None, wrote: None }
            }
            Stage::Running { ops, snapshot: None, .. } => {
                Stage::Running { ops, next: 0, snapshot: Some(self.begin()), wrote: None }
            }
            Stage::Running { mut ops, next, snapshot, mut wrote } if next < ops.len() => {
                let stepwise = matches!(self.settings.engine, Engine::ReadCommitted | Engine::ReadUncommitted);
                if stepwise {
                    self.run(&mut ops, next, self.clock);
                }
                if ops[next].action.written().is_some() {
                    wrote = wrote.or(Some(self.clock));
                }
                Stage::Running { ops, next: next + 1, snapshot, wrote }
            }
            Stage::Running { mut ops, snapshot: Some(snapshot), wrote, .. } => {
                let phase = self.commit(&mut ops, snapshot, wrote);
                Stage::Done { phase, ops }
            }
            Stage::Done { phase, ops } => {
                let ops = if phase == Phase::Ok { ops } else { Vec::new() };
                self.event(phase, client.process, ops);
                if phase == Phase::Info {
                    client.process += clients;
                }
                Stage::Idle
            }
        };
    }

    fn event(&mut self, phase: Phase, process: i64, ops: Vec<Op>) {
        let (index, time) = (Some(self.events), Some(self.clock as i64 * 1_000));
        self.events += 1;
        let event = Event { line: self.events as u32, phase, process, index, time, ops };
        self.builder.event(event).expect("a generated event fits");
    }

    /// What a client asks for.
    fn draw(&mut self) -> Vec<Op> {
        let Settings { shortest, longest, workload, writes_per_key, .. } = self.settings;
        let range = u64::from(longest.saturating_sub(shortest)) + 1;
        let length = u64::from(shortest) + self.chance.below(range);
        let mut ops = Vec::with_capacity(length as usize);
        for _ in 0..length {
            let place = self.chance.below(self.active.len() as u64) as usize;
            let key = self.active[place].0;
            let action = if self.chance.below(2) == 0 {
                Action::Unread
            } else {
                self.active[place].1 += 1;
                if self.active[place].1 >= writes_per_key {
                    self.active[place] = (self.new_key(), 0);
                }
                let value = self.fresh[key.0 as usize];
                self.fresh[key.0 as usize] += 1;
                match workload {
                    Workload::ListAppend => Action::Append(value),
                    Workload::Register => Action::Write(value),
                }
            };
            ops.push(Op { key, action });
        }
        ops
    }

    /// The moment whose state a transaction sees.
    fn begin(&mut self) -> u64 {
        match self.settings.engine {
            Engine::StaleReads => self.clock.saturating_sub(20 + self.chance.below(100)),
            _ => self.clock,
        }
    }

    /// Runs one operation; what it sees of the others is the state at `moment`.
    fn run(&mut self, ops: &mut [Op], at: usize, moment: u64) {
        let (before, rest) = ops.split_at_mut(at);
        let op = &mut rest[0];
        let at_once = self.settings.engine == Engine::ReadUncommitted;
        if let Some(value) = op.action.written() {
            if at_once {
                self.versions[op.key.0 as usize].push(Version { value, moment: self.clock });
            }
            return;
        }
        let shared = self.versions[op.key.0 as usize].iter().take_while(|version| version.moment <= moment);
        let mut seen: Vec<i64> = shared.map(|version| version.value).collect();
        if !at_once {
            seen.extend(before.iter().filter(|own| own.key == op.key).filter_map(|own| own.action.written()));
        }
        op.action = match (self.settings.workload, seen.last()) {
            (_, None) => Action::Nothing,
            (Workload::Register, Some(value)) => Action::Value(*value),
            (Workload::ListAppend, Some(_)) => Action::List(seen),
        };
    }

    /// Ends a transaction; fills in what it read.
    fn commit(&mut self, ops: &mut [Op], snapshot: u64, wrote: Option<u64>) -> Phase {
        let Settings { engine, aborts, unknowns, .. } = self.settings;
        let (aborts, unknown) = (self.percent(aborts), self.percent(unknowns));
        let read_only = ops.iter().all(|op| op.action.written().is_none());
        let since = match engine {
            Engine::SnapshotIsolation => Some(snapshot),
            Engine::ReadCommitted => wrote,
            _ => None,
        };
        let newer =
            |op: &Op, since: u64| self.versions[op.key.0 as usize].last().is_some_and(|last| last.moment > since);
        let conflicts = |op: &Op| op.action.written().is_some() && since.is_some_and(|since| newer(op, since));
        let conflict = ops.iter().any(conflicts);
        if aborts || conflict {
            return if unknown { Phase::Info } else { Phase::Fail };
        }
        let moment = match engine {
            Engine::SnapshotIsolation | Engine::BlindSnapshots => snapshot,
            Engine::StaleReads if read_only => snapshot,
            _ => self.clock,
        };
        if !matches!(engine, Engine::ReadCommitted | Engine::ReadUncommitted) {
            (0..ops.len()).for_each(|at| self.run(ops, at, moment));
        }
        if engine != Engine::ReadUncommitted {
            for op in ops.iter() {
                let version = op.action.written().map(|value| Version { value, moment: self.clock });
                self.versions[op.key.0 as usize].extend(version);
            }
        }
        if unknown { Phase::Info } else { Phase::Ok }
    }
}
