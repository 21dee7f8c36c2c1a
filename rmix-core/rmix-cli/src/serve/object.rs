//! The object that answers: finds the response to a call, and prints both.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rmix::{Caller, Claim, DynamicAnswer, DynamicObject, Refusal};
use rmix_idl::Model;
use rmix_idl::dynamic::{Seed, Typed, Value};
use rmix_idl::model::{Procedure, Program, Type, Version};
use serde::Serialize;
use serde::de::DeserializeSeed;
use tokio::sync::Notify;

use super::script::{Answer, Script};
use super::{now, procedures};
use crate::idl::Shown;
use crate::{json, output};

/// How many calls are to be answered.
pub(super) struct Counter {
    left: Option<AtomicU64>,
    none_left: Notify,
}

impl Counter {
    pub(super) fn new(calls: Option<u64>) -> Counter {
        Counter {
            left: calls.map(AtomicU64::new),
            none_left: Notify::new(),
        }
    }

    /// Counts a call.
    fn count(&self) {
        if let Some(left) = &self.left
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            self.none_left.notify_one();
        }
    }

    /// Ready when the last call was counted.
    pub(super) async fn done(&self) {
        self.none_left.notified().await;
    }
}

/// A version of a program, answered by the script.
pub(super) struct Scripted {
    pub(super) model: &'static Model,
    pub(super) program: &'static Program,
    pub(super) version: &'static Version,
    pub(super) script: &'static Script,
    pub(super) counter: Arc<Counter>,
    pub(super) json: bool,
}

impl Scripted {
    fn procedure(&self, method: usize) -> &'static Procedure {
        let found = procedures(self.version).nth(method);
        found.expect("methods of the description are these procedures")
    }

    fn answer(&self, method: usize, arguments: &[Value]) -> DynamicAnswer<Typed<'static>> {
        let procedure = self.procedure(method);
        let found = self
            .script
            .answer(self.program, self.version, procedure, arguments);
        let answer = match found {
            Ok(Answer::Value(value)) => DynamicAnswer::Value(Typed {
                model: self.model,
                ty: &procedure.result,
                value,
            }),
            Ok(Answer::Refused(refusal)) => {
                DynamicAnswer::Refused(*refusal, "the script says so".to_owned())
            }
            Err((refusal, why)) => DynamicAnswer::Refused(refusal, why.to_owned()),
        };
        self.tell(procedure, arguments, &answer);
        self.counter.count();
        answer
    }

    /// Prints a call.
    fn tell(
        &self,
        procedure: &'static Procedure,
        arguments: &[Value],
        answer: &DynamicAnswer<Typed<'static>>,
    ) {
        let caller = rmix::caller();
        let shown = |ty, value| Shown {
            model: self.model,
            ty,
            value,
        };
        let types = procedure.arguments.iter().map(|argument| &argument.ty);
        let pairs: Vec<(&Type, &Value)> = types.zip(arguments).collect();
        let arguments: Vec<Shown<'_>> =
            pairs.iter().map(|(ty, value)| shown(*ty, *value)).collect();
        let (result, refused) = match answer {
            DynamicAnswer::Value(typed) | DynamicAnswer::Fault(typed) => {
                (Some(shown(typed.ty, typed.value)), None)
            }
            DynamicAnswer::Refused(refusal, why) => (None, Some((name(*refusal), why))),
        };
        let line = if self.json {
            let line = Line {
                time: now(),
                peer: caller.as_ref().map(Caller::peer),
                claim: caller.as_ref().and_then(Caller::claim).map(Claimed::of),
                program: self.program.number,
                version: self.version.number,
                procedure: &procedure.name,
                number: procedure.number,
                arguments: &arguments,
                result: result.as_ref().map(Some),
                refused: refused.map(|(name, _)| name),
            };
            json::text(&line, false)
        } else {
            let caller = caller.map_or_else(|| "?".to_owned(), |caller| caller.to_string());
            let arguments = arguments.iter().map(|value| json::text(value, false));
            let arguments = arguments.collect::<Vec<_>>().join(", ");
            let end = match (&result, refused) {
                (Some(result), _) => format!("-> {}", json::text(result, false)),
                (None, Some((name, why))) => format!("refused: {name} ({why})"),
                (None, None) => String::new(),
            };
            format!("{} {caller} {}({arguments}) {end}", now(), procedure.name)
        };
        // Whoever read the lines may have gone; callers are answered all the same.
        let _ = output::result(&line);
    }
}

/// What `--json` prints of a call.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    peer: Option<&'a str>,
    claim: Option<Claimed>,
    program: u32,
    version: u32,
    procedure: &'a str,
    number: u32,
    arguments: &'a [Shown<'a>],
    // Absent where the call was refused, and null where the result is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Option<&'a Shown<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
}

/// Who a caller says it is.
#[derive(Serialize)]
struct Claimed {
    scheme: String,
    uid: Option<u32>,
    gid: Option<u32>,
    gids: Vec<u32>,
    machine: Option<String>,
}

impl Claimed {
    fn of(claim: Claim<'_>) -> Claimed {
        let gids = claim.fact("gids").unwrap_or_default();
        Claimed {
            scheme: claim.scheme().to_owned(),
            uid: claim.number("uid"),
            gid: claim.number("gid"),
            gids: gids.split(',').filter_map(|gid| gid.parse().ok()).collect(),
            machine: claim.fact("machine"),
        }
    }
}

/// The name of a refusal in scripts: ONC RPC's.
fn name(refusal: Refusal) -> &'static str {
    let found = REFUSALS.iter().find(|(_, known)| *known == refusal);
    found.map_or("SYSTEM_ERR", |(name, _)| name)
}

/// What a script can refuse a call with (RFC 5531 s9).
pub(super) const REFUSALS: [(&str, Refusal); 5] = [
    ("PROG_UNAVAIL", Refusal::NoSuchObject),
    ("PROC_UNAVAIL", Refusal::NoSuchMethod),
    ("GARBAGE_ARGS", Refusal::BadArguments),
    ("SYSTEM_ERR", Refusal::Internal),
    ("AUTH_TOOWEAK", Refusal::Denied),
];

impl DynamicObject for Scripted {
    type Argument = Value;
    type Result = Typed<'static>;

    fn argument(
        &self,
        method: usize,
        index: usize,
    ) -> impl for<'de> DeserializeSeed<'de, Value = Value> {
        let arguments = &self.procedure(method).arguments;
        let ty = arguments
            .get(index)
            .map_or(&Type::Void, |argument| &argument.ty);
        let model = self.model;
        Seed { model, ty }
    }

    async fn call(
        self: Arc<Self>,
        method: usize,
        arguments: Vec<Value>,
    ) -> DynamicAnswer<Typed<'static>> {
        self.answer(method, &arguments)
    }
}
