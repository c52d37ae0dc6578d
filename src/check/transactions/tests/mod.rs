//! The judge judged: textbook histories, broken databases, brute force, bad input.

mod brute_force;
mod engines;
mod formats;
mod reading;
mod textbook;
