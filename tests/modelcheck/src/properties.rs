//! What must hold: P1 to P9 of the algorithm's list, each in a file of its own, and what must happen
//! sometimes, so that a search that saw nothing is seen.

mod coverage;
mod flow;
mod force;
mod holders;
mod integrity;
mod liveness;
mod order;
mod outcomes;
mod prefix;
mod views;

use stateright::{Model, Property};

use crate::cluster::{Cluster, State};

/// All properties; those that must happen sometimes only where the budgets allow them.
pub fn all() -> Vec<Property<Cluster>> {
    vec![
        Property::always("P1 logs are prefixes of one another", prefix::holds),
        Property::always("P2 each message once, and in order", integrity::holds),
        Property::always("P3 who is said to hold a message holds it", holders::holds),
        Property::always("P4 P5 where nothing moves, all is done", liveness::holds),
        Property::always("P5 too few go on only by a force", force::is_lawful),
        Property::always(
            "P5 where nothing moves, a force has ended the block",
            force::ends_the_block,
        ),
        Property::always("P6 nothing smaller is unknown", order::holds),
        Property::always("P7 P8 one decision for each view", views::holds),
        Property::always(
            "P8 nobody who keeps the rules is misunderstood",
            |_, state: &State| state.nodes.iter().all(|node| !node.is_misled),
        ),
        Property::always("P9 outcomes are the same everywhere", outcomes::same),
        Property::always(
            "P9 where nothing moves, no request waits",
            outcomes::none_waits,
        ),
        Property::always("P11 own messages under way fit the window", flow::holds),
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
        Property::sometimes("a request has its outcome everywhere", |model, state| {
            coverage::outcome(model, state)
        }),
        Property::sometimes(
            "a request lacks the answer of one who is gone",
            coverage::outcome_without,
        ),
        Property::sometimes("someone is excluded alive", |model, state| {
            coverage::exclusion(model, state)
        }),
        Property::sometimes("a forced view is installed", |model, state| {
            coverage::forced_view(model, state)
        }),
        Property::sometimes("a force is forgotten", |model, state| {
            coverage::forgotten_force(model, state)
        }),
        Property::sometimes("two forced parts go on apart", |model, state| {
            coverage::forced_split(model, state)
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
