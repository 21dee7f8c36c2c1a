//! The script of responses: an object of operations. What its keys mean is its reader's business.

use std::collections::BTreeMap;
use std::path::Path;

use rmix::{Refusal, Value as Json};

use super::responses::{Answer, Responses};
use crate::failure::Failure;
use crate::idl::At;
use crate::json;

/// Responses by operation.
#[derive(Debug)]
pub(super) struct Script<K, V> {
    responses: BTreeMap<K, Responses<V>>,
}

impl<K: Ord, V> Script<K, V> {
    /// Reads a script; `read` gives the operations that a key means with their responses.
    ///
    /// # Errors
    /// It cannot be read, is not JSON, or `read` refuses a key or what stands there.
    pub(super) fn read(
        path: &Path,
        read: impl Fn(&str, &Json, &At<'_>) -> Result<Vec<(K, Responses<V>)>, String>,
    ) -> Result<Script<K, V>, Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|why| Failure::Usage(format!("{name} cannot be read: {why}")))?;
        Script::parse(&name, &text, read).map_err(Failure::Usage)
    }

    fn parse(
        name: &str,
        text: &str,
        read: impl Fn(&str, &Json, &At<'_>) -> Result<Vec<(K, Responses<V>)>, String>,
    ) -> Result<Script<K, V>, String> {
        let script = json::value(text).map_err(|why| format!("{name} is no JSON: {why}"))?;
        let Json::Map(pairs) = script else {
            return Err(format!(
                "{name}: expected an object of procedures with their responses"
            ));
        };
        let mut responses = BTreeMap::new();
        // Keys with a version come last, so that they win.
        let is_of_version =
            |pair: &&(Json, Json)| matches!(&pair.0, Json::Text(key) if key.contains('.'));
        let (of_version, others): (Vec<_>, Vec<_>) = pairs.iter().partition(is_of_version);
        for (key, json) in others.into_iter().chain(of_version) {
            let Json::Text(key) = key else {
                return Err(format!("{name}: a key that is no text"));
            };
            let root = At::root(name);
            responses.extend(read(key, json, &root.member(key))?);
        }
        Ok(Script { responses })
    }

    /// The answer to a call.
    ///
    /// # Errors
    /// The script has none: what the caller is told, and why.
    pub(super) fn answer(
        &self,
        operation: &K,
        is_expected: impl Fn(&[V]) -> bool,
    ) -> Result<&Answer<V>, (Refusal, &'static str)> {
        let Some(responses) = self.responses.get(operation) else {
            let why = "the script has no key for this procedure";
            return Err((Refusal::NoSuchMethod, why));
        };
        let why = "no response of the script is for these arguments";
        responses.of(is_expected).ok_or((Refusal::Internal, why))
    }
}
