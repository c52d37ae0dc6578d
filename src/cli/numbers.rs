//! Numbers as a person reads them.

use crate::engine::{Span, Time};

/// A number with commas: 12,345.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count of things: `1 event`, `2,049 events`.
pub(super) fn count(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", thousands(number))
}

/// A moment to the millisecond: `0.593 s`, `20 s`.
pub(super) fn moment(time: Time) -> String {
    let millis = time.as_nanos().saturating_add(500_000) / 1_000_000;
    let (seconds, rest) = (thousands(millis / 1_000), millis % 1_000);
    if rest == 0 {
        return format!("{seconds} s");
    }
    format!("{seconds}.{rest:03} s")
}

/// A length of time with at most three digits that matter: `10.2ms`.
pub(super) fn short(span: Span) -> String {
    let nanos = span.as_nanos();
    let unit = 10_u64.pow(nanos.checked_ilog10().unwrap_or(0).saturating_sub(2));
    Span::from_nanos(nanos.saturating_add(unit / 2) / unit * unit).to_string()
}

/// No line is made longer than this.
pub(super) const WIDTH: usize = 110;

/// A text in lines of at most [`WIDTH`] letters, broken between words. The first is thought to begin after `indent`, the
/// others do.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let margin = indent.chars().count();
    let (mut out, mut column) = (String::new(), margin);
    for word in text.split(' ') {
        let letters = word.chars().count();
        if column > margin && column + 1 + letters > WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = margin;
        } else if column > margin {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += letters;
    }
    out
}

/// The first of several names, and how many there are besides.
pub(super) fn first_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [one, other] => format!("{one} and {other}"),
        [name, rest @ ..] => format!("{name} and {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_what_a_reader_can_use() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!([count(0, "event"), count(1, "event")], ["0 events", "1 event"]);
        let moments = [0, 592_513_321, 20_000_000_000, 77_583_540_629_721].map(Time::from_nanos).map(moment);
        assert_eq!(moments, ["0 s", "0.593 s", "20 s", "77,583.541 s"]);
        assert_eq!([0, 41_943_039, 999_999].map(Span::from_nanos).map(short), ["0s", "41.9ms", "1ms"]);
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        let lines = wrapped(&"word ".repeat(40), "  ");
        let lines: Vec<usize> = lines.lines().map(|line| line.trim_end().len()).collect();
        assert_eq!(lines, [104, 96]);
    }
}
