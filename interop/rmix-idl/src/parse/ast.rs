//! A file as it was written: definitions in order, names not looked up.

use crate::place::Place;

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// A number, or the name of one.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) place: Place,
}

#[derive(Debug, Clone)]
pub(crate) enum ValueKind {
    Number(i128),
    Name(String),
}

/// A type as it is named.
#[derive(Debug, Clone)]
pub(crate) enum Specifier {
    Void,
    Bool,
    Char,
    UnsignedChar,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,
    Hyper,
    UnsignedHyper,
    Float,
    Double,
    String,
    Opaque,
    Named(String),
    /// A body that stands where a type's name could: its own name, if any, and the body.
    Body(Option<Name>, Box<Definition>),
}

/// What a declaration makes of its type.
#[derive(Debug, Clone)]
pub(crate) enum Declarator {
    Plain,
    Pointer,
    Fixed(Value),
    Variable(Option<Value>),
}

/// A type, and the name it gives to something unless it is void or an argument.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    pub(crate) specifier: Specifier,
    pub(crate) declarator: Declarator,
    pub(crate) name: Option<Name>,
    pub(crate) place: Place,
}

/// A named definition.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) name: Name,
    pub(crate) definition: Definition,
}

#[derive(Debug, Clone)]
pub(crate) enum Definition {
    Constant(Value),
    Text(String),
    Enum(Vec<Member>),
    Struct(Vec<Declaration>),
    Union(Box<Union>),
    Typedef(Declaration),
    Program(Program),
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) value: Option<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct Union {
    pub(crate) discriminant: Declaration,
    pub(crate) arms: Vec<Arm>,
    pub(crate) default: Option<Declaration>,
}

#[derive(Debug, Clone)]
pub(crate) struct Arm {
    pub(crate) labels: Vec<Value>,
    pub(crate) content: Declaration,
}

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) versions: Vec<Version>,
    pub(crate) number: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) name: Name,
    pub(crate) procedures: Vec<Procedure>,
    pub(crate) number: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Procedure {
    pub(crate) name: Name,
    pub(crate) result: Declaration,
    pub(crate) arguments: Vec<Declaration>,
    pub(crate) number: Value,
}
