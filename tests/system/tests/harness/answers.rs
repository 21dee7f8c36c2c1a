//! What the command makes of answers that no healthy member gives: a member of the test says them, over a real link.

use std::future::pending;
use std::sync::{Arc, Mutex};

use harness_cli::{Said, Told};
use harness_control::{Answer, Asked, Refused, Status};
use rmix::{Exported, Runtime};
use tempfile::TempDir;

use super::command::{ended, folder};
use crate::support::{Watchdog, runtime};

/// The calls of `harness_control::Seat` that the command makes, by the same names.
#[rmix::remote(namespace = "urn:rmix:harness")]
pub(crate) trait Seat {
    /// Changes the state.
    async fn submit(&self, asked: Asked) -> Result<Answer, Refused>;

    /// Asks the replica.
    #[rmix(idempotent)]
    async fn query(&self, question: Vec<u8>) -> Result<Vec<u8>, Refused>;

    /// Waits for a position.
    #[rmix(idempotent)]
    async fn past(&self, position: u64) -> u64;

    /// What is known of the ring.
    #[rmix(idempotent)]
    async fn status(&self) -> Result<Status, Refused>;
}

/// A member that says what the test wants.
#[derive(Default)]
struct Actor {
    /// What it was told, in order.
    told: Arc<Mutex<Vec<Told>>>,
    /// Changes are refused so.
    submit: Option<Refused>,
    /// Giving back is refused so.
    unlock: Option<Refused>,
    /// Questions are refused so.
    query: Option<Refused>,
    status: Standing,
}

/// What becomes of a call of `status`.
#[derive(Default)]
enum Standing {
    #[default]
    Well,
    Silent,
    Refused(Refused),
}

impl Seat for Actor {
    async fn submit(&self, asked: Asked) -> Result<Answer, Refused> {
        let told = Told::decode(&asked.payload).expect("the command says it");
        let said = match told {
            // The first in the row is another.
            Told::Lock { .. } => Said::Owner(Some("other".to_owned())),
            _ => Said::Done,
        };
        let is_given_back = matches!(told, Told::Unlock { .. });
        self.told.lock().expect("no panic").push(told);
        let unlock = self.unlock.clone().filter(|_| is_given_back);
        match self.submit.clone().or(unlock) {
            Some(refused) => Err(refused),
            None => Ok(Answer {
                done: true,
                reply: said.encode(),
                position: 1,
            }),
        }
    }

    async fn query(&self, _question: Vec<u8>) -> Result<Vec<u8>, Refused> {
        match self.query.clone() {
            Some(refused) => Err(refused),
            None => Ok(Said::Value(None).encode()),
        }
    }

    async fn past(&self, position: u64) -> u64 {
        position + 1
    }

    async fn status(&self) -> Result<Status, Refused> {
        match &self.status {
            Standing::Well => Ok(status()),
            Standing::Silent => pending().await,
            Standing::Refused(refused) => Err(refused.clone()),
        }
    }
}

fn status() -> Status {
    Status {
        name: "A".to_owned(),
        id: "own".to_owned(),
        standing: "member".to_owned(),
        blocked: None,
        epoch: 1,
        view: 1,
        changing: false,
        rules: String::new(),
        members: Vec::new(),
        position: 0,
        digest: 0,
        waiting: 0,
        queued: 0,
        unstable: 0,
        slowness: 0,
        counts: std::collections::BTreeMap::new(),
    }
}

/// An actor that can be called.
struct Stage {
    endpoint: String,
    told: Arc<Mutex<Vec<Told>>>,
    _exported: Exported,
    _runtime: Runtime,
    _folder: TempDir,
    _watchdog: Watchdog,
}

impl Stage {
    fn new(actor: Actor) -> Stage {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let endpoint = format!("msgpack+unix:{}", folder.path().join("A").display());
        let told = actor.told.clone();
        let runtime = runtime();
        let exported = runtime.export_blocking(SeatSkeleton::new(actor), [endpoint.clone()]);
        Stage {
            endpoint,
            told,
            _exported: exported.expect("it can listen"),
            _runtime: runtime,
            _folder: folder,
            _watchdog: Watchdog::start(),
        }
    }

    /// Runs a command to its end; its exit code and what it said as errors.
    fn run(&self, command: &str, words: &[&str]) -> (Option<i32>, String) {
        let folder = folder();
        let to = [command, "--to", &self.endpoint, "--providers", &folder];
        ended(&[&to, words].concat())
    }
}

#[test]
fn a_lock_is_given_back_when_the_waiting_for_it_fails() {
    let stage = Stage::new(Actor {
        query: Some(Refused::Busy("too much to do".to_owned())),
        ..Actor::default()
    });
    let (code, said) = stage.run("lock", &["backup"]);
    assert_eq!(
        (code, said.as_str()),
        (Some(1), "harness: too much to do\n")
    );
    let lock = || "backup".to_owned();
    let told = stage.told.lock().expect("no panic");
    assert_eq!(
        *told,
        [Told::Lock { lock: lock() }, Told::Unlock { lock: lock() }]
    );
}

/// Whoever has too much to do to say who owns it has so, too, to take it back: then it is still owned.
#[test]
fn a_lock_that_is_not_given_back_is_told_of() {
    let busy = || Some(Refused::Busy("too much to do".to_owned()));
    let stage = Stage::new(Actor {
        query: busy(),
        unlock: busy(),
        ..Actor::default()
    });
    let (code, said) = stage.run("lock", &["backup"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("too much to do"), "{said}");
    assert!(said.contains("'harness lock --release'"), "{said}");
}

/// What was not asked for is not given back: it could be owned for another command.
#[test]
fn a_lock_that_may_have_been_asked_for_is_told_of() {
    let stage = Stage::new(Actor {
        submit: Some(Refused::Unknown("it may or may not be done".to_owned())),
        ..Actor::default()
    });
    let (code, said) = stage.run("lock", &["backup"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("it may or may not be done"), "{said}");
    assert!(said.contains("'harness lock --release'"), "{said}");
    assert_eq!(stage.told.lock().expect("no panic").len(), 1);
}

#[test]
fn a_change_that_was_not_refused_does_not_end_as_one_that_was() {
    let why = || "why".to_owned();
    for (refused, expected) in [
        (Refused::Unknown(why()), 3),
        (Refused::NotMember(why()), 3),
        (Refused::Busy(why()), 1),
    ] {
        let stage = Stage::new(Actor {
            submit: Some(refused.clone()),
            query: Some(refused.clone()),
            ..Actor::default()
        });
        for (command, words) in [
            ("submit", &["put", "colour", "green"][..]),
            ("get", &["colour"]),
        ] {
            let ended = stage.run(command, words);
            let expected = (Some(expected), "harness: why\n".to_owned());
            assert_eq!(ended, expected, "{command} {refused:?}");
        }
    }
}

#[test]
fn a_member_that_does_not_answer_is_not_watched_with_success() {
    let silent = Stage::new(Actor {
        status: Standing::Silent,
        ..Actor::default()
    });
    let (code, said) = silent.run("watch", &["--once", "--timeout", "1s"]);
    assert_eq!(code, Some(4), "{said}");
    let left = Stage::new(Actor {
        status: Standing::Refused(Refused::NotMember("it has left".to_owned())),
        ..Actor::default()
    });
    let ended = left.run("watch", &["--once"]);
    assert_eq!(ended, (Some(3), "harness: it has left\n".to_owned()));
}
