//! What the options of an endpoint say, for a client and for a listener. An option that is not known is refused: a
//! misspelt one would do nothing.

use rmix_provider::failure;
use rmix_provider::tables::Err;

use crate::address::{Address, Transport, program};
use crate::codec::Nul;
use crate::datagram::Retransmission;
use crate::duplicates::DuplicateLimits;
use crate::target::{Program, SysAcceptance};
use crate::wire::{AuthSys, GIDS_MAX};

/// A client's options.
#[derive(Debug)]
pub(crate) struct ClientOptions {
    /// Body of the AUTH_SYS credential that calls carry (`auth=sys`, with `uid`, `gid`, `gids`, `machine` in place of this
    /// process's own); none for AUTH_NONE (`auth=none`, the default).
    pub(crate) credential: Option<Vec<u8>>,
    /// `retransmit=MILLISECONDS`: the first wait before a datagram is sent again.
    pub(crate) waits: Retransmission,
    /// `callback=PROGRAM/VERSION`: what the peer calls the object of this end as, where it is not what it is called itself.
    pub(crate) callback: Option<Program>,
    /// `nul=refuse` (default), `escape` or `keep`.
    pub(crate) nul: Nul,
    /// `longer_results=refuse` (default) or `accept`: what is done with bytes behind a result.
    pub(crate) longer_results: bool,
}

/// Where the port of an export can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directory {
    /// Nowhere.
    None,
    /// At this host's rpcbind.
    Rpcbind,
    /// At a small one of the provider's own, on port 111.
    Own,
}

/// A listener's options.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerOptions {
    /// `auth_sys=local` (default), `any` or `none`.
    pub(crate) sys: SysAcceptance,
    /// `duplicates=on` (default) or `off`: whether the duplicate request cache is used.
    pub(crate) duplicates: bool,
    /// `duplicate_answers`, `duplicate_bytes`, `duplicate_seconds`: the bounds of that cache.
    pub(crate) cache: DuplicateLimits,
    /// `rpcbind=on`, `off` or `serve`: where the port can be asked; `on` by default when the endpoint names none.
    pub(crate) directory: Directory,
    /// `nul=refuse` (default), `escape` or `keep`.
    pub(crate) nul: Nul,
}

const CLIENT: &[&str] = &[
    "auth",
    "uid",
    "gid",
    "gids",
    "machine",
    "retransmit",
    "callback",
    "nul",
    "longer_results",
];
const SERVER: &[&str] = &[
    "auth_sys",
    "duplicates",
    "duplicate_answers",
    "duplicate_bytes",
    "duplicate_seconds",
    "rpcbind",
    "nul",
];

/// The most answers that a duplicate request cache may be told to keep.
const DUPLICATE_ANSWERS_MAX: u64 = 1 << 20;

/// The most bytes of answers that a duplicate request cache may be told to keep: 1 GiB.
const DUPLICATE_BYTES_MAX: u64 = 1 << 30;

/// The longest time a duplicate request cache may be told to keep an answer for: a day.
const DUPLICATE_SECONDS_MAX: u64 = 86_400;

/// The longest first wait, in milliseconds: a minute.
const RETRANSMIT_MS_MAX: u64 = 60_000;

impl ClientOptions {
    /// Reads the options of an endpoint that is connected to.
    ///
    /// # Errors
    /// `FixRequest` with what was expected.
    pub(crate) fn of(address: &Address<'_>) -> Result<ClientOptions, Err> {
        check_known(address, CLIENT)?;
        let wrong = |why: &str| failure::endpoint(address.parts.text, why);
        let credential = match address.parts.option("auth")?.as_deref() {
            None | Some("none") => None,
            Some("sys") => Some(identity(address)?),
            Some(_) => return Err(wrong("the option auth is none or sys")),
        };
        let mut waits = Retransmission::default();
        if let Some(text) = address.parts.option("retransmit")? {
            let given = text.parse().ok();
            let milliseconds = given.filter(|ms| (1..=RETRANSMIT_MS_MAX).contains(ms));
            let why = "the option retransmit is a number of milliseconds from 1 to 60000";
            waits.first_ns = milliseconds.ok_or_else(|| wrong(why))? * 1_000_000;
            waits.longest_ns = waits.longest_ns.max(waits.first_ns);
            if address.transport != Transport::Udp {
                return Err(wrong("the option retransmit is for sunrpc+udp only"));
            }
        }
        let longer_results = match address.parts.option("longer_results")?.as_deref() {
            None | Some("refuse") => false,
            Some("accept") => true,
            Some(_) => return Err(wrong("the option longer_results is refuse or accept")),
        };
        let callback = match address.parts.option("callback")? {
            None => None,
            Some(text) => {
                let why = "the option callback is PROGRAM/VERSION, two numbers, decimal or 0x…";
                Some(program(&text).ok_or_else(|| wrong(why))?)
            }
        };
        Ok(ClientOptions {
            credential,
            waits,
            callback,
            nul: nul(address)?,
            longer_results,
        })
    }
}

impl ServerOptions {
    /// Reads the options of an endpoint that is listened on; `has_port` says whether it names a port.
    ///
    /// # Errors
    /// `FixRequest` with what was expected.
    pub(crate) fn of(address: &Address<'_>, has_port: bool) -> Result<ServerOptions, Err> {
        check_known(address, SERVER)?;
        let wrong = |why: &str| failure::endpoint(address.parts.text, why);
        let sys = match address.parts.option("auth_sys")?.as_deref() {
            None | Some("local") => SysAcceptance::Local,
            Some("any") => SysAcceptance::Any,
            Some("none") => SysAcceptance::None,
            Some(_) => return Err(wrong("the option auth_sys is local, any or none")),
        };
        let duplicates = match address.parts.option("duplicates")?.as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(_) => return Err(wrong("the option duplicates is on or off")),
        };
        let directory = match address.parts.option("rpcbind")?.as_deref() {
            None if has_port => Directory::None,
            None | Some("on") => Directory::Rpcbind,
            Some("off") => Directory::None,
            Some("serve") => Directory::Own,
            Some(_) => return Err(wrong("the option rpcbind is on, off or serve")),
        };
        Ok(ServerOptions {
            sys,
            duplicates,
            cache: cache(address)?,
            directory,
            nul: nul(address)?,
        })
    }
}

/// The bounds of the duplicate request cache of a port.
fn cache(address: &Address<'_>) -> Result<DuplicateLimits, Err> {
    let mut limits = DuplicateLimits::default();
    if let Some(answers) = bound(address, "duplicate_answers", DUPLICATE_ANSWERS_MAX)? {
        limits.entries = answers as usize;
    }
    if let Some(bytes) = bound(address, "duplicate_bytes", DUPLICATE_BYTES_MAX)? {
        limits.bytes = bytes as usize;
    }
    if let Some(seconds) = bound(address, "duplicate_seconds", DUPLICATE_SECONDS_MAX)? {
        limits.age_ns = seconds * 1_000_000_000;
    }
    Ok(limits)
}

/// The number from 1 to `most` that an option gives.
fn bound(address: &Address<'_>, name: &str, most: u64) -> Result<Option<u64>, Err> {
    let Some(text) = address.parts.option(name)? else {
        return Ok(None);
    };
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number));
    let why = || format!("the option {name} is a number from 1 to {most}");
    let wrong = || failure::endpoint(address.parts.text, &why());
    number.map(Some).ok_or_else(wrong)
}

fn nul(address: &Address<'_>) -> Result<Nul, Err> {
    match address.parts.option("nul")?.as_deref() {
        None | Some("refuse") => Ok(Nul::Refuse),
        Some("escape") => Ok(Nul::Escape),
        Some("keep") => Ok(Nul::Keep),
        Some(_) => {
            let why = "the option nul is refuse, escape or keep";
            Err(failure::endpoint(address.parts.text, why))
        }
    }
}

fn check_known(address: &Address<'_>, known: &[&str]) -> Result<(), Err> {
    let options = address.parts.options;
    for pair in options.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        if !known.contains(&name) {
            let why = format!(
                "its option {name} is not known here; known are {}",
                known.join(", ")
            );
            return Err(failure::endpoint(address.parts.text, &why));
        }
    }
    Ok(())
}

/// The body of an AUTH_SYS credential: this process's identity where the options name no other.
fn identity(address: &Address<'_>) -> Result<Vec<u8>, Err> {
    let parts = &address.parts;
    let wrong = |why: String| failure::endpoint(parts.text, &why);
    let id = |name: &str, own: u32| match parts.option(name)? {
        None => Ok(own),
        Some(text) => text
            .parse()
            .map_err(|_| wrong(format!("the option {name} is a number"))),
    };
    let uid = id("uid", rustix::process::geteuid().as_raw())?;
    let gid = id("gid", rustix::process::getegid().as_raw())?;
    let gids: Vec<u32> = match parts.option("gids")? {
        Some(text) => {
            let numbers = text.split(',').filter(|number| !number.is_empty());
            let numbers: Result<_, _> = numbers.map(str::parse).collect();
            numbers
                .map_err(|_| wrong("the option gids is numbers with commas between".to_owned()))?
        }
        None => rustix::process::getgroups()
            .map_err(|errno| wrong(format!("groups: {}", failure::text(errno))))?
            .iter()
            .map(|group| group.as_raw())
            .take(GIDS_MAX as usize)
            .collect(),
    };
    let name = rustix::system::uname();
    let machine = match parts.option("machine")? {
        Some(machine) => machine,
        None => name.nodename().to_string_lossy().into_owned(),
    };
    let mut body = Vec::new();
    AuthSys::new(0, &machine, uid, gid, &gids)
        .and_then(|identity| identity.encode(&mut body))
        .map_err(|failure| wrong(failure.to_string()))?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(options: &str) -> Result<ClientOptions, Err> {
        let text = format!("sunrpc+udp://h:1/7/1?{options}");
        ClientOptions::of(&Address::parse(&text).unwrap())
    }

    fn server(options: &str, has_port: bool) -> Result<ServerOptions, Err> {
        let text = format!("sunrpc+tcp://h:1/7/1?{options}");
        ServerOptions::of(&Address::parse(&text).unwrap(), has_port)
    }

    #[test]
    fn identity_is_as_given() {
        let options = client("auth=sys&uid=7&gid=8&gids=9,10&machine=lab").unwrap();
        let body = options.credential.unwrap();
        let identity = AuthSys::decode(&body).unwrap();
        assert_eq!((identity.uid(), identity.gid()), (7, 8));
        assert_eq!(identity.gids(), [9, 10]);
        assert_eq!(identity.machine_name(), "lab");
        assert!(client("").unwrap().credential.is_none());
        assert!(client("auth=sys").unwrap().credential.is_some());
    }

    #[test]
    fn groups_and_names_have_their_bounds() {
        let list = |count: u32| {
            (0..count)
                .map(|gid| gid.to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        assert!(client(&format!("auth=sys&gids={}", list(16))).is_ok());
        assert!(client(&format!("auth=sys&gids={}", list(17))).is_err());
        assert!(client(&format!("auth=sys&machine={}", "m".repeat(255))).is_ok());
        assert!(client(&format!("auth=sys&machine={}", "m".repeat(256))).is_err());
    }

    #[test]
    fn waits_have_their_bounds() {
        assert_eq!(
            client("retransmit=60000").unwrap().waits.first_ns,
            60_000_000_000
        );
        assert_eq!(
            client("retransmit=60000").unwrap().waits.longest_ns,
            60_000_000_000
        );
        assert!(client("retransmit=60001").is_err());
        assert!(client("retransmit=0").is_err());
        assert_eq!(client("retransmit=1").unwrap().waits.first_ns, 1_000_000);
    }

    #[test]
    fn bounds_of_the_duplicate_cache_are_told_within_their_own() {
        let cache = |text: &str| server(text, true).unwrap().cache;
        let usual = DuplicateLimits::default();
        assert_eq!(cache("duplicate_answers=1").entries, 1);
        assert_eq!(cache("duplicate_answers=1048576").entries, 1 << 20);
        assert_eq!(cache("duplicate_bytes=1073741824").bytes, 1 << 30);
        assert_eq!(cache("duplicate_seconds=86400").age_ns, 86_400_000_000_000);
        assert_eq!(cache("duplicate_seconds=5").entries, usual.entries);
        for wrong in [
            "duplicate_answers=0",
            "duplicate_answers=1048577",
            "duplicate_bytes=1073741825",
            "duplicate_bytes=-1",
            "duplicate_seconds=86401",
            "duplicate_seconds=2m",
        ] {
            assert!(server(wrong, true).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_are_read_and_unknown_ones_refused() {
        let callback = client("callback=0x7/2").unwrap().callback;
        assert_eq!(
            callback,
            Some(Program {
                number: 7,
                version: 2
            })
        );
        let options = server("auth_sys=any&duplicates=off", true).unwrap();
        assert_eq!(options.sys, SysAcceptance::Any);
        assert!(!options.duplicates);
        for (text, has_port, directory) in [
            ("", true, Directory::None),
            ("", false, Directory::Rpcbind),
            ("rpcbind=on", true, Directory::Rpcbind),
            ("rpcbind=off", false, Directory::None),
            ("rpcbind=serve", true, Directory::Own),
        ] {
            assert_eq!(
                server(text, has_port).unwrap().directory,
                directory,
                "{text}"
            );
        }
        assert!(!client("").unwrap().longer_results);
        assert!(!client("longer_results=refuse").unwrap().longer_results);
        assert!(client("longer_results=accept").unwrap().longer_results);
        for wrong in [
            "longer_results=yes",
            "auth=odd",
            "callback=7",
            "atuh=sys",
            "auth_sys=any",
        ] {
            assert!(client(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "auth_sys=odd",
            "duplicates=maybe",
            "rpcbind=maybe",
            "auth=sys",
        ] {
            assert!(server(wrong, true).is_err(), "{wrong}");
        }
    }
}
