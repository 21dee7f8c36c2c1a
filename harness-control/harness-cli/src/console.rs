//! From the command line to a member that runs: binds, and says what failed.

use std::time::Duration;

use harness_control::{Asked, SeatStub, Status};
use rmix::Interface as _;

use crate::arguments::Peer;
use crate::failure::{Failure, LINK};
use crate::key_value::{Question, Said, Told};
use crate::providers::Providers;

/// A member to talk to.
pub(crate) struct Console {
    stub: SeatStub,
    runtime: rmix::Runtime,
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
        Ok(Console { stub, runtime })
    }

    pub(crate) fn stub(&self) -> &SeatStub {
        &self.stub
    }

    /// The status of another member, by what is known of it; none when it does not answer.
    pub(crate) fn status_of(
        &self,
        endpoints: &[String],
        timeout: Duration,
    ) -> impl Future<Output = Option<Status>> + Send + 'static {
        let runtime = self.runtime.clone();
        let endpoints = endpoints.to_vec();
        async move {
            for endpoint in &endpoints {
                let bound = runtime.bind::<SeatStub>(endpoint).timeout(timeout).await;
                if let Ok(stub) = bound {
                    return stub.status().await.ok();
                }
            }
            None
        }
    }

    /// Waits until the replica of this member is past a position, or the member answers without: it holds the call for
    /// some seconds, which are no part of the time that it has to answer.
    ///
    /// # Errors
    /// The member was lost, or does not answer.
    pub(crate) async fn past(&self, position: u64) -> Result<u64, Failure> {
        let stub = self.stub.stub();
        let patient = stub.with_timeout(stub.timeout().saturating_add(PAST_HELD_MAX));
        Ok(SeatStub::from_stub(patient).past(position).await?)
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
        let said = said(&answer.reply).map_err(Failure::after_the_fact)?;
        Ok((said, answer.position))
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

/// An answer to something else: it says nothing of what was done.
pub(crate) fn of_another_kind(said: &Said) -> Failure {
    Failure::with_code(LINK, format!("an answer of another kind: {said:?}"))
}

/// Above what any member holds a call of `past` for, which is 5 s.
const PAST_HELD_MAX: Duration = Duration::from_secs(10);
