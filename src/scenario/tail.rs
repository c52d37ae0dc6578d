//! The long tail: a log-normal law given by its median and its 99th percentile, as a table of integers.
//!
//! A network's latency is mostly near its median and sometimes many times that. If the logarithm is normal, the
//! quantile of a share `p` is `median * exp(sigma * z(p))` with `sigma = ln(p99 / median) / z(0.99)`. The table is made
//! with `libm`, which computes the same bits on every machine, when a scenario is loaded; the engine only reads it.

use crate::engine::Span;
use crate::engine::law::{Law, Quantiles};

/// Steps of the table. The last one stands for the share 1 - 1/8192, so the longest draw is near the 99.99th percentile.
const STEPS: u32 = 1024;

/// The normal quantile of 0.99.
const Z_99: f64 = 2.326_347_874_040_841;

/// The law with this median and this 99th percentile.
pub(super) fn log_normal(median: Span, p99: Span) -> Law {
    let (median, p99) = (median.as_nanos() as f64, p99.as_nanos() as f64);
    let sigma = libm::log(p99 / median) / Z_99;
    let point = |step: u32| {
        let edge = 1.0 / f64::from(STEPS * 8);
        let share = (f64::from(step) / f64::from(STEPS)).clamp(edge, 1.0 - edge);
        Span::from_nanos((median * libm::exp(sigma * normal_quantile(share))) as u64)
    };
    Law::Table(Quantiles::new((0..=STEPS).map(point).collect()))
}

/// The value that a standard normal variable stays below with this probability: bisection on its distribution, exact
/// to 1e-12 and in no hurry.
fn normal_quantile(share: f64) -> f64 {
    let (mut low, mut high) = (-8.0_f64, 8.0_f64);
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        let below = 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2);
        if below < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::metrics::Histogram;
    use crate::engine::random::{Domain, Fate};

    #[test]
    fn draws_have_the_median_and_the_p99_that_were_asked_for() {
        let law = log_normal(Span::from_millis(2), Span::from_millis(40));
        let mut drawn = Histogram::default();
        let key = Fate::key(1, Domain::Link, 0);
        (0..100_000).for_each(|n| drawn.record(law.draw(Fate::of(key, n).bits(0))));
        let near = |per_mille, millis: u64| {
            let got = drawn.quantile(per_mille).unwrap().as_nanos();
            assert!(got.abs_diff(millis * 1_000_000) < millis * 60_000, "{per_mille}: {got} ns, expected {millis} ms");
        };
        near(500, 2);
        near(990, 40);
    }
}
