//! Starting programs: a cargo command is shown, run to its end, and must succeed.

use std::ffi::OsString;
use std::fmt::Write;
use std::process::{Command, Stdio};

use crate::error::XtaskError;

/// The cargo that runs this program, or the one on the path.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Shows a command, runs it with our own output, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<(), XtaskError> {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|source| XtaskError::NotStarted {
        command: shown(command),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(XtaskError::Failed {
        command: shown(command),
        status,
    })
}

/// Runs a command and returns what it printed; its errors are shown.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, XtaskError> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| XtaskError::NotStarted {
            command: shown(command),
            source,
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(XtaskError::Failed {
        command: shown(command),
        status: output.status,
    })
}

/// The command as one would type it: variables that we set (not those we remove), the program's
/// name, the arguments.
fn shown(command: &Command) -> String {
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        let Some(value) = value.map(|value| value.to_string_lossy()) else {
            continue;
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{}={} ", name.to_string_lossy(), quoted(&value));
    }
    let program = std::path::Path::new(command.get_program());
    text += &program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    for argument in command.get_args() {
        text += " ";
        text += &quoted(&argument.to_string_lossy());
    }
    text
}

fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./=:,+@".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/some/where/cargo");
        command
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("SECRET")
            .args(["doc", "--no-deps", "it's"]);
        assert_eq!(
            shown(&command),
            r"RUSTDOCFLAGS='-D warnings' cargo doc --no-deps 'it'\''s'"
        );
    }

    #[test]
    fn failure_and_absence_are_told_apart() {
        assert!(matches!(
            run(&mut Command::new("false")),
            Err(XtaskError::Failed { .. })
        ));
        assert!(matches!(
            run(&mut Command::new("rmix-no-such-program")),
            Err(XtaskError::NotStarted { .. })
        ));
        assert!(run(&mut Command::new("true")).is_ok());
    }
}
