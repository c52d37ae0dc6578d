//! The little statistics that reports need.

/// The two ends of Wilson's 95 % confidence interval for a share of which `count` in `of` were seen (Wilson 1927). Unlike the
/// textbook's interval it stays between 0 and 1, and says something even if nothing was seen.
pub fn wilson(count: u64, of: u64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (of as f64, count as f64 / of as f64);
    let centre = p + Z * Z / (2.0 * n);
    let reach = Z * libm::sqrt(p * (1.0 - p) / n + Z * Z / (4.0 * n * n));
    let scale = 1.0 + Z * Z / n;
    (((centre - reach) / scale).max(0.0), ((centre + reach) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from the worked example of Newcombe 1998, table I: 81 of 263 and 0 of 20.
    #[test]
    fn intervals_are_those_of_the_literature() {
        let (low, high) = wilson(81, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = wilson(0, 20);
        assert!(low < 1e-9 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
    }
}
