//! Names and passwords before a host: where they are in a text that may be an endpoint, and the text without them. When in
//! doubt, more is left out.

use std::borrow::Cow;

/// The bytes of user information that the text after `//` starts with, up to the `@`.
pub(super) fn user_information(after_slashes: &str) -> Option<usize> {
    let end = after_slashes.find(['/', '?', '#']);
    let end = end.unwrap_or(after_slashes.len());
    let (authority, after) = after_slashes.split_at_checked(end)?;
    if let Some(at) = authority.rfind('@') {
        return Some(at);
    }
    // A password may have one of these characters, and then ends later.
    let (_, port) = authority.split_once(':')?;
    let is_port = authority.starts_with('[') || port.bytes().all(|byte| byte.is_ascii_digit());
    let at = after.rfind('@').filter(|_| !is_port)?;
    Some(end + at)
}

/// The text with `…` for user information, after each `//`.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("//") {
        shown.push_str(before);
        shown.push_str("//");
        rest = match user_information(after).and_then(|at| after.split_at_checked(at)) {
            Some((_, host)) => {
                shown.push('…');
                host
            }
            None => after,
        };
    }
    shown.push_str(rest);
    match shown == text {
        true => Cow::Borrowed(text),
        false => Cow::Owned(shown),
    }
}
