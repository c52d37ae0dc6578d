//! What a host keeps about its machine's ailments. Cold: nobody looks here while the host's flags say that all is well.

use super::ailment::Slowness;
use super::host::{Host, Write};
use crate::actor::{Durable, Protocol};
use crate::engine::clock::Clock;
use crate::engine::survival::OnCrash;
use crate::engine::trace::Impairment;
use crate::engine::{Drift, Span};

/// A node's machine.
pub(super) struct Machine<P: Protocol> {
    pub(super) clock: Clock,
    /// What is wrong with the clock, by fault; together with its own drift.
    pub(super) drifts: Vec<(Option<usize>, Drift)>,
    /// How slow it is, by fault.
    pub(super) slow: Vec<(usize, Slowness)>,
    /// How long each input takes.
    pub(super) work: Span,
    /// How many faults stall the disk.
    pub(super) stalls: u32,
    /// What the sync that stands still has yet to do.
    pub(super) rest: Option<Span>,
    /// How many faults, and settings, make syncs lie.
    pub(super) lies: u32,
    /// How many faults fill the disk.
    pub(super) full: u32,
    /// How many faults make syncs fail.
    pub(super) errors: u32,
    /// Whether the node stopped because its disk failed.
    pub(super) failed: bool,
    /// Whether recovery will find the last record torn.
    pub(super) torn: bool,
    /// Writes that a sync reported as durable and that are not.
    lied: Vec<Write<P>>,
}

impl<P: Protocol> Default for Machine<P> {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            drifts: Vec::new(),
            slow: Vec::new(),
            work: Span::ZERO,
            stalls: 0,
            rest: None,
            lies: 0,
            full: 0,
            errors: 0,
            failed: false,
            torn: false,
            lied: Vec::new(),
        }
    }
}

impl<P: Protocol> Machine<P> {
    /// How slow it is, all faults together.
    pub(super) fn slowness(&self) -> Slowness {
        self.slow.iter().fold(Slowness::NONE, |all, (_, one)| Slowness {
            work: all.work.saturating_mul(one.work),
            disk: all.disk.saturating_mul(one.disk),
        })
    }

    /// The drift that all its causes add up to.
    pub(super) fn drift(&self) -> Drift {
        let ppm = self.drifts.iter().fold(0_i32, |sum, (_, drift)| sum.saturating_add(drift.as_ppm()));
        Drift::from_ppm(ppm)
    }
}

impl<P: Protocol> Host<P> {
    /// Sets the flags by which events see that something is wrong.
    pub(super) fn look_at_machine(&mut self) {
        let machine = &self.machine;
        self.odd_clock = !machine.clock.is_true();
        self.odd_disk = !machine.slow.is_empty()
            || machine.stalls + machine.lies + machine.full + machine.errors > 0
            || !machine.lied.is_empty();
        self.works = !machine.work.is_zero();
    }

    /// Why a write fails just now. Where a write is its own sync, a failing sync fails the write.
    pub(super) fn write_failure(&self) -> Option<Impairment> {
        let instant = self.disk.queue.is_instant();
        let full = (self.machine.full > 0).then_some(Impairment::DiskFull);
        full.or((instant && self.machine.errors > 0).then_some(Impairment::DiskError))
    }

    /// A write to a disk that is not well.
    pub(super) fn write_oddly(&mut self, write: Write<P>) {
        if !self.disk.queue.is_instant() {
            return self.disk.write(write);
        }
        if self.machine.lies > 0 {
            self.disk.queue.write();
            return self.machine.lied.push(write);
        }
        self.own_up();
        self.disk.write(write);
    }

    /// A sync ends; tells how many writes the node now believes durable.
    pub(super) fn end_sync(&mut self) -> u64 {
        if !self.odd_disk {
            return self.disk.end_sync();
        }
        if self.machine.lies > 0 {
            let (count, writes) = self.disk.end_sync_without_effect();
            self.machine.lied.extend(writes);
            return count;
        }
        self.own_up();
        self.disk.end_sync()
    }

    /// An honest sync makes durable what earlier ones had only said to be.
    fn own_up(&mut self) {
        for write in self.machine.lied.drain(..) {
            self.disk.synced.apply(&write);
        }
        self.look_at_machine();
    }

    /// The disk after a crash: what is not durable is lost, or left as `policy` says. Tells how many writes were lost.
    pub(super) fn wreck(&mut self, seed: u64, policy: OnCrash, wipe: bool) -> u64 {
        self.machine.rest = None;
        let mut pending = std::mem::take(&mut self.machine.lied);
        pending.extend(self.disk.crash());
        let mut lost = pending.len() as u64;
        if wipe {
            self.disk.synced = P::Disk::default();
        } else if !pending.is_empty() {
            let survivors = policy.survivors(seed, self.node.id().0, self.incarnation, pending.len());
            for (write, kept) in pending.iter().zip(survivors.kept) {
                if kept && self.disk.synced.fits(write) {
                    self.disk.synced.apply(write);
                    lost -= 1;
                }
            }
            self.machine.torn = survivors.torn;
        }
        self.look_at_machine();
        lost
    }
}
