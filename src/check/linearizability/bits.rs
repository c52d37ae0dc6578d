//! Which operations have been placed, as bits, and the only part of them that needs to be remembered.
//!
//! Operations are numbered in the order in which they began, so at any moment of a search those placed are nearly a
//! prefix: all of the early ones, some around the present, none of the later ones. The *window* is what lies between the
//! first that is not placed and the last that is. It is about as long as clients are many, however long the history is,
//! and together with its beginning it says as much as all the bits. Remembering windows in place of whole sets is what
//! makes long histories affordable: memory grows with their length, not with its square.

/// A set of numbers that is nearly a prefix.
#[derive(Clone, Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    /// The smallest number that is not in the set.
    base: usize,
    /// One more than the largest number in the set.
    end: usize,
    hash: u64,
}

/// What a removal needs to know about the set before the insertion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undo {
    base: usize,
    end: usize,
}

impl Bits {
    /// An empty set of numbers below `len`. Sets with different salts have unrelated hashes.
    pub(super) fn new(len: usize, salt: u64) -> Self {
        // One more word, so that a window may be read across the last boundary.
        Self { words: vec![0; len / 64 + 2], base: 0, end: 0, hash: mix(salt) }
    }

    /// A hash that depends on the set alone, and was kept up to date by one operation for each change.
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.words[number / 64] >> (number % 64) & 1 == 1
    }

    pub(super) fn insert(&mut self, number: usize, salt: u64) -> Undo {
        let undo = Undo { base: self.base, end: self.end };
        self.words[number / 64] |= 1 << (number % 64);
        self.hash ^= mix(salt ^ number as u64);
        self.end = self.end.max(number + 1);
        while self.base < self.end && self.contains(self.base) {
            // Whole words at once: after a long operation the prefix may jump.
            let ones = (!(self.words[self.base / 64] >> (self.base % 64))).trailing_zeros() as usize;
            self.base += ones.min(64 - self.base % 64);
        }
        undo
    }

    pub(super) fn remove(&mut self, number: usize, salt: u64, undo: Undo) {
        self.words[number / 64] &= !(1 << (number % 64));
        self.hash ^= mix(salt ^ number as u64);
        (self.base, self.end) = (undo.base, undo.end);
    }

    /// Writes where the window begins and how many words it has, and then the words.
    pub(super) fn window(&self, out: &mut Vec<u64>) {
        let head = out.len();
        out.push(0);
        let (first, shift) = (self.base / 64, self.base % 64);
        let count = self.end.saturating_sub(self.base).div_ceil(64);
        for word in first..first + count {
            let low = self.words[word] >> shift;
            // Shifting by 64 is not allowed, and shifting twice does the same.
            out.push(low | self.words[word + 1] << 1 << (63 - shift));
        }
        out[head] = (self.base as u64) << 24 | (out.len() - head - 1) as u64;
    }
}

/// Spreads every bit of a word over all of them (the finaliser of SplitMix64).
#[inline]
pub(super) fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(bits: &Bits) -> Vec<u64> {
        let mut words = Vec::new();
        bits.window(&mut words);
        words
    }

    #[test]
    fn the_window_of_a_long_prefix_is_short() {
        let mut bits = Bits::new(1000, 0);
        for number in (0..900).chain([901, 903]) {
            bits.insert(number, 0);
        }
        assert_eq!(window(&bits), [900 << 24 | 1, 0b1010]);
    }

    #[test]
    fn sets_with_equal_windows_are_equal() {
        // Every subset of a few numbers around the boundaries of words has a window of its own.
        let numbers = [0, 1, 62, 63, 64, 65, 127, 128, 191];
        let mut seen = std::collections::BTreeSet::new();
        for subset in 0..1_u32 << numbers.len() {
            let mut bits = Bits::new(192, 7);
            for (place, number) in numbers.iter().enumerate() {
                if subset >> place & 1 == 1 {
                    bits.insert(*number, 7);
                }
            }
            assert!(seen.insert((window(&bits), bits.hash())), "{subset:b}");
        }
        assert_eq!(seen.len(), 1 << numbers.len());
    }

    #[test]
    fn removal_undoes_insertion() {
        let mut bits = Bits::new(130, 3);
        for number in 0..65 {
            bits.insert(number, 3);
        }
        let before = (window(&bits), bits.hash());
        let undo = bits.insert(129, 3);
        let again = bits.insert(65, 3);
        bits.remove(65, 3, again);
        bits.remove(129, 3, undo);
        assert_eq!((window(&bits), bits.hash()), before);
    }
}
