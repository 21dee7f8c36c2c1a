//! From the command line to a member that runs: binds, and says what failed.

use harness_control::{Asked, SeatStub};

use crate::arguments::Peer;
use crate::failure::Failure;
use crate::key_value::{Question, Said, Told};
use crate::providers::Providers;

/// A member to talk to.
pub(crate) struct Console {
    stub: SeatStub,
    _runtime: rmix::Runtime,
}

impl Console {
    /// Connects.
    ///
    /// # Errors
    /// The endpoint is wrong, its provider is not there, or nobody listens.
    pub(crate) async fn connect(peer: &Peer) -> Result<Console, Failure> {
        let providers = Providers::load(&peer.providers)?;
        providers.check(std::slice::from_ref(&peer.to))?;
        let runtime = providers.runtime;
        let stub = runtime.bind(&peer.to).timeout(peer.timeout).await?;
        Ok(Console {
            stub,
            _runtime: runtime,
        })
    }

    pub(crate) fn stub(&self) -> &SeatStub {
        &self.stub
    }

    /// Another member, by what is known of it.
    pub(crate) async fn other(&self, endpoints: &[String], peer: &Peer) -> Option<SeatStub> {
        for endpoint in endpoints {
            let bound = self._runtime.bind(endpoint).timeout(peer.timeout).await;
            if let Ok(stub) = bound {
                return Some(stub);
            }
        }
        None
    }

    /// Changes the state.
    ///
    /// # Errors
    /// The member refused or was lost, or its answer is none of ours.
    pub(crate) async fn submit(&self, told: &Told) -> Result<(Said, u64), Failure> {
        let answer = self
            .stub
            .submit(Asked {
                payload: told.encode(),
                performers: Vec::new(),
                quorum: None,
                domain: 0,
            })
            .await?;
        Ok((said(&answer.reply)?, answer.position))
    }

    /// Asks the replica of this member.
    ///
    /// # Errors
    /// As `submit`.
    pub(crate) async fn query(&self, question: &Question) -> Result<Said, Failure> {
        said(&self.stub.query(question.encode()).await?)
    }
}

fn said(bytes: &[u8]) -> Result<Said, Failure> {
    let said = Said::decode(bytes);
    said.map_err(|error| Failure::local("the member's answer is none of this version's", &error))
}
