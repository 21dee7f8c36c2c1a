//! Our object of the SOAP peers' `encoded.wsdl`. Rust has values where that service has objects: two arguments are never
//! one object, and persons are a chain where they should be a ring. Knows no provider.

use crate::encoded::{Encoded, Person, Point, ReverseOutputs};

/// The service of rpc/encoded.
#[derive(Debug, Default)]
pub struct EncodedObject;

impl Encoded for EncodedObject {
    async fn sum(&self, numbers: Vec<i32>) -> i32 {
        numbers.iter().sum()
    }

    async fn reverse(&self, mut words: Vec<String>) -> ReverseOutputs {
        words.reverse();
        ReverseOutputs { r#return: words }
    }

    async fn centre(&self, points: Vec<Point>) -> Point {
        let count: f64 = points.iter().map(|_| 1.0).sum();
        let mean = |axis: fn(&Point) -> f64| points.iter().map(axis).sum::<f64>() / count;
        Point {
            x: mean(|point| point.x),
            y: mean(|point| point.y),
        }
    }

    /// What both say, since arguments are values: whoever sends one object twice is told whether it says the same as
    /// itself.
    async fn same(&self, first: Person, second: Person) -> bool {
        first == second
    }

    /// The last one has no friend.
    async fn ring(&self, names: Vec<String>) -> Person {
        let mut names = names.into_iter().rev();
        let person = |name, friend: Option<Person>| Person {
            name,
            friend: friend.map(Box::new),
        };
        let last = person(names.next().unwrap_or_default(), None);
        names.fold(last, |friend, name| person(name, Some(friend)))
    }
}
