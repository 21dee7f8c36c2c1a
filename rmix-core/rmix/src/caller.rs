//! Who makes the call that a method is running for.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

thread_local! {
    /// The caller of the method that is being polled on this thread.
    static CURRENT: RefCell<Option<Caller>> = const { RefCell::new(None) };
}

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
pub struct Caller {
    peer: Arc<str>,
    claim: Option<Arc<str>>,
}

impl Caller {
    pub(crate) fn new(peer: &[u8], claim: Option<&[u8]>) -> Caller {
        let text = |bytes| Arc::from(String::from_utf8_lossy(bytes));
        Caller {
            peer: text(peer),
            claim: claim.map(text),
        }
    }

    /// Its address or name, as the provider shows it to people.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// Who it says it is, where the protocol lets it say so and it did.
    ///
    /// It is a claim: nobody has checked it. Sun RPC's AUTH_SYS lets a caller write any user it likes.
    pub fn claim(&self) -> Option<Claim<'_>> {
        self.claim.as_deref().map(Claim)
    }

    /// Runs `body` with this as what [`caller`] tells.
    pub(crate) fn during<R>(&self, body: impl FnOnce() -> R) -> R {
        struct Restore(Option<Caller>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.with(|current| current.replace(self.0.take()));
            }
        }
        let before = CURRENT.with(|current| current.replace(Some(self.clone())));
        let _restore = Restore(before);
        body()
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claim {
            Some(claim) => write!(f, "{} (claims {claim})", self.peer),
            None => f.write_str(&self.peer),
        }
    }
}

/// Who a caller says it is: a scheme and facts, as `sys uid=1000 gid=100 gids=4,27 machine=lab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a>(&'a str);

impl<'a> Claim<'a> {
    /// How it is made: `sys` for AUTH_SYS (RFC 5531, appendix A).
    pub fn scheme(&self) -> &'a str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// A fact by its name; of `sys`: `uid`, `gid`, `gids` (numbers with commas between), `machine`.
    pub fn fact(&self, name: &str) -> Option<String> {
        let mut facts = self.0.split(' ').skip(1);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caller_is_told_during_its_call_only() {
        let outer = Caller::new(b"a:1", None);
        let inner = Caller::new(b"b:2", None);
        assert_eq!(caller(), None);
        outer.during(|| {
            assert_eq!(caller(), Some(outer.clone()));
            inner.during(|| assert_eq!(caller(), Some(inner.clone())));
            assert_eq!(caller(), Some(outer.clone()));
        });
        assert_eq!(caller(), None);
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
        assert_eq!(Caller::new(b"x", None).claim(), None);
    }
}
