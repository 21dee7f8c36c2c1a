//! Asking members to be taken in, until the first view comes or it is clear that none will.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rmix::{CallError, Cause};
use tokio::time::Instant;

use crate::driver::Input;
use crate::interface::{Refused, Welcome};
use crate::shared::Shared;

/// Asks one contact after the other, again and again. Ended from outside, with the first view.
pub(crate) async fn ask(shared: Arc<Shared>, life: u64) {
    let timing = shared.config.timing;
    let started = Instant::now();
    let until = started + timing.join_within;
    let mut asked = Asked::default();
    let mut tell_at = started;
    while Instant::now() < until {
        asked.rounds += 1;
        let mut was_taken = false;
        for contact in contacts(&shared) {
            let said = enroll(&shared, &contact, asked.rounds).await;
            let contact = contact.join("|");
            asked.note(&contact, &said);
            match said {
                Said::Welcome(welcome, _) => {
                    learn(&shared, *welcome);
                    was_taken = true;
                    break;
                }
                Said::Refused(Refused::Outdated(known)) => {
                    shared.input(Input::Outdated { known, life }).await;
                    return;
                }
                // Later it may work, or elsewhere.
                Said::Refused(Refused::NotMember(_) | Refused::Busy(_)) => {}
                Said::Refused(refused) => {
                    let input = Input::NotTaken {
                        refused: Some((contact, refused)),
                        last: asked.text(started),
                        life,
                    };
                    shared.input(input).await;
                    return;
                }
                Said::Failed(_) | Said::Nothing(_) => {}
            }
        }
        let now = Instant::now();
        // Who was heard waits for a view, which takes its time.
        let is_due = now >= tell_at && (!was_taken || now >= started + VIEW_WITHIN);
        if is_due {
            tell_at = now + TELL_EVERY;
            let name = &shared.config.name;
            let asked = asked.text(started);
            tracing::warn!(target: "harness", name, asked, "not taken into a ring yet");
        }
        tokio::select! {
            // Its task failed: there is nobody to be taken in.
            () = shared.inputs.closed() => return,
            () = tokio::time::sleep(timing.enroll_every) => {}
        }
    }
    let input = Input::NotTaken {
        refused: None,
        last: asked.text(started),
        life,
    };
    shared.input(input).await;
}

/// Who was asked, and what each said last.
#[derive(Default)]
struct Asked {
    rounds: u32,
    said: BTreeMap<String, String>,
}

impl Asked {
    fn note(&mut self, contact: &str, said: &Said) {
        let text = match said {
            Said::Welcome(_, None) => {
                "takes it in with the next view, which has not come".to_owned()
            }
            Said::Welcome(_, Some(why)) => {
                format!("takes it in with the next view, which does not come: blocked: {why}")
            }
            Said::Refused(refused) => format!("does not take it in now: {refused}"),
            Said::Failed(error) => error.to_string(),
            Said::Nothing(within) => format!("no answer within {within:?}"),
        };
        self.said.insert(contact.to_owned(), text);
    }

    fn text(&self, started: Instant) -> String {
        if self.said.is_empty() {
            return "there is nobody to ask but this member itself".to_owned();
        }
        let said = self.said.iter();
        let said: Vec<_> = said
            .map(|(contact, said)| format!("{contact}: {said}"))
            .collect();
        let seconds = started.elapsed().as_secs_f64();
        let times = match self.rounds {
            1 => "once".to_owned(),
            rounds => format!("{rounds} times in {seconds:.1} s"),
        };
        format!("asked {times}: {}", said.join("; "))
    }
}

/// What came of asking one contact.
enum Said {
    /// It takes this member in; why it cannot soon.
    Welcome(Box<Welcome>, Option<String>),
    Refused(Refused),
    Failed(rmix::Error),
    /// Nothing, for this long.
    Nothing(Duration),
}

/// Who may know of the ring: those configured, and those met before.
fn contacts(shared: &Shared) -> Vec<Vec<String>> {
    let own = shared.myself();
    let configured = shared.config.join.iter().map(|text| vec![text.clone()]);
    let known = shared.directory().all().into_iter();
    let known = known.filter(|entry| entry.slot != own.slot);
    let all = configured.chain(known.map(|entry| entry.endpoints));
    all.filter(|contact| !contact.is_empty() && *contact != own.endpoints)
        .collect()
}

async fn enroll(shared: &Shared, contact: &[String], round: u32) -> Said {
    let asked = async {
        let stub = match shared.bind(contact).await {
            Ok(stub) => stub,
            Err(error) => return Said::Failed(error),
        };
        let welcome = match stub.enroll(shared.greeting()).await {
            Ok(welcome) => Box::new(welcome),
            Err(CallError::Fault(refused)) => return Said::Refused(refused),
            Err(CallError::Failed(error)) => return Said::Failed(error),
        };
        // It said so before, and no view came.
        let why = match round > 1 {
            true => stub.status().await.ok().and_then(|status| status.blocked),
            false => None,
        };
        Said::Welcome(welcome, why)
    };
    let within = shared.config.timing.greet_within;
    match tokio::time::timeout(within, asked).await {
        Ok(Said::Failed(error)) if error.cause() == Cause::Timeout => Said::Nothing(within),
        Ok(said) => said,
        Err(_) => Said::Nothing(within),
    }
}

fn learn(shared: &Shared, welcome: Welcome) {
    let limits = &shared.config.control;
    let known = welcome.known.into_iter().take(limits.guests_max);
    let mut directory = shared.directory();
    for entry in known.chain([welcome.who]) {
        directory.learn(entry, limits);
    }
}

/// Between two lines that say what came of asking.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// The view of who is taken in comes sooner, as a rule.
const VIEW_WITHIN: Duration = Duration::from_secs(3);
