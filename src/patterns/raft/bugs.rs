//! The bugs that can be planted, each a single `if` at the place whose rule it breaks.
//!
//! Every bug has a scenario in `scenarios/raft/bugs/` in which the property named here catches it; without the bug the
//! same scenario breaks nothing. A test (`zoo`) says so for all of them.

use crate::scenario;
use serde::{Deserialize, Serialize};

/// Makes the enum, its documentation and the table for people out of one text each.
macro_rules! bugs {
    ($($variant:ident = $name:literal, caught by $property:literal in $scenario:literal: $about:literal; $history:literal;)*) => {
        /// A planted bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Bug {
            $(
                #[doc = $about]
                #[doc = concat!("\n\n", $history, "\n\nCaught by `", $property, "` in `scenarios/raft/bugs/", $scenario, ".toml`.")]
                $variant,
            )*
        }

        impl Bug {
            /// All of them, in the order of [`TABLE`](Self::TABLE).
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// All of them, for people.
            pub const TABLE: &'static [scenario::Bug] = &[
                $(scenario::Bug {
                    name: $name,
                    about: $about,
                    history: $history,
                    caught_by: $property,
                    scenario: concat!("raft/bugs/", $scenario, ".toml"),
                },)*
            ];
        }
    };
}

bugs! {
    ForgetVote = "forget-vote", caught by "election-safety" in "forget_vote":
        "The vote is kept in memory only: after a restart a server may vote again in the same term. Needs a crash and a restart within one election.";
        "Figure 2 of the paper lists the vote as persistent state for this reason; HashiCorp's raft writes term and vote one after the other, and a crash in between is the same bug.";
    ForgetTerm = "forget-term", caught by "election-safety" in "forget_term":
        "The term is kept in memory only: after a restart a server is back in the term of its last entry, and may vote again in any term since. Needs restarts while terms pass without entries.";
        "Figure 2 of the paper; a classic of homemade implementations that store only the log.";
    VoteBeforeDurable = "vote-before-durable", caught by "election-safety" in "vote_before_durable":
        "The vote is sent before it is durable, and not only afterwards: a crash during the sync takes it back, and the server votes again. Needs slow disks and crashes during elections.";
        "What any implementation does whose write returns from the page cache and not from the disk.";
    DoubleVote = "double-vote", caught by "election-safety" in "double_vote":
        "A server votes for everybody who asks. Two candidates in one term are enough.";
        "The rule of section 5.2 left out; the first mutant that every test suite for Raft tries.";
    VotesKeptAcrossTerms = "votes-kept-across-terms", caught by "election-safety" in "votes_kept_across_terms":
        "Votes of the last candidacy count in the next one. Needs a split vote, and `pre_vote = false`.";
        "raft-rs 0.3.1 mended it for its pre-candidates (issue 83): votes were not reset.";
    PreVotesCount = "pre-votes-count", caught by "election-safety" in "pre_votes_count":
        "Who said that it would vote counts as having voted: two servers may both have been encouraged, and both then lead the same term.";
        "A mistake that section 9.6 of the dissertation invites: the two requests share one message, and almost one handler.";
    VoteWithoutLogCheck = "vote-without-log-check", caught by "leader-completeness" in "vote_without_log_check":
        "A server votes without comparing logs: a candidate that was cut off wins, and replaces what it missed.";
        "The rule of section 5.4.1 left out.";
    QuorumOffByOne = "quorum-off-by-one", caught by "leader-completeness" in "quorum_off_by_one":
        "Half of the servers count as a majority, and two halves know nothing of each other: two leaders, or a leader without what the last one promised. Needs an even number of servers, or an even split.";
        "n/2 for n/2 + 1: the oldest mistake in quorum systems.";
    CountOldTerms = "count-old-terms", caught by "leader-completeness" in "count_old_terms":
        "Entries of earlier terms are committed by counting who holds them: figure 8 of the paper. Needs batches of one entry, one under way at a time, and leaders that crash at bad moments.";
        "LogCabin, by the author of Raft, had it: logcabin issue 44, \"critical Raft data corruption bug\".";
    AlwaysTruncate = "always-truncate", caught by "committed-entries-survive" in "always_truncate":
        "A follower cuts its log after the last entry of every append, even when nothing contradicts it: an append that was overtaken takes back what was confirmed since.";
        "A literal reading of figure 2, against which the paper's \"if an existing entry conflicts with a new one\" warns; common in student implementations.";
    NeverTruncate = "never-truncate", caught by "log-matching" in "never_truncate":
        "A follower never removes what contradicts its leader: entries of a deposed leader stay, and it confirms others in their place. Needs a leader that is cut off with entries nobody else has.";
        "Step 3 of figure 2's AppendEntries left out.";
    NoPrevCheck = "no-prev-check", caught by "log-matching" in "no_prev_check":
        "A follower takes entries without looking at what stands before them.";
        "Step 2 of figure 2's AppendEntries left out.";
    CommitBeyondAgreed = "commit-beyond-agreed", caught by "state-machine-safety" in "commit_beyond_agreed":
        "A follower takes over the leader's commit index for its whole log, including an end that differs from the leader's. Needs a deposed leader with entries of its own that hears a heartbeat first.";
        "min(leaderCommit, last index) for min(leaderCommit, index of last *new* entry): the paper's figure 2 insists on the word.";
    AckBeforeDurable = "ack-before-durable", caught by "leader-completeness" in "ack_before_durable":
        "A follower confirms entries before they are durable, and not only afterwards: a crash takes back what the leader counted. Needs power cuts that hit a majority, and slow disks.";
        "etcd 3.5 told clients of a single server that a write was done before it was on disk (etcd issue 14370).";
    SnapshotWithoutSessions = "snapshot-without-sessions", caught by "snapshots-match-the-log" in "snapshot_without_sessions":
        "A snapshot leaves the table of sessions out: a command that is repeated at a server that was restored from one takes effect twice.";
        "Section 6.3 of the dissertation names the table as part of the state that a snapshot must hold.";
    SnapshotDiscardsSuffix = "snapshot-discards-suffix", caught by "committed-entries-survive" in "snapshot_discards_suffix":
        "A follower that installs a snapshot throws away the whole log, also entries after the snapshot that it had confirmed. Needs a follower that has restarted and gets a late snapshot.";
        "Step 6 of figure 13's InstallSnapshot, \"retain log entries following it\", left out; HashiCorp's raft once tried to cut a negative range off its log (issue 358).";
    OldSnapshotRewinds = "old-snapshot-rewinds", caught by "commit-never-goes-back" in "old_snapshot_rewinds":
        "A follower installs every snapshot it gets, one that is repeated or late as well: it goes back to the past.";
        "etcd's raft compares with what is committed before it restores, and its tests play the late snapshot.";
    SnapshotNotAtomic = "snapshot-not-atomic", caught by "leader-completeness" in "snapshot_not_atomic":
        "The log's file is written anew in three steps: emptied, the snapshot, what remains. A crash in between loses what was confirmed. Needs disks that may keep the first write and lose the second.";
        "etcd's raft: \"panic on MsgApp after log truncation\"; Redis-Raft failed assertions about its snapshots in Jepsen's tests of 2020.";
    StaleLeaderRead = "stale-leader-read", caught by "reads-are-fresh" in "stale_leader_read":
        "A leader answers reads without asking whether it still leads: one that was deposed without knowing tells the past.";
        "etcd 0.4.1 and Consul did so by default in 2014, as Jepsen showed.";
    ReadBeforeOwnCommit = "read-before-own-commit", caught by "reads-are-fresh" in "read_before_own_commit":
        "A new leader answers reads before it has committed an entry of its own term: it may not know yet what its predecessor acknowledged.";
        "Step 1 of section 6.4 of the dissertation left out; etcd's raft puts such reads off until its first commit.";
    NoSessionTable = "no-session-table", caught by "answers-match-the-log" in "no_session_table":
        "There is no table of sessions: a command that its client repeats takes effect twice. Needs answers that get lost.";
        "Section 8 of the paper; many key-value stores leave it to their clients to this day.";
    ReadJoinsRound = "read-joins-round", caught by "reads-are-fresh" in "read_joins_round":
        "A read that comes while another waits joins its round instead of asking anew: answers given before it came prove the leadership for it.";
        "etcd's raft did this with repeated requests (etcd-io/raft issue 397).";
    LeaseIgnoresDrift = "lease-ignores-drift", caught by "reads-are-fresh" in "lease_ignores_drift":
        "A lease lasts the whole election timeout by the leader's clock, however slow that may run: followers elect another while the old leader answers. Needs `reads = \"lease\"` and a clock that drifts within the bound.";
        "etcd's documents warn that lease reads depend on clocks; raft-rs issue 141 is a relative.";
    RemovedServerDisrupts = "removed-server-disrupts", caught by "removed-servers-disturb-nobody" in "removed_server_disrupts":
        "Servers that hear from a leader listen to candidates all the same: one that was removed and does not know it deposes every leader.";
        "Section 4.2.3 of Ongaro's dissertation describes it and gives the remedy.";
    ChangeBeforeOwnCommit = "change-before-own-commit", caught by "leader-completeness" in "change_before_own_commit":
        "A new leader changes the members before it has committed an entry of its own term, over a change of its predecessor that may not be committed. Needs `changes = \"single\"`.";
        "The bug in single-server changes that Ongaro corrected in 2015, a year after his dissertation.";
    TwoChangesAtOnce = "two-changes-at-once", caught by "one-change-at-a-time" in "two_changes_at_once":
        "A change of the members begins before the last one is committed, so that majorities of before and after need not share a server.";
        "openraft's change_membership did so until 2025.";
    TransferSkipsLogCheck = "transfer-skips-log-check", caught by "leader-completeness" in "transfer_skips_log_check":
        "Voters do not compare logs when the leader itself has asked for the election, because it vouches for its heir: but the message may arrive after the leader gave up and went on.";
        "HashiCorp's raft mended races of this kind (issue 570, pull request 581).";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_bugs_as_settings_do() {
        for (bug, row) in Bug::ALL.iter().zip(Bug::TABLE) {
            assert_eq!(serde_json::to_value(bug).unwrap(), row.name);
        }
    }
}
