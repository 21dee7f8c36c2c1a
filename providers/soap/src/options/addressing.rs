//! `addressing` and `parameters`: what an endpoint says of WS-Addressing.

use rmix_provider::endpoint::Parts;
use rmix_provider::tables::Err;

use super::wrong;
use crate::addressing::{Addressing, Edition, Parameters};
use crate::xml::XmlLimits;

/// What a client does: `off` (default), `on`, `required`, or `2004` for the submission.
pub(super) fn of_client(endpoint: &Parts<'_>) -> Result<Addressing, Err> {
    match endpoint.option("addressing")?.as_deref() {
        None | Some("off") => Ok(Addressing::Off),
        Some("on") => Ok(Addressing::On(Edition::W3c)),
        Some("2004") => Ok(Addressing::On(Edition::Submission)),
        Some("required") => Ok(Addressing::Required(Edition::W3c)),
        Some(_) => Err(wrong(
            endpoint,
            "its `addressing` is none of off, on, required and 2004",
        )),
    }
}

/// What a listener does: `off` (default), `on`, or `required`. It reads both editions.
pub(super) fn of_server(endpoint: &Parts<'_>) -> Result<Addressing, Err> {
    match endpoint.option("addressing")?.as_deref() {
        None | Some("off") => Ok(Addressing::Off),
        Some("on") => Ok(Addressing::On(Edition::W3c)),
        Some("required") => Ok(Addressing::Required(Edition::W3c)),
        Some(_) => Err(wrong(
            endpoint,
            "its `addressing` is none of off, on and required",
        )),
    }
}

/// The reference parameters that go along with each request (`parameters=XML`), percent-encoded like all options.
pub(super) fn parameters(
    endpoint: &Parts<'_>,
    addressing: Addressing,
    limits: &XmlLimits,
) -> Result<Parameters, Err> {
    let Some(text) = endpoint.option("parameters")? else {
        return Ok(Parameters::default());
    };
    if addressing == Addressing::Off {
        return Err(wrong(
            endpoint,
            "its `parameters` are of WS-Addressing, which is off",
        ));
    }
    Parameters::parse(&text, *limits).map_err(|found| {
        let why = format!("its `parameters` cannot be read: {}", found.text());
        wrong(endpoint, &why)
    })
}
