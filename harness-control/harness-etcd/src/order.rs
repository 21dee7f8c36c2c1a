//! The handle on a member whose order is etcd's.

use std::sync::{Arc, Mutex, PoisonError};

use harness_control::{
    Answer, Asked, ControlError, Ended, Event, Events, Membership, Order, Refused, Replication,
    Status, SubmitError,
};
use rmix::Runtime;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::config::EtcdConfig;
use crate::driver::{Command, Driver, Phase, Shared};

/// A member of a group at etcd. Dropped, it is gone as after a crash: its lease runs out.
pub struct EtcdOrder {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    first_events: Mutex<Option<broadcast::Receiver<Event>>>,
    task: JoinHandle<()>,
}

impl EtcdOrder {
    /// Ends this member without leaving in order: what it was asked and does not know the outcome of is answered so.
    /// Its lease runs out.
    pub fn shut_down(&self) {
        self.shared.ends.send_replace(true);
    }

    fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> impl Future<Output = Option<T>> + Send
    where
        T: Send,
    {
        let (reply, answer) = oneshot::channel();
        let (commands, command) = (self.commands.clone(), command(reply));
        async move {
            commands.send(command).await.ok()?;
            answer.await.ok()
        }
    }
}

impl Order for EtcdOrder {
    type Config = EtcdConfig;

    /// The runtime is not used: members do not call one another.
    async fn start(
        _runtime: &Runtime,
        config: EtcdConfig,
        replica: Box<dyn Replication>,
    ) -> Result<EtcdOrder, ControlError> {
        if let Some(fault) = config.fault() {
            return Err(ControlError::Config(fault));
        }
        let (events, first_events) = broadcast::channel(config.events_max);
        let (commands, taken) = mpsc::channel(COMMANDS_MAX);
        let shared = Arc::new(Shared {
            config,
            events,
            phase: watch::Sender::new(Phase::Outside),
            ends: watch::Sender::new(false),
        });
        let driver = Driver::new(shared.clone(), replica, taken);
        Ok(EtcdOrder {
            shared,
            commands,
            first_events: Mutex::new(Some(first_events)),
            task: tokio::spawn(driver.run()),
        })
    }

    async fn ready(&self) -> Result<(), ControlError> {
        let mut phases = self.shared.phase.subscribe();
        let phase = phases.wait_for(|phase| *phase != Phase::Outside).await;
        match phase.as_deref() {
            Ok(Phase::Member) => Ok(()),
            Ok(Phase::Failed(Some(refused), _)) => Err(ControlError::Refused {
                contact: self.shared.config.endpoints.join(" "),
                refused: refused.clone(),
            }),
            Ok(Phase::Failed(None, last)) => Err(ControlError::NotTaken { last: last.clone() }),
            Ok(Phase::Outside | Phase::Ended(_)) | Err(_) => Err(ControlError::Ended),
        }
    }

    async fn submit(&self, asked: Asked) -> Result<Answer, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Submit { asked, reply };
        if self.commands.send(command).await.is_err() {
            return Err(SubmitError::NotMember);
        }
        answer.await.unwrap_or(Err(SubmitError::Unknown))
    }

    async fn query(&self, question: Vec<u8>) -> Option<Vec<u8>> {
        let answer = self.ask(|reply| Command::Query { question, reply });
        answer.await.flatten()
    }

    fn events(&self) -> Events {
        let first = self.first_events.lock();
        let first = first.unwrap_or_else(PoisonError::into_inner).take();
        Events::from(first.unwrap_or_else(|| self.shared.events.subscribe()))
    }
}

impl Membership for EtcdOrder {
    async fn status(&self) -> Option<Status> {
        self.ask(Command::Status).await
    }

    async fn leave(&self) -> Ended {
        let _ = self.commands.send(Command::Leave).await;
        self.ended().await
    }

    /// Refused: who is there is etcd's to say, and a majority of etcd's own members that is gone for good is brought back by
    /// etcd's means.
    async fn force_view(&self) -> Result<(), Refused> {
        let text = "a view cannot be forced: etcd decides who is there";
        Err(Refused::NotNow(text.to_owned()))
    }

    async fn ended(&self) -> Ended {
        let mut phases = self.shared.phase.subscribe();
        let over = |phase: &Phase| matches!(phase, Phase::Ended(_) | Phase::Failed(..));
        match phases.wait_for(over).await.as_deref() {
            Ok(Phase::Ended(ended)) => *ended,
            Ok(Phase::Failed(..)) => Ended::NotTaken,
            _ => Ended::Shutdown,
        }
    }
}

impl Drop for EtcdOrder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Requests that were made and not taken yet; then those who make more wait.
const COMMANDS_MAX: usize = 1024;
