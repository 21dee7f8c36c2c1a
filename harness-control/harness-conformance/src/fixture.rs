//! How the suite starts members of one order.

use std::any::Any;

use harness_control::{ControlError, Membership, Order, Replication};

/// A place where one group of members can be.
pub trait Fixture {
    /// What is tested.
    type Order: Order + Membership + 'static;

    /// Starts a member. `contacts` are names of members that were started before; none: it founds the group.
    fn start(
        &self,
        name: &str,
        contacts: &[&str],
        replica: Box<dyn Replication>,
    ) -> impl Future<Output = Result<Started<Self::Order>, ControlError>>;
}

/// A member that was started.
pub struct Started<O> {
    /// The member.
    pub order: O,
    /// What ends with it, and only with it, as after a crash of its process.
    pub process: Box<dyn Any + Send>,
}
