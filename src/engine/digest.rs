//! A rolling 128-bit digest of a run, of fixed definition.
//!
//! Two runs are the same exactly when their digests agree, so the digest must be the same on every machine and with
//! every build, with or without a trace. It is therefore defined here to the bit, takes no `usize` and no text made by
//! `Debug`, and is not meant to resist an attacker: it tells runs apart, nothing more.
//!
//! Definition: two lanes `a` and `b` start at the constants below. A 64-bit word `w` is taken in by
//! `a = rotl((a ^ w) * K1, 29)` and `b = rotl((b + w) * K2, 31) ^ a`, all modulo 2^64. Bytes are taken in as
//! little-endian words, the last one padded with zeros. The value is both lanes after two rounds with the words
//! `!0` and the number of words taken in.

use std::fmt;
use std::hash::{Hash, Hasher};

const K1: u64 = 0x9e37_79b9_7f4a_7c15;
const K2: u64 = 0xd6e8_feb8_6659_fd93;

/// The digest of everything taken in so far. A [`Hasher`], so that any value that is `Hash` can be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    a: u64,
    b: u64,
    words: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Self { a: 0x243f_6a88_85a3_08d3, b: 0x1319_8a2e_0370_7344, words: 0 }
    }
}

impl Digest {
    /// Takes in one word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.a = (self.a ^ word).wrapping_mul(K1).rotate_left(29);
        self.b = self.b.wrapping_add(word).wrapping_mul(K2).rotate_left(31) ^ self.a;
        self.words += 1;
    }

    /// The digest as a number. More can be taken in afterwards.
    pub fn value(self) -> u128 {
        let mut end = self;
        end.word(u64::MAX);
        end.word(self.words);
        u128::from(end.a) << 64 | u128::from(end.b)
    }

    /// The digest of one value.
    pub fn of(value: &impl Hash) -> u128 {
        let mut digest = Self::default();
        value.hash(&mut digest);
        digest.value()
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.value())
    }
}

/// A whole number of up to 64 bits counts as one word, so that 32-bit machines agree with 64-bit ones. The standard library
/// hashes slices of numbers as bytes in memory: those agree on little-endian machines, and slices of `usize` only between
/// machines of one width, so what is to be hashed should keep numbers of fixed width.
impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.value() as u64
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.word(u64::from(n));
    }
    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.word(u64::from(n));
    }
    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.word(u64::from(n));
    }
    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.word(n);
    }
    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.word(n as u64);
    }
    fn write_u128(&mut self, n: u128) {
        self.word(n as u64);
        self.word((n >> 64) as u64);
    }
    fn write_i128(&mut self, n: i128) {
        self.write_u128(n as u128);
    }
    #[inline]
    fn write_i8(&mut self, n: i8) {
        self.word(i64::from(n) as u64);
    }
    #[inline]
    fn write_i16(&mut self, n: i16) {
        self.word(i64::from(n) as u64);
    }
    #[inline]
    fn write_i32(&mut self, n: i32) {
        self.word(i64::from(n) as u64);
    }
    #[inline]
    fn write_i64(&mut self, n: i64) {
        self.word(n as u64);
    }
    #[inline]
    fn write_isize(&mut self, n: isize) {
        self.word(n as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_never_changes() {
        let mut digest = Digest::default();
        assert_eq!(digest.to_string(), "630945e4f6acb7ad2397d84a80b49c5d");
        (1_u8, "abc", vec![2_u32, 3], Some(4_i64)).hash(&mut digest);
        assert_eq!(digest.to_string(), "119072e29d84626743419d757cf2740e");
    }

    #[test]
    fn order_and_length_matter() {
        assert_ne!(Digest::of(&(1, 2)), Digest::of(&(2, 1)));
        assert_ne!(Digest::of(&0_u64), Digest::of(&(0_u64, 0_u64)));
    }
}
