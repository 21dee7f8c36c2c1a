//! The text of a selection for people: the policy, then one line for each candidate with the rule
//! that decided it.
//!
//! Decides nothing; every word comes from the log.

use std::fmt;

use super::{Exclusion, LogEntry, Placement, Policy, Preference, Selection, Verdict};

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} of {} candidates usable; ",
            self.order.len(),
            self.log.len()
        )?;
        write_policy(formatter, &self.policy)?;
        for (row, entry) in self.log.iter().enumerate() {
            formatter.write_str("\n  ")?;
            write_entry(formatter, &self.policy, row + 1, entry)?;
        }
        Ok(())
    }
}

fn write_policy(formatter: &mut fmt::Formatter<'_>, policy: &Policy) -> fmt::Result {
    if let Some(via) = &policy.via {
        write!(formatter, "via {via} only; ")?;
    }
    formatter.write_str("order ")?;
    for preference in &policy.order {
        write!(formatter, "{}, ", Kind(preference))?;
    }
    formatter.write_str("then as listed")
}

fn write_entry(
    formatter: &mut fmt::Formatter<'_>,
    policy: &Policy,
    row: usize,
    entry: &LogEntry,
) -> fmt::Result {
    let kind = |index: usize| policy.order.get(index).map(Kind);
    match &entry.verdict {
        Verdict::Placed {
            placement,
            after_failure,
        } => {
            write!(formatter, "{row}. {}: ", entry.endpoint)?;
            match placement {
                Placement::Preference(index) => {
                    write!(formatter, "preference {}", index + 1)?;
                    if let Some(kind) = kind(*index) {
                        write!(formatter, ", {kind}")?;
                    }
                }
                Placement::AsListed => formatter.write_str("no preference matches, as listed")?,
            }
            match after_failure {
                Some(failure) => {
                    write!(
                        formatter,
                        "; behind those without a recent failure: {failure}"
                    )
                }
                None => Ok(()),
            }
        }
        Verdict::Excluded(exclusion) => {
            write!(formatter, "-  {}: excluded: ", entry.endpoint)?;
            match exclusion {
                Exclusion::NotVia => write!(
                    formatter,
                    "not via {}",
                    policy.via.as_deref().unwrap_or_default()
                ),
                Exclusion::OtherHost(index) => {
                    let name = policy.order.get(*index).map(|kind| kind.name.as_str());
                    write!(
                        formatter,
                        "{} reaches the same host only",
                        name.unwrap_or_default()
                    )
                }
                Exclusion::ProviderNotLoaded => write!(
                    formatter,
                    "no provider for {} is loaded",
                    entry.endpoint.protocol()
                ),
                Exclusion::Shortfall(shortfall) => formatter.write_str(shortfall),
            }
        }
    }
}

/// A preference in words.
struct Kind<'a>(&'a Preference);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.name)?;
        if self.0.same_host_only {
            formatter.write_str(" (same host)")?;
        }
        Ok(())
    }
}
