//! An object for tests of headers: it says who calls, and counts.

use std::sync::atomic::{AtomicU32, Ordering};

use rmix::{Error, Exported, Runtime};
use serde::{Deserialize, Serialize};

use crate::calls::runtime;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Closed {
    Until(String),
}

#[rmix::remote(namespace = "urn:test:door")]
pub(crate) trait Door {
    async fn who(&self) -> String;
    #[rmix(soap(action = "urn:test:door/open"))]
    async fn open(&self, key: u32) -> Result<u32, Closed>;
    #[rmix(oneway)]
    async fn knock(&self);
    async fn knocked(&self) -> u32;
}

#[derive(Default)]
struct MyDoor {
    knocks: AtomicU32,
}

impl Door for MyDoor {
    async fn who(&self) -> String {
        let caller = rmix::caller().unwrap();
        let claim = caller.claim();
        let told = claim.map(|claim| (claim.is_verified(), claim.scheme(), claim.fact("user")));
        format!("{told:?}")
    }

    async fn open(&self, key: u32) -> Result<u32, Closed> {
        match key {
            7 => Ok(key),
            _ => Err(Closed::Until("noon".to_owned())),
        }
    }

    async fn knock(&self) {
        self.knocks.fetch_add(1, Ordering::SeqCst);
    }

    async fn knocked(&self) -> u32 {
        self.knocks.fetch_add(1, Ordering::SeqCst)
    }
}

/// A door at a free port.
pub(crate) struct Served {
    pub(crate) runtime: Runtime,
    pub(crate) exported: Exported,
    /// Host and port.
    pub(crate) authority: String,
}

impl Served {
    /// With these options, in the clear.
    pub(crate) fn with(options: &str) -> Served {
        Served::at("soap+http://127.0.0.1:0", options).unwrap()
    }

    pub(crate) fn at(authority: &str, options: &str) -> Result<Served, Error> {
        let runtime = runtime();
        let skeleton = DoorSkeleton::new(MyDoor::default());
        let endpoint = format!("{authority}/door?{options}");
        let exported = runtime.export_blocking(skeleton, [endpoint.trim_end_matches('?')])?;
        let endpoint = exported.endpoints()[0].to_string();
        let (_, rest) = endpoint.split_once("://").unwrap();
        let authority = rest.split('/').next().unwrap().to_owned();
        Ok(Served {
            runtime,
            exported,
            authority,
        })
    }

    /// A stub with these options.
    pub(crate) fn stub(&self, options: &str) -> Result<DoorStub, Error> {
        let endpoint = format!("soap+http://{}/door?{options}", self.authority);
        self.runtime.bind(endpoint.trim_end_matches('?')).blocking()
    }
}
