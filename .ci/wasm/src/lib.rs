//! One exported function for each question that the comparison asks.

use faultlab::patterns;
use faultlab::scenario::{self, RunOptions};

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// How many scenarios there are, in the order of their sorted paths.
#[unsafe(no_mangle)]
pub extern "C" fn count() -> u32 {
    SCENARIOS.len() as u32
}

/// Runs a scenario and returns word `word` (0 to 3, the most significant first) of its digest.
#[unsafe(no_mangle)]
pub extern "C" fn digest(scenario: u32, word: u32) -> u32 {
    let text = SCENARIOS[scenario as usize];
    let scenario = scenario::load(patterns::ALL, "scenario", text).expect("the scenarios are sound");
    let digest = scenario.run(&RunOptions::default()).digest.value();
    (digest >> (96 - 32 * word)) as u32
}
