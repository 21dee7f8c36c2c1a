//! The client's side: where a server is, mounting, walking, reading and listing. It changes nothing on a server.

mod error;
mod list;
mod mount;
mod read;
mod server;
mod url;
mod walk;

pub use error::NfsError;
pub use list::Entry;
pub use mount::{ExportedFolder, Mount, exports};
pub use server::{Claim, Server, Transport};
pub use url::NfsUrl;
pub use walk::Found;
