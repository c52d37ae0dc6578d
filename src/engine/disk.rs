//! When writes become durable.
//!
//! A node writes as often as it likes; what it wrote is durable once a sync that began afterwards has ended. One sync
//! runs at a time and takes along all writes made before it began (group commit). This module keeps the count; what was
//! written is the business of the layers above.

use super::law::Law;
use super::random::{Domain, Fate};
use super::time::Span;

/// The count of a disk's writes, from the first of the run to the last.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct SyncQueue {
    written: u64,
    durable: u64,
    law: Law,
    key: u64,
    syncs: u64,
    /// The sync under way makes the writes up to this one durable.
    syncing: Option<u64>,
}

impl SyncQueue {
    /// The disk of node `node`, whose syncs take as long as `law` says.
    pub fn new(seed: u64, node: u32, law: Law) -> Self {
        let key = Fate::key(seed, Domain::Disk, u64::from(node));
        Self { law, key, syncs: 0, written: 0, durable: 0, syncing: None }
    }

    /// Whether a write is durable the moment it is made.
    pub fn is_instant(&self) -> bool {
        self.law.is_zero()
    }

    /// The number of the last write; they count from one.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes up to this number are durable.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Counts one write.
    pub fn write(&mut self) {
        self.written += 1;
        if self.is_instant() {
            self.durable = self.written;
        }
    }

    /// Begins a sync if there is something to sync and none is under way; tells how long it will take.
    pub fn begin(&mut self) -> Option<Span> {
        if self.syncing.is_some() || self.durable == self.written {
            return None;
        }
        self.syncing = Some(self.written);
        let span = self.law.draw(Fate::of(self.key, self.syncs).bits(0));
        self.syncs += 1;
        Some(span)
    }

    /// The sync under way has ended; tells how many writes became durable.
    pub fn end(&mut self) -> u64 {
        let upto = self.syncing.take().expect("only a sync that has begun can end");
        upto - std::mem::replace(&mut self.durable, upto)
    }

    /// The node crashed: writes that are not durable never happened. Tells how many.
    pub fn crash(&mut self) -> u64 {
        self.syncing = None;
        std::mem::replace(&mut self.written, self.durable) - self.durable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_takes_along_what_was_written_before_it_began_and_no_more() {
        let mut disk = SyncQueue::new(1, 0, Law::Constant(Span::from_millis(2)));
        assert_eq!(disk.begin(), None);
        disk.write();
        assert_eq!(disk.begin(), Some(Span::from_millis(2)));
        disk.write();
        assert_eq!(disk.begin(), None, "one sync at a time");
        assert_eq!((disk.end(), disk.durable()), (1, 1));
        disk.begin();
        assert_eq!((disk.crash(), disk.written()), (1, 1));
    }
}
