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
    config.nodes = one_of(&[3, 3, 3, 5, 5, 4], chance);
    config.max_batch = if storm { one_of(&[1, 1, 8], chance) } else { one_of(&[1, 8, 64], chance) };
    let (shortest, spread) = one_of(if storm { &TIMEOUTS[1..] } else { &TIMEOUTS }, chance);
    config.election_timeout = SpanRange::new(Span::from_millis(shortest), Span::from_millis(shortest + spread));
    config.heartbeat = Span::from_millis(shortest / 3);
    config.pre_vote = chance.below(2) == 0;
    config.check_quorum = chance.below(2) == 0;
    config.max_inflight = if storm { one_of(&[1, 1, 4, 256], chance) } else { one_of(&[1, 16, 256], chance) };
    config.snapshot_after = one_of(&[0, 3, 30, 10_000], chance);
    config.snapshot_keep = one_of(&[0, 2, 20], chance);
    config.reads = one_of(&[Reads::ReadIndex, Reads::ReadIndex, Reads::Log], chance);
    load.clients = one_of(&[1, 2, 3, 4, 6], chance);
    load.keys = one_of(&[1, 2, 3], chance);
    let think = one_of(&[2, 20, 100], chance);
    load.pace = Pace::closed(Span::ZERO..=Span::from_millis(think));
}

fn one_of<T: Copy>(choices: &[T], chance: &mut Stream) -> T {
    choices[chance.below(choices.len() as u64) as usize]
}
