//! Our clients of the services of rpc/literal and rpc/encoded as further clients of the peers' cases.

use std::fmt::Display;

use rmix_system_tests::encoded::{EncodedStub, Person, Point as EncodedPoint};
use rmix_system_tests::rpc::{Point, RpcStub};

use super::our_contract::number;

/// What our client cannot say of rpc/encoded, with the reason.
pub(super) const ENCODED_CANNOT: [(&str, &str); 2] = [
    (
        "same",
        "arguments are values: one that is given twice is written twice",
    ),
    ("ring", "a circle is no value: its answer is refused"),
];

/// What our client says of each of these cases of rpc/literal.
pub(super) async fn rpc_lines(stub: &RpcStub, names: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for name in names {
        lines.push(format!("{name} {}", rpc(stub, name).await));
    }
    lines
}

/// What our client says of each of these cases of rpc/encoded.
pub(super) async fn encoded_lines(stub: &EncodedStub, names: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for name in names {
        lines.push(format!("{name} {}", encoded(stub, name).await));
    }
    lines
}

fn said<T, E: Display>(answer: Result<T, E>, words: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(answer) => words(answer),
        Err(error) => format!("FAILED: {error}"),
    }
}

async fn rpc(stub: &RpcStub, name: &str) -> String {
    let point = |x, y| Point { x, y };
    let separator = || ", ".to_owned();
    match name {
        "distance" => {
            let distance = stub.distance(point(1.0, 2.0), point(4.0, 6.0));
            said(distance.await, number)
        }
        "midpoint" => {
            let midpoint = stub.midpoint(point(1.0, -5.0), point(2.0, 1.0));
            said(midpoint.await, |middle| {
                format!("{} {}", number(middle.x), number(middle.y))
            })
        }
        "join" => {
            let joined = stub.join(words(&["a", "b <c>", "ü"]), separator());
            said(joined.await, |text| format!("[{text}]"))
        }
        "join-none" => {
            let joined = stub.join(Vec::new(), separator());
            said(joined.await, |text| format!("[{text}]"))
        }
        "divide" => said(stub.divide(17, 5).await, |answer| {
            format!("{} {}", answer.quotient, answer.remainder)
        }),
        _ => panic!("there is no case {name}"),
    }
}

async fn encoded(stub: &EncodedStub, name: &str) -> String {
    let point = |x, y| EncodedPoint { x, y };
    let person = || Person {
        name: "a".to_owned(),
        friend: None,
    };
    match name {
        "sum" => said(stub.sum(vec![1, 2, 3]).await, |sum| sum.to_string()),
        "sum-none" => said(stub.sum(Vec::new()).await, |sum| sum.to_string()),
        "reverse" => {
            let reversed = stub.reverse(words(&["a", "<b>", "ü"])).await;
            said(reversed, |words| format!("[{}]", words.r#return.join(",")))
        }
        "centre" => {
            let centre = stub.centre(vec![point(1.0, -5.0), point(2.0, 1.0)]);
            said(centre.await, |centre| {
                format!("{} {}", number(centre.x), number(centre.y))
            })
        }
        "same-not" => said(stub.same(person(), person()).await, |same| same.to_string()),
        _ => panic!("there is no case {name}"),
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
