//! Looks names up, computes values and checks what the grammar cannot: definitions to a [`Model`].

mod declared;
mod graph;
mod numbers;
mod shape;
mod types;

use std::collections::BTreeMap;

use crate::error::IdlError;
use crate::limits::Limits;
use crate::model::{
    Argument, Constant, ConstantValue, Kind, Model, Procedure, Program, TypeDef, Version,
};
use crate::parse::ast::{self, Definition, Item};
use crate::place::Place;
use crate::preprocess::Preprocessed;

use declared::Declared;
use numbers::Numbers;
use types::Types;

/// The model of these definitions.
pub(crate) fn resolve(
    items: &[Item],
    preprocessed: Preprocessed,
    limits: &Limits,
) -> Result<Model, IdlError> {
    let numbers = Numbers::read(items, &preprocessed.passed)?;
    let declared = Declared::read(items)?;
    let types = Types {
        numbers: &numbers,
        declared: &declared,
    };
    let mut defined = Vec::with_capacity(declared.items.len());
    for item in &declared.items {
        defined.push(TypeDef {
            name: item.name.text.clone(),
            place: item.name.place.clone(),
            kind: types.kind(item)?,
            cycle: None,
        });
    }
    let programs = programs(items, &types)?;
    let by_name = declared.ids();
    let mut model = Model {
        constants: constants(items, &numbers)?,
        programs,
        files: preprocessed.files,
        types: defined,
        by_name,
        numbers: numbers.into_map(),
    };
    shape::check(&mut model, limits)?;
    Ok(model)
}

fn constants(items: &[Item], numbers: &Numbers) -> Result<Vec<Constant>, IdlError> {
    let mut constants: Vec<Constant> = Vec::new();
    let mut seen: BTreeMap<&str, (ConstantValue, &Place)> = BTreeMap::new();
    for item in items {
        let (least, greatest) = (i128::from(i64::MIN), i128::from(u64::MAX));
        let value = match &item.definition {
            Definition::Constant(value) => ConstantValue::Number(numbers.within(
                value,
                "the value of the constant",
                least,
                greatest,
            )?),
            Definition::Text(text) => ConstantValue::Text(text.clone()),
            _ => continue,
        };
        let name = &item.name;
        match seen.get(name.text.as_str()) {
            Some((first, _)) if *first == value => continue,
            Some((_, place)) => return Err(duplicate(name, place)),
            None => {}
        }
        seen.insert(&name.text, (value.clone(), &name.place));
        constants.push(Constant {
            name: name.text.clone(),
            value,
            place: name.place.clone(),
        });
    }
    Ok(constants)
}

fn programs(items: &[Item], types: &Types<'_>) -> Result<Vec<Program>, IdlError> {
    let mut programs: Vec<Program> = Vec::new();
    for item in items {
        let Definition::Program(program) = &item.definition else {
            continue;
        };
        if let Some(first) = programs.iter().find(|p| p.name == item.name.text) {
            return Err(duplicate(&item.name, &first.place));
        }
        programs.push(Program {
            name: item.name.text.clone(),
            number: types
                .numbers
                .unsigned(&program.number, "the number of the program")?,
            versions: versions(&program.versions, types)?,
            place: item.name.place.clone(),
        });
    }
    Ok(programs)
}

fn versions(written: &[ast::Version], types: &Types<'_>) -> Result<Vec<Version>, IdlError> {
    let mut versions: Vec<Version> = Vec::new();
    for version in written {
        let number = types
            .numbers
            .unsigned(&version.number, "the number of the version")?;
        let same = |v: &&Version| v.name == version.name.text || v.number == number;
        if let Some(first) = versions.iter().find(same) {
            return Err(duplicate(&version.name, &first.place));
        }
        versions.push(Version {
            name: version.name.text.clone(),
            number,
            procedures: procedures(&version.procedures, types)?,
            place: version.name.place.clone(),
        });
    }
    Ok(versions)
}

fn procedures(written: &[ast::Procedure], types: &Types<'_>) -> Result<Vec<Procedure>, IdlError> {
    let mut procedures: Vec<Procedure> = Vec::new();
    let mut names: BTreeMap<&str, &Place> = BTreeMap::new();
    let mut by_number: BTreeMap<u32, &Place> = BTreeMap::new();
    for procedure in written {
        let name = &procedure.name;
        let number = types
            .numbers
            .unsigned(&procedure.number, "the number of the procedure")?;
        let same_name = names.insert(&name.text, &name.place);
        if let Some(first) = same_name.or(by_number.insert(number, &name.place)) {
            return Err(duplicate(name, first));
        }
        let mut arguments = Vec::new();
        for argument in &procedure.arguments {
            arguments.push(Argument {
                name: argument.name.as_ref().map(|name| name.text.clone()),
                ty: types.declared_type(argument)?,
            });
        }
        procedures.push(Procedure {
            name: name.text.clone(),
            number,
            arguments,
            result: types.declared_type(&procedure.result)?,
            place: name.place.clone(),
        });
    }
    Ok(procedures)
}

fn duplicate(name: &ast::Name, first: &Place) -> IdlError {
    IdlError::Duplicate {
        place: name.place.clone(),
        name: name.text.clone(),
        first: first.clone(),
    }
}

/// Whether a definition only names another type.
fn is_alias(kind: &Kind) -> bool {
    matches!(kind, Kind::Alias(_))
}
