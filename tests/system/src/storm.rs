//! A client that calls in every way for ever, while its server or itself is killed. It tells, line by line:
//!
//! ```text
//! CALLING PID                after its first answer, which it waits for as long as it takes
//! WRONG …                    an answer was not that of its call, or a failure was not that of a lost peer; then it ends
//! REPORT ANSWERS FAILURES    when a byte comes, after one more answer; then it waits for the next byte
//! ```

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rmix::{Cause, Error, Limits, Runtime};
use rmix_system_tests::{NumbersStub, mixed};

use crate::Outcome;

/// Only a hang reaches it.
const DEADLINE: Duration = Duration::from_secs(60);
/// Numbers in a long answer: more than any queue of the storm holds.
const LONG: u32 = 40_000;

/// Calls until it is killed, or nobody listens any more.
pub(crate) fn call(tell: &str, folder: &str, endpoint: &str, seed: &str) -> Outcome {
    let mut line = UnixStream::connect(tell)?;
    let mut limits = Limits::default();
    // What fails is to be seen.
    limits.repeats = 0;
    limits.call_deadline = DEADLINE;
    let runtime = Runtime::builder()
        .provider_path(folder)
        .providers("shm")
        .limits(limits)
        .build()?;
    let stub = bind(&runtime, endpoint);
    let mut state: u64 = seed.parse()?;
    let (mut answers, mut failures) = (0_u64, 0_u64);
    while once(&stub, 0).is_err() {
        std::thread::yield_now();
    }
    line.write_all(format!("CALLING {}\n", std::process::id()).as_bytes())?;
    line.set_nonblocking(true)?;
    loop {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        match once(&stub, u32::try_from(state >> 40)?) {
            Ok(()) => answers += 1,
            Err(Trouble::Lost) => {
                failures += 1;
                // Its server is being started again, and needs the core for that.
                std::thread::yield_now();
                continue;
            }
            Err(Trouble::Wrong(why)) => {
                line.write_all(format!("WRONG {why}\n").as_bytes())?;
                return Err(why.into());
            }
        }
        match line.read(&mut [0]) {
            Ok(0) => return Ok(()),
            Ok(_) => {
                line.set_nonblocking(false)?;
                line.write_all(format!("REPORT {answers} {failures}\n").as_bytes())?;
                if line.read(&mut [0])? == 0 {
                    return Ok(());
                }
                line.set_nonblocking(true)?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Tries until there is a server.
fn bind(runtime: &Runtime, endpoint: &str) -> NumbersStub {
    loop {
        match runtime.bind(endpoint).timeout(DEADLINE).blocking() {
            Ok(stub) => return stub,
            Err(_) => std::thread::yield_now(),
        }
    }
}

enum Trouble {
    /// The server is gone.
    Lost,
    Wrong(String),
}

/// One call, or several at a time, of the kind that `dice` says.
fn once(stub: &NumbersStub, dice: u32) -> Result<(), Trouble> {
    let number = dice / 8;
    match dice % 8 {
        0..=3 => check(stub.blocking().mix(1, number), &mixed(1, number)),
        4 => check(
            stub.start().mix(2, number).wait(DEADLINE),
            &mixed(2, number),
        ),
        5 => {
            let expected: Vec<f64> = (0..LONG).map(f64::from).collect();
            check(stub.blocking().series(LONG), &expected)
        }
        6 => {
            let started: Vec<_> = (0..16).map(|at| stub.start().mix(3, number + at)).collect();
            let waited = started.into_iter().zip(number..);
            let mut outcomes =
                waited.map(|(mut call, at)| check(call.wait(DEADLINE), &mixed(3, at)));
            outcomes.try_for_each(|outcome| outcome)
        }
        // Nobody answers it.
        _ => stub.blocking().put(number).or_else(excused),
    }
}

/// What a call came to, waited for or not.
trait Answer<T> {
    fn answer(self) -> Result<T, Option<Error>>;
}

impl<T> Answer<T> for Result<T, Error> {
    fn answer(self) -> Result<T, Option<Error>> {
        self.map_err(Some)
    }
}

impl<T> Answer<T> for Option<Result<T, Error>> {
    fn answer(self) -> Result<T, Option<Error>> {
        self.ok_or(None)?.map_err(Some)
    }
}

fn check<T: PartialEq>(outcome: impl Answer<T>, expected: &T) -> Result<(), Trouble> {
    match outcome.answer() {
        Ok(answer) if answer == *expected => Ok(()),
        Ok(_) => Err(Trouble::Wrong(
            "an answer is that of another call".to_owned(),
        )),
        Err(Some(error)) => excused(error),
        Err(None) => Err(Trouble::Wrong("a call hangs".to_owned())),
    }
}

/// A server that was killed excuses a closed link and one that cannot be made.
fn excused(error: Error) -> Result<(), Trouble> {
    match error.cause() {
        Cause::LinkClosed | Cause::Io | Cause::Connect => Err(Trouble::Lost),
        _ => Err(Trouble::Wrong(format!("{error:?}"))),
    }
}
