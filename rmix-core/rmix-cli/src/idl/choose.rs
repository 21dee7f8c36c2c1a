//! Which version an endpoint is for, which procedure a word names, and what a word was probably meant to be.

use rmix::IntoTarget;
use rmix_idl::Model;
use rmix_idl::model::{Procedure, Program, Version};

use super::{signature, version_name};
use crate::failure::Failure;

/// An endpoint with the version of the file that it is for.
pub(crate) struct Target<'a> {
    /// The endpoint, with the numbers of program and version at its end.
    pub(crate) endpoint: String,
    pub(crate) program: &'a Program,
    pub(crate) version: &'a Version,
}

/// The version that an endpoint is for: `…/PROGRAM/VERSION` at its end, as numbers or by the names in the file; what is
/// left out is filled in where the file has only one.
///
/// # Errors
/// It is no endpoint, or names what the file does not have, or too little of it.
pub(crate) fn target<'a>(model: &'a Model, endpoint: &str) -> Result<Target<'a>, Failure> {
    let (place, options) = match endpoint.split_once('?') {
        Some((place, options)) => (place, format!("?{options}")),
        None => (endpoint, String::new()),
    };
    let Some((scheme, rest)) = place.split_once(':') else {
        return Err(Failure::Usage(format!(
            "{endpoint:?} is no endpoint: expected a scheme and a colon first, as sunrpc+tcp://HOST/PROGRAM/VERSION"
        )));
    };
    endpoint.into_target()?;
    let (before, segments) = match rest.strip_prefix("//") {
        Some(after) => {
            let (authority, path) = after.split_once('/').unwrap_or((after, ""));
            let segments: Vec<&str> = path.split('/').filter(|text| !text.is_empty()).collect();
            (format!("//{authority}"), segments)
        }
        None => end_of_path(model, rest),
    };
    let (program, version) = match segments.as_slice() {
        [] => only(versions(model), model)?,
        [program] => {
            let programs = programs(model, program)?;
            only(programs.into_iter().flat_map(all_of), model)?
        }
        [program, version] => {
            let programs = programs(model, program)?;
            let mut found = programs.into_iter().flat_map(all_of);
            let is_it =
                |found: &(&Program, &Version)| is_named(version, &found.1.name, found.1.number);
            found
                .find(is_it)
                .ok_or_else(|| not_there(&format!("version {version} of {program}"), model))?
        }
        _ => {
            return Err(Failure::Usage(format!(
                "{endpoint}: expected /PROGRAM/VERSION at its end, found /{}",
                segments.join("/")
            )));
        }
    };
    Ok(Target {
        endpoint: format!(
            "{scheme}:{before}/{}/{}{options}",
            program.number, version.number
        ),
        program,
        version,
    })
}

/// The path of a socket, and program and version if they stand at its end: they are numbers, or names of the file.
fn end_of_path<'t>(model: &Model, path: &'t str) -> (String, Vec<&'t str>) {
    if let Some((before, version)) = path.rsplit_once('/')
        && let Some((before, program)) = before.rsplit_once('/')
    {
        let is_program = number(program).is_some() || model.find_program(program).is_some();
        let is_version = number(version).is_some()
            || versions(model).any(|(_, candidate)| candidate.name == version);
        if is_program && is_version && !before.is_empty() {
            return (before.to_owned(), vec![program, version]);
        }
    }
    (path.to_owned(), Vec::new())
}

fn versions(model: &Model) -> impl Iterator<Item = (&Program, &Version)> {
    model.programs.iter().flat_map(all_of)
}

fn all_of(program: &Program) -> impl Iterator<Item = (&Program, &Version)> {
    program
        .versions
        .iter()
        .map(move |version| (program, version))
}

fn programs<'a>(model: &'a Model, text: &str) -> Result<Vec<&'a Program>, Failure> {
    let all = model.programs.iter();
    let found: Vec<&Program> = all
        .filter(|program| is_named(text, &program.name, program.number))
        .collect();
    match found.is_empty() {
        true => Err(not_there(&format!("program {text}"), model)),
        false => Ok(found),
    }
}

fn is_named(text: &str, name: &str, value: u32) -> bool {
    text == name || number(text) == Some(value)
}

fn number(text: &str) -> Option<u32> {
    if text.starts_with('+') {
        return None;
    }
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u32::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// The only one.
fn only<'a>(
    found: impl Iterator<Item = (&'a Program, &'a Version)>,
    model: &Model,
) -> Result<(&'a Program, &'a Version), Failure> {
    let found: Vec<_> = found.collect();
    match found.as_slice() {
        [] => Err(Failure::Usage(format!(
            "{} has no program, so there is nothing to call",
            file(model)
        ))),
        [only] => Ok(*only),
        several => Err(Failure::Usage(format!(
            "{} has several versions; say which at the end of the endpoint:{}",
            file(model),
            choices(several)
        ))),
    }
}

fn not_there(what: &str, model: &Model) -> Failure {
    let all: Vec<_> = versions(model).collect();
    let has = match all.is_empty() {
        true => " no program".to_owned(),
        false => choices(&all),
    };
    Failure::Usage(format!("{what} is not in {}; it has{has}", file(model)))
}

fn choices(versions: &[(&Program, &Version)]) -> String {
    let lines = versions.iter().map(|(program, version)| {
        let name = version_name(program, version);
        format!("\n  /{}/{}  {name}", program.number, version.number)
    });
    lines.collect()
}

/// The file that the command line names, for people: others may be read before it.
fn file(model: &Model) -> &str {
    let of_program = model.programs.first().map(|program| &*program.place.file);
    let first = model.files.first().map(String::as_str);
    of_program.or(first).unwrap_or("the file")
}

/// A procedure by its name or its number.
///
/// # Errors
/// The version has no such procedure; what it has is listed.
pub(crate) fn procedure<'a>(
    model: &Model,
    target: &Target<'a>,
    text: &str,
) -> Result<&'a Procedure, Failure> {
    let version = target.version;
    let by_number = || number(text).and_then(|number| version.procedure_numbered(number));
    if let Some(found) = version.procedure(text).or_else(by_number) {
        return Ok(found);
    }
    let names = version.procedures.iter().map(|found| found.name.as_str());
    let hint = did_you_mean(text, names);
    let lines = version.procedures.iter().map(|procedure| {
        let signature = signature(model, procedure);
        format!("\n  {:<4} {signature}", procedure.number)
    });
    let lines: String = lines.collect();
    let name = version_name(target.program, version);
    Err(Failure::Usage(format!(
        "{name} has no procedure `{text}`{hint}; it has{lines}"
    )))
}

/// ` (did you mean …?)` with the name that is most like the word, if one is.
pub(crate) fn did_you_mean<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let wanted = word.to_lowercase();
    // Of a short word, nothing is left when a letter is wrong.
    let far = word.chars().count() / 3;
    let distance = |name: &str| {
        let name = name.to_lowercase();
        // Names of C have prefixes that people leave out.
        if wanted.len() >= 3 && name.ends_with(&format!("_{wanted}")) {
            return 0;
        }
        strsim::damerau_levenshtein(&wanted, &name)
    };
    let scored = names.map(|name| (distance(name), name));
    match scored.min_by_key(|(distance, _)| *distance) {
        Some((distance, name)) if distance <= far => format!(" (did you mean `{name}`?)"),
        _ => String::new(),
    }
}
