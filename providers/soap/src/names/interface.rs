//! The plan of an interface: every operation's names, and which operation a body element calls.

use std::collections::BTreeMap;
use std::fmt;

use rmix_abi::describe::{InterfaceDesc, TypeDesc};
use rmix_wsdl::names::TypeNames;

use super::{ElementName, Operation};

/// An interface as SOAP carries it; made once, when a link or listener is opened.
#[derive(Debug)]
pub struct Interface {
    desc: &'static InterfaceDesc,
    operations: Vec<Operation>,
    /// By request element: local name, then namespace.
    requests: BTreeMap<(&'static str, &'static str), usize>,
    /// The bare operation without an argument, which an empty body calls.
    empty: Option<usize>,
    types: TypeNames,
}

/// Why an interface cannot be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Two operations have the same request element, by which a request is known.
    SameRequest {
        /// The interface.
        interface: &'static str,
        /// The first operation.
        first: &'static str,
        /// The second.
        second: &'static str,
    },
    /// A bare operation has more than one part in the body.
    SeveralParts {
        /// The interface.
        interface: &'static str,
        /// The operation.
        method: &'static str,
        /// `arguments` or `outputs`.
        what: &'static str,
    },
    /// `outputs` is said of a result that is no struct.
    OutputsOfNoStruct {
        /// The interface.
        interface: &'static str,
        /// The operation.
        method: &'static str,
    },
}

impl Interface {
    /// Plans an interface; [`Plans`] does it once for each.
    ///
    /// # Errors
    /// SOAP cannot carry it as it is described; to be mended there.
    pub fn plan(desc: &'static InterfaceDesc) -> Result<Interface, PlanError> {
        let mut planned = Interface {
            desc,
            operations: Vec::with_capacity(desc.methods().len()),
            requests: BTreeMap::new(),
            empty: None,
            types: TypeNames::of(desc),
        };
        for (place, method) in desc.methods().iter().enumerate() {
            let operation = Operation::plan(desc, method)?;
            let key = (operation.request.local, operation.request.namespace);
            if let Some(first) = planned.requests.insert(key, place) {
                return Err(PlanError::SameRequest {
                    interface: desc.name(),
                    first: planned
                        .operations
                        .get(first)
                        .map_or("", |first| first.method.name()),
                    second: method.name(),
                });
            }
            if operation.is_bare() && method.arguments().is_empty() {
                planned.empty = planned.empty.or(Some(place));
            }
            planned.operations.push(operation);
        }
        Ok(planned)
    }

    /// The interface's description.
    pub fn desc(&self) -> &'static InterfaceDesc {
        self.desc
    }

    /// An operation by its place in the description.
    pub fn operation(&self, place: usize) -> Option<&Operation> {
        self.operations.get(place)
    }

    /// The operation of this wire name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.operations
            .iter()
            .position(|operation| operation.method.name() == name)
    }

    /// The operation that this body element calls; one of the right local name serves when the element, or the described
    /// one, has no namespace.
    pub fn called_by(&self, namespace: &str, local: &str) -> Option<usize> {
        let named = |request: &ElementName| {
            request.local == local && (request.namespace.is_empty() || namespace.is_empty())
        };
        self.requests.get(&(local, namespace)).copied().or_else(|| {
            self.operations
                .iter()
                .position(|operation| named(&operation.request))
        })
    }

    /// Namespace and local name of a type; none for a type without a name.
    pub(crate) fn type_name(&self, ty: &TypeDesc) -> Option<(&str, &str)> {
        let name = self.types.get(ty)?;
        Some((&name.namespace, &name.local))
    }

    /// The operation that an empty body calls.
    pub fn called_by_nothing(&self) -> Option<usize> {
        self.empty
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::SameRequest {
                interface,
                first,
                second,
            } => write!(
                f,
                "{interface}: {first} and {second} have the same request element; give one of them another with soap(request = …)"
            ),
            PlanError::SeveralParts {
                interface,
                method,
                what,
            } => write!(
                f,
                "{interface}::{method}: in style \"bare\" the body is one element, but there are several {what}"
            ),
            PlanError::OutputsOfNoStruct { interface, method } => write!(
                f,
                "{interface}::{method}: soap(outputs) needs a struct as the result"
            ),
        }
    }
}

impl std::error::Error for PlanError {}

/// The plans of the interfaces that were asked for; one for each description, however many links there are.
#[derive(Debug, Default)]
pub struct Plans {
    /// Guards the plans, by place of the description; nothing is called with it held.
    planned: std::sync::Mutex<BTreeMap<usize, std::sync::Arc<Interface>>>,
}

impl Plans {
    /// The plan of an interface.
    ///
    /// # Errors
    /// As [`Interface::plan`].
    pub fn of(&self, desc: &'static InterfaceDesc) -> Result<std::sync::Arc<Interface>, PlanError> {
        let mut planned = match self.planned.lock() {
            Ok(planned) => planned,
            Err(poisoned) => poisoned.into_inner(),
        };
        let place = std::ptr::from_ref(desc).addr();
        if let Some(plan) = planned.get(&place) {
            return Ok(plan.clone());
        }
        let plan = std::sync::Arc::new(Interface::plan(desc)?);
        planned.insert(place, plan.clone());
        Ok(plan)
    }
}
