//! Measuring time in steps, as etcd does.
//!
//! etcd's core has no clock: its host calls it at every *tick*, and all timeouts are numbers of ticks. A timeout of ten
//! ticks therefore ends at the tenth tick from now, which is up to one tick early; and because a random timeout is a whole
//! number of ticks, servers whose ticks coincide collide more often. Servers tick from the moment when they start.

use super::core::{Core, StateMachine};
use super::message::{CoreTimer, Message};
use crate::actor::Context;
use crate::engine::{Span, SpanRange};

impl<S: StateMachine> Core<S> {
    /// Sets an alarm: after exactly so long, or at the tick that ends so many ticks.
    pub(super) fn arm(&self, timer: CoreTimer, after: impl Into<SpanRange>, ctx: &mut Context<Message<S>>) {
        let after = after.into();
        let Some(tick) = self.settings.tick.map(Span::as_nanos) else { return ctx.arm(timer, after) };
        let (least, most) = (after.min.as_nanos().div_ceil(tick).max(1), after.max.as_nanos().div_ceil(tick).max(1));
        let ticks = least + ctx.choose(most - least + 1);
        let into_this_tick = ctx.clock().since(self.started).as_nanos() % tick;
        ctx.arm(timer, Span::from_nanos(ticks * tick - into_this_tick));
    }
}
