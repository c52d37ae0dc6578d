//! Which class of plans each seed of a sweep belongs to.
//!
//! Heavy faults find what needs a crash at the wrong moment and hide what needs a service in working order; so a sweep
//! is a mix. The class of a seed follows from the seed and the mix alone: neither the size of a sweep nor the part of it
//! that is run changes it.

use crate::engine::random::{Domain, Fate};
use crate::scenario::Class;
use std::fmt;
use std::str::FromStr;

/// Shares of classes: `swarm=50,faults=25,storm=25`, or a single class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// By class, in the order of [`Class::ALL`].
    shares: [u32; Class::ALL.len()],
}

/// Most bugs that are hard to find fall to storms and swarms; those that heavy faults hide to the gentler classes, where a few runs
/// suffice. `faultlab bugs` measures it.
impl Default for Mix {
    fn default() -> Self {
        Self { shares: [4, 6, 20, 30, 40] }
    }
}

/// The entity of the draw below, among those of [`Domain::Plan`].
const ENTITY: u64 = 0;

impl Mix {
    /// All seeds are of this class.
    pub fn only(class: Class) -> Self {
        Self { shares: Class::ALL.map(|other| u32::from(other == class)) }
    }

    /// The class of a seed.
    pub fn class(&self, seed: u64) -> Class {
        let total = self.shares.iter().map(|share| u64::from(*share)).sum();
        let mut place = Fate::of(Fate::key(seed, Domain::Plan, ENTITY), 0).below(total);
        for (class, share) in self.classes() {
            match place.checked_sub(share.into()) {
                None => return class,
                Some(rest) => place = rest,
            }
        }
        Class::Written
    }

    /// The classes that have a share, with their shares.
    pub fn classes(&self) -> impl Iterator<Item = (Class, u32)> + use<> {
        Class::ALL.into_iter().zip(self.shares).filter(|(_, share)| *share > 0)
    }
}

/// As it is written in `--mix`.
impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes: Vec<_> = self.classes().collect();
        if let [(class, _)] = classes[..] {
            return class.fmt(f);
        }
        for (place, (class, share)) in classes.into_iter().enumerate() {
            write!(f, "{}{class}={share}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('=') {
            return text.trim().parse().map(Self::only).map_err(|expected: String| {
                format!("{expected}, or shares of several as in swarm=50,faults=25,storm=25")
            });
        }
        let mut mix = Self { shares: [0; Class::ALL.len()] };
        let mut named = Vec::new();
        for part in text.split(',') {
            let (name, share) =
                part.split_once('=').ok_or_else(|| format!("`{part}` has no share: write {part}=25"))?;
            let class: Class = name.trim().parse().map_err(|expected| format!("`{name}` is no class: {expected}"))?;
            let share = share.trim().parse::<u32>();
            let share = share.map_err(|_| format!("the share of `{class}` is no whole number: write {class}=25"))?;
            if named.contains(&class) {
                return Err(format!("`{class}` has two shares"));
            }
            named.push(class);
            mix.shares[class as usize] = share;
        }
        match mix.classes().next() {
            None => Err("all shares are zero, so there is nothing to draw".into()),
            Some(_) => Ok(mix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_as_often_as_their_shares_say() {
        let mix: Mix = "swarm=50, faults=25,storm=25".parse().unwrap();
        assert_eq!(mix.to_string(), "faults=25,swarm=50,storm=25");
        let count = |class| (0..10_000).filter(|seed| mix.class(*seed) == class).count();
        assert!((4_800..5_200).contains(&count(Class::Swarm)) && (2_300..2_700).contains(&count(Class::Storm)));
        assert_eq!(count(Class::Calm) + count(Class::Written), 0);
    }

    #[test]
    fn the_class_of_a_seed_is_fixed_for_ever() {
        let classes = [0, 1, 2, 3, 4, 5, u64::MAX].map(|seed| Mix::default().class(seed).word());
        assert_eq!(
            classes,
            ["storm", "swarm", "written", "swarm", "swarm", "swarm", "swarm"],
            "journals of sweeps depend on them"
        );
    }

    #[test]
    fn what_is_no_mix_is_refused() {
        assert_eq!("storm".parse::<Mix>().unwrap(), Mix::only(Class::Storm));
        assert_eq!(Mix::only(Class::Storm).to_string(), "storm");
        for wrong in ["", "wild", "storm=", "storm=-1", "storm=1,storm=2", "storm=0", "storm=1,calm", "wild=3"] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }
}
