//! Where included files come from: the file system, or texts that are held in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::IdlError;

/// A file that was found.
pub(crate) struct Found {
    /// Its name, which places show.
    pub(crate) name: String,
    /// Its text; what is not UTF-8 is replaced.
    pub(crate) text: String,
}

/// Files by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// Folders of `#include`, in the order they are searched.
    pub(crate) folders: Vec<PathBuf>,
    /// Texts by name, which come before files. When there is one, the file system is not asked.
    pub(crate) memory: Option<BTreeMap<String, String>>,
}

impl Sources {
    /// Reads the first file.
    pub(crate) fn first(&self, path: &Path) -> Result<Found, IdlError> {
        let bytes = fs::read(path).map_err(|source| IdlError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Found {
            name: path.display().to_string(),
            text: into_text(bytes),
        })
    }

    /// Finds an included file: beside the including one when it was quoted, then in the folders.
    pub(crate) fn included(
        &self,
        name: &str,
        is_quoted: bool,
        including: &str,
    ) -> Result<Found, Vec<String>> {
        if let Some(memory) = &self.memory {
            let found = memory.get(name).map(|text| Found {
                name: name.to_owned(),
                text: text.clone(),
            });
            return found.ok_or_else(|| vec!["the texts in memory".to_owned()]);
        }
        let beside = Path::new(including).parent().map(Path::to_path_buf);
        let beside = beside.filter(|_| is_quoted);
        let folders = beside.iter().chain(&self.folders);
        let mut searched = Vec::new();
        for folder in folders {
            let path = folder.join(name);
            if let Some(bytes) = fs::metadata(&path)
                .ok()
                .filter(|metadata| metadata.is_file())
                .and_then(|_| fs::read(&path).ok())
            {
                return Ok(Found {
                    name: path.display().to_string(),
                    text: into_text(bytes),
                });
            }
            searched.push(match folder.as_os_str().is_empty() {
                true => ".".to_owned(),
                false => folder.display().to_string(),
            });
        }
        Err(searched)
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}
