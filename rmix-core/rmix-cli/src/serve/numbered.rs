//! Objects of `.x` files: versions of programs whose procedures have numbers. Which they are, what their script means, and
//! the answers.

use std::sync::Arc;

use rmix::{
    Caller, DynamicAnswer, DynamicInterface, DynamicMethod, DynamicObject, DynamicSkeleton,
    Refusal, Value as Json,
};
use rmix_idl::Model;
use rmix_idl::dynamic::{Seed, Typed, Value};
use rmix_idl::model::{Kind, Procedure, Program, Type, Version};
use serde::Serialize;
use serde::de::DeserializeSeed;

use super::Served;
use super::counter::Counter;
use super::line::{self, Claimed, now};
use super::responses::{Answer, Operation, Responses, refusal_name};
use super::script::Script;
use crate::arguments::Serve;
use crate::failure::Failure;
use crate::idl::{self, At, Shown, did_you_mean};
use crate::{json, output};

/// Numbers of program, version and procedure.
type Numbers = (u32, u32, u32);

/// Responses by procedure.
type Numbered = Script<Numbers, Value>;

/// Versions that are served.
type Versions<'a> = [(&'a Program, &'a Version)];

/// The objects that the endpoints of the command line name, answered by the script.
///
/// # Errors
/// The file, the script or an endpoint is wrong.
pub(super) fn objects(options: &Serve, counter: &Arc<Counter>) -> Result<Vec<Served>, Failure> {
    idl::refuse_interface(options.interface.as_deref())?;
    // Results are written after the method has returned, so what they are made of lives as long as the command.
    let model: &'static Model = Box::leak(Box::new(idl::model(&options.idl, &options.source)?));
    let mut targets = Vec::new();
    for endpoint in &options.endpoints {
        targets.push(idl::target(model, endpoint)?);
    }
    let versions: Vec<_> = targets.iter().map(|t| (t.program, t.version)).collect();
    let script = Script::read(&options.responses, |key, json, at| {
        responses(model, &versions, key, json, at)
    })?;
    let script: &'static Numbered = Box::leak(Box::new(script));
    let mut interfaces: Vec<(u32, u32, DynamicInterface)> = Vec::new();
    let mut served = Vec::new();
    for target in targets {
        let (program, version) = (target.program, target.version);
        let key = (program.number, version.number);
        let known = interfaces.iter().find(|known| (known.0, known.1) == key);
        let interface = match known {
            Some(known) => known.2,
            None => {
                let interface = described(program, version);
                interfaces.push((key.0, key.1, interface));
                interface
            }
        };
        let scripted = Scripted {
            model,
            program,
            version,
            script,
            counter: counter.clone(),
            json: options.json,
        };
        served.push(Served {
            endpoint: target.endpoint,
            skeleton: Arc::new(DynamicSkeleton::new(interface, scripted)),
        });
    }
    Ok(served)
}

/// The procedures of a version that a script can answer: providers answer procedure 0 by themselves.
fn procedures(version: &Version) -> impl Iterator<Item = &Procedure> {
    let procedures = version.procedures.iter();
    procedures.filter(|procedure| procedure.number != 0)
}

fn described(program: &Program, version: &Version) -> DynamicInterface {
    let methods = procedures(version).map(|procedure| DynamicMethod {
        name: procedure.name.clone(),
        number: procedure.number,
        arguments: procedure.arguments.len(),
    });
    DynamicInterface::new(&program.name, program.number, version.number, methods)
}

/// A version of a program, answered by the script.
struct Scripted {
    model: &'static Model,
    program: &'static Program,
    version: &'static Version,
    script: &'static Numbered,
    counter: Arc<Counter>,
    json: bool,
}

impl Scripted {
    fn procedure(&self, method: usize) -> &'static Procedure {
        let found = procedures(self.version).nth(method);
        found.expect("methods of the description are these procedures")
    }

    fn answer(&self, method: usize, arguments: &[Value]) -> DynamicAnswer<Typed<'static>> {
        let procedure = self.procedure(method);
        let key = (self.program.number, self.version.number, procedure.number);
        let found = self.script.answer(&key, |expect| expect == arguments);
        let answer = match found {
            Ok(Answer::Value(value) | Answer::Fault(value)) => DynamicAnswer::Value(Typed {
                model: self.model,
                ty: &procedure.result,
                value,
            }),
            Ok(Answer::Refused(refusal, why)) => DynamicAnswer::Refused(*refusal, why.clone()),
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
            DynamicAnswer::Refused(refusal, why) => {
                (None, Some((refusal_name::<Typing<'_>>(*refusal), why)))
            }
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
            let end = match (&result, refused) {
                (Some(result), _) => format!("-> {}", json::text(result, false)),
                (None, Some((name, why))) => format!("refused: {name} ({why})"),
                (None, None) => String::new(),
            };
            line::shown(caller.as_ref(), &procedure.name, &arguments, &end)
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

/// The responses that a key means.
fn responses(
    model: &Model,
    versions: &Versions<'_>,
    key: &str,
    json: &Json,
    at: &At<'_>,
) -> Result<Vec<(Numbers, Responses<Value>)>, String> {
    let found = named(key, versions);
    if found.is_empty() {
        let file = at.around_text();
        return Err(format!("{file}: {}", unknown(key, versions)));
    }
    let read = found.into_iter().map(|(program, version, procedure)| {
        let responses = Responses::read(&Typing { model, procedure }, json, at)?;
        Ok((
            (program.number, version.number, procedure.number),
            responses,
        ))
    });
    read.collect()
}

/// The types of a procedure.
struct Typing<'a> {
    model: &'a Model,
    procedure: &'a Procedure,
}

impl Operation for Typing<'_> {
    type Value = Value;
    const KEYS: &'static [&'static str] = &["expect", "result", "refuse"];
    // RFC 5531 s9.
    const REFUSALS: &'static [(&'static str, Refusal)] = &[
        ("PROG_UNAVAIL", Refusal::NoSuchObject),
        ("PROC_UNAVAIL", Refusal::NoSuchMethod),
        ("GARBAGE_ARGS", Refusal::BadArguments),
        ("SYSTEM_ERR", Refusal::Internal),
        ("AUTH_TOOWEAK", Refusal::Denied),
    ];

    fn arguments(&self, given: &[Json], at: &At<'_>) -> Result<Vec<Value>, String> {
        idl::arguments(self.model, self.procedure, given, at)
    }

    fn result(&self, json: &Json, at: &At<'_>) -> Result<Value, String> {
        idl::typed(self.model, &self.procedure.result, json, at)
    }

    fn fault(&self, _: &Json, at: &At<'_>) -> Result<Value, String> {
        Err(format!("{at}: procedures declare no faults"))
    }

    fn nothing(&self) -> Option<Value> {
        let is_void = *self.model.resolve(&self.procedure.result) == Type::Void;
        is_void.then_some(Value::Void)
    }

    fn gives_list(&self) -> bool {
        let (model, result) = (self.model, &self.procedure.result);
        match model.resolve(result) {
            Type::Array { .. } | Type::Sequence { .. } => true,
            Type::Optional(target) => {
                model.is_list(result)
                    || matches!(model.resolve(target), Type::Optional(_))
                    || is_list_itself(model, target)
            }
            _ => false,
        }
    }
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

type Found<'a> = (&'a Program, &'a Version, &'a Procedure);

/// The procedures that a key names: `PROCEDURE` in every version served that has it, or `VERSION.PROCEDURE`.
fn named<'a>(key: &str, served: &Versions<'a>) -> Vec<Found<'a>> {
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

fn unknown(key: &str, served: &Versions<'_>) -> String {
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
