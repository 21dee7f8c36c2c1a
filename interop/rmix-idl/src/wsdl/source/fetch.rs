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
    /// It is no absolute URL.
    pub(crate) fn first_url(&self, url: &str) -> Result<Reach, IdlError> {
        let name = Arc::from(url);
        let parsed = Uri::parse(url.to_owned()).ok().filter(is_fetched);
        let Some(parsed) = parsed else {
            let reason = "it is no URL that begins with http:// or https://";
            return Err(IdlError::Location {
                place: Place::start(&name),
                location: url.to_owned(),
                reason: reason.to_owned(),
            });
        };
        Ok(reached(parsed))
    }

    /// What a location in a file at a URL means.
    pub(super) fn find_url(&self, location: &str, base: &Uri<String>) -> Found {
        let resolved = UriRef::parse(location).map(|location| location.resolve_against(base));
        let Ok(Ok(url)) = resolved else {
            return Found::Elsewhere("it is no reference to a URL".to_owned());
        };
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
