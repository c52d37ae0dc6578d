//! Ctrl-C, as a wish: whoever works on something long finishes what it has and says what it found.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C asks instead of killing; a second one kills.
pub(super) fn listen() {
    // Where signals cannot be caught, Ctrl-C kills as it always did.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
}

/// Whether somebody asked to stop.
pub(super) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
