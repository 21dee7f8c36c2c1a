//! Objects of a WSDL: an interface whose operations have names and described types. Which one, what its script means, and the
//! answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use rmix::generated::{InterfaceDesc, MethodDesc, Schema, TypeDesc, type_kind};
use rmix::{
    Caller, DynamicAnswer, DynamicInterface, DynamicObject, DynamicSkeleton, Refusal, Value as Json,
};
use rmix_idl::described::Described;
use rmix_idl::wsdl::model::Interface;
use serde::Serialize;
use serde::de::DeserializeSeed;
use serde_json::Value;

use super::Served;
use super::counter::Counter;
use super::line::{Claimed, now, shown};
use super::responses::{Answer, Operation, Responses, refusal_name};
use super::script::Script;
use crate::arguments::Serve;
use crate::failure::Failure;
use crate::idl::{At, did_you_mean};
use crate::{json, output, wsdl};

/// Responses by the operation's place in the interface.
type Scripts = Script<usize, Value>;

/// An object for each endpoint, answered by the script.
///
/// # Errors
/// The file or the script is wrong.
pub(super) fn objects(options: &Serve, counter: &Arc<Counter>) -> Result<Vec<Served>, Failure> {
    let description = wsdl::import(&options.idl, &options.source)?.description()?;
    let interface = wsdl::interface(&description, options.interface.as_deref(), &options.idl)?;
    refuse_overloads(interface)?;
    let interface = description.describe(interface);
    let script = Script::read(&options.responses, |key, json, at| {
        responses(interface, key, json, at)
    })?;
    // Results are written after the method has returned, so what they are made of lives as long as the command.
    let script: &'static Scripts = Box::leak(Box::new(script));
    let served = options.endpoints.iter().map(|endpoint| {
        let scripted = Scripted {
            interface,
            script,
            counter: counter.clone(),
            json: options.json,
        };
        let interface = DynamicInterface::of(interface);
        Served {
            endpoint: endpoint.clone(),
            skeleton: Arc::new(DynamicSkeleton::new(interface, scripted)),
        }
    });
    Ok(served.collect())
}

/// Calls are told apart by the operation's name.
fn refuse_overloads(interface: &Interface) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for operation in &interface.operations {
        if !seen.insert(&operation.name) {
            let (name, place) = (&operation.name, &operation.place);
            return Err(Failure::Interface(
                format!(
                    "{place}: `{name}` is overloaded, and a script cannot tell which one it answers"
                ),
                Some(place.clone()),
            ));
        }
    }
    Ok(())
}

/// The responses that a key means.
fn responses(
    interface: &'static InterfaceDesc,
    key: &str,
    json: &Json,
    at: &At<'_>,
) -> Result<Vec<(usize, Responses<Value>)>, String> {
    let methods = interface.methods();
    let Some(place) = methods.iter().position(|method| method.name() == key) else {
        let names: Vec<&str> = methods.iter().map(MethodDesc::name).collect();
        let hint = did_you_mean(key, names.iter().copied());
        let (file, names) = (at.around_text(), names.join(", "));
        return Err(format!(
            "{file}: `{key}` is no operation of what is served{hint}; operations are {names}"
        ));
    };
    let method = methods.get(place).ok_or_else(String::new)?;
    let responses = Responses::read(&Typing(method), json, at)?;
    Ok(vec![(place, responses)])
}

/// The types of an operation.
struct Typing(&'static MethodDesc);

impl Typing {
    fn result(&self) -> &'static TypeDesc {
        self.0.result().unwrap_or_else(|| Schema::of::<()>().get())
    }
}

/// A value of a type.
fn typed(ty: &'static TypeDesc, json: &Json, at: &At<'_>) -> Result<Value, String> {
    let value = json::plain(json).map_err(|why| format!("{at}: {why}"))?;
    wsdl::check(ty, &value, at)?;
    Ok(value)
}

impl Operation for Typing {
    type Value = Value;
    const KEYS: &'static [&'static str] = &["expect", "result", "fault", "refuse", "message"];
    const REFUSALS: &'static [(&'static str, Refusal)] = &[
        ("internal", Refusal::Internal),
        ("no-such-object", Refusal::NoSuchObject),
        ("no-such-method", Refusal::NoSuchMethod),
        ("bad-arguments", Refusal::BadArguments),
        ("busy", Refusal::Busy),
        ("denied", Refusal::Denied),
    ];

    fn arguments(&self, given: &[Json], at: &At<'_>) -> Result<Vec<Value>, String> {
        let expected = self.0.arguments();
        if given.len() != expected.len() {
            return Err(format!("{at}: {}", wsdl::wrong_number(self.0, given.len())));
        }
        let pairs = expected.iter().zip(given).enumerate();
        let read =
            pairs.map(|(index, (argument, json))| typed(argument.ty(), json, &at.element(index)));
        read.collect()
    }

    fn result(&self, json: &Json, at: &At<'_>) -> Result<Value, String> {
        typed(Typing::result(self), json, at)
    }

    fn fault(&self, json: &Json, at: &At<'_>) -> Result<Value, String> {
        match self.0.fault() {
            Some(ty) => typed(ty, json, at),
            None => Err(format!(
                "{at}: `{}` declares no fault; any can be refused: {{\"refuse\": \"internal\", \"message\": \"…\"}}",
                self.0.name()
            )),
        }
    }

    fn nothing(&self) -> Option<Value> {
        (Typing::result(self).kind == type_kind::UNIT).then_some(Value::Null)
    }

    fn gives_list(&self) -> bool {
        let mut ty = Typing::result(self);
        while ty.kind == type_kind::OPTION
            && let Some(element) = ty.element()
        {
            ty = element;
        }
        matches!(
            ty.kind,
            type_kind::SEQ | type_kind::LIST | type_kind::ARRAY | type_kind::TUPLE
        )
    }
}

/// An interface, answered by the script.
struct Scripted {
    interface: &'static InterfaceDesc,
    script: &'static Scripts,
    counter: Arc<Counter>,
    json: bool,
}

impl Scripted {
    fn method(&self, place: usize) -> &'static MethodDesc {
        let found = self.interface.methods().get(place);
        found.expect("the dispatcher took the place from this interface")
    }

    fn answer(&self, place: usize, arguments: &[Value]) -> DynamicAnswer<Described<'static>> {
        let method = self.method(place);
        let is_expected = |expect: &[Value]| {
            let mut all = method.arguments().iter().zip(expect.iter().zip(arguments));
            all.all(|(argument, (expected, found))| {
                let (ty, value) = (argument.ty(), Some(expected));
                Described { ty, value }.is_same(Some(found))
            })
        };
        let described = |ty, value| Described {
            ty,
            value: Some(value),
        };
        let nothing = || described(Typing(method).result(), &Value::Null);
        let answer = match self.script.answer(&place, is_expected) {
            Ok(Answer::Value(value)) => {
                DynamicAnswer::Value(described(Typing(method).result(), value))
            }
            Ok(Answer::Fault(value)) => {
                let ty = method.fault().unwrap_or_else(|| Typing(method).result());
                DynamicAnswer::Fault(described(ty, value))
            }
            Ok(Answer::Refused(refusal, why)) => DynamicAnswer::Refused(*refusal, why.clone()),
            // Nobody waits for the answer of a one-way call.
            Err(_) if method.result().is_none() => DynamicAnswer::Value(nothing()),
            Err((refusal, why)) => DynamicAnswer::Refused(refusal, why.to_owned()),
        };
        self.tell(method, arguments, &answer);
        self.counter.count();
        answer
    }

    /// Prints a call.
    fn tell(
        &self,
        method: &MethodDesc,
        arguments: &[Value],
        answer: &DynamicAnswer<Described<'static>>,
    ) {
        let caller = rmix::caller();
        let (mut result, mut fault, mut refused) = (None, None, None);
        match answer {
            DynamicAnswer::Value(value) => result = value.value,
            DynamicAnswer::Fault(value) => fault = value.value,
            DynamicAnswer::Refused(refusal, why) => {
                refused = Some((refusal_name::<Typing>(*refusal), why));
            }
        }
        let line = if self.json {
            let line = Line {
                time: now(),
                peer: caller.as_ref().map(Caller::peer),
                claim: caller.as_ref().and_then(Caller::claim).map(Claimed::of),
                interface: self.interface.name(),
                operation: method.name(),
                arguments,
                result,
                fault,
                refused: refused.map(|(name, _)| name),
            };
            json::text(&line, false)
        } else {
            let end = match (result, fault, refused) {
                (Some(result), ..) => format!("-> {}", json::text(result, false)),
                (_, Some(fault), _) => format!("fault: {}", json::text(fault, false)),
                (.., Some((name, why))) => format!("refused: {name} ({why})"),
                _ => String::new(),
            };
            shown(caller.as_ref(), method.name(), arguments, &end)
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
    interface: &'a str,
    operation: &'a str,
    arguments: &'a [Value],
    // One of the three.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
}

impl DynamicObject for Scripted {
    type Argument = Value;
    type Result = Described<'static>;

    fn argument(
        &self,
        method: usize,
        index: usize,
    ) -> impl for<'de> DeserializeSeed<'de, Value = Value> {
        let argument = self.method(method).arguments().get(index);
        wsdl::seed(argument.map(|argument| argument.ty()))
    }

    async fn call(
        self: Arc<Self>,
        method: usize,
        arguments: Vec<Value>,
    ) -> DynamicAnswer<Described<'static>> {
        self.answer(method, &arguments)
    }
}
