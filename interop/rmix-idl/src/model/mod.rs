//! A file that was read, with every name looked up and every value computed: what generators, dynamic calls and
//! descriptions work from.

mod program;
mod show;
mod types;

use std::collections::BTreeMap;

pub use program::{Argument, Procedure, Program, Version};
pub use types::{
    Arm, DefaultArm, Enum, Field, Kind, Label, Member, Struct, Type, TypeDef, TypeId, Union,
};

use crate::place::Place;

/// A constant of the file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: ConstantValue,
    /// Where it is defined.
    pub place: Place,
}

/// The value of a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConstantValue {
    /// A number, from the smallest signed to the largest unsigned of 64 bits.
    Number(i128),
    /// A text, which rpcgen passes on to C.
    Text(String),
}

/// A file that was read, with all it includes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Model {
    /// Constants in the order they are defined. Members of enums are with their enums.
    pub constants: Vec<Constant>,
    /// Programs in the order they are defined.
    pub programs: Vec<Program>,
    /// Names of all files read: the first one, then the included ones.
    pub files: Vec<String>,
    pub(crate) types: Vec<TypeDef>,
    pub(crate) by_name: BTreeMap<String, TypeId>,
    /// Values of all names: constants and members of enums.
    pub(crate) numbers: BTreeMap<String, i128>,
}

impl Model {
    /// The defined types, in the order they are defined; bodies within others come before them.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDef)> {
        (0..).map(TypeId).zip(&self.types)
    }

    /// The definition that an id of this model stands for.
    ///
    /// # Panics
    /// With an id of another model, when it is out of range.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        let found = self.types.get(index);
        found.expect("ids come from this model, whose types never change")
    }

    /// A type by its name in the file.
    pub fn find_type(&self, name: &str) -> Option<(TypeId, &TypeDef)> {
        let id = self.by_name.get(name)?;
        Some((*id, self.type_def(*id)))
    }

    /// The value of a constant or of an enum's member.
    pub fn number(&self, name: &str) -> Option<i128> {
        self.numbers.get(name).copied()
    }

    /// A program by its name.
    pub fn find_program(&self, name: &str) -> Option<&Program> {
        self.programs.iter().find(|program| program.name == name)
    }

    /// A version by the numbers of program and version, as an endpoint names it.
    pub fn find_version(&self, program: u32, version: u32) -> Option<(&Program, &Version)> {
        let programs = self.programs.iter();
        let mut found = programs.filter(|candidate| candidate.number == program);
        found.find_map(|program| {
            let versions = &program.versions;
            let version = versions.iter().find(|v| v.number == version)?;
            Some((program, version))
        })
    }

    /// The type behind typedefs: never [`Type::Named`] of an alias.
    pub fn resolve<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        // Aliases do not lead back to themselves: the import refuses that.
        while let Type::Named(id) = ty
            && let Kind::Alias(target) = &self.type_def(*id).kind
        {
            ty = target;
        }
        ty
    }

    /// The definition behind typedefs, when it is an enum, struct or union.
    pub fn resolve_def<'a>(&'a self, ty: &'a Type) -> Option<(TypeId, &'a TypeDef)> {
        match self.resolve(ty) {
            Type::Named(id) => Some((*id, self.type_def(*id))),
            _ => None,
        }
    }

    /// Whether a value of the type is a linked list: an optional of a struct whose last field is an optional of itself.
    /// It is to be read and written in a loop; [`Struct::item_fields`] are the fields of one item.
    pub fn is_list(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Optional(target) => self.is_list_node(target),
            _ => false,
        }
    }

    /// Whether the type is the node of a linked list: one item, and the list of the items after it.
    pub fn is_list_node(&self, ty: &Type) -> bool {
        match self.resolve_def(ty) {
            Some((_, def)) => {
                matches!(&def.kind, Kind::Struct(structure) if structure.is_list_node)
            }
            None => false,
        }
    }

    /// Whether an optional of `target` within `owner` would make `owner` contain itself by value.
    pub(crate) fn needs_box(&self, owner: TypeId, target: &Type) -> bool {
        let cycle = self.type_def(owner).cycle;
        match target {
            Type::Named(id) => cycle.is_some() && cycle == self.type_def(*id).cycle,
            Type::Array { element, .. } => self.needs_box(owner, element),
            _ => false,
        }
    }
}
