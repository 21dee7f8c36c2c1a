//! Active/standby replication: the first member of the view runs the requests, the others take what it changed.
//!
//! ```text
//! log        request A    request B       result of A     result of B            view without the primary
//! primary    runs A       keeps B         changes, runs B changes                (lost)
//! standby    keeps A      keeps B         changes         changes                the next primary goes on
//! ```
//! The primary runs what is first in the queue, and nothing else before its result came back in the common order. So
//! the states of all members are equal at equal positions, the primary's too, and one request at most is in doubt when a
//! primary is lost. A view has its place in the queue: what it changes waits until the requests before it are settled.

use std::collections::{BTreeMap, VecDeque};

use harness_ring::{Failure, MemberId, Request, RequestId, Word};

use crate::Octets;
use crate::executor::{Executed, Executor};
use crate::image::{self, Place};
use crate::interface::Answer;
use crate::replication::{Effect, LoadError, Replication};
use crate::wire::{
    Malformed, Reader, WireLimits, Writer, encode_word, read_member, read_request, write_member,
    write_request,
};

/// Requests that one member runs.
pub struct Standby<E> {
    executor: E,
    me: MemberId,
    /// The primary first.
    members: Vec<MemberId>,
    /// Requests that are not settled, and the views among them.
    queue: VecDeque<Entry>,
    waiting: usize,
    /// The last request of each origin: one that is submitted again is not done again. Only of the view: nothing of who
    /// is out is taken any more, and who comes back is another incarnation.
    last: BTreeMap<MemberId, u64>,
    /// Whether this member has run what is first in the queue.
    has_run: bool,
    limits: StandbyLimits,
    wire: WireLimits,
    place: Place,
    effects: VecDeque<Effect>,
}

/// What bounds a standby replica; the same for all members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StandbyLimits {
    /// Requests without outcome of all members together. Default 65,536; beyond, they are refused as busy.
    pub waiting_max: usize,
    /// Bytes of the reply and the update of one request. Default 256 KiB; beyond, the request is not done, and the
    /// state stays as it is. With what stands around it, it must fit in `harness_ring::Limits::queued_bytes_max`.
    pub result_bytes_max: usize,
}

impl Default for StandbyLimits {
    fn default() -> StandbyLimits {
        StandbyLimits {
            waiting_max: 65_536,
            result_bytes_max: 256 << 10,
        }
    }
}

enum Entry {
    Request(Request<Octets>),
    View(Vec<MemberId>),
}

impl<E: Executor> Standby<E> {
    /// A replica of a group that nobody is in yet.
    pub fn new(executor: E, limits: StandbyLimits, wire: WireLimits) -> Standby<E> {
        Standby {
            executor,
            me: MemberId::first(0),
            members: Vec::new(),
            queue: VecDeque::new(),
            waiting: 0,
            last: BTreeMap::new(),
            has_run: false,
            limits,
            wire,
            place: Place::START,
            effects: VecDeque::new(),
        }
    }

    /// The state.
    pub fn executor(&self) -> &E {
        &self.executor
    }

    fn is_primary(&self) -> bool {
        self.members.first() == Some(&self.me)
    }

    fn request(&mut self, request: Request<Octets>) {
        let last = self.last.get(&request.id.origin);
        let is_repeated = last.is_some_and(|last| *last >= request.id.number);
        let is_out = !self.members.contains(&request.id.origin);
        let is_too_many = self.waiting >= self.limits.waiting_max;
        if is_repeated || is_out || is_too_many || self.refuses(&request).is_some() {
            return self.effects.push_back(Effect::Ignored(request.id));
        }
        self.last.insert(request.id.origin, request.id.number);
        self.queue.push_back(Entry::Request(request));
        self.waiting += 1;
    }

    /// Only the primary's word on what is first in the queue counts: a late one of an earlier primary does not.
    fn result(&mut self, origin: MemberId, id: RequestId, result: Result<Octets, Failure>) {
        if self.members.first() != Some(&origin) || self.in_doubt() != Some(id) {
            return self.effects.push_back(Effect::Ignored(id));
        }
        self.take_first();
        let reply = match result {
            Ok(bytes) => self.change(&bytes),
            Err(_) => None,
        };
        if id.origin == self.me {
            let answer = Answer {
                done: reply.is_some(),
                reply: reply.unwrap_or_default(),
                position: self.place.position,
            };
            let request = id;
            self.effects.push_back(Effect::Outcome { request, answer });
        }
    }

    /// Makes the change, and returns the reply; none when the primary sent what is no change.
    fn change(&mut self, result: &[u8]) -> Option<Vec<u8>> {
        let executed = read_executed(result).ok()?;
        if let Some(update) = &executed.update
            && let Err(error) = self.executor.update(update)
        {
            tracing::error!(target: "harness", %error, "an update of the primary was refused");
            return None;
        }
        Some(executed.reply)
    }

    /// The request that the primary was given, and others not yet.
    fn in_doubt(&self) -> Option<RequestId> {
        match self.queue.front() {
            Some(Entry::Request(request)) => Some(request.id),
            _ => None,
        }
    }

    fn take_first(&mut self) {
        if let Some(Entry::Request(_)) = self.queue.pop_front() {
            self.waiting -= 1;
        }
        self.has_run = false;
    }

    /// What the lost primary may have run is not run again, unless that does no harm. What stands behind it was never
    /// begun.
    fn primary_is_lost(&mut self) {
        self.has_run = false;
        let Some(Entry::Request(request)) = self.queue.front() else {
            return;
        };
        if self.executor.is_idempotent(&request.payload) {
            return;
        }
        let id = request.id;
        self.take_first();
        self.effects.push_back(Effect::Interrupted(id));
    }

    /// Views at the front take effect; a request there is run, here or elsewhere.
    fn go_on(&mut self) {
        while let Some(Entry::View(members)) = self.queue.front() {
            self.executor.view_changed(members);
            self.queue.pop_front();
        }
        if self.has_run || !self.is_primary() {
            return;
        }
        let Some(Entry::Request(request)) = self.queue.front() else {
            return;
        };
        self.has_run = true;
        let id = request.id;
        let executed = write_executed(&self.executor.execute(id, &request.payload));
        let bytes_max = self.limits.result_bytes_max;
        let result = match executed.len() <= bytes_max {
            true => Ok(Octets::from(executed)),
            false => {
                let bytes = executed.len();
                tracing::error!(target: "harness", bytes, bytes_max, "what came of a request is too large: it is not done");
                Err(Failure::Failed)
            }
        };
        self.effects
            .push_back(Effect::Broadcast(Word::Result { id, result }));
    }
}

impl<E: Executor> Replication for Standby<E> {
    fn kind(&self) -> String {
        let StandbyLimits {
            waiting_max,
            result_bytes_max,
        } = self.limits;
        let kind = self.executor.kind();
        format!("standby {kind}, {waiting_max} waiting, {result_bytes_max} bytes")
    }

    fn found(&mut self, me: MemberId, members: &[MemberId]) {
        self.me = me;
        self.members = members.to_vec();
        self.executor.view_changed(members);
    }

    fn refuses(&self, request: &Request<Octets>) -> Option<&'static str> {
        let names_some = !request.members.is_empty();
        names_some.then_some("the primary runs all requests: they cannot name members")
    }

    fn deliver(&mut self, origin: MemberId, word: Word<Octets>) {
        self.place.note(&encode_word(&word));
        match word {
            Word::Request(request) => self.request(request),
            Word::Result { id, result } => self.result(origin, id, result),
        }
        self.go_on();
    }

    fn view_change(&mut self, members: &[MemberId]) {
        self.place.note_view(members);
        let is_lost = self.members.first() != members.first();
        self.members = members.to_vec();
        self.last.retain(|origin, _| members.contains(origin));
        if is_lost {
            self.primary_is_lost();
        }
        self.queue.push_back(Entry::View(members.to_vec()));
        self.go_on();
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn image(&self) -> Vec<u8> {
        let mut out = Writer::new();
        image::write_place(&mut out, self.place);
        write_members(&mut out, &self.members);
        out.length(self.queue.len());
        for entry in &self.queue {
            match entry {
                Entry::Request(request) => {
                    out.flag(false);
                    write_request(&mut out, request);
                }
                Entry::View(members) => {
                    out.flag(true);
                    write_members(&mut out, members);
                }
            }
        }
        out.length(self.last.len());
        for (member, number) in &self.last {
            write_member(&mut out, *member);
            out.number(*number);
        }
        out.octets(&self.executor.snapshot());
        out.finish()
    }

    fn load(&mut self, me: MemberId, bytes: &[u8]) -> Result<(), LoadError> {
        let image = read_image(bytes, &self.wire, self.limits.waiting_max)?;
        let requests = image.queue.iter();
        let waiting = requests
            .filter(|entry| matches!(entry, Entry::Request(_)))
            .count();
        if waiting > self.limits.waiting_max {
            return Err(LoadError::Waiting(waiting));
        }
        self.executor
            .restore(image.state)
            .map_err(LoadError::State)?;
        self.me = me;
        self.members = image.members;
        self.queue = image.queue;
        self.waiting = waiting;
        self.last = image.last;
        self.has_run = false;
        self.place = image.place;
        self.effects.clear();
        Ok(())
    }

    fn query(&self, question: &[u8]) -> Vec<u8> {
        self.executor.query(question)
    }

    fn position(&self) -> u64 {
        self.place.position
    }

    fn digest(&self) -> u64 {
        self.place.digest
    }
}

/// What a joiner loads.
struct Image<'a> {
    place: Place,
    members: Vec<MemberId>,
    queue: VecDeque<Entry>,
    last: BTreeMap<MemberId, u64>,
    state: &'a [u8],
}

/// `waiting_max` requests may stand in the queue, and as many views among them as a list may have.
fn read_image<'a>(
    bytes: &'a [u8],
    wire: &WireLimits,
    waiting_max: usize,
) -> Result<Image<'a>, Malformed> {
    let mut from = Reader::new(bytes);
    let place = image::read_place(&mut from)?;
    let members = from.list("members", wire.members_max, read_member)?;
    let queue_max = waiting_max.saturating_add(wire.flush_max);
    let queue = from.list("queue", queue_max, |from| {
        Ok(match from.flag("kind of entry")? {
            false => Entry::Request(read_request(from, wire)?),
            true => Entry::View(from.list("members", wire.members_max, read_member)?),
        })
    })?;
    let last = image::read_last(&mut from, wire, &members)?;
    let state = from.octets("state")?;
    from.end("image")?;
    Ok(Image {
        place,
        members,
        queue: queue.into(),
        last,
        state,
    })
}

fn write_members(out: &mut Writer, members: &[MemberId]) {
    out.length(members.len());
    members.iter().for_each(|member| write_member(out, *member));
}

fn write_executed(executed: &Executed) -> Vec<u8> {
    let mut out = Writer::new();
    out.octets(&executed.reply);
    out.flag(executed.update.is_some());
    if let Some(update) = &executed.update {
        out.octets(update);
    }
    out.finish()
}

fn read_executed(bytes: &[u8]) -> Result<Executed, Malformed> {
    let mut from = Reader::new(bytes);
    let reply = from.octets("reply")?.to_vec();
    let update = from.option("update", |from| Ok(from.octets("update")?.to_vec()))?;
    from.end("result")?;
    Ok(Executed { reply, update })
}
