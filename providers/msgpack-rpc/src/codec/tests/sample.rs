//! Types that use every event of the boundary, and arbitrary values of them.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Shape {
    Empty,
    Size(u64),
    Pair(i32, String),
    Named { x: f64, tag: Option<String> },
    Inner(Box<Shape>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Meters(pub f32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point(pub i16, pub u16);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scalars {
    pub flag: bool,
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub single: Meters,
    pub letter: char,
    pub nothing: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Runs {
    /// `serde_bytes` for the oracle; the codec writes plain `Vec<u8>` the same.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
    pub i8: Vec<i8>,
    pub i16: Vec<i16>,
    pub u16: Vec<u16>,
    pub i32: Vec<i32>,
    pub u32: Vec<u32>,
    pub i64: Vec<i64>,
    pub u64: Vec<u64>,
    pub f32: Vec<f32>,
    pub f64: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rich {
    pub scalars: Scalars,
    pub runs: Runs,
    pub text: String,
    pub maybe: Option<Point>,
    pub rows: Vec<Vec<u32>>,
    pub fixed: [u16; 3],
    pub pair: (String, Option<bool>),
    pub shapes: Vec<Shape>,
    pub by_name: BTreeMap<String, Shape>,
    pub by_number: BTreeMap<i32, Vec<String>>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Empty),
        any::<u64>().prop_map(Shape::Size),
        (any::<i32>(), ".{0,40}").prop_map(|(number, text)| Shape::Pair(number, text)),
        (any::<f64>(), option::of("[a-z]{0,20}")).prop_map(|(x, tag)| Shape::Named { x, tag }),
    ];
    leaf.prop_recursive(4, 8, 1, |inner| {
        inner.prop_map(|inner| Shape::Inner(Box::new(inner)))
    })
}

prop_compose! {
    fn scalars()(
        (flag, single, letter) in (any::<bool>(), any::<f32>().prop_map(Meters), any::<char>()),
        (i8, i16, i32, i64) in any::<(i8, i16, i32, i64)>(),
        (u8, u16, u32, u64) in any::<(u8, u16, u32, u64)>(),
    ) -> Scalars {
        Scalars { flag, i8, i16, i32, i64, u8, u16, u32, u64, single, letter, nothing: () }
    }
}

prop_compose! {
    fn runs()(
        octets in vec(any::<u8>(), 0..300),
        (i8, i16, i32, i64) in (vec(any::<i8>(), 0..9), vec(any::<i16>(), 0..9), vec(any::<i32>(), 0..9), vec(any::<i64>(), 0..20)),
        (u16, u32, u64) in (vec(any::<u16>(), 0..9), vec(any::<u32>(), 0..9), vec(any::<u64>(), 0..9)),
        (f32, f64) in (vec(any::<f32>(), 0..9), vec(any::<f64>(), 0..600)),
    ) -> Runs {
        Runs { octets, i8, i16, u16, i32, u32, i64, u64, f32, f64 }
    }
}

prop_compose! {
    pub(super) fn rich()(
        (scalars, runs, text) in (scalars(), runs(), ".{0,300}"),
        maybe in option::of(any::<(i16, u16)>().prop_map(|(x, y)| Point(x, y))),
        rows in vec(vec(any::<u32>(), 0..4), 0..20),
        (fixed, pair) in (any::<[u16; 3]>(), (".{0,4}", any::<Option<bool>>())),
        shapes in vec(shape(), 0..20),
        by_name in btree_map("[a-z]{1,8}", shape(), 0..20),
        by_number in btree_map(any::<i32>(), vec(".{0,3}", 0..3), 0..4),
    ) -> Rich {
        Rich { scalars, runs, text, maybe, rows, fixed, pair, shapes, by_name, by_number }
    }
}

/// One value that has something of everything, for tests over its every byte.
pub(super) fn small() -> Rich {
    let shapes = vec![
        Shape::Empty,
        Shape::Size(300),
        Shape::Pair(-70_000, "pair".into()),
        Shape::Named {
            x: 0.5,
            tag: Some("é".into()),
        },
        Shape::Inner(Box::new(Shape::Inner(Box::new(Shape::Empty)))),
    ];
    Rich {
        scalars: Scalars {
            flag: true,
            i8: -1,
            i16: -300,
            i32: -70_000,
            i64: i64::MIN,
            u8: 200,
            u16: 300,
            u32: 70_000,
            u64: u64::MAX,
            single: Meters(1.5),
            letter: 'ß',
            nothing: (),
        },
        runs: Runs {
            octets: vec![0, 255, 7],
            i8: vec![-128, 127],
            i16: vec![-300],
            u16: vec![300],
            i32: vec![1, -1],
            u32: vec![70_000],
            i64: vec![i64::MIN],
            u64: vec![u64::MAX],
            f32: vec![0.25],
            f64: vec![0.1, -0.1],
        },
        text: "a text longer than thirty-one bytes, so that it takes a header".into(),
        maybe: Some(Point(-2, 2)),
        rows: vec![vec![], vec![1, 2]],
        fixed: [1, 2, 3],
        pair: ("left".into(), None),
        by_name: shapes
            .iter()
            .cloned()
            .enumerate()
            .map(|(number, shape)| (number.to_string(), shape))
            .collect(),
        shapes,
        by_number: [(-5, vec!["five".to_owned()])].into(),
    }
}
