//! Our object of the SOAP peers' `rpc.wsdl`. Knows no provider.

use crate::rpc::{DivideOutputs, Point, Rpc};

/// The service of rpc/literal.
#[derive(Debug, Default)]
pub struct RpcObject;

impl Rpc for RpcObject {
    async fn distance(&self, from: Point, to: Point) -> f64 {
        (to.x - from.x).hypot(to.y - from.y)
    }

    async fn midpoint(&self, from: Point, to: Point) -> Point {
        Point {
            x: f64::midpoint(from.x, to.x),
            y: f64::midpoint(from.y, to.y),
        }
    }

    async fn join(&self, words: Vec<String>, separator: String) -> String {
        words.join(&separator)
    }

    async fn divide(&self, dividend: i32, divisor: i32) -> DivideOutputs {
        DivideOutputs {
            quotient: dividend / divisor,
            remainder: dividend % divisor,
        }
    }
}
