//! Versions of programs as traits with `#[rmix::remote]`.

use super::Generator;
use super::names::Members;
use super::text::Text;
use crate::error::IdlError;
use crate::model::{Procedure, Program, Type, Version};

impl Generator<'_> {
    /// Writes one version of a program.
    pub(super) fn interface(
        &self,
        program: &Program,
        version: &Version,
        out: &mut Text,
    ) -> Result<(), IdlError> {
        if program.number == 0 {
            return Err(IdlError::OutOfRange {
                place: program.place.clone(),
                what: "the number of a program that becomes an interface",
                value: 0,
                least: 1,
                greatest: u32::MAX.into(),
            });
        }
        let name = self
            .names
            .interface(program.number, version.number, &program.name);
        out.gap();
        out.line(format!(
            "/// Version {} (`{}`) of the program `{}`.",
            version.number, version.name, program.name
        ));
        out.line(format!(
            "#[rmix::remote(sunrpc(program = {}, version = {}))]",
            program.number, version.number
        ));
        out.line(format!("pub trait {name} {{"));
        let mut members = Members::new(&METHODS_TAKEN);
        let mut is_first = true;
        for procedure in &version.procedures {
            if procedure.number == 0 {
                check_null(procedure)?;
                continue;
            }
            if !is_first {
                out.gap();
            }
            is_first = false;
            self.method(procedure, &mut members, out)?;
        }
        out.line("}");
        Ok(())
    }

    fn method(
        &self,
        procedure: &Procedure,
        members: &mut Members,
        out: &mut Text,
    ) -> Result<(), IdlError> {
        out.line(format!(
            "    /// `{}`, procedure {}.",
            procedure.name, procedure.number
        ));
        let number = format!("procedure = {}", procedure.number);
        let name = format!("name = \"{}\"", procedure.name);
        let mut attributes = vec![number, name];
        if self.options.oneway.contains(&procedure.name) {
            check_oneway(procedure)?;
            attributes.push("oneway".to_owned());
        }
        if self.options.idempotent.contains(&procedure.name) {
            attributes.push("idempotent".to_owned());
        }
        out.attribute(4, "rmix", &attributes);
        let mut arguments = Members::new(&[]);
        let mut parameters = vec!["&self".to_owned()];
        for (index, argument) in procedure.arguments.iter().enumerate() {
            let wanted = match &argument.name {
                Some(name) => name.clone(),
                None if procedure.arguments.len() == 1 => "argument".to_owned(),
                None => format!("argument_{}", index + 1),
            };
            let ty = self.rust_type(None, &argument.ty);
            parameters.push(format!("{}: {ty}", arguments.snake(&wanted)));
        }
        let returned = match &procedure.result {
            Type::Void => String::new(),
            ty => format!(" -> {}", self.rust_type(None, ty)),
        };
        let method = members.snake(&procedure.name);
        out.method(&method, &parameters, &returned);
        Ok(())
    }
}

/// A procedure that is never answered gives nothing.
fn check_oneway(procedure: &Procedure) -> Result<(), IdlError> {
    if procedure.result == Type::Void {
        return Ok(());
    }
    Err(IdlError::Unsupported {
        place: procedure.place.clone(),
        what: "a one-way procedure with a result".to_owned(),
        instead: "it is never answered; let its result be void".to_owned(),
    })
}

/// Procedure 0 takes and gives nothing (RFC 5531 s12.2), and every server answers it without being told.
fn check_null(procedure: &Procedure) -> Result<(), IdlError> {
    if procedure.arguments.is_empty() && procedure.result == Type::Void {
        return Ok(());
    }
    Err(IdlError::Unsupported {
        place: procedure.place.clone(),
        what: "a procedure 0 that takes or gives something".to_owned(),
        instead: "RFC 5531 s12.2 keeps this number for the null procedure; give it another one"
            .to_owned(),
    })
}

/// Methods of every stub.
const METHODS_TAKEN: [&str; 3] = ["blocking", "flush", "start"];
