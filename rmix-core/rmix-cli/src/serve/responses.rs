//! Responses of a script to the calls of one operation: read, and checked against its types, before anything listens.

use std::sync::atomic::{AtomicUsize, Ordering};

use rmix::{Refusal, Value as Json};

use crate::idl::At;

/// An operation as a script knows it: its types, and its protocol's words for refusals.
pub(super) trait Operation {
    /// A value of one of its types.
    type Value;
    /// Keys of an object that says how to respond.
    const KEYS: &'static [&'static str];
    /// What a call can be refused with.
    const REFUSALS: &'static [(&'static str, Refusal)];

    /// Arguments from a list.
    fn arguments(&self, given: &[Json], at: &At<'_>) -> Result<Vec<Self::Value>, String>;

    /// A result.
    fn result(&self, json: &Json, at: &At<'_>) -> Result<Self::Value, String>;

    /// A fault that it declares.
    fn fault(&self, json: &Json, at: &At<'_>) -> Result<Self::Value, String>;

    /// The result of an operation that gives nothing.
    fn nothing(&self) -> Option<Self::Value>;

    /// Whether a result is written as a list.
    fn gives_list(&self) -> bool;
}

/// How a call ends.
#[derive(Debug)]
pub(super) enum Answer<V> {
    /// With a result.
    Value(V),
    /// With a fault that is declared.
    Fault(V),
    /// With a refusal, and what is said of it.
    Refused(Refusal, String),
}

/// What stands under one key.
#[derive(Debug)]
pub(super) struct Responses<V> {
    /// At least one.
    list: Vec<Response<V>>,
    /// How many were taken, where they are taken in turn.
    taken: AtomicUsize,
}

#[derive(Debug)]
struct Response<V> {
    /// Arguments it is for; all without.
    expect: Option<Vec<V>>,
    answer: Answer<V>,
}

impl<V> Responses<V> {
    /// Reads what stands under a key.
    ///
    /// # Errors
    /// Where it is no response of the operation, and why.
    pub(super) fn read(
        operation: &impl Operation<Value = V>,
        json: &Json,
        at: &At<'_>,
    ) -> Result<Responses<V>, String> {
        let list = match json {
            Json::Array(all) if is_several(operation, all) => {
                if all.is_empty() {
                    return Err(format!("{at}: expected a response, found an empty list"));
                }
                let all = all.iter().enumerate();
                let read = all.map(|(index, one)| response(operation, one, &at.element(index)));
                read.collect::<Result<_, _>>()?
            }
            one => vec![response(operation, one, at)?],
        };
        Ok(Responses {
            list,
            taken: AtomicUsize::new(0),
        })
    }

    /// The one for a call: of those that expect arguments the first that is for these, else the next one.
    pub(super) fn of(&self, is_expected: impl Fn(&[V]) -> bool) -> Option<&Answer<V>> {
        let found = if self.list.iter().any(|response| response.expect.is_some()) {
            self.list.iter().find(|response| match &response.expect {
                Some(expect) => is_expected(expect),
                None => true,
            })
        } else {
            let taken = self.taken.fetch_add(1, Ordering::Relaxed);
            self.list.get(taken).or(self.list.last())
        };
        found.map(|response| &response.answer)
    }
}

/// Whether a list is one of responses, and not the result itself.
fn is_several<O: Operation>(operation: &O, all: &[Json]) -> bool {
    let are_responses = || all.iter().all(|one| members::<O>(one).is_some());
    !operation.gives_list() || (!all.is_empty() && are_responses())
}

/// The members of an object that says how to respond.
fn members<O: Operation>(json: &Json) -> Option<&[(Json, Json)]> {
    let Json::Map(pairs) = json else {
        return None;
    };
    let is_known =
        |(key, _): &(Json, Json)| matches!(key, Json::Text(key) if O::KEYS.contains(&key.as_str()));
    (!pairs.is_empty() && pairs.iter().all(is_known)).then_some(pairs)
}

fn response<O: Operation>(
    operation: &O,
    json: &Json,
    at: &At<'_>,
) -> Result<Response<O::Value>, String> {
    let Some(members) = members::<O>(json) else {
        let answer = Answer::Value(operation.result(json, at)?);
        return Ok(Response {
            expect: None,
            answer,
        });
    };
    let member = |name: &str| {
        let found = members
            .iter()
            .find(|(key, _)| matches!(key, Json::Text(key) if key == name));
        found.map(|(_, value)| value)
    };
    let expect = match member("expect") {
        None => None,
        Some(Json::Array(given)) => Some(operation.arguments(given, &at.member("expect"))?),
        Some(_) => {
            return Err(format!(
                "{at}.expect: expected a list of the procedure's arguments"
            ));
        }
    };
    let said = match member("message") {
        None => None,
        Some(Json::Text(message)) if member("refuse").is_some() => Some(message.clone()),
        Some(Json::Text(_)) => {
            return Err(format!("{at}.message: only what is refused has a message"));
        }
        Some(_) => return Err(format!("{at}.message: expected a text")),
    };
    let answer = match (member("result"), member("fault"), member("refuse")) {
        (Some(result), None, None) => {
            Answer::Value(operation.result(result, &at.member("result"))?)
        }
        (None, Some(fault), None) => Answer::Fault(operation.fault(fault, &at.member("fault"))?),
        (None, None, Some(refusal)) => {
            let said = said.unwrap_or_else(|| "the script says so".to_owned());
            Answer::Refused(refused::<O>(refusal, at)?, said)
        }
        // A call that gives nothing needs no word for it.
        (None, None, None) if let Some(nothing) = operation.nothing() => Answer::Value(nothing),
        _ => {
            let keys = O::KEYS.iter();
            let ends = keys.filter(|key| !["expect", "message"].contains(*key));
            let ends: Vec<String> = ends.map(|key| format!("\"{key}\"")).collect();
            return Err(match &ends[..] {
                [one, other] => format!("{at}: expected either {one} or {other}"),
                ends => format!("{at}: expected one of {}", ends.join(", ")),
            });
        }
    };
    Ok(Response { expect, answer })
}

fn refused<O: Operation>(json: &Json, at: &At<'_>) -> Result<Refusal, String> {
    let is_it = |(name, _): &&(&str, Refusal)| matches!(json, Json::Text(text) if text == name);
    match O::REFUSALS.iter().find(is_it) {
        Some((_, refusal)) => Ok(*refusal),
        None => {
            let names: Vec<&str> = O::REFUSALS.iter().map(|(name, _)| *name).collect();
            Err(format!("{at}.refuse: expected one of {}", names.join(", ")))
        }
    }
}

/// The name of a refusal in scripts.
pub(super) fn refusal_name<O: Operation>(refusal: Refusal) -> &'static str {
    let found = O::REFUSALS.iter().find(|(_, known)| *known == refusal);
    found.or(O::REFUSALS.first()).map_or("", |(name, _)| name)
}
