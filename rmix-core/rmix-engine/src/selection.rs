//! Selection: which endpoints of a reference to try, in which order, and why.
//!
//! A pure function of the candidates and the policy. It opens nothing, measures nothing and
//! remembers nothing: what is known of an endpoint (is its provider loaded, can it honour the
//! interface, is it on this host, did it fail lately) comes in with the candidate. Equal inputs
//! give equal selections, and candidates of equal rank keep their order.

mod why;

use crate::Endpoint;

/// An endpoint and what is known of it. Complete on purpose: selection looks at nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the object is reached.
    pub endpoint: Endpoint,
    /// Whether a provider for the endpoint's protocol is loaded and accepts new links.
    pub provider_loaded: bool,
    /// What the provider lacks that the interface needs, as a sentence; `None` when nothing.
    pub shortfall: Option<String>,
    /// Whether the endpoint is on the host of the caller.
    pub same_host: bool,
    /// How the last attempt failed, if it failed and that is recent enough to matter.
    pub last_failure: Option<String>,
}

impl Candidate {
    /// A candidate with a loaded provider and nothing against it, on another host.
    pub fn new(endpoint: Endpoint) -> Candidate {
        Candidate {
            endpoint,
            provider_loaded: true,
            shortfall: None,
            same_host: false,
            last_failure: None,
        }
    }
}

/// What the caller wants. Complete on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A protocol (`soap`) or scheme (`soap+http`) that is insisted on; `None` allows every one.
    pub via: Option<String>,
    /// Preferences, best first; endpoints that none matches come after all others, in the order of
    /// the reference.
    pub order: Vec<Preference>,
}

impl Default for Policy {
    /// No protocol insisted on; `shm`, `pipe` and `+unix` on the same host, then `msgpack`,
    /// `sunrpc`, `soap`.
    fn default() -> Policy {
        Policy {
            via: None,
            order: vec![
                Preference::on_same_host("shm"),
                Preference::on_same_host("pipe"),
                Preference::on_same_host("+unix"),
                Preference::anywhere("msgpack"),
                Preference::anywhere("sunrpc"),
                Preference::anywhere("soap"),
            ],
        }
    }
}

/// One kind of endpoint and how far it reaches. Complete on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// A protocol (`msgpack`), a scheme (`msgpack+tcp`), or a transport with a plus before it
    /// (`+unix`).
    pub name: String,
    /// Whether endpoints of this kind reach the same host only; on another host such a candidate is
    /// excluded.
    pub same_host_only: bool,
}

impl Preference {
    /// A kind that is preferred on any host.
    pub fn anywhere(name: impl Into<String>) -> Preference {
        Preference {
            name: name.into(),
            same_host_only: false,
        }
    }

    /// A kind that reaches the same host only.
    pub fn on_same_host(name: impl Into<String>) -> Preference {
        Preference {
            name: name.into(),
            same_host_only: true,
        }
    }
}

/// The outcome: usable candidates in the order to try them, and the rule that decided each.
/// `Display` tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    policy: Policy,
    order: Vec<usize>,
    log: Vec<LogEntry>,
}

impl Selection {
    /// Indices into the candidates given to [`select`], best first; empty when none is usable.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The endpoints to try, best first.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.log
            .iter()
            .filter(|entry| matches!(entry.verdict, Verdict::Placed { .. }))
            .map(|entry| &entry.endpoint)
    }

    /// Every candidate once: the usable ones best first, then the excluded ones as listed.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }
}

/// One candidate and what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// Its index among the candidates.
    pub candidate: usize,
    /// Its endpoint.
    pub endpoint: Endpoint,
    /// The decision and its rule.
    pub verdict: Verdict,
}

/// What was decided about a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It may be tried.
    Placed {
        /// The rule that gave it its place.
        placement: Placement,
        /// The recent failure that put it behind all candidates without one.
        after_failure: Option<String>,
    },
    /// It must not be tried.
    Excluded(Exclusion),
}

/// The rule that gave a usable candidate its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// The first preference that matches, by its index in the policy.
    Preference(usize),
    /// No preference matches: after those with one, as listed in the reference.
    AsListed,
}

/// The rule that excluded a candidate; the first that applies, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exclusion {
    /// The caller insists on another protocol or scheme.
    NotVia,
    /// This kind reaches the same host only, by the preference with this index, and the endpoint is
    /// on another one.
    OtherHost(usize),
    /// No provider for its protocol is loaded.
    ProviderNotLoaded,
    /// The provider lacks what the interface needs.
    Shortfall(String),
}

/// Decides which candidates are usable and in which order to try them.
///
/// Excluded are, by the first rule that applies: what is not the protocol or scheme of
/// `policy.via`, what reaches only the same host and is on another, what has no loaded provider,
/// what cannot honour the interface. The rest is ordered by: no recent failure, then the first
/// matching preference, then as listed.
pub fn select(candidates: &[Candidate], policy: &Policy) -> Selection {
    let mut placed = Vec::new();
    let mut excluded = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let preference = first_match(&candidate.endpoint, policy);
        let entry = |verdict| LogEntry {
            candidate: index,
            endpoint: candidate.endpoint.clone(),
            verdict,
        };
        if let Some(exclusion) = exclusion(candidate, policy, preference) {
            excluded.push(entry(Verdict::Excluded(exclusion)));
            continue;
        }
        let rank = (
            candidate.last_failure.is_some(),
            preference.unwrap_or(policy.order.len()),
            index,
        );
        let verdict = Verdict::Placed {
            placement: preference.map_or(Placement::AsListed, Placement::Preference),
            after_failure: candidate.last_failure.clone(),
        };
        placed.push((rank, entry(verdict)));
    }
    placed.sort_by_key(|(rank, _)| *rank);

    let order = placed.iter().map(|(_, entry)| entry.candidate).collect();
    let placed = placed.into_iter().map(|(_, entry)| entry);
    Selection {
        policy: policy.clone(),
        order,
        log: placed.chain(excluded).collect(),
    }
}

fn exclusion(
    candidate: &Candidate,
    policy: &Policy,
    preference: Option<usize>,
) -> Option<Exclusion> {
    if let Some(via) = &policy.via
        && !is_called(&candidate.endpoint, via)
    {
        return Some(Exclusion::NotVia);
    }
    if let Some(index) = preference
        && !candidate.same_host
        && policy
            .order
            .get(index)
            .is_some_and(|preference| preference.same_host_only)
    {
        return Some(Exclusion::OtherHost(index));
    }
    if !candidate.provider_loaded {
        return Some(Exclusion::ProviderNotLoaded);
    }
    candidate.shortfall.clone().map(Exclusion::Shortfall)
}

fn first_match(endpoint: &Endpoint, policy: &Policy) -> Option<usize> {
    policy
        .order
        .iter()
        .position(|preference| is_called(endpoint, &preference.name))
}

/// Whether a name of a policy means this endpoint: protocol, whole scheme, or transport after a
/// plus.
fn is_called(endpoint: &Endpoint, name: &str) -> bool {
    match name.strip_prefix('+') {
        Some(transport) => endpoint.transport() == Some(transport),
        None => name == endpoint.protocol() || name == endpoint.scheme(),
    }
}

#[cfg(test)]
mod tests;
