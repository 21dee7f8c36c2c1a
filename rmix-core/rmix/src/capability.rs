//! Whether a provider can honour an interface, found when binding or exporting: one sentence that names the method and
//! the capability.

use rmix_abi::describe::InterfaceDesc;
use rmix_abi::tables::{call_flags, capability};

use crate::providers::Provider;

/// What is asked of the provider besides the interface's methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Calls only.
    Call,
    /// Calls, and calls back on the same link.
    CallAndServe,
    /// Export.
    Listen,
}

/// What the provider lacks, as a sentence; `None` when nothing.
pub(crate) fn shortfall(
    interface: &InterfaceDesc,
    provider: &Provider,
    purpose: Use,
) -> Option<String> {
    lacks(interface, provider.name(), provider.capabilities(), purpose)
}

fn lacks(interface: &InterfaceDesc, provider: &str, has: u64, purpose: Use) -> Option<String> {
    let missing = |bit: u64| has & bit == 0;
    let named = |what: &str, bit: u64| {
        let names = capability::NAMES.iter();
        let name = names.clone().find(|(known, _)| *known == bit);
        let name = name.map_or("?", |(_, name)| name);
        Some(format!(
            "{what}, and the provider `{provider}` lacks the capability `{name}`"
        ))
    };
    match purpose {
        Use::CallAndServe if missing(capability::SYMMETRIC) => {
            return named(
                "an object is to be served on the same link",
                capability::SYMMETRIC,
            );
        }
        Use::Listen if missing(capability::LISTEN) => {
            return named("an object is to be exported", capability::LISTEN);
        }
        _ => {}
    }
    for method in interface.methods() {
        let name = format!("`{}.{}`", interface.name(), method.name());
        if method.flags & call_flags::ONEWAY != 0 {
            if missing(capability::ONEWAY) {
                return named(&format!("{name} is one-way"), capability::ONEWAY);
            }
        } else if missing(capability::TWOWAY) {
            return named(&format!("{name} wants a reply"), capability::TWOWAY);
        }
        if method.has_fault() && missing(capability::FAULTS) {
            return named(&format!("{name} declares a fault"), capability::FAULTS);
        }
        if method.number == 0 && !missing(capability::NUMBERED) {
            return Some(format!(
                "{name} has no procedure number, and the provider `{provider}` has the capability `numbered`: it calls \
                 methods by number. Give it one with `#[rmix(procedure = …)]`"
            ));
        }
    }
    None
}
