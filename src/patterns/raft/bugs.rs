//! The bugs that can be planted, each a single `if` at the place whose rule it breaks.

use crate::scenario;
use serde::{Deserialize, Serialize};

/// Makes the enum, its documentation and the table for people out of one text each.
macro_rules! bugs {
    ($($variant:ident = $name:literal, caught by $property:literal: $about:literal;)*) => {
        /// A planted bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Bug {
            $(
                #[doc = $about]
                #[doc = concat!("\n\nCaught by `", $property, "`.")]
                $variant,
            )*
        }

        impl Bug {
            /// All of them, in the order of [`TABLE`](Self::TABLE).
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// All of them, for people.
            pub const TABLE: &'static [scenario::Bug] = &[
                $(scenario::Bug { name: $name, about: $about, caught_by: $property },)*
            ];
        }
    };
}

bugs! {
    ForgetVote = "forget-vote", caught by "election-safety":
        "The vote is kept in memory only: after a restart a server may vote again in the same term. Needs a crash and a restart within one election.";
    ForgetTerm = "forget-term", caught by "election-safety":
        "The term is kept in memory only: after a restart a server is back in the term of its last entry, and may vote again in any term since.";
    VoteBeforeDurable = "vote-before-durable", caught by "election-safety":
        "The vote is sent before it is durable, and not only afterwards: a crash during the sync takes it back, and the server votes again.";
    DoubleVote = "double-vote", caught by "election-safety":
        "A server votes for everybody who asks: two candidates in one term are enough.";
    VotesKeptAcrossTerms = "votes-kept-across-terms", caught by "election-safety":
        "Votes of the last candidacy count in the next one. Needs a split vote, and `pre_vote = false`.";
    PreVotesCount = "pre-votes-count", caught by "election-safety":
        "Who said that it would vote counts as having voted: two servers may both have been encouraged, and both then lead the same term.";
    VoteWithoutLogCheck = "vote-without-log-check", caught by "leader-completeness":
        "A server votes without comparing logs: a candidate that was cut off wins, and replaces what it missed.";
    QuorumOffByOne = "quorum-off-by-one", caught by "election-safety":
        "Half of the servers count as a majority, and two halves know nothing of each other: two leaders, or a leader without what the last one promised.";
    CountOldTerms = "count-old-terms", caught by "leader-completeness":
        "Entries of earlier terms are committed by counting who holds them: figure 8 of the paper, and a data corruption bug of LogCabin. Needs batches of one entry, and leaders that crash at bad moments.";
    AlwaysTruncate = "always-truncate", caught by "committed-entries-survive":
        "A follower cuts its log after the last entry of every append, even when nothing contradicts it: an append that was overtaken takes back what was confirmed since.";
    NoPrevCheck = "no-prev-check", caught by "state-machine-safety":
        "A follower takes entries without looking at what stands before them.";
    CommitBeyondAgreed = "commit-beyond-agreed", caught by "state-machine-safety":
        "A follower takes over the leader's commit index for its whole log, including an end that differs from the leader's.";
    AckBeforeDurable = "ack-before-durable", caught by "leader-completeness":
        "A follower confirms entries before they are durable, and not only afterwards: a crash takes back what the leader counted.";
    NeverTruncate = "never-truncate", caught by "leader-completeness":
        "A follower never removes what contradicts its leader: entries of a deposed leader stay, and it confirms others in their place.";
    SnapshotWithoutSessions = "snapshot-without-sessions", caught by "answers-match-the-log":
        "A snapshot leaves the table of sessions out: a command that is repeated after its server was restored from one takes effect twice.";
    SnapshotDiscardsSuffix = "snapshot-discards-suffix", caught by "committed-entries-survive":
        "A follower that installs a snapshot throws away the whole log, entries beyond the snapshot included that it had confirmed.";
    OldSnapshotRewinds = "old-snapshot-rewinds", caught by "commit-never-goes-back":
        "A follower installs every snapshot it gets, one that is repeated or late as well: it goes back to the past.";
    SnapshotNotAtomic = "snapshot-not-atomic", caught by "leader-completeness":
        "The log is emptied in one write, the snapshot comes in the next, what remains of the log in a third: a crash in between loses what was confirmed.";
    StaleLeaderRead = "stale-leader-read", caught by "reads-are-fresh":
        "A leader answers reads without asking whether it still leads: one that was deposed without knowing tells the past.";
    ReadBeforeOwnCommit = "read-before-own-commit", caught by "reads-are-fresh":
        "A new leader answers reads before it has committed an entry of its own term: it may not know yet what its predecessor acknowledged.";
    NoSessionTable = "no-session-table", caught by "answers-match-the-log":
        "There is no table of sessions: a command that its client repeats takes effect twice.";
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
