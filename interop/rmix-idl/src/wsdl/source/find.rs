//! Locations in files: which file they mean, and whether it may be read.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{Found, Home, Reach, Source, Sources};
use crate::error::IdlError;
use crate::place::Place;

impl Sources {
    /// The file that a location means, which stands in another file. Only files in the folder of the first file and in the
    /// folders given are, wherever links lead; of a file at a URL, what may be fetched.
    ///
    /// # Errors
    /// The file lies elsewhere.
    pub(crate) fn find(
        &self,
        location: &str,
        from: &Source,
        first: &Source,
        place: &Place,
    ) -> Result<Found, IdlError> {
        if self.memory.is_some() {
            return self.find_text(location, from, place);
        }
        let given = self.locations.get(location);
        if let (None, Home::Url(base)) = (given, &from.home) {
            return Ok(self.find_url(location, base));
        }
        let local = location.strip_prefix("file://").unwrap_or(location);
        if given.is_none() && is_remote(local) {
            return Ok(Found::Elsewhere(format!(
                "it is remote, and nothing is fetched; save it as a file, and {TELL}"
            )));
        }
        let Some(folder) = Path::new(&*from.name).parent() else {
            return Ok(Found::Elsewhere("it is in no folder".to_owned()));
        };
        let candidates = match given {
            Some(path) => vec![path.clone()],
            None => vec![folder.join(local), folder.join(unescaped(local))],
        };
        for path in candidates {
            let Ok(canonical) = path.canonicalize() else {
                continue;
            };
            // What the caller gave by name is trusted as the caller is.
            if given.is_none() && !self.is_allowed(&canonical, first) {
                return Err(outside(location, place));
            }
            return Ok(Found::File(Reach {
                key: canonical.to_string_lossy().into_owned(),
                name: Arc::from(path.to_string_lossy()),
                home: Home::Path(canonical),
            }));
        }
        let folder = match folder.as_os_str().is_empty() {
            true => "the current folder".to_owned(),
            false => format!("`{}`", folder.display()),
        };
        Ok(Found::Elsewhere(format!(
            "there is no such file in {folder}; put it there, or {TELL}"
        )))
    }

    fn is_allowed(&self, path: &Path, first: &Source) -> bool {
        let home = match &first.home {
            Home::Path(path) => path.parent(),
            Home::Url(_) | Home::Memory => None,
        };
        let others = self
            .folders
            .iter()
            .filter_map(|path| path.canonicalize().ok());
        let mut folders = home.map(Path::to_owned).into_iter().chain(others);
        folders.any(|folder| path.starts_with(folder))
    }

    fn find_text(&self, location: &str, from: &Source, place: &Place) -> Result<Found, IdlError> {
        let known = |name: &str| {
            let is_known = self.memory.iter().any(|texts| texts.contains_key(name));
            is_known.then(|| {
                Found::File(Reach {
                    key: name.to_owned(),
                    name: Arc::from(name),
                    home: Home::Memory,
                })
            })
        };
        if let Some(found) = known(location) {
            return Ok(found);
        }
        if is_remote(location) {
            return Ok(Found::Elsewhere(format!(
                "it is remote, and nothing is fetched; give its text under this name by add_text(\"{location}\", text)"
            )));
        }
        let folder = Path::new(&from.key)
            .parent()
            .unwrap_or_else(|| Path::new(""));
        let Some(name) = joined(folder, location) else {
            return Err(outside(location, place));
        };
        Ok(known(&name).unwrap_or_else(|| {
            Found::Elsewhere(format!(
                "there is no text of this name; give it by add_text(\"{name}\", text)"
            ))
        }))
    }
}

/// How a file is given for a location.
const TELL: &str =
    "tell where it is (`schema_location` in a build script, `--schema` on the command line)";

/// Whether a location is a URI with a scheme; one letter is a drive.
fn is_remote(location: &str) -> bool {
    let Some((scheme, _)) = location.split_once(':') else {
        return location.starts_with("//");
    };
    let mut letters = scheme.chars();
    scheme.len() > 1
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// A relative name within a folder, without `.` and `..`; nothing when it leads out of all folders.
fn joined(folder: &Path, location: &str) -> Option<String> {
    let mut path = PathBuf::new();
    for component in folder.join(location).components() {
        match component {
            Component::ParentDir if !path.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            other => path.push(other),
        }
    }
    Some(path.to_string_lossy().into_owned())
}

/// A location without its escapes: `%20` is a space.
fn unescaped(location: &str) -> String {
    let mut bytes = Vec::with_capacity(location.len());
    let mut rest = location.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

fn outside(location: &str, place: &Place) -> IdlError {
    IdlError::Location {
        place: place.clone(),
        location: location.to_owned(),
        reason:
            "it leads out of the folder of the first file; allow the folder it is in explicitly"
                .to_owned(),
    }
}
