//! Asking members to be taken in, until the first view comes or it is clear that none will.

use std::sync::Arc;

use rmix::CallError;
use tokio::time::Instant;

use crate::driver::Input;
use crate::interface::{Refused, Welcome};
use crate::shared::Shared;

/// Asks one contact after the other, again and again. Ended from outside, with the first view.
pub(crate) async fn ask(shared: Arc<Shared>, life: u64) {
    let timing = shared.config.timing;
    let until = Instant::now() + timing.join_within;
    let mut last = "nobody to ask is known".to_owned();
    while Instant::now() < until {
        let mut was_taken = false;
        for contact in contacts(&shared) {
            let refused = match enroll(&shared, &contact).await {
                Ok(welcome) => {
                    learn(&shared, welcome);
                    was_taken = true;
                    break;
                }
                Err(Some(CallError::Fault(refused))) => refused,
                Err(Some(CallError::Failed(error))) => {
                    tracing::debug!(target: "harness", contact = contact.join("|"), %error, "not asked");
                    last = format!("{}: {error}", contact.join("|"));
                    continue;
                }
                Err(None) => continue,
            };
            let contact = contact.join("|");
            last = format!("{contact}: {refused}");
            match refused {
                Refused::Outdated(known) => {
                    shared.input(Input::Outdated { known, life }).await;
                    return;
                }
                Refused::NotMember(_) | Refused::Busy(_) => {
                    tracing::info!(target: "harness", contact, %refused, "not taken in yet");
                }
                refused => {
                    let refused = Some((contact, refused));
                    let input = Input::NotTaken {
                        refused,
                        last,
                        life,
                    };
                    shared.input(input).await;
                    return;
                }
            }
        }
        if was_taken {
            last = "it was to be taken in, and no view came".to_owned();
        }
        tokio::select! {
            // Its task failed: there is nobody to be taken in.
            () = shared.inputs.closed() => return,
            () = tokio::time::sleep(timing.enroll_every) => {}
        }
    }
    let input = Input::NotTaken {
        refused: None,
        last,
        life,
    };
    shared.input(input).await;
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

async fn enroll(
    shared: &Shared,
    contact: &[String],
) -> Result<Welcome, Option<CallError<Refused>>> {
    let asked = async {
        let stub = shared.bind(contact).await?;
        stub.enroll(shared.greeting()).await
    };
    match tokio::time::timeout(shared.config.timing.greet_within, asked).await {
        Ok(outcome) => outcome.map_err(Some),
        Err(_) => Err(None),
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
