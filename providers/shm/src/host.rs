//! Which start of which host this is, so that an endpoint that has travelled is not looked for on another.

/// Option of an endpoint with the host's boot id.
pub(crate) const OPTION: &str = "host";

/// Where Linux tells it.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// This host's boot id; none where the system does not tell.
pub(crate) fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string(BOOT_ID).ok()?;
    Some(text.trim().to_owned())
}

/// The endpoint as others are to know it: with the boot id.
pub(crate) fn with_boot_id(endpoint: &str, given: bool) -> String {
    match boot_id() {
        Some(id) if !given => {
            let joint = if endpoint.contains('?') { '&' } else { '?' };
            format!("{endpoint}{joint}{OPTION}={id}")
        }
        _ => endpoint.to_owned(),
    }
}
