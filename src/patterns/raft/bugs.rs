//! The bugs that can be planted, each a single `if` at the place whose rule it breaks.

use serde::{Deserialize, Serialize};

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bug {
    /// The vote is kept in memory only: after a restart a server may vote again in the same term. Needs a crash and a
    /// restart within one election. Caught by `election-safety`.
    ForgetVote,
    /// The term is kept in memory only: after a restart a server is back in the term of its last entry, and may vote
    /// again in any term since. Caught by `election-safety`.
    ForgetTerm,
    /// The vote is sent before it is durable, and not only afterwards: a crash in between takes it back. The same as `forget-vote`, but only a
    /// crash during the sync shows it. Caught by `election-safety`.
    VoteBeforeDurable,
    /// A server votes for everybody who asks. Two candidates in one term are enough. Caught by `election-safety`.
    DoubleVote,
    /// Votes of the last candidacy count in the next one. Needs split votes, and `pre_vote = false`. Caught by
    /// `election-safety` or `leader-completeness`.
    VotesKeptAcrossTerms,
    /// Who said that it would vote counts as having voted: two candidates may both have been encouraged, then both win
    /// the same term without a single real vote from others. Caught by `election-safety`.
    PreVotesCount,
    /// A server votes without comparing logs: a candidate that missed committed entries wins and replaces them. Needs
    /// one follower to have been cut off. Caught by `leader-completeness`.
    VoteWithoutLogCheck,
    /// Half of the servers count as a majority: with an even number of them, two halves know nothing of each other;
    /// with an odd one, a minority decides. Caught by `election-safety` and `leader-completeness`.
    QuorumOffByOne,
    /// Entries of earlier terms are committed by counting who holds them: figure 8 of the paper. Needs batches of one
    /// entry, and leaders that crash at bad moments. Caught by `leader-completeness`.
    CountOldTerms,
    /// A follower cuts its log after the last entry of every append, even when nothing contradicts it: an append that
    /// was overtaken takes back what has been confirmed since. Needs reordering. Caught by `committed-entries-survive`.
    AlwaysTruncate,
    /// A follower takes entries without looking at what stands before them. Caught by `log-matching` and
    /// `state-machine-safety`.
    NoPrevCheck,
    /// A follower takes over the leader's commit index for its whole log, including an end that does not agree with the
    /// leader's. Needs a follower with such an end that hears a heartbeat first. Caught by `state-machine-safety`.
    CommitBeyondAgreed,
    /// A follower confirms entries before they are durable, and not only afterwards: a crash takes back what the leader counted. Caught by
    /// `leader-completeness` and `committed-entries-survive`.
    AckBeforeDurable,
    /// A new leader answers questions before it has committed an entry of its own term: it may not know yet what its
    /// predecessor acknowledged. Caught by `reads-are-fresh`.
    ReadBeforeOwnCommit,
    /// There is no table of sessions: a command that its client repeats takes effect twice. Caught by
    /// `answers-match-the-log`.
    NoSessionTable,
}

impl Bug {
    /// All of them, in the order in which they are described.
    pub const ALL: [Self; 15] = [
        Self::ForgetVote,
        Self::ForgetTerm,
        Self::VoteBeforeDurable,
        Self::DoubleVote,
        Self::VotesKeptAcrossTerms,
        Self::PreVotesCount,
        Self::VoteWithoutLogCheck,
        Self::QuorumOffByOne,
        Self::CountOldTerms,
        Self::AlwaysTruncate,
        Self::NoPrevCheck,
        Self::CommitBeyondAgreed,
        Self::AckBeforeDurable,
        Self::ReadBeforeOwnCommit,
        Self::NoSessionTable,
    ];
}
