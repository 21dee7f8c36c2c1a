//! xdrlib3, a Python library for XDR, as an oracle of bytes: a process that encodes and decodes what
//! it is told, line by line. What types and values look like is in `python/xdr_oracle.py`.

use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::error::{BuildError, PeerError};
use crate::peer::Peer;
use crate::process::{Line, Process};
use crate::python_environment::{PythonEnvironment, Requirements};

/// How long one answer may take; the first waits for the interpreter.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

const READY: &str = "READY xdrlib3";

const REQUIRED: Requirements = Requirements {
    file: "requirements-xdr.txt",
    text: include_str!("../python/requirements-xdr.txt"),
    import: "import xdrlib3",
};

/// The Python program, with an interpreter that finds xdrlib3.
#[derive(Clone, Debug)]
pub struct XdrLibrary {
    environment: PythonEnvironment,
}

impl XdrLibrary {
    /// Installs xdrlib3 under `folder`, unless it is there already.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing (the error carries the command that installs them),
    /// when the folder cannot be used, or when pip fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        let status = Peer::XdrOracle.status();
        if !status.is_present() {
            return Err(BuildError::Missing(status));
        }
        let environment = PythonEnvironment::prepare(Path::new("python3"), folder, &REQUIRED)?;
        Ok(Self { environment })
    }

    /// Starts the oracle.
    ///
    /// # Errors
    ///
    /// When it does not start within a minute.
    pub fn start(&self) -> Result<XdrOracle, PeerError> {
        let mut command = self.environment.script("xdr_oracle.py");
        let mut process = Process::start(command.stdin(Stdio::piped()))?;
        let stdin = process.take_stdin();
        let mut oracle = XdrOracle { stdin, process };
        let line = oracle.next_line()?;
        if line != READY {
            return Err(oracle.not_ready(Some(line)));
        }
        Ok(oracle)
    }
}

/// The running oracle. Killed on drop; it ends by itself when this process ends.
#[derive(Debug)]
pub struct XdrOracle {
    stdin: Option<ChildStdin>,
    process: Process,
}

impl XdrOracle {
    /// The bytes of values, given as `[[type, value], …]`, in hexadecimal; or, inside, why xdrlib3
    /// does not encode them.
    ///
    /// # Errors
    ///
    /// When the process is gone or does not answer within a minute.
    pub fn encode(&mut self, values: &Value) -> Result<Result<String, String>, PeerError> {
        let answer = self.ask(&json!({"encode": values}))?;
        match (&answer["hex"], &answer["error"]) {
            (Value::String(hex), _) => Ok(Ok(hex.clone())),
            (_, Value::String(error)) => Ok(Err(error.clone())),
            _ => Err(self.not_understood(&answer)),
        }
    }

    /// The values in bytes given in hexadecimal, by their types `[type, …]`; or, inside, why xdrlib3
    /// does not decode them. Bytes left over are such a reason.
    ///
    /// # Errors
    ///
    /// When the process is gone or does not answer within a minute.
    pub fn decode(
        &mut self,
        types: &Value,
        hex: &str,
    ) -> Result<Result<Vec<Value>, String>, PeerError> {
        let answer = self.ask(&json!({"decode": types, "hex": hex}))?;
        match (&answer["values"], &answer["error"]) {
            (Value::Array(values), _) => Ok(Ok(values.clone())),
            (_, Value::String(error)) => Ok(Err(error.clone())),
            _ => Err(self.not_understood(&answer)),
        }
    }

    fn ask(&mut self, request: &Value) -> Result<Value, PeerError> {
        let line = format!("{request}\n");
        let sent = self
            .stdin
            .as_mut()
            .is_some_and(|stdin| stdin.write_all(line.as_bytes()).is_ok());
        if !sent {
            return Err(self.not_ready(None));
        }
        let answer = self.next_line()?;
        serde_json::from_str(&answer).map_err(|_| self.not_understood(&Value::String(answer)))
    }

    fn next_line(&mut self) -> Result<String, PeerError> {
        match self.process.next_line(Instant::now() + ANSWER_LIMIT) {
            Line::Text(line) => Ok(line),
            Line::End => {
                self.process.wait(Instant::now() + ANSWER_LIMIT);
                Err(self.not_ready(None))
            }
            Line::TimedOut => Err(self.process.timed_out(ANSWER_LIMIT).into()),
        }
    }

    fn not_ready(&self, instead: Option<String>) -> PeerError {
        PeerError::NotReady {
            command: self.process.shown().to_owned(),
            instead,
            stderr: self.process.stderr(),
        }
    }

    fn not_understood(&self, answer: &Value) -> PeerError {
        PeerError::NotUnderstood {
            command: self.process.shown().to_owned(),
            output: answer.to_string(),
        }
    }
}
