//! Files: where they are found, that they lie where they may, and their text. The only part that reads the file system.

mod decode;
mod fetch;
mod find;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_uri::Uri;

use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::limits::Limits;

pub(crate) use fetch::without_user;
pub use fetch::{Fetch, is_url};

/// Where files come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// Folders whose files may be read, beside the folder of the first file.
    pub(crate) folders: Vec<PathBuf>,
    /// Files for locations, as they are written in the files.
    pub(crate) locations: BTreeMap<String, PathBuf>,
    /// Texts by name; when there are any, no file is read.
    pub(crate) memory: Option<BTreeMap<String, String>>,
    /// What gets files from URLs, when the first one is at a URL.
    pub(crate) fetch: Option<Arc<dyn Fetch>>,
}

/// Where a file lies, to which its locations are relative.
#[derive(Debug, Clone)]
pub(crate) enum Home {
    /// In the file system.
    Path(PathBuf),
    /// At a URL.
    Url(Uri<String>),
    /// Among the texts that were given.
    Memory,
}

/// A file that was read.
pub(crate) struct Source {
    /// The same for the same file, however it is written.
    pub(crate) key: String,
    /// As it was given, or found.
    pub(crate) name: Arc<str>,
    pub(crate) home: Home,
    pub(crate) text: String,
}

/// Where a location leads.
pub(crate) enum Found {
    /// A file that may be read.
    File(Reach),
    /// A remote place, or nothing: fine when what is looked for is known otherwise.
    Elsewhere(String),
}

/// A file that may be read, before it is.
pub(crate) struct Reach {
    pub(crate) key: String,
    pub(crate) name: Arc<str>,
    home: Home,
}

impl Sources {
    /// Reads a file that was found.
    pub(crate) fn read(&self, reach: Reach, limits: &Limits) -> Result<Source, IdlError> {
        let place = Place::start(&reach.name);
        let text = match &reach.home {
            Home::Path(path) => {
                let bytes = read_bytes(path, &place, limits)?;
                decode::decode(bytes, &place)?
            }
            Home::Url(url) => {
                let bytes = self.fetch_bytes(url.as_str(), &place, limits)?;
                decode::decode(bytes, &place)?
            }
            Home::Memory => {
                let texts = self.memory.iter();
                let text = texts.filter_map(|texts| texts.get(&reach.key)).next();
                let text = text.cloned().unwrap_or_default();
                check_length(text.len(), &place, limits)?;
                match text.strip_prefix('\u{feff}') {
                    Some(rest) => rest.to_owned(),
                    None => text,
                }
            }
        };
        Ok(Source {
            key: reach.key,
            name: reach.name,
            home: reach.home,
            text,
        })
    }

    fn fetch_bytes(&self, url: &str, place: &Place, limits: &Limits) -> Result<Vec<u8>, IdlError> {
        let nobody = || std::io::Error::other("nothing is fetched");
        let fetched = match &self.fetch {
            Some(fetch) => fetch.fetch(url, limits.file_bytes_max),
            None => Err(nobody()),
        };
        let bytes = fetched.map_err(|source| IdlError::Read {
            path: PathBuf::from(url),
            source,
        })?;
        check_length(bytes.len(), place, limits)?;
        Ok(bytes)
    }

    /// The first file.
    pub(crate) fn first(&self, path: &Path) -> Result<Reach, IdlError> {
        let canonical = path.canonicalize().map_err(|source| IdlError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Reach {
            key: canonical.to_string_lossy().into_owned(),
            name: Arc::from(path.to_string_lossy()),
            home: Home::Path(canonical),
        })
    }

    /// The first text.
    pub(crate) fn first_text(&mut self, name: &str, text: &str) -> Reach {
        let memory = self.memory.get_or_insert_default();
        memory.insert(name.to_owned(), text.to_owned());
        Reach {
            key: name.to_owned(),
            name: Arc::from(name),
            home: Home::Memory,
        }
    }
}

fn read_bytes(path: &Path, place: &Place, limits: &Limits) -> Result<Vec<u8>, IdlError> {
    let failed = |source| IdlError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    // A device has no end: its bytes are not waited for.
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(IdlError::malformed(place, "this is no ordinary file"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limits.file_bytes_max).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    check_length(bytes.len(), place, limits)?;
    Ok(bytes)
}

fn check_length(length: usize, place: &Place, limits: &Limits) -> Result<(), IdlError> {
    if length > limits.file_bytes_max {
        let max = limits.file_bytes_max;
        return Err(IdlError::limit(place, "file_bytes_max", max));
    }
    Ok(())
}
