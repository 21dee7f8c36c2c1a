//! Interface files in and out. [`wsdl`] has WSDL 1.1 and XML Schema; the rest of this page is about those of ONC RPC.
//!
//! # Interface files of ONC RPC
//!
//! Their ending is `.x`: the XDR language (RFC 4506 s6) with program definitions (RFC 5531 s12), as the
//! real rpcgen accepts them. Reads them into a [`Model`], writes Rust from it, and writes them from Rust interfaces.
//!
//! ```
//! let text = "
//!     const NAME_MAX = 16;
//!     enum status { OK, GONE = -1 };
//!     struct item { string name<NAME_MAX>; item *next; };
//!     union answer switch (status s) { case OK: item *items; default: void; };
//!     program STORE { version STORE_1 { answer LIST(void) = 1; } = 1; } = 0x20000001;
//! ";
//! let import = rmix_idl::Import::text("store.x", text);
//! let model = import.model()?;
//! let (program, version) = model.find_version(0x2000_0001, 1).expect("it is defined");
//! assert_eq!(program.name, "STORE");
//! assert_eq!(version.procedure("LIST").expect("it is there").number, 1);
//! let rust = import.rust()?;
//! assert!(rust.contains("pub trait StoreV1"));
//! assert!(rust.contains("Ok(rmix::List<Item>) = 0,"));
//! # Ok::<(), rmix_idl::IdlError>(())
//! ```
//!
//! A crate imports in its `build.rs` ([`Import::write_to`]); the generated code needs the crates `rmix` and `serde`
//! (with its feature `derive`). [`export_x`] goes the other way; [`Model::to_x`] writes what was read as one file without
//! directives. [`dynamic`] has values for calls without generated Rust.
//!
//! # What is read
//!
//! | of the language | here |
//! |---|---|
//! | `#define`, `#undef`, `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else`, `#endif`, `#include`, `#error`; joined lines | obeyed; macros with parameters may be defined, not used |
//! | `RPC_HDR`, `RPC_CLNT`, `RPC_SVC`, `RPC_XDR`, `RPC_TBL` | `RPC_HDR` is defined, others by [`Import::define`] |
//! | lines with `%` in the first column | left out; a number in `%#define NAME number` is known as a constant |
//! | `#line`, `#pragma`, `#ident`, `#warning`; comments `/* */` and `//` | passed over |
//! | numbers: decimal, `0x`, octal, negative, `'c'`; names of constants and members | wherever a number stands |
//! | forward references, `struct name`, bodies in place of a name, `typedef struct name name` | read |
//! | types of C headers: `u_int`, `uint32_t`, `bool_t`, `netobj`, `des_block`, … | known unless the file defines them |
//! | `MAXNETNAMELEN`, `MAX_AUTH_BYTES`, `MAX_MACHINE_NAME`, `TRUE`, `FALSE` | known unless the file defines them |
//! | several programs and versions; no program; several or named arguments (`rpcgen -N`) | read |
//! | `quadruple` | refused: neither side has it |
//! | procedure 0 | left out when it is the null procedure, refused when it takes or gives something |
//! | types that come from a header in a line `%#include` | [`Import::before`] reads the file that defines them |
//!
//! # What is written
//!
//! | in the file | in Rust | RFC 4506 |
//! |---|---|---|
//! | `int`, `long`; `unsigned`; `hyper`; `unsigned hyper` | `i32`; `u32`; `i64`; `u64` | s4.1, 4.2, 4.5 |
//! | `char`, `unsigned char`, `short`, `unsigned short` | `i8`, `u8`, `i16`, `u16`, in four bytes each | as C peers do |
//! | `float`, `double`, `bool` | `f32`, `f64`, `bool` | s4.6, 4.7, 4.4 |
//! | `enum` | an enum with `derive(rmix::Union)` and explicit values; further names of a value are constants; values without a name are refused, or `Other(i32)` by [`Generate::open_enums`] | s4.3 |
//! | `opaque x[n]` | `rmix::Opaque<n>` | s4.9 |
//! | `opaque x<>`, `opaque x<n>` | `Vec<u8>`, `rmix::Bounded<Vec<u8>, n>` | s4.10 |
//! | `string x<>`, `string x<n>` | `String`, `rmix::Bounded<String, n>`; octets by [`Strings::Octets`] | s4.11 |
//! | `T x[n]` | `[T; n]`, above 32 `rmix::Array<T, n>`; elements of `unsigned char` are `u32` | s4.12 |
//! | `T x<>`, `T x<n>` | `Vec<T>`, `rmix::Bounded<Vec<T>, n>`; elements of `unsigned char` are `u32` | s4.13 |
//! | `struct` | a struct with `derive(rmix::Data)` and serde's derives | s4.14 |
//! | `union` | an enum with `derive(rmix::Union)`, one variant for each label; the default arm is `Default(i32)` or `Default(i32, T)` with the discriminant's bits | s4.15 |
//! | `const` | `pub const`, as are the numbers of programs and versions | s4.17 |
//! | `typedef` | `pub type` | s4.18 |
//! | `T *x` | `Option<T>`, with a `Box` where a type contains itself | s4.19 |
//! | `struct n { …; n *next; }` | a struct without `next`; `n *` is `rmix::List<N>`, read in a loop; a lone `n` is `(N, rmix::List<N>)` | s4.19 |
//! | `version` | a trait with `#[rmix::remote]`, named `ProgramV1` | RFC 5531 s12 |
//!
//! Names become UpperCamelCase and snake_case, raw identifiers where they are keywords, with `Type` or a number behind
//! them where they would collide. The C name stands in the documentation of each item and, where it differs, as the name
//! on the wire for formats that have names.
//!
//! # The system's files
//!
//! Those of the packages `rpcsvc-proto` and `libtirpc-dev`, in `/usr/include/rpcsvc` and `/usr/include/tirpc/rpcsvc`:
//!
//! | files | import |
//! |---|---|
//! | `bootparam_prot.x`, `crypt.x`, `key_prot.x`, `klm_prot.x`, `mount.x`, `nfs_prot.x`, `nis_object.x`, `nlm_prot.x`, `rex.x`, `rquota.x`, `rstat.x`, `rusers.x`, `sm_inter.x`, `spray.x`, `yp.x`, `yppasswd.x` | as they are |
//! | `nis.x` | refused at line 411, as by rpcgen when it writes the header; read with `undefine("RPC_HDR")` |
//! | `nis_callback.x` | with `undefine("RPC_HDR")` and `before(…/nis.x)`, which defines its types |
//!
//! Errors tell file, line, column, what was found and what was expected ([`IdlError`]). Nothing panics on any text, and
//! what a text may cost is bounded ([`Limits`]). This crate opens no socket, and knows neither providers nor the façade.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::panic, clippy::unreachable)
)]

pub mod described;
pub mod dynamic;
mod error;
mod export;
mod generate;
mod import;
mod lex;
mod limits;
pub mod model;
mod parse;
mod place;
mod preprocess;
mod resolve;
pub mod wsdl;

pub use error::IdlError;
pub use export::{Arguments, ExportError, export_x};
pub use generate::{Generate, Strings};
pub use import::Import;
pub use limits::Limits;
pub use model::Model;
pub use place::Place;
