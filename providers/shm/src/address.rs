//! Endpoints as this provider reads them: name, folder, size of the queue, users. Opens nothing.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use rmix_msgpack_rpc::MsgpackRpc;
use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::Err;
use rmix_shm_sys::layout::{QUEUE_BYTES_MAX, QUEUE_BYTES_MIN, is_queue_size};

use crate::host;

/// Longest name, in bytes: with the folder it must fit into a socket's address of 108.
const NAME_BYTES_MAX: usize = 64;
/// Most users beside this one.
const USERS_MAX: usize = 64;
/// Bytes of a queue unless told otherwise: a message of a megabyte passes in one or two parts, each of them a wake-up, and
/// a queue through which small ones go round and round stays in a core's second cache.
const QUEUE_BYTES: u32 = 1 << 20;

/// An endpoint's parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) name: String,
    /// None for the user's own.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) terms: Terms,
    pub(crate) structs_as_arrays: bool,
    /// The boot id of the host it was exported on, when it says.
    pub(crate) host: Option<String>,
}

/// What this end of a link offers and accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) queue_bytes: u32,
    /// User numbers trusted beside this process's own.
    pub(crate) users: Vec<u32>,
}

impl Address {
    pub(crate) fn parse(endpoint: &str) -> Result<Address, Err> {
        let wrong = |why: &str| Err(failure::endpoint(endpoint, why));
        let parts = Parts::parse(endpoint)?;
        if parts.authority.is_some() {
            return wrong("it is shm:NAME, without //");
        }
        let name = parts.path;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) || name.starts_with('.') {
            return wrong(
                "a name has letters, digits, `.`, `_` and `-`, and does not begin with a point",
            );
        }
        if name.len() > NAME_BYTES_MAX {
            return wrong("a name has at most 64 bytes");
        }
        let folder = parts.option("folder")?;
        if folder
            .as_ref()
            .is_some_and(|folder| !folder.starts_with('/'))
        {
            return wrong("the option folder is a path from the root");
        }
        let structs_as_arrays = match parts.option("structs")?.as_deref() {
            None | Some("map") => false,
            Some("array") => true,
            Some(_) => return wrong("the option structs is either map or array"),
        };
        Ok(Address {
            name: name.to_owned(),
            folder: folder.map(|folder| PathBuf::from(OsString::from_vec(folder.into_bytes()))),
            terms: Terms {
                queue_bytes: queue_bytes(&parts)?,
                users: users(&parts)?,
            },
            structs_as_arrays,
            host: parts.option(host::OPTION)?,
        })
    }

    pub(crate) fn protocol(&self) -> MsgpackRpc {
        MsgpackRpc {
            structs_as_arrays: self.structs_as_arrays,
        }
    }
}

fn queue_bytes(parts: &Parts<'_>) -> Result<u32, Err> {
    let Some(text) = parts.option("queue")? else {
        return Ok(QUEUE_BYTES);
    };
    match text.parse() {
        Ok(bytes) if is_queue_size(bytes) => Ok(bytes),
        _ => {
            let why = format!(
                "the option queue is a power of two from {QUEUE_BYTES_MIN} to {QUEUE_BYTES_MAX}"
            );
            Err(failure::endpoint(parts.text, &why))
        }
    }
}

fn users(parts: &Parts<'_>) -> Result<Vec<u32>, Err> {
    let Some(text) = parts.option("users")? else {
        return Ok(Vec::new());
    };
    let users: Option<Vec<u32>> = text
        .split(',')
        .take(USERS_MAX + 1)
        .map(|user| user.parse().ok())
        .collect();
    match users {
        Some(users) if users.len() <= USERS_MAX => Ok(users),
        _ => Err(failure::endpoint(
            parts.text,
            "the option users is at most 64 user numbers with commas between them",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_has_the_defaults() {
        let address = Address::parse("shm:weather-1.a_b").unwrap();
        assert_eq!(address.name, "weather-1.a_b");
        assert_eq!(address.folder, None);
        assert_eq!(address.terms.queue_bytes, QUEUE_BYTES);
        assert_eq!(address.terms.users, []);
    }

    #[test]
    fn options_are_taken() {
        let text = "shm:a?folder=/run/x%20y&queue=4096&users=0,1000&structs=array";
        let address = Address::parse(text).unwrap();
        assert_eq!(address.folder, Some(PathBuf::from("/run/x y")));
        assert_eq!(address.terms.queue_bytes, 4096);
        assert_eq!(address.terms.users, [0, 1000]);
        assert!(address.structs_as_arrays);
    }

    #[test]
    fn wrong_endpoints_say_why() {
        let many = format!("shm:a?users={}1", "1,".repeat(USERS_MAX));
        let long = format!("shm:{}", "n".repeat(NAME_BYTES_MAX + 1));
        for (text, why) in [
            ("shm:", "letters"),
            ("shm:a/b", "letters"),
            ("shm:..", "point"),
            ("shm:a%2fb", "letters"),
            ("shm://host/a", "without //"),
            (&long, "64 bytes"),
            ("shm:a?folder=x", "root"),
            ("shm:a?queue=4097", "power of two"),
            ("shm:a?queue=134217728", "power of two"),
            ("shm:a?queue=", "power of two"),
            ("shm:a?users=me", "user numbers"),
            ("shm:a?users=", "user numbers"),
            (&many, "user numbers"),
            ("shm:a?structs=list", "map or array"),
        ] {
            let failure = Address::parse(text).unwrap_err();
            assert!(failure.text().contains(why), "{text}: {}", failure.text());
        }
        let fits = format!(
            "shm:{}?users={}1",
            "n".repeat(NAME_BYTES_MAX),
            "1,".repeat(USERS_MAX - 1)
        );
        assert!(Address::parse(&fits).is_ok());
    }
}
