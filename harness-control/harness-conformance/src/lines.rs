//! States to replicate: lines of text, once changed by every member and once run by a primary.

use std::sync::{Arc, Mutex, PoisonError};

use harness_control::{Change, Executed, Executor, Machine, RestoreError};
use harness_ring::{Failure, RequestId};

/// Who did what beside the state: seen by the test from outside of the members.
#[derive(Clone, Default)]
pub(crate) struct Deeds(Arc<Mutex<Vec<(String, String)>>>);

impl Deeds {
    pub(crate) fn note(&self, who: &str, what: &str) {
        let mut deeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        deeds.push((who.to_owned(), what.to_owned()));
    }

    /// Who did this, in order.
    pub(crate) fn doers(&self, what: &str) -> Vec<String> {
        let deeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let doers = deeds.iter().filter(|(_, deed)| deed == what);
        doers.map(|(who, _)| who.clone()).collect()
    }
}

/// All payloads in order, applied by every member.
#[derive(Default)]
pub(crate) struct Lines {
    lines: Vec<Vec<u8>>,
}

impl Machine for Lines {
    fn kind(&self) -> String {
        "lines 1".to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        if change.done {
            self.lines.push(change.payload.to_vec());
        }
        let succeeded = change.results.values().filter(|result| result.is_ok());
        format!("{} {}", self.lines.len(), succeeded.count()).into_bytes()
    }

    fn query(&self, _question: &[u8]) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    fn perform(&mut self, _request: RequestId, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        match payload.starts_with(b"hard") {
            true => Err(Failure::Failed),
            false => Ok(b"ok".to_vec()),
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.lines = split(state);
        Ok(())
    }
}

/// Lines that the primary alone adds, with its name; `die …` ends whoever runs it first, in the middle.
pub(crate) struct Signed {
    pub(crate) name: String,
    pub(crate) deeds: Deeds,
    lines: Vec<Vec<u8>>,
}

impl Signed {
    pub(crate) fn new(name: &str, deeds: &Deeds) -> Signed {
        Signed {
            name: name.to_owned(),
            deeds: deeds.clone(),
            lines: Vec::new(),
        }
    }
}

impl Executor for Signed {
    fn kind(&self) -> String {
        "signed lines 1".to_owned()
    }

    fn execute(&self, _request: RequestId, payload: &[u8]) -> Executed {
        let text = String::from_utf8_lossy(payload).into_owned();
        self.deeds.note(&self.name, &text);
        let is_first = self.deeds.doers(&text).len() == 1;
        assert!(
            !(text.starts_with("die") && is_first),
            "{}: ends in the middle of {text:?}, as the test wants",
            self.name
        );
        let line = format!("{} by {}", text, self.name);
        Executed {
            reply: format!("{}: {line}", self.lines.len() + 1).into_bytes(),
            update: Some(line.into_bytes()),
        }
    }

    fn is_idempotent(&self, payload: &[u8]) -> bool {
        payload.ends_with(b"again")
    }

    fn update(&mut self, update: &[u8]) -> Result<(), RestoreError> {
        self.lines.push(update.to_vec());
        Ok(())
    }

    fn query(&self, _question: &[u8]) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    fn snapshot(&self) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.lines = split(state);
        Ok(())
    }
}

fn split(state: &[u8]) -> Vec<Vec<u8>> {
    let lines = state.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(<[u8]>::to_vec).collect()
}
