//! The built-in state under active/standby replication: what the primary sends of each change.
//!
//! A request becomes the changes that were decided on, with the member that asked: the others make them, and decide
//! nothing.

use harness_control::wire::{Reader, Writer};
use harness_control::{Executed, Executor, Machine, RestoreError};
use harness_ring::{MemberId, RequestId};

use super::{KeyValue, Said, Told};

impl Executor for KeyValue {
    fn kind(&self) -> String {
        Machine::kind(self)
    }

    fn execute(&self, request: RequestId, payload: &[u8]) -> Executed {
        let told = match Told::decode(payload) {
            Ok(told) => told,
            Err(malformed) => {
                return Executed {
                    reply: Said::Refused(malformed.to_string()).encode(),
                    update: None,
                };
            }
        };
        let decision = self.decide(request.origin, &told);
        let update = decision
            .is_change
            .then(|| write_update(request.origin, payload));
        Executed {
            reply: decision.said.encode(),
            update,
        }
    }

    /// Nothing but this state changes, and a lost primary's has gone with it.
    fn is_idempotent(&self, _payload: &[u8]) -> bool {
        true
    }

    fn update(&mut self, update: &[u8]) -> Result<(), RestoreError> {
        let refused =
            |malformed: harness_control::wire::Malformed| RestoreError(malformed.to_string());
        let mut from = Reader::new(update);
        let mut origin = || {
            Ok(MemberId {
                slot: from.narrow("slot")?,
                incarnation: from.narrow("incarnation")?,
            })
        };
        let origin = origin().map_err(refused)?;
        let told = Told::decode(from.octets("change").map_err(refused)?).map_err(refused)?;
        from.end("update").map_err(refused)?;
        self.make(origin, told);
        Ok(())
    }

    fn view_changed(&mut self, members: &[MemberId]) {
        Machine::view_changed(self, members);
    }

    fn query(&self, question: &[u8]) -> Vec<u8> {
        Machine::query(self, question)
    }

    fn snapshot(&self) -> Vec<u8> {
        Machine::snapshot(self)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        Machine::restore(self, state)
    }
}

fn write_update(origin: MemberId, told: &[u8]) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(origin.slot);
    out.number(origin.incarnation);
    out.octets(told);
    out.finish()
}
