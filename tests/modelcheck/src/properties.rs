//! What must hold: P1 to P8 of the algorithm's list, each in a file of its own, and what must happen
//! sometimes, so that a search that saw nothing is seen.

mod coverage;
mod holders;
mod integrity;
mod liveness;
mod order;
mod prefix;
mod views;

use stateright::{Model, Property};

use crate::cluster::Cluster;

/// All properties; those that must happen sometimes only where the budgets allow them.
pub fn all() -> Vec<Property<Cluster>> {
    vec![
        Property::always("P1 logs are prefixes of one another", prefix::holds),
        Property::always("P2 each message once, and in order", integrity::holds),
        Property::always("P3 who is said to hold a message holds it", holders::holds),
        Property::always("P4 P5 where nothing moves, all is done", liveness::holds),
        Property::always("P6 nothing smaller is unknown", order::holds),
        Property::always("P7 P8 one decision for each view", views::holds),
        Property::sometimes("two messages are delivered everywhere", |model, state| {
            coverage::messages_everywhere(model, state)
        }),
        Property::sometimes("a flush delivers a message", |model, state| {
            coverage::flush(model, state)
        }),
        Property::sometimes("a view changes", |model, state| {
            coverage::view_change(model, state)
        }),
        Property::sometimes("a joiner delivers its first message", |model, state| {
            coverage::joiner_delivers(model, state)
        }),
        Property::sometimes("a member leaves in order", |model, state| {
            coverage::leave(model, state)
        }),
        Property::sometimes("someone is excluded alive", |model, state| {
            coverage::exclusion(model, state)
        }),
    ]
}

/// The properties of a model that do not hold on one of its states; for tests of the properties.
pub fn broken(model: &Cluster, state: &<Cluster as Model>::State) -> Vec<&'static str> {
    let properties = all().into_iter();
    let always = properties
        .filter(|property| matches!(property.expectation, stateright::Expectation::Always));
    always
        .filter(|property| !(property.condition)(model, state))
        .map(|property| property.name)
        .collect()
}
