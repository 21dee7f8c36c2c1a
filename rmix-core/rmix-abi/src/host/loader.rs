//! Opens provider plug-ins: finds the entry symbol, checks it before any code of the provider runs, and starts it.
//!
//! Shared objects are opened `RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE` and never closed.

use std::error::Error as _;
use std::ffi::OsStr;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::link::wrong_object;
use super::{ForeignFuture, Link, Listener};
use crate::describe::InterfaceDesc;
use crate::layout;
use crate::tables::{
    Err, Fut, HostVt, Limits, MAGIC, MAJOR, MINOR, OK, OpenRequest, ProviderEntry, ProviderVt, Str,
    capability, cause, kind,
};

/// Keep the object mapped for ever, whatever closes it (glibc's and musl's number on Linux).
const RTLD_NODELETE: i32 = 0x1000;

/// Why a shared object was refused as a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The file's name is not `librmix_<name>.so`, from which the entry symbol is derived.
    Name {
        /// The file.
        file: PathBuf,
    },
    /// The dynamic linker refused the file.
    Open {
        /// The file.
        file: PathBuf,
        /// Its reason.
        reason: String,
    },
    /// The entry symbol is missing.
    Symbol {
        /// The file.
        file: PathBuf,
        /// The symbol that was looked for.
        symbol: String,
    },
    /// The entry does not begin with the magic bytes.
    Magic {
        /// The file.
        file: PathBuf,
    },
    /// The provider was built for another boundary.
    Build {
        /// The file.
        file: PathBuf,
        /// What differs, in words.
        what: String,
        /// What the provider was built as.
        provider: String,
        /// What this program was built as.
        host: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Name { file } => write!(
                f,
                "{}: a provider's file is named librmix_<name>.so",
                file.display()
            ),
            LoadError::Open { file, reason } => {
                write!(f, "{}: cannot be loaded: {reason}", file.display())
            }
            LoadError::Symbol { file, symbol } => write!(
                f,
                "{}: not an RMIX provider: it does not export `{symbol}`",
                file.display()
            ),
            LoadError::Magic { file } => write!(
                f,
                "{}: not an RMIX provider: its entry does not begin with the magic bytes",
                file.display()
            ),
            LoadError::Build {
                file,
                what,
                provider,
                host,
            } => write!(
                f,
                "{}: does not fit this program: {what}; provider built as ({provider}), program built as ({host})",
                file.display()
            ),
        }
    }
}

impl std::error::Error for LoadError {}

/// An entry that was checked: a plug-in that may be started.
#[derive(Clone)]
pub struct PluginEntry {
    entry: &'static ProviderEntry,
    file: Option<PathBuf>,
}

impl PluginEntry {
    /// Opens a shared object and checks its entry.
    ///
    /// # Errors
    /// The file is not a provider, or one built for another boundary.
    pub fn open(file: &Path) -> Result<PluginEntry, LoadError> {
        let name = provider_name(file).ok_or_else(|| LoadError::Name { file: file.into() })?;
        // SAFETY: loading runs the object's initialisers; the caller names a provider file on an explicit path.
        let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) };
        let library = library.map_err(|failure| LoadError::Open {
            file: file.into(),
            // Its own text only says which function failed; the linker's reason is the source.
            reason: failure
                .source()
                .map_or_else(|| failure.to_string(), ToString::to_string),
        })?;
        let symbol = format!("rmix_provider_v{MAJOR}_{name}");
        // SAFETY: the symbol, when present, is a data symbol by the rule of the boundary; it is checked below before
        // anything it points to is used.
        let entry = unsafe { library.get::<*const ProviderEntry>(symbol.as_bytes()) };
        let entry = entry
            .map_err(|_| LoadError::Symbol {
                file: file.into(),
                symbol: symbol.clone(),
            })?
            .into_raw()
            .cast::<ProviderEntry>();
        // Never closed: code and tables stay valid for ever.
        std::mem::forget(library);
        // SAFETY: a data symbol of at least the magic's size; see `check`.
        unsafe { check(entry, Some(file)) }
    }

    /// Checks an entry that is linked in.
    ///
    /// # Errors
    /// It was built for another boundary.
    pub fn linked(entry: &'static ProviderEntry) -> Result<PluginEntry, LoadError> {
        // SAFETY: a reference to a live entry.
        unsafe { check(entry, None) }
    }

    /// Short name.
    pub fn name(&self) -> &'static str {
        text(self.entry.name)
    }

    /// Version of the provider.
    pub fn version(&self) -> &'static str {
        text(self.entry.version)
    }

    /// Compiler and target.
    pub fn build(&self) -> &'static str {
        text(self.entry.build)
    }

    /// Endpoint schemes.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        text(self.entry.schemes).split_whitespace()
    }

    /// Bits of [`capability`].
    pub fn capabilities(&self) -> u64 {
        self.entry.capabilities
    }

    /// Names of its capabilities.
    pub fn capability_names(&self) -> Vec<&'static str> {
        let bits = self.capabilities();
        let named = capability::NAMES.iter();
        named
            .filter(|(bit, _)| bits & bit != 0)
            .map(|(_, name)| *name)
            .collect()
    }

    /// The file it came from; `None` when linked in.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Starts the provider for a host.
    ///
    /// # Errors
    /// Whatever the provider says.
    pub fn start(&self, host: &'static HostVt) -> Result<Arc<StartedProvider>, Err> {
        let mut vt = std::ptr::null();
        let mut object = std::ptr::null();
        let mut err = Err::default();
        // SAFETY: the entry was checked; the host's table lives for ever; the out-parameters are ours.
        let status = unsafe { (self.entry.init)(host, &mut vt, &mut object, &mut err) };
        if status != OK || vt.is_null() {
            return Err(err);
        }
        // SAFETY: tables live for ever (a rule of the boundary).
        let vt = unsafe { &*vt };
        Ok(Arc::new(StartedProvider { object, vt }))
    }
}

/// `librmix_msgpack.so` is the provider `msgpack`; any suffix after the name's last letter, digit or underscore is free,
/// so that an update can be loaded under another path.
fn provider_name(file: &Path) -> Option<&str> {
    let stem = file
        .file_name()
        .and_then(OsStr::to_str)?
        .strip_prefix("librmix_")?;
    let end = stem.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let name = stem.get(..end)?;
    (!name.is_empty() && stem.ends_with(".so")).then_some(name)
}

fn text(text: Str) -> &'static str {
    // SAFETY: an entry's texts live for ever.
    std::str::from_utf8(unsafe { text.bytes() }).unwrap_or("(not UTF-8)")
}

/// # Safety
/// `entry` points to a data symbol that lives for ever and has at least the size of the magic; if the magic is right,
/// of the whole entry.
unsafe fn check(
    entry: *const ProviderEntry,
    file: Option<&Path>,
) -> Result<PluginEntry, LoadError> {
    let named = || file.map_or_else(|| PathBuf::from("(linked in)"), Path::to_path_buf);
    // SAFETY: the caller vouches for the magic's bytes; through the pointer, since the rest may not be there.
    if unsafe { (&raw const (*entry).magic).read() } != MAGIC {
        return Err(LoadError::Magic { file: named() });
    }
    // SAFETY: the magic is right, so the caller vouches for what every version begins with.
    let (size, major, minor) = unsafe {
        (
            (&raw const (*entry).size).read() as usize,
            (&raw const (*entry).major).read(),
            (&raw const (*entry).minor).read(),
        )
    };
    let refused = |what: String, provider: &str| {
        Err(LoadError::Build {
            file: named(),
            what,
            provider: provider.to_owned(),
            host: layout::BUILD.to_owned(),
        })
    };
    if major != MAJOR {
        let what = format!("boundary major version {major} instead of {MAJOR}");
        return refused(what, "unknown");
    }
    let whole = size_of::<ProviderEntry>();
    // A shorter one ends before its build can be read; a longer one begins as this one does.
    if size < whole {
        return refused(
            format!("entry of {size} bytes instead of {whole}"),
            "unknown",
        );
    }
    // SAFETY: the entry says that it is at least as long as the type.
    let entry = unsafe { &*entry };
    let what = if minor > MINOR {
        Some(format!(
            "boundary version {MAJOR}.{minor}, newer than {MAJOR}.{MINOR}"
        ))
    } else if size != whole {
        Some(format!("entry of {size} bytes instead of {whole}"))
    } else if entry.layout != layout::HASH {
        Some(format!(
            "layout {:016x} instead of {:016x}",
            entry.layout,
            layout::HASH
        ))
    } else {
        None
    };
    match what {
        Some(what) => refused(what, text(entry.build)),
        None => Ok(PluginEntry {
            entry,
            file: file.map(Path::to_path_buf),
        }),
    }
}

/// A provider that was started; its links and listeners keep it alive.
pub struct StartedProvider {
    object: *const (),
    vt: &'static ProviderVt,
}

// SAFETY: providers may be used from any thread (a rule of the boundary).
unsafe impl Send for StartedProvider {}
// SAFETY: as above.
unsafe impl Sync for StartedProvider {}

type OpenFn = unsafe extern "C" fn(
    *const (),
    *const OpenRequest,
    *mut Fut,
    *mut Err,
) -> crate::tables::Status;

impl StartedProvider {
    /// Opens a link; `object` is the token inbound calls on it carry, 0 for none.
    pub fn connect(
        self: &Arc<Self>,
        endpoint: &str,
        limits: &Limits,
        object: u64,
    ) -> impl Future<Output = Result<Link, Err>> + Send + 'static {
        let opened = self.open(self.vt.connect, endpoint, limits, object, None);
        let provider = self.clone();
        async move {
            let mut future = opened?;
            let opened = std::future::poll_fn(|cx| future.poll_opened(cx)).await?;
            Link::new(&opened, provider).ok_or_else(|| wrong_object("link"))
        }
    }

    /// Opens a listener for the object of token `object`, which has this interface.
    pub fn listen(
        self: &Arc<Self>,
        endpoint: &str,
        limits: &Limits,
        object: u64,
        interface: Option<&'static InterfaceDesc>,
    ) -> impl Future<Output = Result<Listener, Err>> + Send + 'static {
        let opened = self.open(self.vt.listen, endpoint, limits, object, interface);
        let provider = self.clone();
        async move {
            let mut future = opened?;
            let opened = std::future::poll_fn(|cx| future.poll_opened(cx)).await?;
            Listener::new(&opened, provider).ok_or_else(|| wrong_object("listener"))
        }
    }

    fn open(
        &self,
        entry: OpenFn,
        endpoint: &str,
        limits: &Limits,
        object: u64,
        interface: Option<&'static InterfaceDesc>,
    ) -> Result<ForeignFuture, Err> {
        let request = OpenRequest {
            size: size_of::<OpenRequest>(),
            endpoint: Str::lend(endpoint),
            limits,
            object,
            interface: interface.map_or(std::ptr::null(), std::ptr::from_ref),
        };
        let mut fut = std::mem::MaybeUninit::<Fut>::uninit();
        let mut err = Err::default();
        // SAFETY: the provider is live; on `OK` it has filled the future.
        let status = unsafe { entry(self.object, &request, fut.as_mut_ptr(), &mut err) };
        if status != OK {
            if err.kind == 0 {
                err = Err::new(
                    kind::INTERNAL,
                    cause::OTHER,
                    "the provider failed without a reason",
                );
            }
            return Err(err);
        }
        // SAFETY: as above.
        Ok(ForeignFuture::new(unsafe { fut.assume_init() }))
    }
}

impl Drop for StartedProvider {
    fn drop(&mut self) {
        // SAFETY: released once; links, listeners and their futures hold a count.
        unsafe { (self.vt.release)(self.object) }
    }
}
