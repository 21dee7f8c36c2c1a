//! Declarations: a type and what is made of it (RFC 4506 s4, s6.3), with the types that rpcgen reads besides.

use super::ast::{Declaration, Declarator, Specifier};
use super::parser::Parser;
use crate::error::IdlError;
use crate::place::Place;

/// What a declaration is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// Of a struct, or the discriminant of a union.
    Field,
    /// Of a union: may be void.
    Arm,
    /// Names a type.
    Typedef,
}

impl Parser<'_> {
    /// `type name`, `type *name`, `type name[n]`, `type name<n>`, and `void` in an arm.
    pub(super) fn declaration(&mut self, role: Role) -> Result<Declaration, IdlError> {
        let place = self.peek().place.clone();
        let specifier = self.specifier()?;
        if let Specifier::Void = specifier {
            if role != Role::Arm {
                return Err(IdlError::Expected {
                    place,
                    expected: "a type; only an arm of a union, an argument or a result is void"
                        .to_owned(),
                    found: "the keyword `void`".to_owned(),
                });
            }
            return Ok(Declaration {
                specifier,
                declarator: Declarator::Plain,
                name: None,
                place,
            });
        }
        let is_pointer = self.take("*");
        let name = self.name("a name after the type")?;
        let declarator = self.declarator(is_pointer)?;
        self.check(&specifier, &declarator, &place)?;
        Ok(Declaration {
            specifier,
            declarator,
            name: Some(name),
            place,
        })
    }

    fn declarator(&mut self, is_pointer: bool) -> Result<Declarator, IdlError> {
        if is_pointer {
            if self.is_next("[") || self.is_next("<") {
                let place = self.peek().place.clone();
                return Err(IdlError::Unsupported {
                    place,
                    what: "an array of pointers".to_owned(),
                    instead: "the language has none; define a type for the pointer".to_owned(),
                });
            }
            return Ok(Declarator::Pointer);
        }
        if self.take("[") {
            let length = self.value("the length: a number or the name of one")?;
            self.expect("]")?;
            return Ok(Declarator::Fixed(length));
        }
        if self.take("<") {
            return Ok(Declarator::Variable(self.bound()?));
        }
        Ok(Declarator::Plain)
    }

    /// What follows `<`.
    pub(super) fn bound(&mut self) -> Result<Option<super::ast::Value>, IdlError> {
        if self.take(">") {
            return Ok(None);
        }
        let max = self.value("the greatest length, or `>`")?;
        self.expect(">")?;
        Ok(Some(max))
    }

    /// `string` is of variable length, and `opaque` an array of either kind.
    fn check(
        &self,
        specifier: &Specifier,
        declarator: &Declarator,
        place: &Place,
    ) -> Result<(), IdlError> {
        let expected = match (specifier, declarator) {
            (Specifier::String, Declarator::Variable(_)) => return Ok(()),
            (Specifier::String, _) => "`string name<>` or `string name<max>`",
            (Specifier::Opaque, Declarator::Variable(_) | Declarator::Fixed(_)) => return Ok(()),
            (Specifier::Opaque, _) => {
                "`opaque name[length]`, `opaque name<>` or `opaque name<max>`"
            }
            _ => return Ok(()),
        };
        Err(IdlError::Expected {
            place: place.clone(),
            expected: expected.to_owned(),
            found: "another form".to_owned(),
        })
    }

    /// A type as it is named. `struct name` means `name`.
    pub(super) fn specifier(&mut self) -> Result<Specifier, IdlError> {
        let token = self.peek();
        let Some(word) = token.word() else {
            return Err(self.expected("a type"));
        };
        let plain = match word {
            "void" => Specifier::Void,
            "bool" => Specifier::Bool,
            "int" => Specifier::Int,
            "char" => Specifier::Char,
            "hyper" => Specifier::Hyper,
            "float" => Specifier::Float,
            "double" => Specifier::Double,
            "string" => Specifier::String,
            "opaque" => Specifier::Opaque,
            "unsigned" | "short" | "long" => return Ok(self.integer()),
            "enum" | "struct" | "union" => return self.tagged(word),
            "quadruple" => {
                return Err(IdlError::Unsupported {
                    place: token.place.clone(),
                    what: "`quadruple`".to_owned(),
                    instead:
                        "neither Rust nor C peers have floats of 128 bits; use `opaque name[16]`"
                            .to_owned(),
                });
            }
            _ => {
                let name = self.name("a type")?;
                return Ok(Specifier::Named(name.text));
            }
        };
        self.bump();
        // `hyper int`, which rpcgen reads too.
        if word == "hyper" {
            self.take_word("int");
        }
        Ok(plain)
    }

    /// `unsigned`, `short` and `long` with what may follow them. C peers send all of them in four bytes.
    fn integer(&mut self) -> Specifier {
        let is_unsigned = self.take_word("unsigned");
        let signed_and_not = if self.take_word("char") {
            return Specifier::UnsignedChar;
        } else if self.take_word("short") {
            (Specifier::Short, Specifier::UnsignedShort)
        } else if self.take_word("hyper") {
            (Specifier::Hyper, Specifier::UnsignedHyper)
        } else {
            self.take_word("long");
            (Specifier::Int, Specifier::UnsignedInt)
        };
        self.take_word("int");
        if is_unsigned {
            signed_and_not.1
        } else {
            signed_and_not.0
        }
    }

    /// `struct name`, or a body in place of a name.
    fn tagged(&mut self, keyword: &str) -> Result<Specifier, IdlError> {
        self.bump();
        let name = self.optional_name();
        if self.is_next("{") || self.is_next_word("switch") {
            let place = self.peek().place.clone();
            self.defines(&place)?;
            let body = self.body(keyword)?;
            return Ok(Specifier::Body(name, Box::new(body)));
        }
        match name {
            Some(name) => Ok(Specifier::Named(name.text)),
            None => Err(self.expected(&format!("a name or a body after `{keyword}`"))),
        }
    }
}
