//! Golden conversations: a script of verbs, and what the nodes answer.
//!
//! A script moves messages by hand. Nothing happens unless a line says so, so a conversation shows exactly the
//! interleaving that it is about and reads like a lesson. It is another interpreter of the same inputs and effects as the
//! [`World`](super::World): no chance, no time but what a line lets pass, messages stay in flight until they are delivered or dropped.
//!
//! | line | what it does |
//! |---|---|
//! | `# text` | says something to the reader |
//! | `start n1 ..` | starts nodes (all if none is named) |
//! | `timeout n1 [timer]` | lets an armed timer go off: the first whose name begins with the word, any case |
//! | `wait 200ms [n1 ..]` | lets clocks go on by so much, of all nodes or only of those named; no timer goes off |
//! | `op c1 TEXT` | asks a client for the operation that TEXT describes |
//! | `deliver [from] [to] [kind] [n]` | delivers messages in flight, oldest first: all that match, the first `n`, or the `last` |
//! | `drop [from] [to] [kind] [n]` | loses them instead |
//! | `duplicate [from] [to] [kind] [n]` | puts a copy of each at the end of those in flight |
//! | `stabilize` | delivers until nothing is in flight |
//! | `sync n1 ..` | makes durable what nodes have written (all if none is named) |
//! | `manual-sync` | from now on only `sync` makes writes durable; until then every write is at once |
//! | `partition n1 n2 / n3 ..` | from now on nothing sent crosses between the groups |
//! | `heal` | ends the partition |
//! | `crash n1`, `restart n1` | takes a node down, losing what was not durable; starts it again |
//! | `state [n1 ..]` | shows nodes as the pattern describes them |
//! | `inflight` | shows what is in flight |
//!
//! Answers: `n1 -> n2 append{..}` is a send, `n2 <- n1 append{..}` a delivery, `n1 -x n2 ..` a loss, `n1 [follower -> candidate]`
//! a change of role, `n1 writes ..`, `c1 returns ..`.

use crate::actor::{Actor, Durable, Effect, FirstChoice, Input, Node, OpId, Protocol};
use crate::engine::{LocalTime, NodeId, Span};
use std::collections::VecDeque;
use std::fmt::Write as _;

type DiskWrite<P> = <<P as Protocol>::Disk as Durable>::Write;

/// What a pattern tells the runner about itself.
pub trait Stage<P: Protocol> {
    /// Reads the text of an `op` line; the error says what was expected.
    fn op(&self, text: &str) -> Result<P::Op, String>;

    /// A message in a few words, with the fields that a reader needs.
    fn message(&self, message: &P) -> String {
        format!("{message:?}")
    }

    /// A disk write in a few words.
    fn write(&self, write: &DiskWrite<P>) -> String {
        format!("{write:?}")
    }

    /// An answer to an operation in a few words.
    fn answer(&self, ret: &P::Ret) -> String {
        format!("{ret:?}")
    }

    /// A node's memory and disk in a line.
    fn state(&self, node: &Node<P>) -> String {
        format!("{:?}", node.actor())
    }
}

/// A message that waits to be delivered.
#[derive(Clone)]
struct InFlight<P> {
    from: NodeId,
    to: NodeId,
    message: P,
}

struct Host<P: Protocol> {
    name: String,
    node: Node<P>,
    /// What its clock shows.
    clock: LocalTime,
    up: bool,
    role: &'static str,
    timers: Vec<P::Timer>,
    synced: P::Disk,
    unsynced: Vec<DiskWrite<P>>,
    /// Sends and replies that wait until the disk is synced.
    held: Vec<Effect<P>>,
    group: Option<usize>,
}

/// A conversation under way.
pub struct Script<P: Protocol, S: Stage<P>> {
    stage: S,
    hosts: Vec<Host<P>>,
    in_flight: VecDeque<InFlight<P>>,
    manual_sync: bool,
    ops: u64,
    out: String,
}

impl<P: Protocol, S: Stage<P>> Script<P, S> {
    /// A conversation between these nodes, none of which has started.
    pub fn new(stage: S, nodes: impl IntoIterator<Item = (String, Box<dyn Actor<P>>)>) -> Self {
        let host = |(index, (name, actor)): (usize, (String, Box<dyn Actor<P>>))| Host {
            name,
            role: actor.role(),
            node: Node::boxed(NodeId(index as u32), actor),
            clock: LocalTime::default(),
            up: false,
            timers: Vec::new(),
            synced: P::Disk::default(),
            unsynced: Vec::new(),
            held: Vec::new(),
            group: None,
        };
        let hosts = nodes.into_iter().enumerate().map(host).collect();
        Self { stage, hosts, in_flight: VecDeque::new(), manual_sync: false, ops: 0, out: String::new() }
    }

    /// Plays a script and returns it with the answers under each line, indented.
    ///
    /// # Errors
    /// A line that cannot be played, with its number and what was expected.
    pub fn play(mut self, script: &str) -> Result<String, String> {
        for (number, line) in script.lines().enumerate() {
            let line = line.trim_end();
            let _ = writeln!(self.out, "{line}");
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Some((verb, rest)) = words.split_first().filter(|(verb, _)| !verb.starts_with('#')) {
                self.line(verb, rest).map_err(|error| format!("line {}: `{line}`: {error}", number + 1))?;
            }
        }
        Ok(self.out)
    }

    fn line(&mut self, verb: &str, rest: &[&str]) -> Result<(), String> {
        match verb {
            "start" => {
                for node in self.nodes(rest)? {
                    self.hosts[node].up = true;
                    self.handle(node, Input::Start);
                }
            }
            "timeout" => self.timeout(rest)?,
            "wait" => self.wait(rest)?,
            "op" => {
                let [client, ..] = rest else { return Err("expected `op c1 TEXT`".into()) };
                let client = self.node(client)?;
                let op = self.stage.op(&rest[1..].join(" "))?;
                self.ops += 1;
                self.handle(client, Input::Op { id: OpId(self.ops), op });
            }
            "deliver" | "drop" | "duplicate" => self.carry(verb, rest)?,
            "stabilize" => self.stabilize()?,
            "sync" => {
                for node in self.nodes(rest)? {
                    self.sync(node);
                }
            }
            "manual-sync" => self.manual_sync = true,
            "partition" => {
                self.hosts.iter_mut().for_each(|host| host.group = None);
                for (group, names) in rest.split(|word| *word == "/").enumerate() {
                    for node in self.nodes(names)? {
                        self.hosts[node].group = Some(group);
                    }
                }
            }
            "heal" => self.hosts.iter_mut().for_each(|host| host.group = None),
            "crash" => {
                for node in self.nodes(rest)? {
                    self.crash(node);
                }
            }
            "restart" => {
                for node in self.nodes(rest)? {
                    self.hosts[node].up = true;
                    self.handle(node, Input::Start);
                }
            }
            "state" => {
                for node in self.nodes(rest)? {
                    let host = &self.hosts[node];
                    let state = if host.up { self.stage.state(&host.node) } else { "down".into() };
                    let name = host.name.clone();
                    self.say(format_args!("{name}: {state}"));
                }
            }
            "inflight" => {
                for flight in self.in_flight.clone() {
                    let text = self.stage.message(&flight.message);
                    self.say(format_args!("{} -> {} {text}", flight.from, flight.to));
                }
            }
            _ => return Err("there is no such verb".into()),
        }
        Ok(())
    }

    fn node(&self, name: &str) -> Result<usize, String> {
        self.hosts.iter().position(|host| host.name == name).ok_or(format!("there is no node `{name}`"))
    }

    /// The nodes named, or all.
    fn nodes(&self, names: &[&str]) -> Result<Vec<usize>, String> {
        match names {
            [] => Ok((0..self.hosts.len()).collect()),
            names => names.iter().map(|name| self.node(name)).collect(),
        }
    }

    /// Writes an answer. Nodes are named in it where texts of values know them only by number, as in `#3`.
    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        let text = text.to_string();
        let mut parts = text.split('#');
        self.out.push_str("  ");
        self.out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
            let host = part[..end].parse::<usize>().ok().and_then(|number| self.hosts.get(number));
            let name = host.map_or_else(|| format!("#{}", &part[..end]), |host| host.name.clone());
            self.out.push_str(&name);
            self.out.push_str(&part[end..]);
        }
        self.out.push('\n');
    }

    fn wait(&mut self, rest: &[&str]) -> Result<(), String> {
        let [span, names @ ..] = rest else { return Err("expected `wait 200ms`".into()) };
        let span: Span = span.parse().map_err(|error| format!("{error}"))?;
        let nodes = names.iter().map(|name| self.node(name)).collect::<Result<Vec<_>, _>>()?;
        for (node, host) in self.hosts.iter_mut().enumerate() {
            if nodes.is_empty() || nodes.contains(&node) {
                host.clock = LocalTime::from_nanos(host.clock.as_nanos().saturating_add(span.as_nanos()));
            }
        }
        Ok(())
    }

    fn timeout(&mut self, rest: &[&str]) -> Result<(), String> {
        let (node, wanted) = match rest {
            [node] => (self.node(node)?, String::new()),
            [node, timer] => (self.node(node)?, timer.to_lowercase()),
            _ => return Err("expected `timeout n1 [timer]`".into()),
        };
        let timers = &mut self.hosts[node].timers;
        let names = |timer: &P::Timer| format!("{timer:?}").to_lowercase().starts_with(&wanted);
        let place = timers.iter().position(names).ok_or(format!("no such timer is armed; armed are {timers:?}"))?;
        let timer = timers.remove(place);
        self.handle(node, Input::Timer(timer));
        Ok(())
    }

    /// The places of the messages in flight that the words select, oldest first.
    fn select(&self, words: &[&str]) -> Result<Vec<usize>, String> {
        let (mut ends, mut kind, mut most, mut newest) = (Vec::new(), None, usize::MAX, false);
        for word in words {
            if let Ok(number) = word.parse() {
                most = number;
            } else if *word == "last" {
                newest = true;
            } else if *word == "*" {
                ends.push(None);
            } else if let Ok(node) = self.node(word) {
                ends.push(Some(node));
            } else {
                kind = Some(*word);
            }
        }
        let end = |at: usize, node: NodeId| ends.get(at).copied().flatten().is_none_or(|wanted| wanted == node.index());
        let selected = |flight: &InFlight<P>| {
            end(0, flight.from) && end(1, flight.to) && kind.is_none_or(|kind| flight.message.kind() == kind)
        };
        let places = self.in_flight.iter().enumerate().filter(|(_, flight)| selected(flight)).map(|(place, _)| place);
        let places: Vec<usize> = places.take(most).collect();
        match places.last() {
            None => Err("nothing in flight matches".into()),
            Some(last) if newest => Ok(vec![*last]),
            Some(_) => Ok(places),
        }
    }

    fn carry(&mut self, verb: &str, words: &[&str]) -> Result<(), String> {
        let places = self.select(words)?;
        if verb == "duplicate" {
            for place in places {
                self.in_flight.push_back(self.in_flight[place].clone());
            }
            return Ok(());
        }
        let mut taken = Vec::new();
        for place in places.into_iter().rev() {
            taken.extend(self.in_flight.remove(place));
        }
        for flight in taken.into_iter().rev() {
            match verb {
                "deliver" => self.deliver(flight),
                _ => self.lose(&flight, "dropped"),
            }
        }
        Ok(())
    }

    fn lose(&mut self, flight: &InFlight<P>, why: &str) {
        let (from, to) = (self.hosts[flight.from.index()].name.clone(), self.hosts[flight.to.index()].name.clone());
        let text = self.stage.message(&flight.message);
        self.say(format_args!("{from} -x {to} {text} ({why})"));
    }

    fn deliver(&mut self, flight: InFlight<P>) {
        let to = flight.to.index();
        if !self.hosts[to].up {
            return self.lose(&flight, "down");
        }
        let text = self.stage.message(&flight.message);
        let (from_name, to_name) = (self.hosts[flight.from.index()].name.clone(), self.hosts[to].name.clone());
        self.say(format_args!("{to_name} <- {from_name} {text}"));
        self.handle(to, Input::Message { from: flight.from, message: flight.message });
    }

    fn stabilize(&mut self) -> Result<(), String> {
        for _ in 0..10_000 {
            match self.in_flight.pop_front() {
                Some(flight) => self.deliver(flight),
                None => return Ok(()),
            }
        }
        Err("the conversation does not come to rest within 10,000 messages".into())
    }

    fn handle(&mut self, node: usize, input: Input<P>) {
        let mut effects = Vec::new();
        let clock = self.hosts[node].clock;
        self.hosts[node].node.handle(clock, input, &mut FirstChoice, &mut effects);
        for effect in effects {
            self.interpret(node, effect);
        }
        let host = &mut self.hosts[node];
        let (before, after) = (std::mem::replace(&mut host.role, host.node.role()), host.node.role());
        if before != after {
            let name = host.name.clone();
            self.say(format_args!("{name} [{before} -> {after}]"));
        }
    }

    fn interpret(&mut self, node: usize, effect: Effect<P>) {
        let host = &mut self.hosts[node];
        match effect {
            Effect::Send { .. } | Effect::Reply { .. } if !host.unsynced.is_empty() => host.held.push(effect),
            Effect::Send { to, message } => self.send(node, to, message),
            Effect::Reply { op, ret } => {
                let name = host.name.clone();
                let text = self.stage.answer(&ret);
                self.say(format_args!("{name} returns {op} {text}"));
            }
            Effect::Arm { timer, .. } => {
                host.timers.retain(|armed| *armed != timer);
                host.timers.push(timer);
            }
            Effect::Disarm(timer) => host.timers.retain(|armed| *armed != timer),
            Effect::Write(write) => {
                let name = host.name.clone();
                match self.manual_sync {
                    true => host.unsynced.push(write.clone()),
                    false => host.synced.apply(&write),
                }
                let text = self.stage.write(&write);
                self.say(format_args!("{name} writes {text}"));
            }
            Effect::Work(_) | Effect::Note { .. } => {}
        }
    }

    fn send(&mut self, from: usize, to: NodeId, message: P) {
        let text = self.stage.message(&message);
        let (from_name, to_name) = (self.hosts[from].name.clone(), self.hosts[to.index()].name.clone());
        let flight = InFlight { from: NodeId(from as u32), to, message };
        let cut = matches!((self.hosts[from].group, self.hosts[to.index()].group), (Some(a), Some(b)) if a != b);
        if cut {
            return self.lose(&flight, "cut");
        }
        self.say(format_args!("{from_name} -> {to_name} {text}"));
        self.in_flight.push_back(flight);
    }

    fn sync(&mut self, node: usize) {
        let host = &mut self.hosts[node];
        let writes = std::mem::take(&mut host.unsynced);
        writes.iter().for_each(|write| host.synced.apply(write));
        let (name, held) = (host.name.clone(), std::mem::take(&mut host.held));
        self.say(format_args!("{name} syncs {} writes", writes.len()));
        for effect in held {
            self.interpret(node, effect);
        }
    }

    fn crash(&mut self, node: usize) {
        let host = &mut self.hosts[node];
        let lost = host.unsynced.len();
        host.node.crash(host.synced.clone());
        host.unsynced.clear();
        host.held.clear();
        host.timers.clear();
        host.up = false;
        host.role = host.node.role();
        let name = host.name.clone();
        self.say(format_args!("{name} crashes and loses {lost} writes"));
    }
}
