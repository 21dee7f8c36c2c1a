//! What a line about a call says of its caller and its time.

use std::time::SystemTime;

use rmix::{Caller, Claim};
use serde::Serialize;

use crate::json;

/// The time of day.
pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// A call as a line for people; `end` says how it ended.
pub(super) fn shown<A: Serialize>(
    caller: Option<&Caller>,
    operation: &str,
    arguments: &[A],
    end: &str,
) -> String {
    let caller = caller.map_or_else(|| "?".to_owned(), ToString::to_string);
    let arguments = arguments.iter().map(|value| json::text(value, false));
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    format!("{} {caller} {operation}({arguments}) {end}", now())
}

/// Who a caller says it is.
#[derive(Serialize)]
pub(super) struct Claimed {
    scheme: String,
    uid: Option<u32>,
    gid: Option<u32>,
    gids: Vec<u32>,
    machine: Option<String>,
    /// Of a user name token of WS-Security.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Whether the provider has checked it; left out where it has not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    verified: bool,
}

impl Claimed {
    pub(super) fn of(claim: Claim<'_>) -> Claimed {
        let gids = claim.fact("gids").unwrap_or_default();
        Claimed {
            scheme: claim.scheme().to_owned(),
            uid: claim.number("uid"),
            gid: claim.number("gid"),
            gids: gids.split(',').filter_map(|gid| gid.parse().ok()).collect(),
            machine: claim.fact("machine"),
            user: claim.fact("user"),
            verified: claim.is_verified(),
        }
    }
}
