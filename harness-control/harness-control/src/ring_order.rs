//! The seam of the common order and of membership, and the control ring as its first implementation.

use std::any::Any;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use harness_ring::MemberId;
use rmix::{Exported, Runtime};
use tokio::sync::broadcast;
use tokio::task::{AbortHandle, JoinError, JoinHandle};

use crate::check;
use crate::config::ControlConfig;
use crate::detector::Detector;
use crate::directory::slot_of;
use crate::driver::{Driver, Input};
use crate::error::{ControlError, SubmitError};
use crate::event::{Ended, Event, Events};
use crate::interface::{Answer, Asked, Refused, SeatSkeleton};
use crate::lifeguard::Lifeguard;
use crate::replication::Replication;
use crate::seat::Host;
use crate::shared::{Phase, Shared};
use crate::status::Status;

/// What orders requests and tells every replica the same: the control ring, a sequencer, an external
/// consensus.
pub trait Order: Sized + Send + Sync {
    /// What a member is told once.
    type Config;

    /// Starts a member whose replica is told the order.
    ///
    /// # Errors
    /// The configuration is wrong, or the member cannot listen.
    fn start(
        runtime: &Runtime,
        config: Self::Config,
        replica: Box<dyn Replication>,
    ) -> impl Future<Output = Result<Self, ControlError>> + Send;

    /// Waits until the member takes part and has the state.
    ///
    /// # Errors
    /// It was refused, or not taken in in time.
    fn ready(&self) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// Orders a request, and waits for its outcome.
    ///
    /// # Errors
    /// It was not taken, or nobody knows what came of it.
    fn submit(&self, asked: Asked) -> impl Future<Output = Result<Answer, SubmitError>> + Send;

    /// Asks the replica of this member; none while it has no state.
    fn query(&self, question: Vec<u8>) -> impl Future<Output = Option<Vec<u8>>> + Send;

    /// What happens from here on; the first reader has everything from the start, as far as that is held for it: the
    /// ring holds `ControlLimits::events_max`, from the start and until the first reader is dropped.
    fn events(&self) -> Events;
}

/// Who takes part, and how that is changed by hand.
pub trait Membership: Send + Sync {
    /// What this member knows of the ring; none once it has ended.
    fn status(&self) -> impl Future<Output = Option<Status>> + Send;

    /// Leaves in order, and waits until it is done.
    fn leave(&self) -> impl Future<Output = Ended> + Send;

    /// Lets whoever is left go on, whatever the policy says: an operator is certain that all others are gone
    /// for good.
    ///
    /// # Errors
    /// [`Refused::NotNow`]: nothing is blocked, or it is not this member that would change the view; nothing was done.
    /// [`Refused::NotMember`]: this process has left.
    fn force_view(&self) -> impl Future<Output = Result<(), Refused>> + Send;

    /// Waits until the member has ended.
    fn ended(&self) -> impl Future<Output = Ended> + Send;
}

/// A member of a control ring.
pub struct RingOrder {
    host: Host,
    /// None once the member's task has failed.
    exported: Arc<Mutex<Option<Exported>>>,
    first_events: Mutex<Option<broadcast::Receiver<Event>>>,
    task: AbortHandle,
}

impl RingOrder {
    /// As [`Order::start`], with another failure detector.
    ///
    /// # Errors
    /// As [`Order::start`].
    pub async fn with_detector(
        runtime: &Runtime,
        config: ControlConfig,
        replica: Box<dyn Replication>,
        detector: Box<dyn Detector>,
    ) -> Result<RingOrder, ControlError> {
        check::config(&config)?;
        let me = MemberId {
            slot: slot_of(&config.name),
            incarnation: first_incarnation(),
        };
        let listen = config.listen.clone();
        let kind = replica.kind();
        let (shared, ends) = Shared::new(config, runtime.clone(), kind, me);
        let exported = runtime
            .export(SeatSkeleton::new(Host(shared.clone())), listen)
            .await
            .map_err(ControlError::Listen)?;
        let endpoints = exported.endpoints();
        let endpoints: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
        check::reachable(&shared.config, &endpoints)?;
        shared.listens_on(endpoints);
        let own = shared.entry();
        shared.directory().learn(own, &shared.config.control);
        let driver = Driver::new(shared.clone(), replica, detector, me);
        let exported = Arc::new(Mutex::new(Some(exported)));
        let task = tokio::spawn(driver.run(ends.inputs));
        let aborts = task.abort_handle();
        tokio::spawn(watch_over(task, shared.clone(), exported.clone()));
        Ok(RingOrder {
            host: Host(shared),
            exported,
            first_events: Mutex::new(Some(ends.first_events)),
            task: aborts,
        })
    }

    /// Where others reach this member, with real ports.
    pub fn endpoints(&self) -> Vec<String> {
        self.shared().myself().endpoints
    }

    /// Begins to leave in order, and waits for nothing: the end comes as an event.
    pub fn begin_to_leave(&self) {
        let shared = self.shared().clone();
        tokio::spawn(async move { shared.input(Input::Leave).await });
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.host.0
    }
}

impl Order for RingOrder {
    type Config = ControlConfig;

    async fn start(
        runtime: &Runtime,
        config: ControlConfig,
        replica: Box<dyn Replication>,
    ) -> Result<RingOrder, ControlError> {
        let detector = Box::new(Lifeguard::new(config.timing));
        RingOrder::with_detector(runtime, config, replica, detector).await
    }

    async fn ready(&self) -> Result<(), ControlError> {
        let mut phases = self.shared().phase.subscribe();
        let phase = phases.wait_for(|phase| *phase != Phase::Outside).await;
        match phase.as_deref() {
            Ok(Phase::Member) => Ok(()),
            Ok(Phase::Failed(Some((contact, refused)), _)) => Err(ControlError::Refused {
                contact: contact.clone(),
                refused: refused.clone(),
            }),
            Ok(Phase::Failed(None, last)) => Err(ControlError::NotTaken { last: last.clone() }),
            Ok(Phase::Outside | Phase::Ended(_)) | Err(_) => Err(ControlError::Ended),
        }
    }

    async fn submit(&self, asked: Asked) -> Result<Answer, SubmitError> {
        let request = self.host.request(asked)?;
        self.shared().submit(request).await
    }

    async fn query(&self, question: Vec<u8>) -> Option<Vec<u8>> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.shared().input(Input::Query { question, reply }).await;
        answer.await.ok().flatten()
    }

    fn events(&self) -> Events {
        let first = self.first_events.lock();
        let first = first.unwrap_or_else(PoisonError::into_inner).take();
        Events(first.unwrap_or_else(|| self.shared().events.subscribe()))
    }
}

impl Membership for RingOrder {
    async fn status(&self) -> Option<Status> {
        self.shared().status().await
    }

    async fn leave(&self) -> Ended {
        self.shared().input(Input::Leave).await;
        self.ended().await
    }

    async fn force_view(&self) -> Result<(), Refused> {
        self.shared().force_view().await
    }

    async fn ended(&self) -> Ended {
        let mut phases = self.shared().phase.subscribe();
        let over = |phase: &Phase| matches!(phase, Phase::Ended(_) | Phase::Failed(..));
        match phases.wait_for(over).await.as_deref() {
            Ok(Phase::Ended(ended)) => *ended,
            Ok(Phase::Failed(..)) => Ended::NotTaken,
            _ => Ended::Shutdown,
        }
    }
}

impl Drop for RingOrder {
    /// As a crash would look to the others.
    fn drop(&mut self) {
        self.task.abort();
        drop(take(&self.exported));
    }
}

/// Ends what is left of a member whose task panicked, so that nobody waits for it: neither its submitters, nor its
/// application, nor the other members.
async fn watch_over(
    task: JoinHandle<()>,
    shared: Arc<Shared>,
    exported: Arc<Mutex<Option<Exported>>>,
) {
    let Err(panicked) = task.await.map_err(JoinError::try_into_panic) else {
        return;
    };
    // An end from outside is no failure: the handle was dropped.
    let Ok(payload) = panicked else { return };
    let what = panic_text(payload.as_ref());
    tracing::error!(target: "harness", name = shared.config.name, what, "this process failed: its replica or its task panicked");
    shared.guests().dismiss_all("the member's process failed");
    // Nobody has to listen.
    let _ = shared.events.send(Event::Ended(Ended::Failed));
    shared.phase.send_replace(Phase::Ended(Ended::Failed));
    if let Some(exported) = take(&exported)
        && let Err(error) = exported.unexport_within(UNEXPORT_WITHIN).await
    {
        tracing::debug!(target: "harness", %error, "calls were cut off");
    }
}

fn take(exported: &Mutex<Option<Exported>>) -> Option<Exported> {
    let mut exported = exported.lock().unwrap_or_else(PoisonError::into_inner);
    exported.take()
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a text")
}

/// For the answers that say that nobody knows the outcome.
const UNEXPORT_WITHIN: Duration = Duration::from_secs(1);

/// Above those of earlier starts of the same name, as long as the clock of the host goes forward; others tell
/// when it did not.
fn first_incarnation() -> u32 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        u32::try_from(since.as_secs()).unwrap_or(u32::MAX / 2)
    })
}
