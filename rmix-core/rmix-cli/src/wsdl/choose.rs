//! Which interface of a WSDL is meant, and which operation of them a word names.

use std::path::Path;

use rmix::generated::{FieldDesc, MethodDesc};
use rmix_idl::wsdl::Description;
use rmix_idl::wsdl::model::{Interface, Style};

use crate::failure::Failure;
use crate::idl::did_you_mean;

/// The interface of a name, or the only one.
///
/// # Errors
/// There is none of that name; there are several, or none at all.
pub(crate) fn interface<'a>(
    description: &'a Description,
    wanted: Option<&str>,
    file: &Path,
) -> Result<&'a Interface, Failure> {
    if let Some(wanted) = wanted {
        return named(description, wanted, file);
    }
    let file = file.display();
    match description.interfaces.as_slice() {
        [only] => Ok(only),
        [] => Err(Failure::Usage(format!(
            "{file} describes no interface that SOAP can call"
        ))),
        _ => Err(Failure::Usage(format!(
            "{file} has several interfaces: say which with --interface: {}",
            names(description).join(", ")
        ))),
    }
}

/// The interface of a name.
///
/// # Errors
/// There is none of that name.
pub(crate) fn named<'a>(
    description: &'a Description,
    wanted: &str,
    file: &Path,
) -> Result<&'a Interface, Failure> {
    let names = names(description);
    let mut both = description.interfaces.iter().zip(&names);
    let found = both.find(|(_, name)| *name == wanted);
    found.map(|(interface, _)| interface).ok_or_else(|| {
        let hint = did_you_mean(wanted, names.iter().map(String::as_str));
        Failure::Usage(format!(
            "{} has no interface `{wanted}`{hint}; there are: {}",
            file.display(),
            names.join(", ")
        ))
    })
}

/// What the interfaces are called here; a port type whose operations are of several styles is several.
fn names(description: &Description) -> Vec<String> {
    let interfaces = &description.interfaces;
    let name = |interface: &Interface| {
        let local = &interface.name.local;
        let same = interfaces.iter().filter(|other| other.name.local == *local);
        if same.count() == 1 {
            return local.to_string();
        }
        let style = match interface.style {
            Style::Wrapped => "wrapped",
            Style::Bare => "bare",
            Style::Rpc => "rpc",
            _ => "encoded",
        };
        format!("{local}:{style}")
    };
    interfaces.iter().map(name).collect()
}

/// What is called.
pub(crate) struct Called<'a> {
    pub(crate) interface: Option<&'a str>,
    pub(crate) operation: &'a str,
    /// How many arguments are given.
    pub(crate) arguments: usize,
}

/// The operation that is called: the only one of its name; of an overloaded one that which takes so many arguments.
///
/// # Errors
/// There is none of that name; there are several, of several interfaces or of one.
pub(crate) fn method(
    description: &Description,
    called: &Called<'_>,
    file: &Path,
) -> Result<&'static MethodDesc, Failure> {
    let among: Vec<&Interface> = match called.interface {
        Some(wanted) => vec![named(description, wanted, file)?],
        None => description.interfaces.iter().collect(),
    };
    let has = |interface: &&Interface| interface.find_operation(called.operation).is_some();
    let found: Vec<&Interface> = among.iter().copied().filter(has).collect();
    match found.as_slice() {
        [only] => overload(description, only, called),
        [] => Err(unknown(&among, called, file)),
        _ => {
            let names = names(description);
            let both = description.interfaces.iter().zip(names);
            let choices = both.filter(|(interface, _)| has(interface));
            let choices: Vec<String> = choices.map(|(_, name)| name).collect();
            Err(Failure::Usage(format!(
                "several interfaces of {} have an operation `{}`: say which with --interface: {}",
                file.display(),
                called.operation,
                choices.join(", ")
            )))
        }
    }
}

fn unknown(among: &[&Interface], called: &Called<'_>, file: &Path) -> Failure {
    let operations = among.iter().flat_map(|one| &one.operations);
    let known: Vec<&str> = operations.map(|one| one.name.as_str()).collect();
    let hint = did_you_mean(called.operation, known.iter().copied());
    let (file, name) = (file.display(), called.operation);
    Failure::Usage(format!(
        "{file} has no operation `{name}`{hint}; there are: {}",
        known.join(", ")
    ))
}

/// Of the operations of that name in one interface, the one that takes so many arguments.
fn overload(
    description: &Description,
    interface: &Interface,
    called: &Called<'_>,
) -> Result<&'static MethodDesc, Failure> {
    let methods = description.describe(interface).methods().iter();
    let all: Vec<&MethodDesc> = methods
        .filter(|method| method.name() == called.operation)
        .collect();
    if let [only] = all.as_slice() {
        return Ok(only);
    }
    let fits = |method: &&&MethodDesc| method.arguments().len() == called.arguments;
    let fitting: Vec<&&MethodDesc> = all.iter().filter(fits).collect();
    if let [only] = fitting.as_slice() {
        return Ok(only);
    }
    let lines = all
        .iter()
        .map(|method| format!("\n  {}", signature(method)));
    Err(Failure::Usage(format!(
        "`{}` of {} is overloaded, and it is not one that takes {} argument(s) which is meant:{}",
        called.operation,
        interface.name.local,
        called.arguments,
        lines.collect::<String>()
    )))
}

/// An operation with the names of its arguments.
pub(crate) fn signature(method: &MethodDesc) -> String {
    let names = method.arguments().iter().map(FieldDesc::name);
    let names: Vec<&str> = names.collect();
    format!("{}({})", method.name(), names.join(", "))
}
