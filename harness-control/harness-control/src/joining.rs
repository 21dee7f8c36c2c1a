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
    let mut asked = Asked::new();
    let until = asked.started + timing.join_within;
    while Instant::now() < until {
        asked.rounds += 1;
        let mut was_taken = false;
        for contact in contacts(&shared) {
            let within = until.saturating_duration_since(Instant::now());
            let within = within.min(timing.greet_within);
            let said = enroll(&shared, &contact, asked.rounds, within).await;
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
                        last: asked.text(),
                        life,
                    };
                    shared.input(input).await;
                    return;
                }
                Said::Failed(_) | Said::Nothing(_) => {}
            }
            asked.tell(&shared.config.name, false);
        }
        asked.tell(&shared.config.name, !was_taken);
        tokio::select! {
            // Its task failed: there is nobody to be taken in.
            () = shared.inputs.closed() => return,
            () = tokio::time::sleep(timing.enroll_every) => {}
        }
    }
    let input = Input::NotTaken {
        refused: None,
        last: asked.text(),
        life,
    };
    shared.input(input).await;
}

/// Who was asked, and what each said last.
struct Asked {
    started: Instant,
    /// When it is to be told next.
    tell_at: Instant,
    rounds: u32,
    said: BTreeMap<String, String>,
}

impl Asked {
    fn new() -> Asked {
        let started = Instant::now();
        Asked {
            started,
            tell_at: started,
            rounds: 0,
            said: BTreeMap::new(),
        }
    }

    /// Tells now and again what came of asking; at once where nobody is left to ask, as who was heard waits for a view,
    /// which takes its time.
    fn tell(&mut self, name: &str, at_once: bool) {
        let now = Instant::now();
        if now >= self.tell_at && (at_once || now >= self.started + VIEW_WITHIN) {
            self.tell_at = now + TELL_EVERY;
            let asked = self.text();
            tracing::warn!(target: "harness", name, asked, "not taken into a ring yet");
        }
    }

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
            Said::Nothing(within) => format!("no answer within {within:.1?}"),
        };
        // In the end there may be little time: what was said before says more.
        if matches!(said, Said::Nothing(_)) && self.said.contains_key(contact) {
            return;
        }
        self.said.insert(contact.to_owned(), text);
    }

    fn text(&self) -> String {
        if self.said.is_empty() {
            return "there is nobody to ask but this member itself".to_owned();
        }
        let said = self.said.iter();
        let said: Vec<_> = said
            .map(|(contact, said)| format!("{contact}: {said}"))
            .collect();
        let seconds = self.started.elapsed().as_secs_f64();
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

async fn enroll(shared: &Shared, contact: &[String], round: u32, within: Duration) -> Said {
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
