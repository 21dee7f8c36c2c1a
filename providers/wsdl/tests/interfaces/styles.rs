//! Interfaces of the other styles.

use rmix::xsd::DateTime;
use serde::{Deserialize, Serialize};

use super::shop::{Colour, Missing, Session, Shape};

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Query {
    text: String,
    limit: Option<u32>,
    colours: Vec<Colour>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Answer {
    found: Vec<Query>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Failure {
    Missing(Missing),
    Busy,
}

#[rmix::remote(namespace = "urn:example:bare", soap(style = "bare"))]
pub(crate) trait Bare {
    #[rmix(soap(action = "ask", result = "answer"))]
    async fn ask(&self, #[rmix(header)] session: Session, query: Query) -> Result<Answer, Failure>;
    #[rmix(soap(result_namespace = "urn:example:other"))]
    async fn double(&self, #[rmix(namespace = "urn:example:other")] number: i64) -> i64;
    async fn now(&self) -> DateTime;
    #[rmix(oneway)]
    async fn note(&self, #[rmix(nillable)] text: Option<String>);
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Swapped {
    left: i32,
    right: i32,
    #[rmix(header)]
    session: Session,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Sum {
    sum: i64,
    carry: bool,
}

#[rmix::remote(namespace = "urn:example:rpc", soap(style = "rpc"))]
pub(crate) trait Rpc {
    #[rmix(soap(action = "urn:example:rpc/search"))]
    async fn search(
        &self,
        query: Query,
        #[rmix(wrapped = "colour")] colours: Vec<Colour>,
        corner: (i32, i32),
    ) -> Result<Answer, Failure>;
    #[rmix(soap(
        outputs,
        request_namespace = "urn:example:rpc:in",
        response_namespace = "urn:example:rpc:out"
    ))]
    async fn swap(&self, left: i32, right: i32, #[rmix(header)] session: Session) -> Swapped;
    #[rmix(soap(outputs))]
    async fn add(&self, left: i64, right: i64) -> Sum;
    async fn shape(&self, shape: Shape) -> Shape;
    async fn rest(&self);
    #[rmix(oneway)]
    async fn log(&self, line: String);
}

#[rmix::remote(namespace = "urn:example:encoded", soap(style = "encoded"))]
pub(crate) trait Encoded {
    async fn search(&self, query: Query, limits: Vec<i32>) -> Result<Vec<Answer>, Failure>;
    async fn table(&self, rows: Vec<Vec<f64>>, name: Option<String>) -> Vec<(i32, i32)>;
    async fn rest(&self);
}
