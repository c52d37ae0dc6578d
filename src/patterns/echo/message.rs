//! What clients and the server say to each other.

use crate::actor::{Durable, Protocol};
use crate::engine::NodeId;
use crate::engine::random::Stream;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The number of a request, unique for its client and ascending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Msg {
    /// A client asks the server to carry something out. Sent again under the same number when no reply comes in time; the
    /// server may therefore see it never, once or often, and after requests with a higher number.
    Request {
        /// The request's number.
        id: RequestId,
        /// What is to be echoed.
        text: u64,
    },
    /// The server tells that the request with this number was carried out, now or earlier.
    Reply {
        /// The request's number.
        id: RequestId,
        /// What was echoed.
        text: u64,
    },
}

/// The alarms of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// No reply came in time.
    Retry,
    /// The operation has taken too long altogether.
    GiveUp,
}

/// What a client is asked to do: have this echoed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Echo(pub u64);

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "echo {}", self.0)
    }
}

impl FromStr for Echo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("echo ").and_then(|number| number.trim().parse().ok());
        number.map(Self).ok_or_else(|| "write such as \"echo 7\"".to_owned())
    }
}

/// What a client tells in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The server carried it out.
    Echoed(u64),
    /// No reply came: perhaps it was carried out, perhaps not.
    NoReply,
}

/// What survives a crash: of the server, what it has carried out for each client; of a client, how often it started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// The last request of each client, with its reply.
    pub last: BTreeMap<NodeId, (RequestId, u64)>,
    /// How many requests were carried out, repetitions counted.
    pub executions: u64,
    /// How often this client has started.
    pub boots: u32,
}

/// A change of what survives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Write {
    /// The server carried a request out: the effect and the memory of it are written together, so that no crash can come
    /// between.
    Executed {
        /// Who asked.
        client: NodeId,
        /// The request's number.
        id: RequestId,
        /// The reply.
        text: u64,
    },
    /// A client started.
    Boot,
}

impl Durable for Memory {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        match write {
            Write::Executed { client, id, text } => {
                self.last.insert(*client, (*id, *text));
                self.executions += 1;
            }
            Write::Boot => self.boots += 1,
        }
    }
}

impl Protocol for Msg {
    type Timer = Alarm;
    type Op = Echo;
    type Ret = Answer;
    type Disk = Memory;

    fn kind(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::Reply { .. } => "reply",
        }
    }

    const CORRUPTIBLE: bool = true;

    /// Flips one bit of the number or of the text, each bit equally likely.
    fn corrupt(&mut self, chance: &mut Stream) -> bool {
        let (Self::Request { id, text } | Self::Reply { id, text }) = self;
        let bit = chance.below(128);
        match bit < 64 {
            true => id.0 ^= 1 << bit,
            false => *text ^= 1 << (bit - 64),
        }
        true
    }
}
