//! The vocabulary between an actor and its world: messages, timers, operations, disk writes.

use crate::engine::random::Stream;
use crate::engine::{NodeId, Span, SpanRange};
use std::convert::Infallible;
use std::fmt;
use std::fmt::Debug;
use std::hash::Hash;

/// Plain data: can be copied, compared, ordered, hashed and printed. Everything that qualifies is `Data`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data",
    note = "add #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)] to `{Self}`; floats, HashMap, Rc, Mutex and closures are not plain data"
)]
pub trait Data: Clone + Debug + Eq + Ord + Hash + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Debug + Eq + Ord + Hash + Send + 'static> Data for T {}

/// A protocol, named by the enum of its messages.
pub trait Protocol: Data {
    /// The names of a node's alarms. At most one alarm is armed for each value.
    type Timer: Data + Copy;
    /// What the outside world asks of a node.
    type Op: Data;
    /// What the outside world gets back.
    type Ret: Data;
    /// What survives a crash.
    type Disk: Durable;

    /// The message's kind, for traces, charts and faults that select messages: a word such as `append`.
    fn kind(&self) -> &'static str {
        "message"
    }

    /// How many bytes the message takes on the wire.
    fn size(&self) -> u32 {
        64
    }

    /// Whether [`corrupt`](Self::corrupt) changes anything: faults that corrupt messages unnoticed are refused where it does
    /// not.
    const CORRUPTIBLE: bool = false;

    /// Changes the message as a flipped bit would that no checksum notices, by `chance`; tells whether there was anything to
    /// change. The message stays one that could have been sent: what cannot be decoded is a matter of checksums.
    fn corrupt(&mut self, chance: &mut Stream) -> bool {
        let _ = chance;
        false
    }
}

/// What a node keeps on its disk: a readable structure, changed only by [`Context::write`](super::Context::write).
pub trait Durable: Clone + Debug + Eq + Hash + Default + Send + 'static {
    /// One change.
    type Write: Data;

    /// Makes the change. Must depend on nothing but its arguments, because a crash replays what was synced.
    fn apply(&mut self, write: &Self::Write);

    /// Whether the change makes sense here. After a crash that kept a later record and lost an earlier one, recovery
    /// drops records that do not fit what is there. Any record does by default.
    fn fits(&self, write: &Self::Write) -> bool {
        let _ = write;
        true
    }
}

/// The disk of a node that keeps nothing. It cannot be written.
impl Durable for () {
    type Write = Infallible;

    fn apply(&mut self, write: &Infallible) {
        match *write {}
    }
}

/// An operation asked of a node by the outside world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub u64);

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "op{}", self.0)
    }
}

/// What can happen to a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<P: Protocol> {
    /// It starts, for the first time or after a crash.
    Start,
    /// A message reaches it.
    Message {
        /// The sender.
        from: NodeId,
        /// The message.
        message: P,
    },
    /// An alarm that it set goes off.
    Timer(P::Timer),
    /// The outside world asks something of it.
    Op {
        /// The number to answer under.
        id: OpId,
        /// What is asked.
        op: P::Op,
    },
}

/// What a node can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<P: Protocol> {
    /// Hand a message to the network.
    Send {
        /// The receiver; a node may send to itself.
        to: NodeId,
        /// The message.
        message: P,
    },
    /// Set an alarm, in place of the one already set under this name.
    Arm {
        /// Its name.
        timer: P::Timer,
        /// How long from now by the node's own clock; the world draws from the range.
        after: SpanRange,
    },
    /// Stop an alarm.
    Disarm(P::Timer),
    /// Change the disk. Already visible to the node; sends and replies that follow wait until it is durable.
    Write(<P::Disk as Durable>::Write),
    /// Answer the outside world.
    Reply {
        /// Whose answer it is.
        op: OpId,
        /// The answer.
        ret: P::Ret,
    },
    /// Be busy; nothing else is handled meanwhile.
    Work(Span),
    /// Add to a counter of the run.
    Note {
        /// The counter.
        name: &'static str,
        /// How much to add.
        amount: u64,
    },
}

/// Implements [`Protocol`](crate::actor::Protocol) for a message enum that needs no timers, operations or disk, or only
/// some of them.
///
/// ```
/// use faultlab::prelude::*;
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// enum Msg { Beat }
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// enum Alarm { Beat }
/// protocol!(Msg { Timer = Alarm });
/// ```
#[macro_export]
macro_rules! protocol {
    ($message:ty) => {
        $crate::protocol!($message {});
    };
    ($message:ty { $($name:ident = $value:ty),* $(,)? }) => {
        impl $crate::actor::Protocol for $message {
            $crate::protocol!(@Timer [()] $($name = $value),*);
            $crate::protocol!(@Op [()] $($name = $value),*);
            $crate::protocol!(@Ret [()] $($name = $value),*);
            $crate::protocol!(@Disk [()] $($name = $value),*);
        }
    };
    (@Timer [$default:ty] Timer = $value:ty $(, $($rest:tt)*)?) => { type Timer = $value; };
    (@Op [$default:ty] Op = $value:ty $(, $($rest:tt)*)?) => { type Op = $value; };
    (@Ret [$default:ty] Ret = $value:ty $(, $($rest:tt)*)?) => { type Ret = $value; };
    (@Disk [$default:ty] Disk = $value:ty $(, $($rest:tt)*)?) => { type Disk = $value; };
    (@$wanted:ident [$default:ty] $other:ident = $value:ty $(, $($rest:tt)*)?) => {
        $crate::protocol!(@$wanted [$default] $($($rest)*)?);
    };
    (@Timer [$default:ty]) => { type Timer = $default; };
    (@Op [$default:ty]) => { type Op = $default; };
    (@Ret [$default:ty]) => { type Ret = $default; };
    (@Disk [$default:ty]) => { type Disk = $default; };
}
