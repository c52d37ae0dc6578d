//! Who takes part: section 6 of the paper, chapter 4 of the dissertation.
//!
//! The members are kept in the log itself, as entries. A server goes by the latest such entry that it has, committed or
//! not, and goes back to the one before if that entry is replaced; so whoever wins an election knows which majority
//! elected it. Between two memberships there must be no moment at which one majority of the old and one of the new can
//! decide without a common member. There are two ways: change one voter at a time, when any two majorities overlap; or
//! pass through a *joint* membership, in which decisions need a majority of the old voters and one of the new.
//!
//! *Learners* get the log and have no say. A newcomer begins as one, so that the majority does not have to wait for a
//! server with an empty log.

use super::disk::{Content, Entry, Index};
use super::slots::Slots;
use crate::engine::NodeId;

/// Who takes part, as an entry of the log says it. All lists ascend.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Membership {
    /// Whose majority decides.
    pub voters: Vec<NodeId>,
    /// In a joint membership, whose majority must agree as well: the voters until now. Empty otherwise.
    pub outgoing: Vec<NodeId>,
    /// Who gets the log and has no say.
    pub learners: Vec<NodeId>,
}

/// How the voters change.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Changes {
    /// Through a joint membership: any number of voters at once (section 6 of the paper).
    #[default]
    Joint,
    /// One voter at a time (chapter 4 of the dissertation).
    Single,
}

/// What is to become of the members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// This server gets a vote, once it has caught up.
    Add(NodeId),
    /// This server gets the log, without a vote; a voter loses its vote.
    AddLearner(NodeId),
    /// This server takes part no more.
    Remove(NodeId),
    /// These are the voters, and nobody else takes part.
    Become(Vec<NodeId>),
}

/// Why a leader does not do what it is asked, for now or for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// It has not committed an entry of its own term yet. Without this rule, single changes by two leaders can lead to
    /// majorities without a common member (Ongaro's correction of 2015).
    OwnTermNotCommitted,
    /// Another change of the members is not finished.
    ChangeUnderWay,
    /// It is handing over its leadership.
    TransferUnderWay,
    /// The transfer took too long; it leads on.
    TransferTimedOut,
    /// The newcomer did not catch up.
    TooSlow,
    /// Single changes are demanded, and this one changes more than one voter.
    OneAtATime,
    /// Nobody would be left, or the server meant has no vote or is unknown.
    Impossible,
}

/// The same as [`Membership`] in slots, which is quick to count by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Parts {
    pub(super) voters: Slots,
    pub(super) outgoing: Slots,
    pub(super) learners: Slots,
}

impl Parts {
    /// Everybody with a say.
    pub(super) fn electors(self) -> Slots {
        self.voters.or(self.outgoing)
    }

    /// Everybody who takes part.
    pub(super) fn all(self) -> Slots {
        self.electors().or(self.learners)
    }

    /// Whether two majorities are needed.
    pub(super) fn is_joint(self) -> bool {
        !self.outgoing.is_empty()
    }

    /// The joint membership on the way from here to `goal`.
    pub(super) fn joint_with(self, goal: Self) -> Self {
        Self { outgoing: self.voters, ..goal }
    }

    /// A joint membership without the old voters.
    pub(super) fn left(self) -> Self {
        Self { outgoing: Slots::NONE, ..self }
    }

    /// What `change` makes of this membership; `None` if it cannot be, because nobody would be left.
    pub(super) fn changed(self, change: &Change, book: &[NodeId]) -> Option<Self> {
        let slot = |node: &NodeId| book.binary_search(node).ok();
        let one = |node: &NodeId| Some([slot(node)?].into_iter().collect::<Slots>());
        let to = match change {
            Change::Add(node) => {
                let node = one(node)?;
                Self { voters: self.voters.or(node), learners: self.learners.without(node), ..self }
            }
            Change::AddLearner(node) => {
                let node = one(node)?;
                Self { voters: self.voters.without(node), learners: self.learners.or(node), ..self }
            }
            Change::Remove(node) => {
                let node = one(node)?;
                Self { voters: self.voters.without(node), learners: self.learners.without(node), ..self }
            }
            Change::Become(nodes) => {
                Self { voters: nodes.iter().map(slot).collect::<Option<Slots>>()?, ..Self::default() }
            }
        };
        (!to.voters.is_empty()).then_some(to)
    }

    /// By name, as entries have it.
    pub(super) fn named(self, book: &[NodeId]) -> Membership {
        let named = |slots: Slots| slots.iter().map(|slot| book[slot]).collect();
        Membership { voters: named(self.voters), outgoing: named(self.outgoing), learners: named(self.learners) }
    }

    /// From names; servers that the address book does not know are left out.
    fn of(membership: &Membership, book: &[NodeId]) -> Self {
        let slots = |nodes: &[NodeId]| nodes.iter().filter_map(|node| book.binary_search(node).ok()).collect();
        Self {
            voters: slots(&membership.voters),
            outgoing: slots(&membership.outgoing),
            learners: slots(&membership.learners),
        }
    }
}

/// Whose word counts, and how many of them it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Electorate([(Slots, usize); 2]);

impl Electorate {
    /// Majorities of `parts`; `majority` says how many of a number of servers are one.
    pub(super) fn of(parts: Parts, majority: impl Fn(usize) -> usize) -> Self {
        let need = |set: Slots| (set, if set.is_empty() { 0 } else { majority(set.count()) });
        // Without voters nothing is ever decided.
        let voters = if parts.voters.is_empty() { (parts.voters, 1) } else { need(parts.voters) };
        Self([voters, need(parts.outgoing)])
    }

    /// Whether those who said yes decide.
    pub(super) fn wins(&self, yes: Slots) -> bool {
        self.0.iter().all(|(set, need)| yes.and(*set).count() >= *need)
    }

    /// The largest number that a majority has reached; in a joint membership, a majority of both sets.
    pub(super) fn reached(&self, mark: impl Fn(usize) -> u64) -> u64 {
        let [(voters, need), (outgoing, also)] = self.0;
        let new = nth_largest(voters, need, &mark);
        if outgoing.is_empty() { new } else { new.min(nth_largest(outgoing, also, &mark)) }
    }
}

/// The largest number that at least `need` of the slots have reached.
fn nth_largest(slots: Slots, need: usize, mark: impl Fn(usize) -> u64) -> u64 {
    let (mut marks, mut count) = ([0; Slots::MOST], 0);
    for slot in slots.iter() {
        marks[count] = mark(slot);
        count += 1;
    }
    let marks = &mut marks[..count];
    marks.sort_unstable_by(|a, b| b.cmp(a));
    marks.get(need.saturating_sub(1)).copied().unwrap_or(0)
}

/// The memberships in a server's log, the one that it started with first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memberships {
    /// Where the log begins, and the membership there.
    base: (Index, Parts),
    /// Those in the log, in order.
    later: Vec<(Index, Parts)>,
}

impl Memberships {
    /// A cluster that begins with `parts`.
    pub(super) fn new(parts: Parts) -> Self {
        Self { base: (0, parts), later: Vec::new() }
    }

    /// The membership in force, and the index of its entry.
    pub(super) fn in_force(&self) -> (Index, Parts) {
        self.later.last().copied().unwrap_or(self.base)
    }

    /// The index of the membership in force, and of the one before it.
    pub(super) fn last_two(&self) -> (Index, Index) {
        match self.later.as_slice() {
            [.., before, last] => (last.0, before.0),
            [last] => (last.0, self.base.0),
            [] => (self.base.0, 0),
        }
    }

    /// The membership as of `index`.
    pub(super) fn at(&self, index: Index) -> Parts {
        self.later.iter().rev().find(|(at, _)| *at <= index).unwrap_or(&self.base).1
    }

    /// The membership as of `index`, if an entry said so; otherwise it is the one that the cluster began with.
    pub(super) fn said_at(&self, index: Index) -> Option<Parts> {
        let later = self.later.iter().rev().find(|(at, _)| *at <= index);
        later.or(Some(&self.base)).filter(|(at, _)| *at > 0).map(|(_, parts)| *parts)
    }

    /// Everything after `after` is replaced by `entries`.
    pub(super) fn replace<C>(&mut self, after: Index, entries: &[Entry<C>], book: &[NodeId]) {
        while self.later.last().is_some_and(|(at, _)| *at > after) {
            self.later.pop();
        }
        for (place, entry) in entries.iter().enumerate() {
            if let Content::Membership(membership) = &entry.content {
                self.later.push((after + 1 + place as Index, Parts::of(membership, book)));
            }
        }
    }

    /// The log now begins after `index`, where `membership` was in force, if entries said so at all.
    pub(super) fn begin_at(&mut self, index: Index, membership: Option<&Membership>, book: &[NodeId]) {
        if let Some(membership) = membership {
            self.base = (index, Parts::of(membership, book));
        }
        self.later.retain(|(at, _)| *at > index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn parts(voters: &[usize], outgoing: &[usize]) -> Parts {
        let set = |slots: &[usize]| slots.iter().copied().collect();
        Parts { voters: set(voters), outgoing: set(outgoing), learners: Slots::NONE }
    }

    fn electorate(voters: &[usize], outgoing: &[usize]) -> Electorate {
        Electorate::of(parts(voters, outgoing), |count| count / 2 + 1)
    }

    #[test]
    fn a_majority_has_reached_the_middle_of_what_its_members_have() {
        let marks = [9, 1, 7, 3, 5];
        assert_eq!(electorate(&[0, 1, 2, 3, 4], &[]).reached(|slot| marks[slot]), 5);
        assert_eq!(electorate(&[0, 2], &[]).reached(|slot| marks[slot]), 7);
        assert_eq!(electorate(&[3], &[]).reached(|slot| marks[slot]), 3);
    }

    #[test]
    fn a_joint_membership_needs_both_majorities() {
        let joint = electorate(&[2, 3, 4], &[0, 1, 2]);
        let yes = |slots: &[usize]| joint.wins(slots.iter().copied().collect());
        assert!(yes(&[1, 2, 3]) && yes(&[0, 1, 3, 4]));
        assert!(!yes(&[2, 3, 4]) && !yes(&[0, 1, 2]));
        let marks = [9, 8, 1, 5, 4];
        assert_eq!(joint.reached(|slot| marks[slot]), 4);
        assert!(!electorate(&[], &[]).wins(Slots::first(5)), "nobody decides nothing");
    }

    #[test]
    fn a_membership_that_is_replaced_was_never_in_force() {
        let book: Vec<NodeId> = (0..5).map(NodeId).collect();
        let mut all = Memberships::new(parts(&[0, 1, 2], &[]));
        let entry = |slots: &[usize]| Entry::<()> {
            term: 1,
            content: Content::Membership(Arc::new(parts(slots, &[]).named(&book))),
        };
        all.replace(3, &[entry(&[0, 1, 2, 3]), entry(&[0, 1])], &book);
        assert_eq!(all.in_force(), (5, parts(&[0, 1], &[])));
        assert_eq!(all.at(4), parts(&[0, 1, 2, 3], &[]));
        all.replace::<()>(4, &[], &book);
        assert_eq!(all.in_force().0, 4);
        all.replace::<()>(2, &[], &book);
        assert_eq!(all.in_force(), (0, parts(&[0, 1, 2], &[])));
    }

    #[test]
    fn changes_say_who_is_left() {
        let book: Vec<NodeId> = (0..5).map(NodeId).collect();
        let now = parts(&[0, 1, 2], &[]);
        let changed = |change: Change| now.changed(&change, &book);
        assert_eq!(changed(Change::Add(NodeId(3))), Some(parts(&[0, 1, 2, 3], &[])));
        assert_eq!(changed(Change::Remove(NodeId(0))), Some(parts(&[1, 2], &[])));
        assert_eq!(changed(Change::Become(vec![NodeId(3), NodeId(4)])), Some(parts(&[3, 4], &[])));
        assert_eq!(changed(Change::Add(NodeId(9))), None);
        assert_eq!(changed(Change::Become(vec![])), None);
    }
}
