//! Where two traces part.
//!
//! Traces are compared line by line, as files: what is compared is what is on record, and a trace of any length needs no more
//! memory than a few of its lines. The first line is the header; that it differs says why the rest may, so it is reported
//! beside the first record that differs and not in place of it.

use std::collections::VecDeque;
use std::io::{self, BufRead};

/// How many records before the first difference are kept, to show where in the run it is.
const CONTEXT: usize = 3;

/// What two traces have in common, and where they part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The headers, if they differ.
    pub headers: Option<(String, String)>,
    /// The last records that both have.
    pub before: Vec<String>,
    /// How many records both have.
    pub common: u64,
    /// The first record that differs, on both sides; `None` on a side whose trace has ended.
    pub first: Option<(Option<String>, Option<String>)>,
}

impl Difference {
    /// Whether the runs are the same: all records agree, whatever the headers say.
    pub fn is_none(&self) -> bool {
        self.first.is_none()
    }
}

/// Compares two traces in the format of [`jsonl`](super::jsonl).
///
/// # Errors
/// If one of them cannot be read.
pub fn diff(left: impl BufRead, right: impl BufRead) -> io::Result<Difference> {
    let (mut left, mut right) = (left.lines(), right.lines());
    let mut difference = Difference::default();
    let headers = (left.next().transpose()?.unwrap_or_default(), right.next().transpose()?.unwrap_or_default());
    difference.headers = (headers.0 != headers.1).then_some(headers);
    let mut before = VecDeque::new();
    loop {
        match (left.next().transpose()?, right.next().transpose()?) {
            (None, None) => break,
            (Some(left), Some(right)) if left == right => {
                difference.common += 1;
                before.push_back(left);
                if before.len() > CONTEXT {
                    before.pop_front();
                }
            }
            sides => {
                difference.first = Some(sides);
                break;
            }
        }
    }
    difference.before = before.into();
    Ok(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(left: &str, right: &str) -> Difference {
        diff(left.as_bytes(), right.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_difference_is_found_with_what_came_before() {
        let found = of("head\n1\n2\n3\n4\nx\n6\n", "head\n1\n2\n3\n4\ny\n");
        assert_eq!(found.first, Some((Some("x".into()), Some("y".into()))));
        assert_eq!((found.common, found.before), (4, vec!["2".to_string(), "3".into(), "4".into()]));
        assert_eq!(found.headers, None);
    }

    #[test]
    fn a_trace_that_ends_early_differs_and_headers_alone_do_not() {
        assert_eq!(of("head\n1\n", "head\n1\n2\n").first, Some((None, Some("2".into()))));
        let renamed = of("head\n1\n", "other\n1\n");
        assert!(renamed.is_none());
        assert_eq!(renamed.headers, Some(("head".into(), "other".into())));
    }
}
