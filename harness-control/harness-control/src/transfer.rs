//! The state of a view's start, on its way to a joiner: in parts of bounded size, from any member that has
//! it.

use harness_ring::{MemberId, ViewId};
use rmix::CallError;
use tokio::time::Instant;

use crate::Octets;
use crate::image;
use crate::interface::{Chunk, Refused, SeatStub};
use crate::shared::Shared;

/// A state that is kept for joiners.
#[derive(Clone)]
pub(crate) struct Snapshot {
    image: Octets,
    digest: u64,
}

impl Snapshot {
    pub(crate) fn new(image: Vec<u8>) -> Snapshot {
        Snapshot {
            digest: image::digest(image::DIGEST_START, &image),
            image: image.into(),
        }
    }

    /// The part that starts at an offset; none behind the end.
    pub(crate) fn chunk(&self, offset: u64, chunk_bytes: usize) -> Option<Chunk> {
        let from = usize::try_from(offset).ok()?;
        let to = from.saturating_add(chunk_bytes).min(self.image.len());
        Some(Chunk {
            total: self.image.len() as u64,
            digest: self.digest,
            part: self.image.get(from..to)?.to_vec(),
        })
    }
}

/// Fetches the state from members that have it. All have the same, so one goes on where another died.
pub(crate) async fn fetch(
    shared: &Shared,
    view: &ViewId,
    sources: &[MemberId],
    life: u64,
) -> Result<Octets, String> {
    let timing = shared.config.timing;
    let until = Instant::now() + timing.join_within;
    let mut fetched = Fetched::default();
    let mut last = "nobody has it".to_owned();
    while Instant::now() < until && shared.life() == life {
        for source in sources {
            let called = shared.called(*source);
            let Some(endpoints) = shared.directory().endpoints(*source) else {
                last = format!("nobody says where {called} is");
                continue;
            };
            let stub = match shared.bind(&endpoints).await {
                Ok(stub) => stub,
                Err(error) => {
                    last = format!("{called}: {error}");
                    continue;
                }
            };
            match fetched.go_on(shared, &stub, view).await {
                Ok(()) => return Ok(fetched.bytes.into()),
                Err(error) => {
                    tracing::debug!(target: "harness", source = called, error, "the state was not had from it");
                    last = format!("{called}: {error}");
                }
            }
        }
        // A source may not have come to the view yet.
        tokio::time::sleep(timing.reconnect_min).await;
    }
    Err(last)
}

/// What is there so far.
#[derive(Default)]
struct Fetched {
    bytes: Vec<u8>,
    /// Length and digest of the whole, once a source has told.
    whole: Option<(u64, u64)>,
}

impl Fetched {
    async fn go_on(
        &mut self,
        shared: &Shared,
        stub: &SeatStub,
        view: &ViewId,
    ) -> Result<(), String> {
        let (epoch, fingerprint) = Shared::snapshot_key(view);
        loop {
            let offset = self.bytes.len() as u64;
            if self.whole.is_some_and(|(total, _)| offset == total) {
                return self.check();
            }
            let chunk = stub.state(epoch, fingerprint, offset).await;
            let chunk = chunk.map_err(|error| match error {
                CallError::Fault(refused) => refused.to_string(),
                CallError::Failed(error) => error.to_string(),
            })?;
            self.take(chunk, shared.config.control.state_bytes_max)?;
        }
    }

    fn take(&mut self, chunk: Chunk, bytes_max: u64) -> Result<(), String> {
        let whole = (chunk.total, chunk.digest);
        if chunk.total > bytes_max {
            return Err(format!(
                "the state has {} bytes; the limit is {bytes_max}",
                chunk.total
            ));
        }
        if self.whole.is_some_and(|known| known != whole) {
            *self = Fetched::default();
            return Err("its state differs from that of another member".to_owned());
        }
        let there = (self.bytes.len() as u64).saturating_add(chunk.part.len() as u64);
        if there > chunk.total || (chunk.part.is_empty() && there < chunk.total) {
            return Err("it sent a part that does not fit".to_owned());
        }
        self.whole = Some(whole);
        self.bytes.extend_from_slice(&chunk.part);
        Ok(())
    }

    fn check(&mut self) -> Result<(), String> {
        let digest = image::digest(image::DIGEST_START, &self.bytes);
        if self.whole.is_some_and(|(_, told)| told == digest) {
            return Ok(());
        }
        *self = Fetched::default();
        Err("the state was damaged on its way".to_owned())
    }
}

/// Answers a joiner.
pub(crate) fn serve(shared: &Shared, epoch: u64, view: u64, offset: u64) -> Result<Chunk, Refused> {
    let snapshot = shared.snapshots().get(&(epoch, view)).cloned();
    let Some(snapshot) = snapshot else {
        let text = format!("no state of view {epoch} is kept here");
        return Err(Refused::Absent(text));
    };
    let chunk = snapshot.chunk(offset, shared.config.control.chunk_bytes);
    chunk.ok_or_else(|| Refused::Absent(format!("the state ends before byte {offset}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(total: u64) -> Chunk {
        Chunk {
            total,
            digest: 7,
            part: vec![0; 10],
        }
    }

    #[test]
    fn a_state_as_large_as_the_limit_is_taken_and_no_larger_one() {
        let mut fetched = Fetched::default();
        assert_eq!(fetched.take(chunk(100), 100), Ok(()));
        assert_eq!(fetched.bytes.len(), 10);
        let mut fetched = Fetched::default();
        let refused = fetched.take(chunk(101), 100);
        let why = "the state has 101 bytes; the limit is 100".to_owned();
        assert_eq!(refused, Err(why));
        assert!(fetched.bytes.is_empty(), "nothing of it is kept");
    }

    #[test]
    fn a_part_beyond_the_length_that_was_told_is_not_taken() {
        let mut fetched = Fetched::default();
        assert_eq!(fetched.take(chunk(10), 100), Ok(()), "all of it");
        let mut fetched = Fetched::default();
        assert!(fetched.take(chunk(9), 100).is_err(), "one byte less");
    }
}
