//! An import from beginning to end: what to read, how, and where the Rust goes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::IdlError;

use super::generate::Generate;
use super::limits::Limits;
use super::load;
use super::model::Description;
use super::resolve;
use super::source::{Fetch, Sources, is_url};

/// An import of a WSDL 1.1 file or an XML Schema: what to read, and how. Nothing is fetched but by [`Import::url`].
#[derive(Debug, Clone)]
pub struct Import {
    first: First,
    sources: Sources,
    limits: Limits,
    generate: Generate,
    all_types: bool,
}

#[derive(Debug, Clone)]
enum First {
    File(PathBuf),
    Url(String),
    Text { name: String, text: String },
}

impl Import {
    /// Imports a file.
    pub fn new(path: impl Into<PathBuf>) -> Import {
        Import::of(First::File(path.into()), Sources::default())
    }

    /// Imports what is at a URL, which `fetch` gets, and what that refers to as far as `fetch` allows it. Files are read only
    /// where a location or folder was given.
    pub fn url(url: impl Into<String>, fetch: impl Fetch + 'static) -> Import {
        let sources = Sources {
            fetch: Some(Arc::new(fetch)),
            ..Sources::default()
        };
        Import::of(First::Url(url.into()), sources)
    }

    /// Imports a text under the name of a file, which errors show. What it imports is looked for in the texts given with
    /// [`Import::add_text`] only, never in the file system.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Import {
        let first = First::Text {
            name: name.into(),
            text: text.into(),
        };
        let sources = Sources {
            memory: Some(std::collections::BTreeMap::new()),
            ..Sources::default()
        };
        Import::of(first, sources)
    }

    fn of(first: First, sources: Sources) -> Import {
        Import {
            first,
            sources,
            limits: Limits::default(),
            generate: Generate::default(),
            all_types: false,
        }
    }

    /// Adds a text that imports of a text find: by its name relative to the importing text's, or by the location as it is
    /// written.
    #[must_use]
    pub fn add_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Import {
        let memory = self.sources.memory.get_or_insert_default();
        memory.insert(name.into(), text.into());
        self
    }

    /// Allows files of a folder to be imported, beside those in the folder of the first file and below.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Import {
        self.sources.folders.push(folder.into());
        self
    }

    /// Tells where the file is that a location means: for remote ones, which are not fetched.
    #[must_use]
    pub fn schema_location(
        mut self,
        location: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> Import {
        self.sources.locations.insert(location.into(), path.into());
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Import {
        self.limits = limits;
        self
    }

    /// Sets how Rust is generated.
    #[must_use]
    pub fn generate(mut self, generate: Generate) -> Import {
        self.generate = generate;
        self
    }

    /// Sets whether all types and elements of the schemas are described. A WSDL gives those that its operations reach
    /// otherwise; a schema always gives all.
    #[must_use]
    pub fn all_types(mut self, all: bool) -> Import {
        self.all_types = all;
        self
    }

    /// Reads the file and all that it imports.
    ///
    /// # Errors
    /// A file that cannot be read, or the first thing in its text that is wrong, with its place.
    pub fn description(&self) -> Result<Description, IdlError> {
        let mut sources = self.sources.clone();
        let first = match &self.first {
            First::File(path) => sources.first(path)?,
            First::Url(url) => sources.first_url(url)?,
            First::Text { name, text } => sources.first_text(name, text),
        };
        let loaded = load::load(&sources, first, &self.limits)?;
        resolve::resolve(&loaded, self.all_types, &self.limits)
    }

    /// Reads the file, and gives Rust for it.
    ///
    /// # Errors
    /// As [`Import::description`].
    pub fn rust(&self) -> Result<String, IdlError> {
        Ok(self.generate.rust(&self.description()?))
    }

    /// Reads the file, and writes Rust for it into a folder, under the file's name with the ending `.rs`; gives the path.
    /// For `build.rs`: Cargo is told on the standard output to run it again when a file changes that was read.
    ///
    /// ```no_run
    /// let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    /// rmix_idl::wsdl::Import::new("idl/weather.wsdl").write_to(out).unwrap_or_else(|error| panic!("{error}"));
    /// ```
    ///
    /// and in the crate `mod weather { include!(concat!(env!("OUT_DIR"), "/weather.rs")); }`.
    ///
    /// # Errors
    /// As [`Import::description`], or the file cannot be written.
    pub fn write_to(&self, folder: impl AsRef<Path>) -> Result<PathBuf, IdlError> {
        let description = self.description();
        // A file that was refused is to be looked at again when it is mended.
        if let First::File(path) = &self.first {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let description = description?;
        let is_local = |file: &&String| !is_url(file);
        for file in description.files.iter().filter(is_local) {
            println!("cargo:rerun-if-changed={file}");
        }
        let rust = self.generate.rust(&description);
        let name = match &self.first {
            First::File(path) => path.as_path(),
            // Its path, without what is asked of it.
            First::Url(url) => Path::new(url.split(['?', '#']).next().unwrap_or(url)),
            First::Text { name, .. } => Path::new(name),
        };
        let stem = name.file_stem().unwrap_or_default();
        let path = folder.as_ref().join(stem).with_extension("rs");
        match fs::write(&path, rust) {
            Ok(()) => Ok(path),
            Err(source) => Err(IdlError::Write { path, source }),
        }
    }
}
