//! What clients are asked, and when.
//!
//! A closed loop asks a client again once it has answered and thought for a while: slow answers mean fewer questions,
//! as with people at a terminal. An open loop asks at its own pace whatever happens, as the public does with a web site;
//! only an open loop can overload.

use crate::actor::Protocol;
use crate::engine::law::{Law, Quantiles};
use crate::engine::random::{Domain, Fate, Stream};
use crate::engine::trace::Outcome;
use crate::engine::{NodeId, Rate, Span, SpanRange, Time};
use std::collections::VecDeque;
use std::fmt;

/// What clients are asked, and how their answers count.
pub trait Workload<P: Protocol>: Send {
    /// The operation number `number` (from zero) of client `client` (from zero); `None` when this client has done its part.
    fn next(&mut self, client: usize, number: u64, chance: &mut Stream) -> Option<P::Op>;

    /// How the operation ended, by its answer.
    fn outcome(&self, ret: &P::Ret) -> Outcome;
}

/// When clients are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each client is asked again this long after it answered.
    Closed {
        /// The time to think.
        think: SpanRange,
    },
    /// Each client is asked at fixed intervals.
    Constant {
        /// Operations of all clients together.
        rate: Rate,
    },
    /// Each client is asked at intervals that remember nothing (a Poisson process).
    Poisson {
        /// Operations of all clients together, on average.
        rate: Rate,
    },
}

/// An operation that a client is asked at a given moment.
pub struct Asking<P: Protocol> {
    /// When. A client that is down then is asked when it is back.
    pub at: Time,
    /// Whom.
    pub client: NodeId,
    /// What.
    pub op: P::Op,
}

impl<P: Protocol> fmt::Debug for Asking<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} {} {:?}", self.at, self.client, self.op)
    }
}

/// A workload and its pace.
pub struct Load<P: Protocol> {
    /// What is asked.
    pub workload: Box<dyn Workload<P>>,
    /// When.
    pub pace: Pace,
    /// No operation begins before this moment.
    pub from: Time,
    /// No operation begins at or after this moment.
    pub until: Time,
}

impl<P: Protocol> fmt::Debug for Load<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load").field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// Asks the clients of one run.
pub(super) struct Driver<P: Protocol> {
    workload: Box<dyn Workload<P>>,
    closed: bool,
    /// Whether what is asked, and when, was listed beforehand.
    listed: bool,
    gap: Law,
    from: Time,
    until: Time,
    clients: Vec<Asked<P>>,
}

/// One client, as its driver knows it.
struct Asked<P: Protocol> {
    node: NodeId,
    /// What was listed for it and is still to be asked.
    list: VecDeque<(Time, P::Op)>,
    chance: Stream,
    key: u64,
    number: u64,
    gaps: u64,
    /// Whether it was down when it was to be asked.
    missed: bool,
}

impl<P: Protocol> Driver<P> {
    pub(super) fn new(load: Load<P>, mut operations: Vec<Asking<P>>, clients: &[NodeId], seed: u64) -> Self {
        let (closed, gap) = match load.pace {
            Pace::Closed { think } => (true, Law::from(think)),
            Pace::Constant { rate } => (false, Law::Constant(rate.interval().times(clients.len() as u64))),
            Pace::Poisson { rate } => (false, exponential(rate.interval().times(clients.len() as u64))),
        };
        let asked = |node: &NodeId| Asked {
            node: *node,
            list: VecDeque::new(),
            chance: Stream::new(seed, Domain::Client, u64::from(node.0)),
            key: Fate::key(seed, Domain::Client, u64::from(node.0)),
            number: 0,
            gaps: 0,
            missed: false,
        };
        let mut clients: Vec<Asked<P>> = clients.iter().map(asked).collect();
        let listed = !operations.is_empty();
        operations.sort_by_key(|asking| asking.at);
        for Asking { at, client, op } in operations {
            if let Some(client) = clients.iter_mut().find(|asked| asked.node == client) {
                client.list.push_back((at, op));
            }
        }
        let closed = closed && !listed;
        Self { workload: load.workload, closed, listed, gap, from: load.from, until: load.until, clients }
    }

    /// Whether clients are asked again only after they answered.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    pub(super) fn node(&self, client: usize) -> NodeId {
        self.clients[client].node
    }

    pub(super) fn client_of(&self, node: NodeId) -> Option<usize> {
        self.clients.iter().position(|client| client.node == node)
    }

    /// When the client is asked first: at a moment of its own, so that clients do not march in step.
    pub(super) fn first(&mut self, client: usize) -> Option<Time> {
        if self.listed {
            return self.after(client, Time::ZERO);
        }
        let gap = self.draw_gap(client);
        let offset = match &self.gap {
            Law::Constant(gap) => gap.as_nanos() / self.clients.len() as u64 * client as u64,
            _ => gap.as_nanos(),
        };
        Some(self.from + Span::from_nanos(offset)).filter(|at| *at < self.until)
    }

    /// When the client is asked again, counted from `now`.
    pub(super) fn after(&mut self, client: usize, now: Time) -> Option<Time> {
        if self.listed {
            return self.clients[client].list.front().map(|(at, _)| (*at).max(now));
        }
        let gap = self.draw_gap(client);
        Some((now + gap).max(self.from)).filter(|at| *at < self.until)
    }

    /// The client is down: it is asked again when it is back.
    pub(super) fn miss(&mut self, client: usize) {
        self.clients[client].missed = true;
    }

    /// The client that `node` is, if it was missed.
    pub(super) fn take_missed(&mut self, node: NodeId) -> Option<usize> {
        let client = self.client_of(node)?;
        std::mem::take(&mut self.clients[client].missed).then_some(client)
    }

    fn draw_gap(&mut self, client: usize) -> Span {
        let client = &mut self.clients[client];
        client.gaps += 1;
        self.gap.draw(Fate::of(client.key, client.gaps).bits(0))
    }

    pub(super) fn next(&mut self, client: usize) -> Option<P::Op> {
        let asked = &mut self.clients[client];
        if self.listed {
            return asked.list.pop_front().map(|(_, op)| op);
        }
        let number = asked.number;
        asked.number += 1;
        self.workload.next(client, number, &mut asked.chance)
    }

    pub(super) fn outcome(&self, ret: &P::Ret) -> Outcome {
        self.workload.outcome(ret)
    }
}

/// The exponential law with the given mean, as a table of 1,024 quantiles.
///
/// The quantile of a share `p` is `-mean * ln(1 - p)`; the logarithm is computed bit by bit in integers, so that every
/// machine gets the same table. The longest gap is 10.4 times the mean.
fn exponential(mean: Span) -> Law {
    const STEPS: u128 = 1024;
    /// ln 2 in units of 2^-64.
    const LN_2: u128 = 0xb172_17f7_d1cf_79ab;
    let quantile = |step: u128| {
        // -log2(1 - p) for 1 - p = rest / (32 * STEPS), in units of 2^-32; the last step stands for p = 1 - 1/(32 STEPS).
        let rest = (32 * (STEPS - step)).max(1);
        let bits = (15_u128 << 32) - log2(rest);
        // nanoseconds = mean * bits * ln 2 / 2^96, in two steps so that nothing overflows.
        let natural = (bits * LN_2) >> 64;
        Span::from_nanos(((u128::from(mean.as_nanos()) * natural) >> 32) as u64)
    };
    Law::Table(Quantiles::new((0..=STEPS).map(quantile).collect()))
}

/// log2 of a whole number in units of 2^-32, by repeated squaring.
fn log2(number: u128) -> u128 {
    let whole = number.ilog2();
    let mut mantissa = (number << 32) >> whole;
    let mut result = u128::from(whole);
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 32;
        result <<= 1;
        if mantissa >= 2 << 32 {
            mantissa >>= 1;
            result += 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_table_has_the_mean_and_the_median_of_the_law() {
        let law = exponential(Span::from_millis(100));
        let draws = 100_000;
        let lengths = (0..draws).map(|n| law.draw(Fate::of(1, n).bits(0)).as_nanos());
        let (sum, below) =
            lengths.fold((0, 0), |(sum, below), length| (sum + length, below + u64::from(length < 69_314_718)));
        let mean = sum / draws;
        assert!(mean.abs_diff(100_000_000) < 1_500_000, "the mean of 100 ms came out as {mean} ns");
        assert!(below.abs_diff(draws / 2) < 700, "{below} of {draws} lie below the median");
    }
}
