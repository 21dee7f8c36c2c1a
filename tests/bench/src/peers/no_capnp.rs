//! What stands for Cap'n Proto RPC where its schema compiler was not installed when the benchmark was built.

use std::path::{Path, PathBuf};

use crate::drive::{AsyncCalls, AsyncPosts};
use crate::error::BenchError;

const MISSING: BenchError = BenchError::Wrong {
    what: "looking for the schema compiler capnp: it was not there when this was built",
};

/// Says why there is none.
pub(crate) fn build(_folder: &Path) -> Result<PathBuf, BenchError> {
    Err(MISSING)
}

/// Says why there is none.
pub(crate) async fn serve() -> Result<(), BenchError> {
    Err(MISSING)
}

/// Says why there is none.
pub(crate) async fn connect(_address: &str) -> Result<Never, BenchError> {
    Err(MISSING)
}

/// A client that there is not.
#[derive(Clone)]
pub(crate) enum Never {}

impl AsyncCalls for Never {
    async fn null(&self) -> Result<(), BenchError> {
        match *self {}
    }

    async fn echo(&self, _bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        match *self {}
    }

    async fn sum(&self, _values: Vec<f64>) -> Result<f64, BenchError> {
        match *self {}
    }
}

impl AsyncPosts for Never {
    async fn post(&self, _bytes: &[u8]) -> Result<(), BenchError> {
        match *self {}
    }

    async fn count(&self) -> Result<u64, BenchError> {
        match *self {}
    }
}
