//! Chance that can be replayed: streams for entities, fates for messages.
//!
//! One generator for everything would re-roll the universe whenever one draw is added. Here every random decision is
//! a pure function of (seed, domain, entity, ordinal), in one of two forms:
//!
//! - a [`Stream`] for an entity that draws as often as it likes for one decision (what a client asks, whom a random
//!   selector strikes): ChaCha with 8 rounds, whose 256-bit key *is* (seed, domain, entity), so two streams never meet;
//! - a [`Fate`] for one thing among many of an entity (a message of a link, a timer or a choice of a node, a sync of a
//!   disk): a counter-based hash. It holds no state, so the n-th message of a link meets the same fate whatever happens
//!   elsewhere, and 100 million possible links cost nothing until they are used.
//!
//! Bounded integers come from Lemire's multiplication with rejection, written out here: the convenience methods of
//! `rand` may change their algorithm between versions, and recorded traces must not.

use super::time::{Span, SpanRange};
use super::units::Share;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is for; part of its key. The numbers are part of the trace format: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Domain {
    /// A node's own choices; the entity is the node.
    Node = 1,
    /// The messages of a directed link; the entity is the link.
    Link = 2,
    /// What a client asks and when; the entity is the client.
    Client = 3,
    /// Latency of a node's disk; the entity is the node.
    Disk = 4,
    /// Whom a fault with a random selector strikes; the entity is the fault, known by what it is and when it begins.
    Fault = 5,
    /// How long a node's timers take; the entity is the node.
    Timer = 6,
    /// How a message is changed on its way; the entity is drawn for the message.
    Corruption = 7,
    /// The random faults of a run; the entity is the number of the draw.
    Nemesis = 9,
    /// Who is in the core of a run that settles; there is one.
    Settle = 10,
    /// What a sweep draws beside the file; the entity is the quantity.
    Plan = 32,
}

/// A replayable stream of random numbers for one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `entity` in `domain` under `seed`, at its beginning.
    pub fn new(seed: u64, domain: Domain, entity: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(domain as u64).to_le_bytes());
        key[16..24].copy_from_slice(&entity.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `0` to `bound - 1`, each equally likely; `0` when there is nothing to choose.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound <= 1 {
            return 0;
        }
        let mut product = u128::from(self.bits()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = u128::from(self.bits()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// One of `choices`, each equally likely.
    ///
    /// # Panics
    /// If there is nothing to choose.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A length from `range`, each nanosecond equally likely.
    pub fn span(&mut self, range: SpanRange) -> Span {
        let width = range.max.as_nanos() - range.min.as_nanos();
        if width == 0 {
            return range.min;
        }
        let offset = if width == u64::MAX { self.bits() } else { self.below(width + 1) };
        Span::from_nanos(range.min.as_nanos() + offset)
    }

    /// Whether something that happens with this share happens now.
    pub fn happens(&mut self, share: Share) -> bool {
        self.below(1_000_000) < u64::from(share.as_ppm())
    }
}

/// The fate of one thing: as many random words as there are questions about it, each a pure function of
/// (seed, domain, entity, ordinal, question).
#[derive(Clone, Copy, Debug)]
pub struct Fate(u64);

impl Fate {
    /// The key of an entity under `seed`, from which the fates of its things follow.
    #[inline]
    pub fn key(seed: u64, domain: Domain, entity: u64) -> u64 {
        mix(mix(seed.wrapping_add((domain as u64) << 56)) ^ entity)
    }

    /// The fate of thing number `ordinal` of the entity whose key is `key`.
    #[inline]
    pub fn of(key: u64, ordinal: u64) -> Self {
        Self(mix(key ^ mix(ordinal.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// 64 random bits that answer `question`; the same question gets the same answer.
    #[inline]
    pub fn bits(self, question: u64) -> u64 {
        mix(self.0.wrapping_add(question.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A number below `bound`, each equally likely (Lemire's method, as in [`Stream::below`]).
    #[inline]
    pub fn below(self, bound: u64) -> u64 {
        let mut product = u128::from(self.bits(0)) * u128::from(bound);
        let mut question = 0;
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound.max(1);
            while (product as u64) < threshold {
                question += 1;
                product = u128::from(self.bits(question)) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// Whether something that happens with this share happens here.
    #[inline]
    pub fn happens(self, question: u64, share: Share) -> bool {
        share != Share::NEVER && scale(self.bits(question), 1_000_000) < u64::from(share.as_ppm())
    }
}

/// Maps 64 random bits to `0..bound`. The bias is below `bound / 2^64`: for spans under an hour, one in five million.
#[inline]
pub fn scale(bits: u64, bound: u64) -> u64 {
    ((u128::from(bits) * u128::from(bound)) >> 64) as u64
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014, variant 13): every input bit reaches every output bit.
#[inline]
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_for_ever() {
        let mut stream = Stream::new(7, Domain::Node, 3);
        let drawn: Vec<u64> = (0..4).map(|_| stream.below(1_000_000)).collect();
        assert_eq!(drawn, [317215, 819958, 13399, 541310], "recorded traces depend on these numbers");
        let fate = Fate::of(Fate::key(7, Domain::Link, 1), 5);
        assert_eq!([fate.bits(0), fate.bits(1)].map(|bits| scale(bits, 1_000_000)), [462688, 368328]);
    }

    #[test]
    fn draws_are_spread_evenly() {
        let mut stream = Stream::new(1, Domain::Client, 0);
        let mut counts = [0_u32; 10];
        let mut fates = [0_u32; 10];
        for ordinal in 0..100_000 {
            counts[stream.below(10) as usize] += 1;
            fates[scale(Fate::of(Fate::key(1, Domain::Link, 1), ordinal).bits(0), 10) as usize] += 1;
        }
        for count in counts.into_iter().chain(fates) {
            assert!((9_600..10_400).contains(&count), "{counts:?} {fates:?}");
        }
    }

    #[test]
    fn a_share_happens_about_as_often_as_it_says() {
        let share = Share::from_ppm(20_000);
        let lost = (0..100_000).filter(|n| Fate::of(Fate::key(3, Domain::Link, 1), *n).happens(1, share)).count();
        assert!((1_850..2_150).contains(&lost), "2 % of 100,000 is not {lost}");
    }
}
