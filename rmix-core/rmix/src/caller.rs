//! Who makes the call that a method is running for.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

thread_local! {
    /// The caller of the method that is being polled on this thread.
    static CURRENT: RefCell<Option<Caller>> = const { RefCell::new(None) };
    /// Who called on this thread lately, by connection.
    static RECENT: RefCell<[Option<Caller>; RECENT_MAX]> = const { RefCell::new([const { None }; RECENT_MAX]) };
}

/// Callers that a thread remembers.
const RECENT_MAX: usize = 16;

/// Who makes the call that this method is running for; `None` outside of one, as in a task that the method spawned.
///
/// ```no_run
/// # struct Logbook;
/// # impl Logbook {
/// async fn sign(&self) -> String {
///     match rmix::caller() {
///         Some(caller) => format!("signed by {caller}"),
///         None => "signed".to_owned(),
///     }
/// }
/// # }
/// ```
pub fn caller() -> Option<Caller> {
    CURRENT.with(|current| current.borrow().clone())
}

/// The other end of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(Arc<Facts>);

#[derive(Debug, PartialEq, Eq)]
struct Facts {
    peer: Box<str>,
    claim: Option<Box<str>>,
}

impl Caller {
    pub(crate) fn new(peer: &[u8], claim: Option<&[u8]>) -> Caller {
        let text = |bytes| Box::from(String::from_utf8_lossy(bytes));
        Caller(Arc::new(Facts {
            peer: text(peer),
            claim: claim.map(text),
        }))
    }

    /// As [`Caller::new`]; without an allocation when this caller's last call over that connection ran on this thread not
    /// long ago.
    pub(crate) fn recent(connection: u64, peer: &[u8], claim: Option<&[u8]>) -> Caller {
        RECENT.with_borrow_mut(|recent| {
            let place = &mut recent[(connection % RECENT_MAX as u64) as usize];
            if let Some(known) = place.as_ref().filter(|known| known.is(peer, claim)) {
                return known.clone();
            }
            place.insert(Caller::new(peer, claim)).clone()
        })
    }

    fn is(&self, peer: &[u8], claim: Option<&[u8]>) -> bool {
        let known = self.0.claim.as_deref().map(str::as_bytes);
        self.0.peer.as_bytes() == peer && known == claim
    }

    /// Its address or name, as the provider shows it to people.
    pub fn peer(&self) -> &str {
        &self.0.peer
    }

    /// Who it says it is, where the protocol lets it say so and it did.
    ///
    /// It is a claim: nobody has checked it, unless [`Claim::is_verified`]. Sun RPC's AUTH_SYS lets a caller write any user
    /// it likes; a user name token of WS-Security is verified.
    pub fn claim(&self) -> Option<Claim<'_>> {
        self.0.claim.as_deref().map(Claim)
    }

    /// What has this told by [`caller`] now and then.
    pub(crate) fn seat(self) -> Seat {
        Seat(Some(self))
    }
}

/// A caller that is told while the method runs that it called. It is moved there and back, not counted.
#[derive(Clone)]
pub(crate) struct Seat(Option<Caller>);

impl Seat {
    /// Whether this is who calls.
    pub(crate) fn is(&self, peer: &[u8], claim: Option<&[u8]>) -> bool {
        self.0.as_ref().is_some_and(|caller| caller.is(peer, claim))
    }

    /// Runs `body` with this as what [`caller`] tells.
    pub(crate) fn during<R>(&mut self, body: impl FnOnce() -> R) -> R {
        struct Restore<'a> {
            seat: &'a mut Option<Caller>,
            before: Option<Caller>,
        }
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                *self.seat = CURRENT.with(|current| current.replace(self.before.take()));
            }
        }
        let before = CURRENT.with(|current| current.replace(self.0.take()));
        let _restore = Restore {
            seat: &mut self.0,
            before,
        };
        body()
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.claim() {
            Some(claim) if claim.is_verified() => {
                write!(f, "{} (is {})", self.0.peer, claim.bare())
            }
            Some(claim) => write!(f, "{} (claims {})", self.0.peer, claim.bare()),
            None => f.write_str(&self.0.peer),
        }
    }
}

/// Who a caller says it is: a scheme and facts, as `sys uid=1000 gid=100 gids=4,27 machine=lab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a>(&'a str);

impl<'a> Claim<'a> {
    /// How it is made: `sys` for AUTH_SYS (RFC 5531, appendix A), `wsse` for a user name token of WS-Security.
    pub fn scheme(&self) -> &'a str {
        self.bare().split(' ').next().unwrap_or_default()
    }

    /// Whether the provider has checked it, as by a password.
    pub fn is_verified(&self) -> bool {
        self.0.starts_with(VERIFIED)
    }

    /// Scheme and facts.
    fn bare(&self) -> &'a str {
        self.0.strip_prefix(VERIFIED).unwrap_or(self.0)
    }

    /// A fact by its name; of `sys`: `uid`, `gid`, `gids` (numbers with commas between), `machine`; of `wsse`: `user`.
    pub fn fact(&self, name: &str) -> Option<String> {
        let mut facts = self.bare().split(' ').skip(1);
        let value = facts.find_map(|fact| {
            let (found, value) = fact.split_once('=')?;
            (found == name).then_some(value)
        })?;
        rmix_engine::percent_decoded(value)
    }

    /// A fact that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.fact(name)?.parse().ok()
    }
}

/// What a claim begins with that the provider has checked.
const VERIFIED: &str = "verified:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caller_is_told_during_its_call_only() {
        let outer = Caller::new(b"a:1", None);
        let inner = Caller::new(b"b:2", None);
        assert_eq!(caller(), None);
        let (mut seat, mut inner_seat) = (outer.clone().seat(), inner.clone().seat());
        for _ in 0..2 {
            seat.during(|| {
                assert_eq!(caller(), Some(outer.clone()));
                inner_seat.during(|| assert_eq!(caller(), Some(inner.clone())));
                assert_eq!(caller(), Some(outer.clone()));
            });
            assert_eq!(caller(), None);
        }
    }

    #[test]
    fn recent_callers_are_told_apart_and_not_made_again() {
        let recent = |connection, claim| Caller::recent(connection, b"a:1", claim);
        let first = recent(1, None);
        assert!(Arc::ptr_eq(&first.0, &recent(1, None).0));
        let claiming = recent(1, Some(b"sys uid=1"));
        assert_eq!(claiming, Caller::new(b"a:1", Some(b"sys uid=1")));
        assert_eq!(
            recent(1, Some(b"sys uid=2")).to_string(),
            "a:1 (claims sys uid=2)"
        );
        assert_eq!(
            recent(1 + RECENT_MAX as u64, None),
            first,
            "in the same place"
        );
        assert_eq!(Caller::recent(1, b"b:2", None).peer(), "b:2");
    }

    #[test]
    fn claim_is_taken_apart() {
        let claim = b"sys uid=1000 gid=100 gids=4,27 machine=lab%20pc";
        let caller = Caller::new(b"127.0.0.1:9", Some(claim));
        let claim = caller.claim().unwrap();
        assert_eq!(claim.scheme(), "sys");
        assert_eq!(claim.number("uid"), Some(1000));
        assert_eq!(claim.number("gid"), Some(100));
        assert_eq!(claim.fact("gids").as_deref(), Some("4,27"));
        assert_eq!(claim.number("gids"), None);
        assert_eq!(claim.fact("machine").as_deref(), Some("lab pc"));
        assert_eq!(claim.fact("shoe"), None);
        assert!(!claim.is_verified());
        assert_eq!(Caller::new(b"x", None).claim(), None);
    }

    #[test]
    fn verified_claim_is_told_apart() {
        let caller = Caller::new(b"a:1", Some(b"verified:wsse user=ada%20l"));
        let claim = caller.claim().unwrap();
        assert!(claim.is_verified());
        assert_eq!(claim.scheme(), "wsse");
        assert_eq!(claim.fact("user").as_deref(), Some("ada l"));
        assert_eq!(caller.to_string(), "a:1 (is wsse user=ada%20l)");
    }
}
