//! Types that use every event of the boundary between host and codec, and types that nest without end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An enum with every shape of variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Shape {
    Empty,
    Size(u64),
    Pair(i32, String),
    Named { x: f64, tag: Option<String> },
    Inner(Box<Shape>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meters(pub(crate) f32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point(pub(crate) i16, pub(crate) u16);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scalars {
    pub(crate) flag: bool,
    pub(crate) i8: i8,
    pub(crate) i16: i16,
    pub(crate) i32: i32,
    pub(crate) i64: i64,
    pub(crate) u8: u8,
    pub(crate) u16: u16,
    pub(crate) u32: u32,
    pub(crate) u64: u64,
    pub(crate) single: Meters,
    pub(crate) letter: char,
    pub(crate) nothing: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Runs {
    pub(crate) octets: Vec<u8>,
    pub(crate) i8: Vec<i8>,
    pub(crate) i16: Vec<i16>,
    pub(crate) u16: Vec<u16>,
    pub(crate) i32: Vec<i32>,
    pub(crate) u32: Vec<u32>,
    pub(crate) i64: Vec<i64>,
    pub(crate) u64: Vec<u64>,
    pub(crate) f32: Vec<f32>,
    pub(crate) f64: Vec<f64>,
}

/// Something of everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rich {
    pub(crate) scalars: Scalars,
    pub(crate) runs: Runs,
    pub(crate) text: String,
    pub(crate) maybe: Option<Point>,
    pub(crate) rows: Vec<Vec<u32>>,
    pub(crate) fixed: [u16; 3],
    pub(crate) pair: (String, Option<bool>),
    pub(crate) shapes: Vec<Shape>,
    pub(crate) by_name: BTreeMap<String, Shape>,
    pub(crate) by_number: BTreeMap<i32, Vec<String>>,
}

/// Vectors, options and enums in each other, as deep as the sender likes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Tree {
    Leaf,
    Number(i64),
    Text(String),
    Branch(Vec<Tree>),
    Fork {
        left: Option<Box<Tree>>,
        right: Vec<Option<Tree>>,
    },
    Pair(Box<Tree>, Vec<u8>),
}

/// Nothing but vectors in vectors: four bytes of XDR, or one of MessagePack, are a whole `Vec` here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Forest(pub(crate) Vec<Forest>);

/// A value with every field filled and every list short.
pub(crate) fn rich() -> Rich {
    let shapes = vec![
        Shape::Empty,
        Shape::Size(300),
        Shape::Pair(-70_000, "pair".to_owned()),
        Shape::Named {
            x: 0.5,
            tag: Some("é".to_owned()),
        },
        Shape::Inner(Box::new(Shape::Inner(Box::new(Shape::Empty)))),
    ];
    Rich {
        scalars: scalars(),
        runs: runs(),
        text: "a text longer than thirty-one bytes, so that it takes a header".to_owned(),
        maybe: Some(Point(-2, 2)),
        rows: vec![vec![], vec![1, 2]],
        fixed: [1, 2, 3],
        pair: ("left".to_owned(), None),
        by_name: [("a".to_owned(), Shape::Empty)].into(),
        shapes,
        by_number: [(-5, vec!["five".to_owned()])].into(),
    }
}

/// One tree with every variant.
pub(crate) fn tree() -> Tree {
    Tree::Branch(vec![
        Tree::Leaf,
        Tree::Number(-5),
        Tree::Text("text".to_owned()),
        Tree::Fork {
            left: Some(Box::new(Tree::Leaf)),
            right: vec![None, Some(Tree::Number(1 << 40))],
        },
        Tree::Pair(Box::new(Tree::Branch(vec![])), vec![1, 2, 3]),
    ])
}

/// A few levels of vectors.
pub(crate) fn forest() -> Forest {
    let grove = Forest(vec![Forest(vec![]), Forest(vec![Forest(vec![])])]);
    Forest(vec![grove.clone(), grove])
}

fn scalars() -> Scalars {
    Scalars {
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
    }
}

fn runs() -> Runs {
    Runs {
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
    }
}
