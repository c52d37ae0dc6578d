//! The `faultlab` command.
fn main() {}
