//! Dates, times, durations and decimals of XML Schema (part 2), over the types of [`jiff`] and [`rust_decimal`]. They
//! travel as text in their lexical form in every protocol, and as their own type in SOAP. Needs the feature `xsd`.
//!
//! ```
//! use rmix::xsd::{DateTime, Decimal, Duration};
//!
//! let at: DateTime = "2026-02-28T23:59:59.5+01:00".parse()?;
//! assert_eq!(at.local(), jiff::civil::datetime(2026, 2, 28, 23, 59, 59, 500_000_000));
//! assert_eq!(at.offset().map(|offset| offset.seconds()), Some(3600));
//! let price: Decimal = "+012.50".parse()?;
//! assert_eq!(price.to_string(), "12.50");
//! let span: Duration = "P1Y2M3DT4H5M6.7S".parse()?;
//! assert_eq!(span.to_string(), "P1Y2M3DT4H5M6.7S");
//! # Ok::<(), rmix::xsd::LexicalError>(())
//! ```

mod decimal;
mod duration;
mod error;
mod scanner;
mod temporal;
mod travel;
mod zone;

pub use decimal::Decimal;
pub use duration::Duration;
pub use error::LexicalError;
pub use temporal::{Date, DateTime, Time};
pub use travel::check_lexical;

/// The crates whose types these are made of.
pub use {jiff, rust_decimal};
