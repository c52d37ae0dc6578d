//! What the three promises promise.

use super::message::{Answer, Echo, Msg, RequestId};
use super::server::Server;
use crate::actor::OpId;
use crate::actor::history::HistoryEvent;
use crate::check::{Claim, Findings, Kind, Monitor};
use crate::engine::NodeId;
use crate::sim::World;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const NO_REPEAT: &str = "no-request-is-executed-twice";
const NO_LOSS: &str = "every-request-is-answered";
const ECHO: &str = "a-reply-echoes-its-request";
const HAPPENED: &str = "a-request-completes";

/// How many executions of each client are remembered: copies of a request that come later than that go unnoticed, and in
/// exchange a long run needs no more memory than a short one.
const REMEMBERED: usize = 1_000;

/// Watches what the server carries out and what clients are told.
///
/// What was carried out counts once it is durable: a crash before that undoes it, and to carry it out again is right.
pub struct Promises {
    server: NodeId,
    /// The server's incarnation and how much it had carried out when it was last seen.
    seen: (u32, u64),
    /// What was carried out and is not durable yet, in order.
    pending: VecDeque<(NodeId, RequestId)>,
    /// How many executions are durable.
    durable: u64,
    executed: BTreeMap<NodeId, BTreeSet<RequestId>>,
    asked: BTreeMap<OpId, u64>,
}

impl Promises {
    /// Watches this server and its clients.
    pub fn new(server: NodeId) -> Self {
        Self {
            server,
            seen: (0, 0),
            pending: VecDeque::new(),
            durable: 0,
            executed: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    fn watch_server(&mut self, world: &World<Msg>, findings: &mut Findings) {
        let Some(server) = world.actor::<Server>(self.server) else { return };
        let now = (world.incarnation(self.server), server.executions());
        let before = std::mem::replace(&mut self.seen, now);
        if now.0 != before.0 {
            return self.server_crashed(world, findings);
        }
        if now.1 > before.1 {
            self.pending.extend(server.last_executed());
        }
        while self.durable < world.synced(self.server).executions {
            self.durable += 1;
            let Some((client, id)) = self.pending.pop_front() else { continue };
            self.executed(world, client, id, findings);
        }
    }

    /// Of what was not durable the crash left what the disk shows, which need not be the first of it. A disk that shows
    /// nothing at all was wiped, and every effect with it.
    fn server_crashed(&mut self, world: &World<Msg>, findings: &mut Findings) {
        let disk = world.synced(self.server);
        self.durable = disk.executions;
        if disk.last.is_empty() {
            self.executed.clear();
        }
        for (client, id) in std::mem::take(&mut self.pending) {
            if disk.last.get(&client).is_some_and(|(last, _)| *last >= id) {
                self.executed(world, client, id, findings);
            }
        }
    }

    fn executed(&mut self, world: &World<Msg>, client: NodeId, id: RequestId, findings: &mut Findings) {
        let executed = self.executed.entry(client).or_default();
        if !executed.insert(id) {
            let name = &world.info(client).name;
            findings.broken(NO_REPEAT, format!("the server carried out request {} of {name} a second time", id.0));
        }
        if executed.len() > REMEMBERED {
            executed.pop_first();
        }
    }

    fn watch_clients(&mut self, world: &World<Msg>, findings: &mut Findings) {
        for event in world.history() {
            match event {
                HistoryEvent::Invoke { id, op: Echo(text), .. } => {
                    self.asked.insert(*id, *text);
                }
                HistoryEvent::Return { id, client, ret, .. } => {
                    let asked = self.asked.remove(id);
                    match ret {
                        Some(Answer::Echoed(text)) if Some(*text) == asked => findings.happened(HAPPENED),
                        Some(Answer::Echoed(text)) => {
                            findings.broken(ECHO, format!("{asked:?} was asked and {text} was echoed"));
                        }
                        Some(Answer::NoReply) => {
                            let name = &world.info(*client).name;
                            findings.broken(NO_LOSS, format!("{name} gave up waiting for a reply"));
                        }
                        None => {}
                    }
                }
            }
        }
    }
}

impl Monitor<Msg> for Promises {
    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim {
                name: NO_REPEAT,
                claim: "No request is carried out twice",
                why: "A payment carried out twice is the textbook damage of a retry without memory.",
                kind: Kind::Always,
            },
            Claim {
                name: NO_LOSS,
                claim: "Every request is answered before its client gives up",
                why: "Without retries one lost message is one lost request.",
                kind: Kind::Always,
            },
            Claim {
                name: ECHO,
                claim: "A reply echoes the request that it answers",
                why: "Replies that come late must not be taken for answers to a later request.",
                kind: Kind::Always,
            },
            Claim {
                name: HAPPENED,
                claim: "A request completes",
                why: "A server that does nothing keeps every promise about what it must not do.",
                kind: Kind::Sometimes,
            },
        ]
    }

    fn step(&mut self, world: &World<Msg>, findings: &mut Findings) {
        if world.changed().contains(&self.server) {
            self.watch_server(world, findings);
        }
        if !world.history().is_empty() {
            self.watch_clients(world, findings);
        }
    }
}
