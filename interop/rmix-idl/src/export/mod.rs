//! Rust interfaces as interface files that rpcgen accepts: from the static description of a `#[rmix::remote]` trait to
//! text.

mod canonical;
mod enums;
mod error;
mod interface;
mod names;
mod same;
mod types;

use std::fmt::Write;

use rmix_abi::describe::{InterfaceDesc, MethodDesc, TypeDesc};
use rmix_abi::tables::call_flags;

pub use error::ExportError;
use names::{capitals, identifier};
use types::{Types, takes_nothing};

/// How methods with several arguments are written. The bytes on the wire are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Arguments {
    /// As one struct, which every rpcgen takes.
    #[default]
    Struct,
    /// One after the other, which takes `rpcgen -N`.
    Several,
}

/// The interface file of a Rust interface.
///
/// A method that returns `Result<T, E>` gives a union: case 0 is the value, case 1 the fault. A one-way method gives
/// `void`, and a comment says that no reply is sent.
///
/// ```
/// use rmix::Interface;
///
/// #[rmix::remote(sunrpc(program = 0x20000010, version = 1))]
/// pub trait Clock {
///     #[rmix(procedure = 1)]
///     async fn now(&self) -> i64;
/// }
///
/// # fn main() -> Result<(), rmix_idl::ExportError> {
/// let desc = <ClockStub as Interface>::DESCRIPTION;
/// let text = rmix_idl::export_x(desc, rmix_idl::Arguments::Struct)?;
/// assert!(text.contains("hyper NOW(void) = 1;"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// No program or procedure number, or a type that XDR cannot carry.
pub fn export_x(desc: &InterfaceDesc, arguments: Arguments) -> Result<String, ExportError> {
    let interface = desc.name();
    if desc.program == 0 {
        return Err(ExportError::NoProgram {
            interface: interface.to_owned(),
        });
    }
    if desc.methods().is_empty() {
        return Err(ExportError::NoMethods {
            interface: interface.to_owned(),
        });
    }
    let mut types = Types::default();
    let prefix = capitals(interface);
    let program = types.names.take(&format!("{prefix}_PROGRAM"));
    let version = types.names.take(&format!("{prefix}_VERSION"));
    // Numbers become macros, so their names come before those of types.
    let mut numbers = Vec::new();
    for method in desc.methods() {
        numbers.push(types.names.take(&capitals(method.name())));
    }
    let mut procedures = String::new();
    for (method, name) in desc.methods().iter().zip(&numbers) {
        if method.number == 0 {
            return Err(ExportError::NoProcedure {
                interface: interface.to_owned(),
                method: method.name().to_owned(),
            });
        }
        let procedure = procedure(&mut types, interface, method, name, arguments)?;
        procedures.push_str(&procedure);
    }
    let Types { text, .. } = types;
    let comment = comment(interface, arguments);
    Ok(format!(
        "{comment}{text}\nprogram {program} {{\n    version {version} {{\n{procedures}    }} = {};\n}} = {};\n",
        desc.version, desc.program
    ))
}

fn comment(interface: &str, arguments: Arguments) -> String {
    let interface = interface.replace("*/", "");
    let option = match arguments {
        Arguments::Struct => "",
        Arguments::Several => " To be read with rpcgen -N.",
    };
    format!("/* The interface {interface}.{option} */\n")
}

fn procedure(
    types: &mut Types,
    interface: &str,
    method: &MethodDesc,
    name: &str,
    arguments: Arguments,
) -> Result<String, ExportError> {
    let path = format!("{interface}.{}", method.name());
    let base = identifier(method.name());
    let taken = taken(types, method, &base, &path, arguments)?;
    let given = given(types, method, &base, &path)?;
    let mut text = String::new();
    if method.flags & call_flags::ONEWAY != 0 {
        text.push_str("        /* One-way: no reply is sent. */\n");
    }
    writeln!(text, "        {given} {name}({taken}) = {};", method.number).unwrap_or_default();
    Ok(text)
}

/// What a procedure takes.
fn taken(
    types: &mut Types,
    method: &MethodDesc,
    base: &str,
    path: &str,
    arguments: Arguments,
) -> Result<String, ExportError> {
    let fields = method.arguments();
    let takes = fields.iter().filter(|field| !takes_nothing(field.ty()));
    match takes.clone().count() {
        0 => Ok("void".to_owned()),
        1 => {
            let mut names = Vec::new();
            for field in takes {
                names.push(argument(types, field.name(), field.ty(), base, path)?);
            }
            Ok(names.join(", "))
        }
        _ if arguments == Arguments::Several => {
            let mut names = Vec::new();
            for field in takes {
                names.push(argument(types, field.name(), field.ty(), base, path)?);
            }
            Ok(names.join(", "))
        }
        _ => {
            let name = types.names.take(&format!("{base}_arguments"));
            types.structure(&name, fields, path)?;
            Ok(name)
        }
    }
}

fn argument(
    types: &mut Types,
    name: &str,
    desc: &'static TypeDesc,
    base: &str,
    path: &str,
) -> Result<String, ExportError> {
    let hint = format!("{base}_{}", identifier(name));
    types.named(desc, &hint, &format!("{path}.{name}"))
}

/// What a procedure gives.
fn given(
    types: &mut Types,
    method: &MethodDesc,
    base: &str,
    path: &str,
) -> Result<String, ExportError> {
    let value = method.result().filter(|desc| !takes_nothing(desc));
    let Some(fault) = method.fault() else {
        return match value {
            None => Ok("void".to_owned()),
            Some(value) => types.named(value, &format!("{base}_value"), path),
        };
    };
    let name = types.names.take(&format!("{base}_result"));
    let mut arms = String::new();
    for (case, member, desc) in [(0, "ok", value), (1, "fault", Some(fault))] {
        let path = format!("{path}.{member}");
        let declared = match desc {
            Some(desc) => types.declare(desc, &format!("{base}_{member}"), &path)?,
            None => None,
        };
        let content = declared.map_or_else(|| "void".to_owned(), |d| d.named(member));
        writeln!(arms, "case {case}:\n    {content};").unwrap_or_default();
    }
    types.define(&format!("union {name} switch (int status) {{\n{arms}}};\n"));
    Ok(name)
}
