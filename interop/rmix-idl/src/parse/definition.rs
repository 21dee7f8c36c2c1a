//! Constants, enums, structs, unions and typedefs (RFC 4506 s6.3).

use super::ast::{Arm, Declarator, Definition, Item, Member, Name, Specifier, Union, Value};
use super::declaration::Role;
use super::parser::Parser;
use crate::error::IdlError;
use crate::lex::TokenKind;

impl Parser<'_> {
    /// All definitions up to the end.
    pub(super) fn items(&mut self) -> Result<Vec<Item>, IdlError> {
        let mut items = Vec::new();
        while !self.is_at_end() {
            // An empty definition is a stray semicolon, as C programmers leave it.
            if self.take(";") {
                continue;
            }
            let item = self.item()?;
            self.expect(";")?;
            items.push(item);
        }
        Ok(items)
    }

    fn item(&mut self) -> Result<Item, IdlError> {
        let place = self.peek().place.clone();
        self.defines(&place)?;
        let word = self.peek().word();
        match word {
            Some("const") => self.constant(),
            Some("typedef") => self.typedef(),
            Some("program") => self.program(),
            Some("enum" | "struct" | "union") => {
                let keyword = word.unwrap_or_default();
                self.bump();
                let name = self.name(&format!("the name of the {keyword}"))?;
                let definition = self.body(keyword)?;
                Ok(Item { name, definition })
            }
            _ => Err(self.expected(
                "a definition: `const`, `enum`, `struct`, `union`, `typedef` or `program`",
            )),
        }
    }

    fn constant(&mut self) -> Result<Item, IdlError> {
        self.bump();
        let name = self.name("the name of the constant")?;
        self.expect("=")?;
        let definition = if let TokenKind::Text(text) = &self.peek().kind {
            self.bump();
            Definition::Text(text.clone())
        } else {
            Definition::Constant(self.value("the value of the constant")?)
        };
        Ok(Item { name, definition })
    }

    fn typedef(&mut self) -> Result<Item, IdlError> {
        self.bump();
        let declaration = self.declaration(Role::Typedef)?;
        let Some(name) = declaration.name.clone() else {
            return Err(self.expected("the name of the type"));
        };
        // `typedef struct { … } name;` defines the struct under the typedef's name.
        if let (Specifier::Body(None, body), Declarator::Plain) =
            (&declaration.specifier, &declaration.declarator)
        {
            let definition = (**body).clone();
            return Ok(Item { name, definition });
        }
        let definition = Definition::Typedef(declaration);
        Ok(Item { name, definition })
    }

    /// What follows `enum`, `struct` or `union` and a name, if any.
    pub(super) fn body(&mut self, keyword: &str) -> Result<Definition, IdlError> {
        self.enter()?;
        let definition = match keyword {
            "enum" => self.enumeration()?,
            "struct" => self.structure()?,
            _ => self.union()?,
        };
        self.leave();
        Ok(definition)
    }

    fn enumeration(&mut self) -> Result<Definition, IdlError> {
        self.expect("{")?;
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.check_members(members.len() + 1)?;
            let name = self.name("the name of a member")?;
            let value = match self.take("=") {
                true => Some(self.value("the value of the member")?),
                false => None,
            };
            members.push(Member { name, value });
            if self.take("}") {
                break;
            }
            if !self.is_next(",") {
                return Err(self.expected("`,` or `}`"));
            }
            self.bump();
            // A comma after the last member, as C allows.
            if self.take("}") {
                break;
            }
        }
        Ok(Definition::Enum(members))
    }

    fn structure(&mut self) -> Result<Definition, IdlError> {
        self.expect("{")?;
        let mut fields = Vec::new();
        loop {
            self.check_members(fields.len() + 1)?;
            fields.push(self.declaration(Role::Field)?);
            self.expect(";")?;
            if self.take("}") {
                break;
            }
        }
        Ok(Definition::Struct(fields))
    }

    fn union(&mut self) -> Result<Definition, IdlError> {
        self.expect_word("switch")?;
        self.expect("(")?;
        let discriminant = self.declaration(Role::Field)?;
        self.expect(")")?;
        self.expect("{")?;
        let mut arms: Vec<Arm> = Vec::new();
        let mut default = None;
        let mut count = 0;
        while self.is_next_word("case") {
            let labels = self.labels(&mut count)?;
            let content = self.declaration(Role::Arm)?;
            self.expect(";")?;
            arms.push(Arm { labels, content });
        }
        if arms.is_empty() {
            return Err(self.expected("`case`"));
        }
        if self.take_word("default") {
            self.expect(":")?;
            default = Some(self.declaration(Role::Arm)?);
            self.expect(";")?;
        }
        if !self.is_next("}") {
            let what = match default {
                None => "`case`, `default` or `}`",
                Some(_) => "`}` after the default arm, which is the last one",
            };
            return Err(self.expected(what));
        }
        self.bump();
        Ok(Definition::Union(Box::new(Union {
            discriminant,
            arms,
            default,
        })))
    }

    fn labels(&mut self, count: &mut usize) -> Result<Vec<Value>, IdlError> {
        let mut labels = Vec::new();
        while self.take_word("case") {
            *count += 1;
            self.check_members(*count)?;
            labels.push(self.value("the value of the case: a number or the name of one")?);
            self.expect(":")?;
        }
        Ok(labels)
    }
}

/// The name of a body that has none: its owner's and its field's, as C programs name such types.
pub(super) fn inner_name(owner: &str, field: Option<&Name>, fallback: &Name) -> Name {
    let field_text = field.map_or("arm", |field| field.text.as_str());
    Name {
        text: format!("{owner}_{field_text}"),
        place: field.unwrap_or(fallback).place.clone(),
    }
}
