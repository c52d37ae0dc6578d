//! What clients are asked: to have numbers echoed.

use super::message::{Answer, Echo, Msg};
use crate::engine::random::Stream;
use crate::engine::trace::Outcome;
use crate::sim::workload::Workload;

/// One number after the other.
pub(super) struct Requests {
    pub(super) limit: Option<u64>,
}

impl Workload<Msg> for Requests {
    fn next(&mut self, _client: usize, number: u64, _: &mut Stream) -> Option<Echo> {
        self.limit.is_none_or(|limit| number < limit).then_some(Echo(number))
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        match answer {
            Answer::Echoed(_) => Outcome::Ok,
            Answer::NoReply => Outcome::Unknown,
        }
    }
}
