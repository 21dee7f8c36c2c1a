//! The application's handle on a member: joins, submits, watches, leaves.

use rmix::Runtime;

use crate::active::Active;
use crate::config::ControlConfig;
use crate::error::{ControlError, SubmitError};
use crate::event::{Ended, Events};
use crate::interface::{Answer, Asked, Refused};
use crate::machine::Machine;
use crate::replication::Replication;
use crate::ring_order::{Membership, Order, RingOrder};
use crate::status::Status;

/// A member of a control ring with a replica of a state machine. Dropped, it is gone as after a crash; see
/// [`Control::leave`].
pub struct Control {
    order: RingOrder,
}

impl Control {
    /// Founds a ring or joins one, and waits until this member takes part and has the state.
    ///
    /// # Errors
    /// The configuration is wrong, the endpoints cannot be listened on, the ring refuses this member, or none
    /// took it in within `Timing::join_within`.
    pub async fn join(
        runtime: &Runtime,
        config: ControlConfig,
        machine: impl Machine,
    ) -> Result<Control, ControlError> {
        let control = Control::start(runtime, config, machine).await?;
        control.ready().await?;
        Ok(control)
    }

    /// As [`Control::join`], without waiting for the ring: events can be read from the start.
    ///
    /// # Errors
    /// The configuration is wrong, or the endpoints cannot be listened on.
    pub async fn start(
        runtime: &Runtime,
        config: ControlConfig,
        machine: impl Machine,
    ) -> Result<Control, ControlError> {
        let replica = Active::new(machine, config.control.waiting_max, config.wire);
        Control::start_with(runtime, config, Box::new(replica)).await
    }

    /// As [`Control::start`], with another way to replicate, as [`crate::Standby`].
    ///
    /// # Errors
    /// As [`Control::start`].
    pub async fn start_with(
        runtime: &Runtime,
        config: ControlConfig,
        replica: Box<dyn Replication>,
    ) -> Result<Control, ControlError> {
        let order = RingOrder::start(runtime, config, replica).await?;
        Ok(Control { order })
    }

    /// Waits until this member takes part and has the state.
    ///
    /// # Errors
    /// The ring refuses this member, or none took it in in time.
    pub async fn ready(&self) -> Result<(), ControlError> {
        self.order.ready().await
    }

    /// Changes the state by a request that all members apply at the same place, and waits for the outcome.
    ///
    /// # Errors
    /// The request was not taken, and was not done; or, `SubmitError::Unknown`, this member left the ring before
    /// the outcome was there.
    pub async fn submit(&self, payload: Vec<u8>) -> Result<Answer, SubmitError> {
        self.submit_to(Asked {
            payload,
            performers: Vec::new(),
            quorum: None,
            domain: 0,
        })
        .await
    }

    /// As [`Control::submit`], by a request that says who changes local state for it and when it counts as done.
    ///
    /// # Errors
    /// As [`Control::submit`], or a member that it names is not known.
    pub async fn submit_to(&self, asked: Asked) -> Result<Answer, SubmitError> {
        self.order.submit(asked).await
    }

    /// Asks the replica of this member, which may be behind others; none while it has no state.
    pub async fn query(&self, question: Vec<u8>) -> Option<Vec<u8>> {
        self.order.query(question).await
    }

    /// What happens, in the order of the common log. The first reader has everything from the start, later ones
    /// what happens from then on.
    ///
    /// The last `ControlLimits::events_max` events (16,384) are held for the first reader from the start, requests in
    /// them included, also while there is none: an application that wants no events takes this once and drops what it
    /// gets. A reader that falls further behind is told how many it missed.
    pub fn events(&self) -> Events {
        self.order.events()
    }

    /// What this member knows of the ring; none once it has ended.
    pub async fn status(&self) -> Option<Status> {
        self.order.status().await
    }

    /// Where others reach this member, with real ports.
    pub fn endpoints(&self) -> Vec<String> {
        self.order.endpoints()
    }

    /// Leaves in order, and waits until it is done.
    pub async fn leave(&self) -> Ended {
        self.order.leave().await
    }

    /// Begins to leave in order, and waits for nothing: the end comes as an event.
    pub fn begin_to_leave(&self) {
        self.order.begin_to_leave();
    }

    /// Lets whoever is left go on, whatever the policy says.
    ///
    /// # Errors
    /// As [`Membership::force_view`].
    pub async fn force_view(&self) -> Result<(), Refused> {
        self.order.force_view().await
    }

    /// Waits until this member has ended.
    pub async fn ended(&self) -> Ended {
        self.order.ended().await
    }
}
