//! An import from beginning to end: what to read, how, and where the Rust goes. The only place that writes a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::IdlError;
use crate::generate::Generate;
use crate::limits::Limits;
use crate::model::Model;
use crate::preprocess::{Preprocessor, Sources};

/// An import of an interface file: what to read, and how.
///
/// The symbol `RPC_HDR` is defined, as when rpcgen writes the header with all types; [`Import::define`] and
/// [`Import::undefine`] change that.
///
/// ```
/// let model = rmix_idl::Import::text("pair.x", "struct pair { int first; string second<8>; };").model()?;
/// let (_, pair) = model.find_type("pair").expect("it is defined");
/// assert_eq!(pair.place.to_string(), "pair.x:1:8");
/// # Ok::<(), rmix_idl::IdlError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Import {
    first: First,
    before: Vec<PathBuf>,
    symbols: Vec<String>,
    sources: Sources,
    limits: Limits,
    generate: Generate,
}

#[derive(Debug, Clone)]
enum First {
    File(PathBuf),
    Text { name: String, text: String },
}

impl Import {
    /// Imports a file.
    pub fn new(path: impl Into<PathBuf>) -> Import {
        Import::of(First::File(path.into()))
    }

    /// Imports a text under the name of a file, which errors show. Includes are read from the texts given with
    /// [`Import::include_text`] only, never from the file system.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Import {
        let mut import = Import::of(First::Text {
            name: name.into(),
            text: text.into(),
        });
        import.sources.memory = Some(BTreeMap::new());
        import
    }

    fn of(first: First) -> Import {
        Import {
            first,
            before: Vec::new(),
            symbols: vec!["RPC_HDR".to_owned()],
            sources: Sources::default(),
            limits: Limits::default(),
            generate: Generate::default(),
        }
    }

    /// Adds a folder in which `#include` looks, after the folder of the including file and those added before.
    #[must_use]
    pub fn include_dir(mut self, folder: impl Into<PathBuf>) -> Import {
        self.sources.folders.push(folder.into());
        self
    }

    /// Adds a text that `#include` finds under this name.
    #[must_use]
    pub fn include_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Import {
        let memory = self.sources.memory.get_or_insert_default();
        memory.insert(name.into(), text.into());
        self
    }

    /// Reads another file first, as if it were included at the top: for types that C programs get from a header by a
    /// line `%#include`.
    #[must_use]
    pub fn before(mut self, path: impl Into<PathBuf>) -> Import {
        self.before.push(path.into());
        self
    }

    /// Defines a symbol: `NAME`, which is 1, or `NAME=value` with a decimal number or a name.
    #[must_use]
    pub fn define(mut self, symbol: impl Into<String>) -> Import {
        self.symbols.push(symbol.into());
        self
    }

    /// Takes a symbol back that was defined, `RPC_HDR` among them.
    #[must_use]
    pub fn undefine(mut self, name: &str) -> Import {
        self.symbols
            .retain(|symbol| symbol.split('=').next() != Some(name));
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

    /// Reads the file, and writes Rust for it into a folder, under the file's name with the ending `.rs`; gives the path.
    /// For `build.rs`: Cargo is told on the standard output to run it again when a file changes that was read.
    ///
    /// ```no_run
    /// let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    /// rmix_idl::Import::new("idl/mount.x").include_dir("idl").write_to(out).unwrap_or_else(|error| panic!("{error}"));
    /// ```
    ///
    /// and in the crate `mod mount { include!(concat!(env!("OUT_DIR"), "/mount.rs")); }`.
    ///
    /// # Errors
    /// As [`Import::rust`], or the file cannot be written.
    pub fn write_to(&self, folder: impl AsRef<Path>) -> Result<PathBuf, IdlError> {
        let model = self.model();
        // A file that was refused is to be looked at again when it is mended.
        for path in self.named_files() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let model = model?;
        for file in &model.files {
            println!("cargo:rerun-if-changed={file}");
        }
        let rust = self.generate.rust(&model)?;
        let name = match &self.first {
            First::File(path) => path.as_path(),
            First::Text { name, .. } => Path::new(name),
        };
        let stem = name.file_stem().unwrap_or_default();
        let path = folder.as_ref().join(stem).with_extension("rs");
        match fs::write(&path, rust) {
            Ok(()) => Ok(path),
            Err(source) => Err(IdlError::Write { path, source }),
        }
    }

    /// Reads the file, and gives Rust for it.
    ///
    /// # Errors
    /// As [`Import::model`], or a program or procedure that cannot be an interface.
    pub fn rust(&self) -> Result<String, IdlError> {
        self.generate.rust(&self.model()?)
    }

    fn named_files(&self) -> impl Iterator<Item = &PathBuf> {
        let first = match &self.first {
            First::File(path) => Some(path),
            First::Text { .. } => None,
        };
        self.before.iter().chain(first)
    }

    /// Reads the file and all it includes.
    ///
    /// # Errors
    /// A file that cannot be read, or the first thing in its text that is wrong, with its place.
    pub fn model(&self) -> Result<Model, IdlError> {
        let mut run = Preprocessor::new(&self.limits, &self.sources, &self.symbols)?;
        for path in &self.before {
            run.file(path)?;
        }
        match &self.first {
            First::File(path) => run.file(path)?,
            First::Text { name, text } => run.text(name, text)?,
        }
        let preprocessed = run.finish();
        let items = crate::parse::parse(&preprocessed.tokens, &self.limits)?;
        crate::resolve::resolve(&items, preprocessed, &self.limits)
    }
}
