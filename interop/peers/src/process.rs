//! A child process whose output is read while it runs and whose every wait has a deadline. It knows
//! no peer, and does not interpret what the child writes beyond cutting it into lines.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::CommandError;

/// How much of the end of a child's standard error is kept.
const STDERR_BYTES_MAX: usize = 16 * 1024;

/// How long a killed child's output is waited for: it can only still be open in a grandchild.
const LAST_OUTPUT_WAIT: Duration = Duration::from_secs(1);

/// How often a child that has closed its output is asked whether it has ended.
const END_POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Runs `command` to its end and returns the lines it wrote; each is shown to `each_line` at once.
pub(crate) fn run(
    command: &mut Command,
    limit: Duration,
    each_line: &mut dyn FnMut(&str),
) -> Result<Vec<String>, CommandError> {
    let deadline = Instant::now() + limit;
    let mut process = Process::start(command.stdin(Stdio::null()))?;
    let mut lines = Vec::new();
    loop {
        match process.next_line(deadline) {
            Line::Text(line) => {
                each_line(&line);
                lines.push(line);
            }
            Line::End => break,
            Line::TimedOut => return Err(process.timed_out(limit)),
        }
    }
    match process.wait(deadline) {
        Some(status) if status.success() => Ok(lines),
        Some(status) => Err(process.failed(status)),
        None => Err(process.timed_out(limit)),
    }
}

/// The command line, for errors.
pub(crate) fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// What the next line of a child's standard output is.
pub(crate) enum Line {
    /// A line, without its end.
    Text(String),
    /// The child closed its standard output.
    End,
    /// Neither came before the deadline.
    TimedOut,
}

/// A running child. Killed and waited for on drop.
#[derive(Debug)]
pub(crate) struct Process {
    shown: String,
    child: Child,
    lines: Option<Receiver<String>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// Disconnected once both readers have ended.
    readers_ended: Receiver<()>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts `command` with standard output and error read by threads of their own.
    pub(crate) fn start(command: &mut Command) -> Result<Self, CommandError> {
        let shown = shown(command);
        let refused = |source| CommandError::Start {
            command: shown.clone(),
            source,
        };
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(refused)?;
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let errors = child.stderr.take().expect("standard error is a pipe");
        let (line_tx, line_rx) = mpsc::channel();
        let (reader_tx, readers_ended) = mpsc::channel();
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let mut process = Self {
            shown: shown.clone(),
            child,
            lines: Some(line_rx),
            stderr: Arc::clone(&stderr),
            readers_ended,
            readers: Vec::new(),
        };
        let other_reader_tx = reader_tx.clone();
        process
            .read("peer-stdout", reader_tx, move || {
                read_lines(stdout, &line_tx)
            })
            .map_err(refused)?;
        process
            .read("peer-stderr", other_reader_tx, move || {
                read_tail(errors, &stderr)
            })
            .map_err(refused)?;
        Ok(process)
    }

    fn read(
        &mut self,
        name: &str,
        ended: Sender<()>,
        reading: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let reader = thread::Builder::new().name(name.into()).spawn(move || {
            reading();
            drop(ended);
        })?;
        self.readers.push(reader);
        Ok(())
    }

    /// The command line, for errors.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The child's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The writing side of the child's standard input, if it was made a pipe.
    pub(crate) fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits for the next line of standard output.
    pub(crate) fn next_line(&mut self, deadline: Instant) -> Line {
        let Some(lines) = &self.lines else {
            return Line::End;
        };
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Line::Text(line),
            Err(RecvTimeoutError::Disconnected) => Line::End,
            Err(RecvTimeoutError::Timeout) => Line::TimedOut,
        }
    }

    /// From now on standard output is read and thrown away.
    pub(crate) fn ignore_lines(&mut self) {
        self.lines = None;
    }

    /// Waits for the child's end; nothing when it has not ended at the deadline.
    pub(crate) fn wait(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            // An error here means that the child is not ours any more: that never happens.
            if let Ok(Some(status)) = self.child.try_wait() {
                self.join_readers();
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(END_POLL_INTERVAL);
        }
    }

    /// The end of what the child wrote to its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        // A poisoned buffer is still a buffer.
        let bytes = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        match String::from_utf8_lossy(&bytes).trim() {
            "" => "(nothing on its standard error)".into(),
            text => text.into(),
        }
    }

    /// Kills the child and says that it took longer than `after`.
    pub(crate) fn timed_out(&mut self, after: Duration) -> CommandError {
        self.kill();
        CommandError::TimedOut {
            command: self.shown.clone(),
            after,
            stderr: self.stderr(),
        }
    }

    /// Says that the child ended with `status`.
    pub(crate) fn failed(&self, status: ExitStatus) -> CommandError {
        CommandError::Failed {
            command: self.shown.clone(),
            status,
            stderr: self.stderr(),
        }
    }

    /// Kills the child, waits for its end and for the rest of its output.
    pub(crate) fn kill(&mut self) {
        drop(self.child.stdin.take());
        // Both only fail for a child that is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.join_readers();
    }

    /// Joins the readers, unless a grandchild keeps the pipes open: then they end with it.
    fn join_readers(&mut self) {
        let ended = self.readers_ended.recv_timeout(LAST_OUTPUT_WAIT);
        if ended == Err(RecvTimeoutError::Disconnected) {
            for reader in self.readers.drain(..) {
                // A reader that panicked has said so itself.
                let _ = reader.join();
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_lines(output: impl Read, lines: &Sender<String>) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
        let text = String::from_utf8_lossy(&line);
        // Nobody listens any more: read on, so that the child is not stopped by a full pipe.
        let _ = lines.send(text.trim_end_matches(['\r', '\n']).to_owned());
        line.clear();
    }
}

fn read_tail(mut output: impl Read, tail: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut chunk) {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(&chunk[..count]);
        let excess = tail.len().saturating_sub(STDERR_BYTES_MAX);
        tail.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_come_one_by_one_without_their_ends() {
        let mut seen = Vec::new();
        let lines = run(
            &mut shell("echo one; echo two; printf three"),
            LONG,
            &mut |line| seen.push(line.to_owned()),
        );
        assert_eq!(lines.unwrap(), ["one", "two", "three"]);
        assert_eq!(seen, ["one", "two", "three"]);
    }

    #[test]
    fn a_failure_shows_status_and_standard_error() {
        let error = run(&mut shell("echo words >&2; exit 3"), LONG, &mut |_line| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`sh -c echo words >&2; exit 3` ended with exit status: 3: words"
        );
    }

    #[test]
    fn only_the_end_of_a_long_standard_error_is_kept() {
        let script = "yes x | head -c 100000 >&2; echo last >&2; exit 1";
        let error = run(&mut shell(script), LONG, &mut |_line| {}).unwrap_err();
        let CommandError::Failed { stderr, .. } = error else {
            panic!("{error:?}");
        };
        assert!(stderr.ends_with("last"), "{stderr}");
        assert!(stderr.len() <= STDERR_BYTES_MAX, "{}", stderr.len());
    }

    #[test]
    fn a_child_that_hangs_is_killed_at_its_deadline() {
        let limit = Duration::from_millis(50);
        let error = run(&mut shell("exec sleep 3600"), limit, &mut |_line| {}).unwrap_err();
        assert!(matches!(error, CommandError::TimedOut { .. }), "{error:?}");
    }

    #[test]
    fn a_child_that_closes_its_output_and_hangs_is_killed_at_its_deadline() {
        let limit = Duration::from_millis(50);
        let script = "exec sleep 3600 >&- 2>&-";
        let error = run(&mut shell(script), limit, &mut |_line| {}).unwrap_err();
        assert!(matches!(error, CommandError::TimedOut { .. }), "{error:?}");
    }

    #[test]
    fn a_time_out_shows_what_was_written_until_then() {
        let mut process = Process::start(&mut shell("echo words >&2; echo x; exec sleep 3600"))
            .expect("there is a shell");
        let line = process.next_line(Instant::now() + LONG);
        assert!(matches!(line, Line::Text(text) if text == "x"));
        let error = process.timed_out(LONG).to_string();
        assert!(error.ends_with("did not end within 60s: words"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let mut command = Command::new("no-such-program-of-the-peers");
        let error = run(&mut command, LONG, &mut |_line| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot start `no-such-program-of-the-peers`"
        );
    }
}
