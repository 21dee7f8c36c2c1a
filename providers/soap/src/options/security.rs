//! What an endpoint says of WS-Security. Passwords never stand in an endpoint, which is printed and logged: it names files.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rmix_provider::endpoint::Parts;
use rmix_provider::tables::{Err, cause, kind};

use super::wrong;
use crate::http::limits::number;
use crate::security::{
    Credentials, FILE_BYTES_MAX, Guard, NonceTables, PasswordKind, Rules, Secret, Users,
};

/// Options of a client that need `security`.
const CLIENT_ONLY: [&str; 6] = [
    "user",
    "password_file",
    "cleartext",
    "timestamp",
    "expires",
    "skew",
];
/// Options of a listener that need `security`.
pub(super) const SERVER_ONLY: [&str; 6] = [
    "users_file",
    "cleartext",
    "timestamp",
    "skew",
    "freshness",
    "nonces",
];

/// Seconds that clocks may be apart, that a request is good for, and that it may be old; of a day at most.
const SECONDS: u64 = 300;
const SECONDS_MAX: u64 = 24 * 60 * 60;
/// Nonces that a listener keeps, and how many it may be told to.
const NONCES: u64 = 100_000;
const NONCES_MAX: u64 = 10_000_000;

/// Who a client is.
#[derive(Debug)]
pub(crate) struct ClientSecurity {
    kind: PasswordKind,
    user: String,
    password_file: PathBuf,
    expires: Option<u32>,
    skew: u32,
}

/// Whom a listener lets in.
#[derive(Debug)]
pub(crate) struct ServerSecurity {
    rules: Rules,
    users_file: PathBuf,
}

impl ClientSecurity {
    /// Reads `security=text` or `digest` and what goes with it; none when it is `off`.
    pub(super) fn new(endpoint: &Parts<'_>) -> Result<Option<ClientSecurity>, Err> {
        let kind = match endpoint.option("security")?.as_deref() {
            None | Some("off") => {
                refuse_without(endpoint, &CLIENT_ONLY)?;
                return Ok(None);
            }
            Some("text") => PasswordKind::Text,
            Some("digest") => PasswordKind::Digest,
            Some(_) => {
                let why = "its `security` is none of off, text and digest";
                return Err(wrong(endpoint, why));
            }
        };
        let cleartext = allowed(endpoint)?;
        if kind == PasswordKind::Text && !cleartext && !endpoint.scheme.ends_with("https") {
            let why =
                "a password as text goes over soap+https only, unless it says cleartext=allowed";
            return Err(wrong(endpoint, why));
        }
        let needed = |name| -> Result<String, Err> {
            let value = endpoint.option(name)?.filter(|value| !value.is_empty());
            value.ok_or_else(|| wrong(endpoint, "its `security` needs user and password_file"))
        };
        let expires = seconds(endpoint, "expires", 1)?;
        let expires = match endpoint.option("timestamp")?.as_deref() {
            None | Some("on") => Some(expires),
            Some("off") => None,
            Some(_) => return Err(wrong(endpoint, "its `timestamp` is neither on nor off")),
        };
        Ok(Some(ClientSecurity {
            kind,
            user: needed("user")?,
            password_file: needed("password_file")?.into(),
            expires,
            skew: seconds(endpoint, "skew", 0)?,
        }))
    }

    /// Reads the password.
    ///
    /// # Errors
    /// `FixRequest`: the file cannot be read, or its first line is empty.
    ///
    /// # Blocking
    /// Reads a file.
    pub(crate) fn load(self) -> Result<Credentials, Err> {
        let file = &self.password_file;
        let password = Secret::of_file(&read(file)?);
        if password.as_bytes().is_empty() {
            return Err(unusable(file, "its first line, the password, is empty"));
        }
        Ok(Credentials {
            kind: self.kind,
            user: self.user,
            password,
            expires: self.expires,
            skew: self.skew,
        })
    }
}

impl ServerSecurity {
    /// Reads `security=username` or `digest` and what goes with it; none when it is `off`.
    pub(super) fn new(endpoint: &Parts<'_>) -> Result<Option<ServerSecurity>, Err> {
        let text = match endpoint.option("security")?.as_deref() {
            None | Some("off") => {
                refuse_without(endpoint, &SERVER_ONLY)?;
                return Ok(None);
            }
            Some("username") => true,
            Some("digest") => false,
            Some(_) => {
                let why = "its `security` is none of off, username and digest";
                return Err(wrong(endpoint, why));
            }
        };
        let timestamp = match endpoint.option("timestamp")?.as_deref() {
            None | Some("optional") => false,
            Some("required") => true,
            Some(_) => {
                let why = "its `timestamp` is neither optional nor required";
                return Err(wrong(endpoint, why));
            }
        };
        let users_file = endpoint.option("users_file")?;
        let nonces = number(endpoint, "nonces", 1, NONCES_MAX)?.unwrap_or(NONCES);
        Ok(Some(ServerSecurity {
            rules: Rules {
                text,
                cleartext: allowed(endpoint)?,
                timestamp,
                skew: seconds(endpoint, "skew", 0)?,
                freshness: seconds(endpoint, "freshness", 1)?,
                nonces: usize::try_from(nonces).unwrap_or(usize::MAX),
            },
            users_file: users_file
                .filter(|file| !file.is_empty())
                .ok_or_else(|| wrong(endpoint, "its `security` needs users_file"))?
                .into(),
        }))
    }

    /// Reads the users, whose nonces are among `tables`.
    ///
    /// # Errors
    /// `FixRequest`: the file cannot be read, or is none of users.
    ///
    /// # Blocking
    /// Reads a file.
    pub(crate) fn load(self, tables: &NonceTables) -> Result<Guard, Err> {
        let file = &self.users_file;
        let users = Users::parse(&read(file)?);
        let users = users.map_err(|why| unusable(file, &why.to_string()))?;
        let path = file.canonicalize();
        let path = path.map_err(|failure| unusable(file, &failure.to_string()))?;
        Ok(Guard::new(self.rules, users, tables.of(path)))
    }
}

fn allowed(endpoint: &Parts<'_>) -> Result<bool, Err> {
    match endpoint.option("cleartext")?.as_deref() {
        None | Some("refused") => Ok(false),
        Some("allowed") => Ok(true),
        Some(_) => Err(wrong(
            endpoint,
            "its `cleartext` is neither refused nor allowed",
        )),
    }
}

fn seconds(endpoint: &Parts<'_>, name: &str, least: u64) -> Result<u32, Err> {
    let seconds = number(endpoint, name, least, SECONDS_MAX)?.unwrap_or(SECONDS);
    Ok(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// What would do nothing is refused.
fn refuse_without(endpoint: &Parts<'_>, names: &[&str]) -> Result<(), Err> {
    for name in names {
        if endpoint.option(name)?.is_some() {
            let why = format!("its `{name}` needs `security`, which is off");
            return Err(wrong(endpoint, &why));
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, Err> {
    let mut text = String::new();
    let read = File::open(file).and_then(|file| {
        let mut limited = file.take(FILE_BYTES_MAX + 1);
        limited.read_to_string(&mut text)
    });
    match read {
        Ok(bytes) if bytes as u64 > FILE_BYTES_MAX => {
            let why = format!("it has more than {FILE_BYTES_MAX} bytes");
            Err(unusable(file, &why))
        }
        Ok(_) => Ok(text),
        Err(failure) => Err(unusable(file, &failure.to_string())),
    }
}

fn unusable(file: &Path, why: &str) -> Err {
    let message = format!("{} cannot be used: {why}", file.display());
    Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message)
}
