//! Floats as text, as `strconv.FormatFloat` writes them.

/// The form of a float.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `-1.5e+06`
    Exponent,
    /// `-1500000`
    Plain,
    /// One of the two: `e` for exponents below -4, or not below the precision (6 if there is none).
    General,
}

/// A float with that many digits behind the point (in the general form: digits in all), or with
/// as many as it takes to read it back.
pub(crate) fn text(value: f64, form: Form, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match (form, precision) {
        (Form::Exponent, None) => exponent(&format!("{value:e}")),
        (Form::Exponent, Some(digits)) => exponent(&format!("{value:.digits$e}")),
        (Form::Plain, None) => format!("{value}"),
        (Form::Plain, Some(digits)) => format!("{value:.digits$}"),
        (Form::General, None) => general(&format!("{value:e}"), None),
        (Form::General, Some(precision)) => {
            let digits = precision.max(1);
            general(&format!("{value:.*e}", digits - 1), Some(digits))
        }
    }
}

/// Rust writes `1.5e6`, Go `1.5e+06`.
fn exponent(scientific: &str) -> String {
    let (mantissa, power) = split(scientific);
    with_exponent(mantissa, power)
}

fn with_exponent(mantissa: &str, power: i32) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
}

fn split(scientific: &str) -> (&str, i32) {
    let (mantissa, power) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (mantissa, power.parse().unwrap_or(0))
}

fn general(scientific: &str, precision: Option<usize>) -> String {
    let (mantissa, power) = split(scientific);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let precision = precision.map(|digits| i32::try_from(digits).unwrap_or(i32::MAX));
    let limit = match precision {
        None => 6,
        Some(precision) if precision > count && count > power => count,
        Some(precision) => precision,
    };
    if power < -4 || power >= limit {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return with_exponent(&format!("{sign}{first}{point}{rest}"), power);
    }
    format!("{sign}{}", plain(digits, power))
}

/// Digits with the point where the power of ten puts it.
fn plain(digits: &str, power: i32) -> String {
    let Ok(whole) = usize::try_from(power + 1) else {
        let zeros = usize::try_from(-1 - power).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    match digits.split_at_checked(whole) {
        _ if whole == 0 => format!("0.{digits}"),
        Some((whole, "")) => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits}{}", "0".repeat(whole - digits.len())),
    }
}
