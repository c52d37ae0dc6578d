//! Colours that stay apart without colour: within a chart, neighbours differ in lightness by at least a tenth of the
//! way from black to white.

use crate::engine::trace::Outcome;

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    /// The colour of a text on this ground.
    pub(super) fn ink(self) -> Self {
        if self.lightness() > 140 { INK } else { WHITE }
    }

    /// How light the colour is in a picture without colours, from 0 to 255.
    fn lightness(self) -> u32 {
        let Self(red, green, blue) = self;
        (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1_000
    }
}

/// How far apart the strokes of a hatching are.
pub(super) const HATCH: i32 = 6;

pub(super) const WHITE: Colour = Colour(255, 255, 255);
/// Texts that matter.
pub(super) const INK: Colour = Colour(28, 32, 38);
/// Texts that help.
pub(super) const QUIET: Colour = Colour(92, 99, 110);
/// Axes.
pub(super) const AXIS: Colour = Colour(140, 146, 156);
/// Lines behind everything.
pub(super) const GRID: Colour = Colour(230, 233, 238);
/// The ground of lanes.
pub(super) const GROUND: Colour = Colour(246, 247, 249);
/// What is down: a light ground with dark hatching.
pub(super) const DOWN: Colour = Colour(236, 236, 236);
/// The strokes on it.
pub(super) const DOWN_STROKE: Colour = Colour(70, 70, 70);
/// A fault's bar and the shade that it throws.
pub(super) const FAULT: Colour = Colour(196, 203, 216);
/// What is wrong.
pub(super) const WRONG: Colour = Colour(178, 24, 43);
/// The sides of a partition, in turn.
pub(super) const SIDES: [Colour; 4] =
    [Colour(52, 58, 70), Colour(206, 211, 220), Colour(116, 124, 138), Colour(170, 176, 188)];
/// The median.
pub(super) const MEDIAN: Colour = Colour(11, 79, 138);
/// Nearly the worst.
pub(super) const NINETY_NINE: Colour = Colour(190, 104, 0);
/// The worst.
pub(super) const WORST: Colour = Colour(216, 196, 164);

/// Colours for roles that nobody foresaw, by order of appearance.
const OTHERS: [Colour; 6] = [
    Colour(91, 42, 134),
    Colour(232, 184, 216),
    Colour(0, 140, 102),
    Colour(240, 228, 66),
    Colour(205, 82, 0),
    Colour(86, 180, 233),
];

/// The colour of a known role.
fn known(role: &str) -> Option<Colour> {
    Some(match role {
        "leader" | "primary" | "coordinator" => Colour(11, 79, 138),
        "candidate" => Colour(224, 134, 0),
        "pre-candidate" => Colour(240, 180, 100),
        "follower" | "backup" | "participant" => Colour(208, 225, 242),
        "client" => Colour(222, 222, 226),
        "node" => Colour(190, 200, 210),
        _ => return None,
    })
}

/// The colours of some roles: known words have their own, others take one in turn.
pub(super) fn roles(names: &[&'static str]) -> Vec<Colour> {
    let mut others = OTHERS.into_iter().cycle();
    let colour = |name: &&str| known(name).or_else(|| others.next());
    names.iter().filter_map(colour).collect()
}

/// The colour of an operation by its outcome; `None` for one that has not ended.
pub(super) fn outcome(outcome: Option<Outcome>) -> Colour {
    match outcome {
        Some(Outcome::Ok) => Colour(122, 200, 164),
        Some(Outcome::Failed) => Colour(213, 94, 0),
        Some(Outcome::Unknown) => Colour(59, 42, 94),
        None => Colour(220, 211, 234),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_side_by_side_differs_without_colour() {
        let outcomes = [Some(Outcome::Ok), Some(Outcome::Failed), Some(Outcome::Unknown), None].map(outcome);
        let election = roles(&["leader", "follower", "candidate", "pre-candidate"]);
        for colours in [&election[..], &outcomes, &SIDES, &[MEDIAN, NINETY_NINE, WORST]] {
            for (place, one) in colours.iter().enumerate() {
                for other in &colours[place + 1..] {
                    assert!(one.lightness().abs_diff(other.lightness()) >= 25, "{one:?} looks like {other:?}");
                }
            }
        }
    }

    #[test]
    fn unforeseen_roles_take_colours_in_turn() {
        let colours = roles(&["leader", "sequencer", "follower", "witness"]);
        assert_eq!((colours[1], colours[3]), (OTHERS[0], OTHERS[1]));
    }
}
