//! Files at URLs: what a location at one means, and whether it may be followed. Whoever imports fetches.

use std::fmt;
use std::io;
use std::sync::Arc;

use fluent_uri::{Uri, UriRef};

use super::{Found, Home, Reach, Sources};
use crate::error::IdlError;
use crate::place::Place;

/// What fetches files from URLs for an import, which opens no socket itself: it decides what may be fetched, how, and how
/// long that may take.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// Why a URL that a file at another URL refers to is not followed; nothing when it may be fetched.
    fn refusal(&self, url: &str) -> Option<String>;

    /// The bytes at a URL; of more than `bytes_max` as many as show that it is more.
    ///
    /// # Errors
    /// It cannot be reached, or has something else to say than the file.
    fn fetch(&self, url: &str, bytes_max: usize) -> io::Result<Vec<u8>>;
}

impl Sources {
    /// The first file, at a URL.
    ///
    /// # Errors
    /// It is no absolute URL, or has a user name or password.
    pub(crate) fn first_url(&self, url: &str) -> Result<Reach, IdlError> {
        let refused = |reason: &str| {
            let shown = without_user(url);
            Err(IdlError::Location {
                place: Place::start(&Arc::from(&*shown)),
                location: shown,
                reason: reason.to_owned(),
            })
        };
        let parsed = Uri::parse(url.to_owned()).ok().filter(is_fetched);
        match parsed {
            None => refused("it is no URL that begins with http:// or https://"),
            Some(parsed) if has_user(&parsed) => refused(NO_USERS),
            Some(parsed) => Ok(reached(parsed)),
        }
    }

    /// What a location in a file at a URL means.
    pub(super) fn find_url(&self, location: &str, base: &Uri<String>) -> Found {
        let resolved = UriRef::parse(location).map(|location| location.resolve_against(base));
        let Ok(Ok(url)) = resolved else {
            return Found::Elsewhere("it is no reference to a URL".to_owned());
        };
        if has_user(&url) {
            return Found::Elsewhere(NO_USERS.to_owned());
        }
        if !is_fetched(&url) {
            return Found::Elsewhere(format!("{url} is not fetched by HTTP"));
        }
        let refusal = match &self.fetch {
            Some(fetch) => fetch.refusal(url.as_str()),
            None => Some("nothing is fetched".to_owned()),
        };
        match refusal {
            Some(reason) => Found::Elsewhere(reason),
            None => Found::File(reached(url)),
        }
    }
}

/// Whether a name of a file is a URL that can be fetched: it begins with `http://` or `https://`.
pub fn is_url(name: &str) -> bool {
    let head = |scheme: &str| {
        name.get(..scheme.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(scheme))
    };
    head("http://") || head("https://")
}

/// Why a URL with a user name is refused: a client would send it, with the password, to whom a file names, and unencrypted
/// by `http://`.
const NO_USERS: &str =
    "it has a user name or password, and none is sent: leave out what stands before the `@`";

fn has_user(url: &Uri<String>) -> bool {
    url.authority().is_some_and(|it| it.has_userinfo())
}

/// A location for people, without what may be a user name and password; where it is no URL, all before the last `@`.
pub(crate) fn without_user(location: &str) -> String {
    let parsed = UriRef::parse(location).ok();
    let is_without = parsed.is_some_and(|it| it.authority().is_none_or(|it| !it.has_userinfo()));
    let hidden = match (location.split_once("//"), location.rsplit_once('@')) {
        (Some((head, rest)), Some((_, tail))) if rest.contains('@') => Some((head, tail)),
        _ => None,
    };
    match hidden {
        Some((head, tail)) if !is_without => format!("{head}//…@{tail}"),
        _ => location.to_owned(),
    }
}

fn is_fetched(url: &Uri<String>) -> bool {
    let scheme = url.scheme().as_str();
    let is_http = ["http", "https"]
        .iter()
        .any(|it| scheme.eq_ignore_ascii_case(it));
    is_http && url.authority().is_some_and(|it| !it.host().is_empty())
}

/// What is fetched: the URL without its fragment, which is within the file.
fn reached(mut url: Uri<String>) -> Reach {
    url.set_fragment(None);
    Reach {
        key: url.as_str().to_owned(),
        name: Arc::from(url.as_str()),
        home: Home::Url(url),
    }
}
