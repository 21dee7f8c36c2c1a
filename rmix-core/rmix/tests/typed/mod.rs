//! Calls and objects whose types are known at run time only.

use std::marker::PhantomData;
use std::sync::Arc;

use rmix::{
    CallError, Cause, Delivery, DynamicAnswer, DynamicInterface, DynamicMethod, DynamicObject,
    DynamicSkeleton, Error, ErrorKind, MethodName, Refusal, Runtime,
};
use serde::de::DeserializeSeed;

use crate::provider::{MEM, NUMBERED, POOR};

/// Adds its arguments; a first one below zero is refused, by its number.
struct Adder;

const REFUSALS: [Refusal; 6] = [
    Refusal::NoSuchObject,
    Refusal::NoSuchMethod,
    Refusal::BadArguments,
    Refusal::Internal,
    Refusal::Busy,
    Refusal::Denied,
];

impl DynamicObject for Adder {
    type Argument = i32;
    type Result = String;

    fn argument(&self, _: usize, _: usize) -> impl for<'de> DeserializeSeed<'de, Value = i32> {
        PhantomData
    }

    async fn call(self: Arc<Self>, method: usize, arguments: Vec<i32>) -> DynamicAnswer<String> {
        let first = arguments.first().copied().unwrap_or_default();
        if let Ok(index) = usize::try_from(-1 - first) {
            return DynamicAnswer::Refused(REFUSALS[index], "as told".to_owned());
        }
        // Not ready at once.
        tokio::task::yield_now().await;
        let caller = rmix::caller().is_some();
        let sum: i32 = arguments.iter().sum();
        DynamicAnswer::Value(format!("{method} {sum} {caller}"))
    }
}

fn skeleton() -> DynamicSkeleton<Adder> {
    let method = |name: &str, number, arguments| DynamicMethod {
        name: name.to_owned(),
        number,
        arguments,
    };
    let methods = [method("none", 1, 0), method("two", 7, 2)];
    let interface = DynamicInterface::new("Adder", 5, 1, methods);
    assert_eq!(interface.description().methods().len(), 2);
    DynamicSkeleton::new(interface, Adder)
}

fn runtime() -> Runtime {
    let builder = Runtime::builder().with_linked(&MEM).with_linked(&NUMBERED);
    builder.with_linked(&POOR).build().unwrap()
}

#[tokio::test]
async fn typed_calls_reach_an_object_of_a_dynamic_interface() {
    let rmix = runtime();
    for endpoint in ["mem://typed", "numbered://typed"] {
        let exported = rmix.export(skeleton(), [endpoint]).await.unwrap();
        assert_eq!(exported.reference().interface(), "Adder");
        let stub = rmix.dynamic(&exported).typed().await.unwrap();
        let none: [i32; 0] = [];
        let text = PhantomData::<String>;
        let method = ("none", 1);
        let answer = stub.call_typed(method, &none, text).await.unwrap();
        assert_eq!(answer, "0 0 true");
        let answer = stub.call_typed(("two", 7), &[2, 3], text).await.unwrap();
        assert_eq!(answer, "1 5 true");
        stub.oneway_typed(("two", 7), &[2, 3]).await.unwrap();
        stub.flush().await.unwrap();
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, rmix::Data)]
struct TooLarge {
    limit: i32,
}

#[rmix::remote]
trait Limited {
    async fn half(&self, of: i32) -> Result<i32, TooLarge>;
    async fn none(&self);
    #[rmix(oneway)]
    async fn note(&self, of: i32);
}

/// Halves, up to a limit.
struct Halves;

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Answer {
    Half(i32),
    TooLarge(TooLarge),
}

impl DynamicObject for Halves {
    type Argument = i32;
    type Result = Answer;

    fn argument(&self, _: usize, _: usize) -> impl for<'de> DeserializeSeed<'de, Value = i32> {
        PhantomData
    }

    async fn call(self: Arc<Self>, method: usize, arguments: Vec<i32>) -> DynamicAnswer<Answer> {
        let of = arguments.first().copied().unwrap_or_default();
        if of > 10 || method == 1 {
            return DynamicAnswer::Fault(Answer::TooLarge(TooLarge { limit: 10 }));
        }
        DynamicAnswer::Value(Answer::Half(of / 2))
    }
}

#[tokio::test]
async fn described_calls_carry_results_and_declared_faults() {
    let rmix = runtime();
    let description = <LimitedStub as rmix::Interface>::DESCRIPTION;
    let skeleton = DynamicSkeleton::new(DynamicInterface::of(description), Halves);
    let exported = rmix.export(skeleton, ["mem://described"]).await.unwrap();
    let typed: LimitedStub = rmix.bind(&exported).await.unwrap();
    assert_eq!(typed.half(8).await.unwrap(), 4);
    let stub = rmix.dynamic(&exported).typed().await.unwrap();
    let [half, none, note] = description.methods() else {
        panic!("three methods")
    };
    let (result, fault) = (PhantomData::<i32>, PhantomData::<TooLarge>);
    let answer = stub.call_described(half, &[8], result, fault).await;
    assert_eq!(answer.unwrap(), 4);
    let answer = stub.call_described(half, &[11], result, fault).await;
    let Err(CallError::Fault(found)) = answer else {
        panic!("not the fault: {answer:?}")
    };
    assert_eq!(found, TooLarge { limit: 10 });
    // A fault where none is declared is the server's own failure.
    let arguments: [i32; 0] = [];
    let answer = stub.call_described(none, &arguments, PhantomData::<()>, fault);
    let Err(CallError::Failed(error)) = answer.await else {
        panic!("not a failure")
    };
    assert_eq!(error.cause(), Cause::Remote);
    assert!(error.to_string().contains("not declared"), "{error}");
    // On a thread that may block: this one serves.
    let blocking = tokio::task::spawn_blocking(move || {
        let answer = stub.call_described_blocking(half, &[6], result, fault);
        assert_eq!(answer.unwrap(), 3);
        stub.oneway_described_blocking(note, &[6]).unwrap();
        stub.flush_blocking().unwrap();
    });
    blocking.await.unwrap();
}

#[test]
fn typed_calls_may_block() {
    let rmix = runtime();
    let exported = rmix.export_blocking(skeleton(), ["mem://typed-blocking"]);
    let exported = exported.unwrap();
    let stub = rmix.dynamic(&exported).typed().blocking().unwrap();
    let text = PhantomData::<String>;
    let answer = stub.call_typed_blocking(("two", 7), &[20, 30], text);
    assert_eq!(answer.unwrap(), "1 50 true");
    stub.oneway_typed_blocking(("two", 7), &[2, 3]).unwrap();
}

#[tokio::test]
async fn each_refusal_is_told_to_the_caller() {
    let rmix = runtime();
    let exported = rmix.export(skeleton(), ["mem://typed-refused"]).await;
    let exported = exported.unwrap();
    let stub = rmix.dynamic(&exported).typed().await.unwrap();
    let mut causes = Vec::new();
    for first in 1..=6 {
        let arguments = [-first, 0];
        let answer = stub.call_typed("two", &arguments, PhantomData::<String>);
        let error: Error = answer.await.unwrap_err();
        causes.push(error.cause());
    }
    let expected = [
        Cause::NoSuchObject,
        Cause::NoSuchMethod,
        Cause::BadArguments,
        Cause::Remote,
        Cause::Limit,
        Cause::Remote,
    ];
    assert_eq!(causes, expected);
}

#[tokio::test]
async fn a_result_of_another_type_is_an_error_after_the_call() {
    let rmix = runtime();
    let exported = rmix
        .export(skeleton(), ["mem://typed-other"])
        .await
        .unwrap();
    let stub = rmix.dynamic(&exported).typed().await.unwrap();
    let answer = stub.call_typed("two", &[1, 1], PhantomData::<i32>).await;
    let error = answer.unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Codec, Delivery::Executed)
    );
    // Arguments are counted and read as the object says.
    let answer = stub.call_typed("two", &[1], PhantomData::<String>).await;
    assert_eq!(answer.unwrap_err().cause(), Cause::BadArguments);
    let answer = stub.call_typed("two", &["a", "b"], PhantomData::<String>);
    assert_eq!(answer.await.unwrap_err().cause(), Cause::BadArguments);
}

#[tokio::test]
async fn typed_stubs_take_no_values_and_any_protocol() {
    let rmix = runtime();
    let exported = rmix.export(skeleton(), ["poor://typed"]).await.unwrap();
    let refused = rmix.dynamic(&exported).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let stub = rmix.dynamic(&exported).typed().await.unwrap();
    let answer = stub.call_typed("two", &[1, 1], PhantomData::<String>).await;
    assert_eq!(answer.unwrap(), "1 2 true");
    let refused = stub.call("two", vec![1.into(), 1.into()]).await;
    let refused = refused.unwrap_err();
    assert!(refused.to_string().contains("call_typed"), "{refused}");
}

#[test]
fn a_method_has_a_name_a_number_or_both() {
    assert_eq!(MethodName::from("a"), MethodName::Name("a".to_owned()));
    assert_eq!(MethodName::from(3), MethodName::Number(3));
    let both = MethodName::from(("a", 3));
    assert_eq!(both, MethodName::Numbered("a".to_owned(), 3));
}
