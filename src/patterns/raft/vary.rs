//! Settings of a sweep's plans: which ones let bugs show.
//!
//! Batches of one entry let an old entry reach a majority without the new leader's own, which figure 8 needs; timeouts that
//! lie close together split votes; many clients on few keys notice what goes wrong with the data.

use super::config::Config;
use super::core::Reads;
use super::workload::Load;
use crate::engine::random::Stream;
use crate::engine::{Span, SpanRange};
use crate::scenario::{Class, Pace};

/// The shortest election timeout and its spread, in milliseconds.
const TIMEOUTS: [(u64, u64); 5] = [(150, 150), (150, 150), (150, 30), (60, 8), (60, 60)];

/// Draws other settings.
pub(super) fn vary(config: &mut Config, load: &mut Load, class: Class, chance: &mut Stream) {
    if class < Class::Swarm {
        return;
    }
    let storm = class == Class::Storm;
    config.nodes = chance.one_of(&[3, 3, 3, 5, 5, 4]);
    config.max_batch = if storm { chance.one_of(&[1, 1, 8]) } else { chance.one_of(&[1, 8, 64]) };
    let (shortest, spread) = chance.one_of(if storm { &TIMEOUTS[1..] } else { &TIMEOUTS });
    config.election_timeout = SpanRange::new(Span::from_millis(shortest), Span::from_millis(shortest + spread));
    config.heartbeat = Span::from_millis(shortest / 3);
    config.pre_vote = chance.below(2) == 0;
    config.check_quorum = chance.below(2) == 0;
    config.reads = chance.one_of(&[Reads::ReadIndex, Reads::ReadIndex, Reads::Log]);
    load.clients = chance.one_of(&[1, 2, 3, 4, 6]);
    load.keys = chance.one_of(&[1, 2, 3]);
    let think = chance.one_of(&[2, 20, 100]);
    load.pace = Pace::closed(Span::ZERO..=Span::from_millis(think));
}
