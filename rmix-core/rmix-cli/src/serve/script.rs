//! The script of responses: read, and checked against the types, before anything listens.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmix::{Refusal, Value as Json};
use rmix_idl::Model;
use rmix_idl::dynamic::Value;
use rmix_idl::model::{Kind, Procedure, Program, Type, Version};

use super::object::REFUSALS;
use super::procedures;
use crate::failure::Failure;
use crate::idl::{self, At, did_you_mean};
use crate::json;

/// Responses by the numbers of program, version and procedure.
#[derive(Debug)]
pub(super) struct Script {
    responses: BTreeMap<(u32, u32, u32), Responses>,
}

/// What stands under one key.
#[derive(Debug)]
struct Responses {
    /// At least one.
    list: Vec<Response>,
    /// How many were taken, where they are taken in turn.
    taken: AtomicUsize,
}

#[derive(Debug)]
struct Response {
    /// Arguments it is for; all without.
    expect: Option<Vec<Value>>,
    answer: Answer,
}

/// How a call ends.
#[derive(Debug)]
pub(super) enum Answer {
    /// With a result.
    Value(Value),
    /// With an error.
    Refused(Refusal),
}

/// Versions that are served.
type Served<'a> = [(&'a Program, &'a Version)];

impl Script {
    /// Reads a script for these versions.
    ///
    /// # Errors
    /// It cannot be read, is not JSON, names what is not served, or a value is not of its type.
    pub(super) fn read(path: &Path, model: &Model, served: &Served<'_>) -> Result<Script, Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|why| Failure::Usage(format!("{name} cannot be read: {why}")))?;
        Script::parse(&name, &text, model, served).map_err(Failure::Usage)
    }

    fn parse(name: &str, text: &str, model: &Model, served: &Served<'_>) -> Result<Script, String> {
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
            let found = named(key, served);
            if found.is_empty() {
                return Err(format!("{name}: {}", unknown(key, served)));
            }
            let root = At::root(name);
            let at = root.member(key);
            for (program, version, procedure) in found {
                let read = read(model, procedure, json, &at)?;
                let key = (program.number, version.number, procedure.number);
                responses.insert(key, read);
            }
        }
        Ok(Script { responses })
    }

    /// The answer to a call.
    ///
    /// # Errors
    /// The script has none: what the caller is told, and why.
    pub(super) fn answer(
        &self,
        program: &Program,
        version: &Version,
        procedure: &Procedure,
        arguments: &[Value],
    ) -> Result<&Answer, (Refusal, &'static str)> {
        let key = (program.number, version.number, procedure.number);
        let Some(responses) = self.responses.get(&key) else {
            let why = "the script has no key for this procedure";
            return Err((Refusal::NoSuchMethod, why));
        };
        let found = responses.of(arguments);
        let why = "no response of the script is for these arguments";
        found
            .map(|response| &response.answer)
            .ok_or((Refusal::Internal, why))
    }
}

impl Responses {
    fn of(&self, arguments: &[Value]) -> Option<&Response> {
        if self.list.iter().any(|response| response.expect.is_some()) {
            return self.list.iter().find(|response| match &response.expect {
                Some(expect) => expect == arguments,
                None => true,
            });
        }
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        self.list.get(taken).or(self.list.last())
    }
}

type Found<'a> = (&'a Program, &'a Version, &'a Procedure);

/// The procedures that a key names: `PROCEDURE` in every version served that has it, or `VERSION.PROCEDURE`.
fn named<'a>(key: &str, served: &Served<'a>) -> Vec<Found<'a>> {
    let (version_name, name) = match key.split_once('.') {
        Some((version, name)) => (Some(version), name),
        None => (None, key),
    };
    let of_version = served
        .iter()
        .filter(|(_, version)| version_name.is_none_or(|name| version.name == name));
    let found = of_version.filter_map(|(program, version)| {
        let mut candidates = procedures(version);
        let procedure = candidates.find(|procedure| procedure.name == name)?;
        Some((*program, *version, procedure))
    });
    found.collect()
}

fn unknown(key: &str, served: &Served<'_>) -> String {
    let all = served
        .iter()
        .flat_map(|(_, version)| &version.procedures)
        .map(|procedure| procedure.name.as_str());
    let null = served.iter().any(|(_, version)| {
        version
            .procedure_numbered(0)
            .is_some_and(|procedure| key.ends_with(&procedure.name))
    });
    if null {
        return format!("`{key}` is procedure 0, which answers by itself");
    }
    let name = key.split_once('.').map_or(key, |(_, name)| name);
    let hint = did_you_mean(name, all.clone().filter(|known| *known != key));
    let mut names: Vec<&str> = all.collect();
    names.dedup();
    format!(
        "`{key}` is no procedure of what is served{hint}; procedures are {}",
        names.join(", ")
    )
}

/// Reads what stands under a key.
fn read(
    model: &Model,
    procedure: &Procedure,
    json: &Json,
    at: &At<'_>,
) -> Result<Responses, String> {
    let list = match json {
        Json::Array(all) if is_several(model, procedure, all) => {
            if all.is_empty() {
                return Err(format!("{at}: expected a response, found an empty list"));
            }
            let all = all.iter().enumerate();
            let read = all.map(|(index, one)| response(model, procedure, one, &at.element(index)));
            read.collect::<Result<_, _>>()?
        }
        one => vec![response(model, procedure, one, at)?],
    };
    Ok(Responses {
        list,
        taken: AtomicUsize::new(0),
    })
}

/// Whether a list is one of responses, and not the result itself.
fn is_several(model: &Model, procedure: &Procedure, all: &[Json]) -> bool {
    let is_list = match model.resolve(&procedure.result) {
        Type::Array { .. } | Type::Sequence { .. } => true,
        Type::Optional(target) => {
            model.is_list(&procedure.result)
                || matches!(model.resolve(target), Type::Optional(_))
                || is_list_itself(model, target)
        }
        _ => false,
    };
    let are_responses = || all.iter().all(|one| members(one).is_some());
    !is_list || (!all.is_empty() && are_responses())
}

/// Whether values of the type are written as lists.
fn is_list_itself(model: &Model, ty: &Type) -> bool {
    match model.resolve(ty) {
        Type::Array { .. } | Type::Sequence { .. } => true,
        Type::Named(id) => matches!(
            &model.type_def(*id).kind,
            Kind::Alias(ty) if is_list_itself(model, ty)
        ),
        _ => false,
    }
}

/// The members of an object that says how to respond.
fn members(json: &Json) -> Option<&[(Json, Json)]> {
    let Json::Map(pairs) = json else {
        return None;
    };
    let is_known =
        |(key, _): &(Json, Json)| matches!(key, Json::Text(key) if KEYS.contains(&key.as_str()));
    (!pairs.is_empty() && pairs.iter().all(is_known)).then_some(pairs)
}

/// Keys of an object that says how to respond.
const KEYS: [&str; 3] = ["expect", "result", "refuse"];

fn response(
    model: &Model,
    procedure: &Procedure,
    json: &Json,
    at: &At<'_>,
) -> Result<Response, String> {
    let Some(members) = members(json) else {
        let value = idl::typed(model, &procedure.result, json, at)?;
        let answer = Answer::Value(value);
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
        Some(Json::Array(given)) => {
            let at = at.member("expect");
            Some(idl::arguments(model, procedure, given, &at)?)
        }
        Some(_) => {
            return Err(format!(
                "{at}.expect: expected a list of the procedure's arguments"
            ));
        }
    };
    let answer = match (member("result"), member("refuse")) {
        (Some(result), None) => {
            let value = idl::typed(model, &procedure.result, result, &at.member("result"))?;
            Answer::Value(value)
        }
        (None, Some(refusal)) => Answer::Refused(refused(refusal, at)?),
        // A call that gives nothing needs no word for it.
        (None, None) if *model.resolve(&procedure.result) == Type::Void => {
            Answer::Value(Value::Void)
        }
        _ => {
            return Err(format!("{at}: expected either \"result\" or \"refuse\""));
        }
    };
    Ok(Response { expect, answer })
}

fn refused(json: &Json, at: &At<'_>) -> Result<Refusal, String> {
    let known = REFUSALS.iter();
    let mut found = known
        .clone()
        .filter(|(name, _)| matches!(json, Json::Text(text) if text == name));
    match found.next() {
        Some((_, refusal)) => Ok(*refusal),
        None => {
            let names: Vec<&str> = known.map(|(name, _)| *name).collect();
            Err(format!("{at}.refuse: expected one of {}", names.join(", ")))
        }
    }
}
