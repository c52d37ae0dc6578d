//! Answering without asking: leases, section 6.4.1 of the dissertation.
//!
//! A server that hears from a leader elects nobody else for at least the least election timeout. So when a majority has
//! answered a round of heartbeats, no other leader can come before that timeout has passed since the round was *sent*;
//! until then, the leader may answer questions at once. Leader and voters measure the time on different clocks: if each
//! may be off by a share `d` of true time, the leader may use only (1 - d) / (1 + d) of the timeout. A clock that is worse,
//! or that jumps, breaks the promise, and no server can notice.

use super::bugs::Bug;
use super::core::{Core, Reads, Role, Settings, StateMachine};
use super::message::{CoreTimer, Message};
use super::slots::Slots;
use crate::actor::Context;
use crate::engine::{LocalTime, Span};
use std::collections::VecDeque;

/// How long a leader may answer by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lease {
    /// The rounds that no majority has confirmed yet, and when each was sent.
    sent: VecDeque<(u64, LocalTime)>,
    /// When the latest round that a majority has confirmed was sent.
    confirmed: Option<LocalTime>,
    /// Whether it may not be used any more.
    void: bool,
}

impl Lease {
    /// No more answers without asking, as long as this leader leads.
    pub(super) fn give_up(&mut self) {
        self.void = true;
    }

    /// A majority has confirmed all rounds up to `round`.
    pub(super) fn confirm(&mut self, round: u64) {
        while let Some((_, at)) = self.sent.front().copied().filter(|(sent, _)| *sent <= round) {
            self.sent.pop_front();
            self.confirmed = Some(at);
        }
    }
}

impl Settings {
    /// How long a majority's answers last.
    fn lease(&self) -> Span {
        let whole = self.election_timeout.min;
        if self.bug == Some(Bug::LeaseIgnoresDrift) {
            return whole;
        }
        let (million, off) = (1_000_000, u128::from(self.clock_drift.as_ppm()));
        let safe = u128::from(whole.as_nanos()) * (million - off.min(million)) / (million + off);
        let safe = Span::from_nanos(safe as u64);
        self.leader_lease.map_or(safe, |lease| safe.min(lease))
    }
}

impl<S: StateMachine> Core<S> {
    /// A new round of questions whether this server still leads; returns its number.
    pub(super) fn begin_round(&mut self, ctx: &Context<Message<S>>) -> u64 {
        let (own, keep) = (self.own(), self.settings.reads == Reads::Lease);
        let Role::Leader(leader) = &mut self.role else { return 0 };
        leader.round += 1;
        for own in own.iter() {
            leader.progress[own].round = leader.round;
        }
        if keep {
            leader.lease.sent.push_back((leader.round, ctx.clock()));
        }
        leader.round
    }

    /// Where leaders hold leases, every heartbeat renews them.
    pub(super) fn begin_lease_round(&mut self, ctx: &Context<Message<S>>) {
        if self.settings.reads == Reads::Lease {
            self.begin_round(ctx);
        }
    }

    /// Whether this leader may answer without asking.
    pub(super) fn holds_lease(&self, ctx: &Context<Message<S>>) -> bool {
        let Role::Leader(leader) = &self.role else { return false };
        let lasts = |since| ctx.clock().since(since) < self.settings.lease();
        !leader.lease.void && leader.lease.confirmed.is_some_and(lasts)
    }

    /// HashiCorp's way to check the quorum: a leader knows when each follower last answered, retires as soon as a majority
    /// has not for as long as the lease, and looks again when the first of them might be due, at least 10 ms later.
    pub(super) fn on_lease_due(&mut self, lease: Span, ctx: &mut Context<Message<S>>) {
        let (electorate, own, now) = (self.electorate(), self.own(), ctx.clock());
        let Role::Leader(leader) = &self.role else { return };
        let silent = |slot: usize| now.since(leader.progress[slot].contact);
        let others = || self.parts().electors().without(own);
        let heard: Slots = others().iter().filter(|slot| silent(*slot) <= lease).collect();
        if !electorate.wins(heard.or(own)) {
            ctx.note("quorums_lost", 1);
            return self.follow(ctx.disk().term, None, ctx);
        }
        let longest = heard.and(others()).iter().map(silent).max().unwrap_or_default();
        let next = Span::from_nanos(lease.as_nanos().saturating_sub(longest.as_nanos()));
        self.arm(CoreTimer::Quorum, next.max(Span::from_millis(10)), ctx);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use crate::engine::Share;

    #[test]
    fn the_faster_clocks_may_drift_the_shorter_is_a_lease() {
        let lease = |ppm| Config { clock_drift: Share::from_ppm(ppm), ..Config::default() }.settings().lease();
        assert_eq!(lease(0), Span::from_millis(150));
        assert_eq!(lease(200_000), Span::from_millis(100));
        assert_eq!(lease(1_000_000), Span::ZERO);
    }
}
