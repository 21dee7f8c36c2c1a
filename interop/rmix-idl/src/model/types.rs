//! Types of a model.

use crate::place::Place;

/// Stands for a definition of one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(crate) u32);

/// A type as a field, an argument or a typedef has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// Nothing (RFC 4506 s4.16).
    Void,
    /// `bool`, `bool_t`: 0 or 1 (s4.4).
    Bool,
    /// `char`: four bytes, -128 to 127.
    Char,
    /// `unsigned char`: four bytes, 0 to 255.
    UnsignedChar,
    /// `short`: four bytes.
    Short,
    /// `unsigned short`: four bytes.
    UnsignedShort,
    /// `int`, `long`: four bytes (s4.1).
    Int,
    /// `unsigned int`, `unsigned long`: four bytes (s4.2).
    UnsignedInt,
    /// `hyper`: eight bytes (s4.5).
    Hyper,
    /// `unsigned hyper`: eight bytes (s4.5).
    UnsignedHyper,
    /// `float`: four bytes (s4.6).
    Float,
    /// `double`: eight bytes (s4.7).
    Double,
    /// `string name<max>` (s4.11).
    String {
        /// Most bytes, if bounded.
        max: Option<u32>,
    },
    /// `opaque name<max>` (s4.10).
    Opaque {
        /// Most bytes, if bounded.
        max: Option<u32>,
    },
    /// `opaque name[length]` (s4.9).
    FixedOpaque {
        /// Bytes, without the padding.
        length: u32,
    },
    /// `type name[length]` (s4.12).
    Array {
        /// Type of the elements.
        element: Box<Type>,
        /// Number of elements.
        length: u32,
    },
    /// `type name<max>` (s4.13).
    Sequence {
        /// Type of the elements.
        element: Box<Type>,
        /// Most elements, if bounded.
        max: Option<u32>,
    },
    /// `type *name` (s4.19).
    Optional(Box<Type>),
    /// A type that has a name.
    Named(TypeId),
}

/// A definition.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TypeDef {
    /// Its name in the file.
    pub name: String,
    /// Where it is defined.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// An optional of it within a type that it contains needs a box: the number of its group of types that contain
    /// each other, if there is one.
    pub(crate) cycle: Option<u32>,
}

/// What a definition is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Kind {
    /// An enum (RFC 4506 s4.3).
    Enum(Enum),
    /// A struct (s4.14).
    Struct(Struct),
    /// A discriminated union (s4.15).
    Union(Union),
    /// Another name for a type (s4.18).
    Alias(Type),
}

/// An enum.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Enum {
    /// Members in the order they are written. Two may have the same value.
    pub members: Vec<Member>,
}

/// A member of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: i32,
}

/// A struct.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Struct {
    /// Fields in the order they travel.
    pub fields: Vec<Field>,
    /// The last field is an optional of the struct itself: a node of a linked list, to be read in a loop.
    pub is_list_node: bool,
}

impl Struct {
    /// The fields of one item of the list for a list node; else all fields.
    pub fn item_fields(&self) -> &[Field] {
        match self.fields.split_last() {
            Some((_, fields)) if self.is_list_node => fields,
            _ => &self.fields,
        }
    }
}

/// A field of a struct, or what an arm of a union holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Where it is declared.
    pub place: Place,
}

/// A discriminated union.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Union {
    /// Name and type of the discriminant: an integer of four bytes, a bool or an enum, possibly by a typedef.
    pub discriminant: Field,
    /// Arms with labels.
    pub arms: Vec<Arm>,
    /// The arm of all other values, if there is one.
    pub default: Option<DefaultArm>,
}

/// An arm of a union.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Arm {
    /// The values it is for, at least one.
    pub labels: Vec<Label>,
    /// What it holds; `None` is void.
    pub content: Option<Field>,
}

/// The arm for all values without an arm of their own.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DefaultArm {
    /// What it holds; `None` is void.
    pub content: Option<Field>,
}

/// A value that leads to an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The name in the file, when it is given by name: a member of the discriminant's enum or a constant.
    pub name: Option<String>,
    /// The value, within the discriminant's range.
    pub value: i64,
}

impl Label {
    /// The 32 bits that travel.
    pub fn bits(&self) -> u32 {
        // The range of the discriminant was checked, so the upper half only repeats the sign.
        (self.value & 0xffff_ffff) as u32
    }
}

impl Union {
    /// The arm that a value leads to: its content, or `None` when no arm is there for it.
    pub fn arm(&self, value: i64) -> Option<Option<&Field>> {
        let own = self
            .arms
            .iter()
            .find(|arm| arm.labels.iter().any(|label| label.value == value));
        match own {
            Some(arm) => Some(arm.content.as_ref()),
            None => self.default.as_ref().map(|arm| arm.content.as_ref()),
        }
    }
}

impl Enum {
    /// A member by its name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The first member of a value.
    pub fn name_of(&self, value: i32) -> Option<&str> {
        let found = self.members.iter().find(|member| member.value == value);
        found.map(|member| member.name.as_str())
    }
}
