//! Programs, versions and procedures (RFC 5531 s12), with rpcgen's several and named arguments.

use super::ast::{
    Declaration, Declarator, Definition, Item, Procedure, Program, Specifier, Version,
};
use super::parser::Parser;
use crate::error::IdlError;

impl Parser<'_> {
    pub(super) fn program(&mut self) -> Result<Item, IdlError> {
        self.bump();
        let name = self.name("the name of the program")?;
        self.expect("{")?;
        let mut versions = Vec::new();
        loop {
            versions.push(self.version()?);
            if self.take("}") {
                break;
            }
            if !self.is_next_word("version") {
                return Err(self.expected("`version` or `}`"));
            }
        }
        self.expect("=")?;
        let number = self.value("the number of the program")?;
        let definition = Definition::Program(Program { versions, number });
        Ok(Item { name, definition })
    }

    fn version(&mut self) -> Result<Version, IdlError> {
        let place = self.expect_word("version")?;
        self.defines(&place)?;
        let name = self.name("the name of the version")?;
        self.expect("{")?;
        let mut procedures = Vec::new();
        loop {
            procedures.push(self.procedure()?);
            if self.take("}") {
                break;
            }
        }
        self.expect("=")?;
        let number = self.value("the number of the version")?;
        self.expect(";")?;
        Ok(Version {
            name,
            procedures,
            number,
        })
    }

    fn procedure(&mut self) -> Result<Procedure, IdlError> {
        let result = self.result()?;
        let name = self.name("the name of the procedure")?;
        self.defines(&name.place)?;
        self.expect("(")?;
        let mut arguments: Vec<Declaration> = Vec::new();
        loop {
            let argument = self.argument()?;
            let is_void = matches!(argument.specifier, Specifier::Void);
            if is_void && (!arguments.is_empty() || self.is_next(",")) {
                return Err(IdlError::Expected {
                    place: argument.place,
                    expected: "`void` alone, or arguments without it".to_owned(),
                    found: "`void` among several arguments".to_owned(),
                });
            }
            if !is_void {
                let count = arguments.len() + 1;
                let max = self.limits.arguments_max;
                self.within(count, max, "arguments_max", &argument.place)?;
                arguments.push(argument);
            }
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        self.expect("=")?;
        let number = self.value("the number of the procedure")?;
        self.expect(";")?;
        Ok(Procedure {
            name,
            result,
            arguments,
            number,
        })
    }

    /// A result is a named or a simple type, or a string; a pointer, as rpcgen reads it, too.
    fn result(&mut self) -> Result<Declaration, IdlError> {
        let declaration = self.bare("result")?;
        Ok(declaration)
    }

    fn argument(&mut self) -> Result<Declaration, IdlError> {
        let mut declaration = self.bare("argument")?;
        let is_string = matches!(declaration.specifier, Specifier::String);
        // rpcgen accepts a name before and after the star.
        let before = self.optional_name();
        if !is_string && self.take("*") {
            declaration.declarator = Declarator::Pointer;
        }
        declaration.name = self.optional_name().or(before);
        if is_string && self.take("<") {
            declaration.declarator = Declarator::Variable(self.bound()?);
        }
        Ok(declaration)
    }

    /// A type without a name; `string` is of any length.
    fn bare(&mut self, role: &str) -> Result<Declaration, IdlError> {
        let place = self.peek().place.clone();
        let specifier = self.specifier()?;
        let declarator = match &specifier {
            Specifier::String => Declarator::Variable(None),
            Specifier::Opaque | Specifier::Body(..) => {
                return Err(IdlError::Expected {
                    place,
                    expected: format!("a type that has a name as the {role}"),
                    found: "`opaque` or a body: define a type for it".to_owned(),
                });
            }
            _ => Declarator::Plain,
        };
        Ok(Declaration {
            specifier,
            declarator,
            name: None,
            place,
        })
    }
}
