//! `xs:decimal`.

use std::fmt;
use std::str::FromStr;

use super::error::LexicalError;
use super::scanner::Scanner;

/// `xs:decimal`, of at most 28 significant digits; more are an error, not rounded. The number of digits after the point
/// is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(rust_decimal::Decimal);

const FORM: &str = "it is not digits with at most one point and a sign";
const RANGE: &str = "it has more than 28 significant digits";

impl Decimal {
    /// Name of the type in XML Schema.
    pub(super) const KIND: &'static str = "decimal";

    /// The number.
    pub fn get(&self) -> rust_decimal::Decimal {
        self.0
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Decimal {
        Decimal(number)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Decimal {
        Decimal(number.into())
    }
}

impl FromStr for Decimal {
    type Err = LexicalError;

    fn from_str(text: &str) -> Result<Decimal, LexicalError> {
        let wrong = |why| LexicalError::new(Decimal::KIND, text, why);
        let mut scanner = Scanner::new(text);
        let whole = scanner.rest();
        if !scanner.take('-') {
            scanner.take('+');
        }
        let before = scanner.digits();
        let after = scanner.take('.').then(|| scanner.digits()).flatten();
        if !scanner.is_at_end() || (before.is_none() && after.is_none()) {
            return Err(wrong(FORM));
        }
        let number = rust_decimal::Decimal::from_str_exact(whole.trim_end_matches('.'));
        number.map(Decimal).map_err(|_| wrong(RANGE))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
