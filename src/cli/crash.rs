//! When something panics.
//!
//! A panic inside a handler is the scenario's business: the simulator catches it and judges it. So that it does not
//! spill onto the terminal, the panic hook only remembers where it was. A panic anywhere else is a fault of ours and is
//! reported as one.

use super::{Exit, output};
use std::panic::{self, PanicHookInfo};
use std::sync::Mutex;

static LAST: Mutex<Option<String>> = Mutex::new(None);

fn remember(info: &PanicHookInfo<'_>) {
    if let Ok(mut last) = LAST.lock() {
        *last = Some(info.to_string());
    }
}

/// Runs the command; a panic that nobody caught becomes exit code 3.
pub(super) fn guard(command: impl FnOnce() -> Exit + panic::UnwindSafe) -> Exit {
    panic::set_hook(Box::new(remember));
    panic::catch_unwind(command).unwrap_or_else(|_| {
        let what = LAST.lock().ok().and_then(|mut last| last.take()).unwrap_or_else(|| "an unknown panic".into());
        output::note(&format!("faultlab: this is a fault of faultlab, not of your scenario: {what}"));
        output::note("Please report it together with the command line and the scenario file.");
        Exit::OurFault
    })
}
