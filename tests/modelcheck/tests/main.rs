//! The gate's searches, and the tests of the searches: broken rings that they must find.

mod models;
mod mutants;
mod searches;
