//! The remote object of a member: checks who calls, reads packets, and hands over to the member's task.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use harness_ring::{Agreement, MemberId, Request, RequestId};
use tokio::sync::oneshot;

use crate::administration::is_of_this_host;
use crate::directory::{is_name, is_within, slot_of};
use crate::driver::Input;
use crate::error::SubmitError;
use crate::guests::NotAdmitted;
use crate::interface::{Answer, Asked, Chunk, Entry, Greeting, Refused, Seat, Welcome};
use crate::shared::{Shared, random};
use crate::status::Status;
use crate::wire::decode_packet;
use crate::{Octets, PROTOCOL, transfer};

/// A member, as others call it.
pub(crate) struct Host(pub(crate) Arc<Shared>);

impl Host {
    /// Refuses who takes something else for granted than this member.
    fn check(&self, greeting: &Greeting) -> Result<MemberId, Refused> {
        let shared = &self.0;
        let config = &shared.config;
        let different = |what: &str, theirs: &str, ours: &str| {
            Err(Refused::Different(format!(
                "{what} differs: the caller has {theirs:?}, this member {ours:?}"
            )))
        };
        if greeting.protocol != PROTOCOL {
            let (theirs, ours) = (greeting.protocol.to_string(), PROTOCOL.to_string());
            return different("the protocol between members", &theirs, &ours);
        }
        let texts = [&greeting.ring, &greeting.machine, &greeting.rules];
        let text_max = config.control.text_bytes_max;
        if texts.iter().any(|text| text.len() > text_max) {
            return Err(Refused::Limit(format!(
                "a text of the greeting is longer than {text_max} bytes"
            )));
        }
        if greeting.ring != config.ring {
            return different("the ring", &greeting.ring, &config.ring);
        }
        if greeting.machine != shared.kind {
            return different("the replicated state", &greeting.machine, &shared.kind);
        }
        if greeting.rules != config.rules() {
            return different("mode or policy", &greeting.rules, &config.rules());
        }
        let from = &greeting.from;
        if !is_name(&from.name) || from.slot != slot_of(&from.name) {
            let text = "the name has other characters than letters, digits, '-', '_' and '.', or is not that of the slot";
            return Err(Refused::Limit(text.to_owned()));
        }
        if !is_within(from, &config.control) {
            return Err(Refused::Limit(format!(
                "more than {} endpoints, or one of more than {text_max} bytes",
                config.control.endpoints_max
            )));
        }
        if from.slot == shared.myself().slot {
            let text = format!("this member has the name {:?}", config.name);
            return Err(Refused::Taken(text));
        }
        Ok(MemberId {
            slot: from.slot,
            incarnation: from.incarnation,
        })
    }

    fn welcome(&self, token: u64) -> Welcome {
        Welcome {
            token,
            who: self.0.entry(),
            known: self.0.directory().listed(),
        }
    }

    /// The member that has a token, and the life of this process that it was given in.
    fn caller(&self, token: u64) -> Option<(MemberId, u64)> {
        let found = self
            .0
            .guests()
            .guest(token)
            .map(|guest| (guest.member, guest.life));
        if found.is_none() {
            self.0.count("calls without a token");
        }
        found
    }

    /// The members of these names.
    fn performers(&self, names: &[String]) -> Result<BTreeSet<MemberId>, SubmitError> {
        if names.is_empty() {
            return Ok(BTreeSet::new());
        }
        let known = self.0.directory().all();
        let own = self.0.entry();
        let find = |name: &String| {
            let mut all = known.iter().chain([&own]);
            let found = all.find(|entry| entry.name == *name);
            let id = found.map(|entry| MemberId {
                slot: entry.slot,
                incarnation: entry.incarnation,
            });
            id.ok_or_else(|| SubmitError::NoSuchMember(name.clone()))
        };
        names.iter().map(find).collect()
    }

    /// What the ring is asked to order.
    pub(crate) fn request(&self, asked: Asked) -> Result<Request<Octets>, SubmitError> {
        let members = self.performers(&asked.performers)?;
        let wanted = asked
            .quorum
            .map(|wanted| usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok(Request {
            // The member's task counts.
            id: RequestId {
                origin: MemberId::first(0),
                number: 0,
            },
            payload: asked.payload.into(),
            members,
            agreement: wanted.map_or(Agreement::AllOf, Agreement::Quorum),
            domain: asked.domain,
        })
    }

    /// Refuses callers of other hosts, unless they were let in.
    fn check_administrator(&self) -> Result<(), Refused> {
        let caller = rmix::caller();
        let peer = caller.as_ref().map(rmix::Caller::peer);
        let endpoints = self.0.myself().listens;
        if self.0.config.remote_admin || peer.is_some_and(|peer| is_of_this_host(peer, &endpoints))
        {
            return Ok(());
        }
        self.0.count("refused administrators");
        Err(Refused::Forbidden(format!(
            "only from the member's own host (this call came from {}): over its loopback, Unix sockets or shared memory; \
             a member started with --remote-admin lets others too",
            peer.unwrap_or("an unknown place")
        )))
    }

    async fn reaches(&self, about: MemberId) -> bool {
        let Some(endpoints) = self.0.directory().endpoints(about) else {
            return false;
        };
        let Ok(stub) = self.0.bind(&endpoints).await else {
            return false;
        };
        let who = stub.ping().await;
        who.is_ok_and(|who| who.slot == about.slot && who.incarnation == about.incarnation)
    }
}

impl Seat for Host {
    async fn greet(&self, greeting: Greeting) -> Result<Welcome, Refused> {
        let member = self.check(&greeting)?;
        if !self.0.directory().lets_in(member, &self.0.config.control) {
            self.0.count("greetings of strangers");
            let name = &greeting.from.name;
            return Err(Refused::NotMember(format!(
                "{name:?} ({member}) is not in the view of this member, nor joining"
            )));
        }
        let token = random();
        let guests_max = self.0.config.control.guests_max;
        let admitted =
            self.0
                .guests()
                .admit(member, greeting.process, self.0.life(), token, guests_max);
        admitted.map_err(|why| match why {
            NotAdmitted::Taken => Refused::Taken(format!(
                "another process is {member}, named {:?}",
                greeting.from.name
            )),
            NotAdmitted::Outdated(known) => Refused::Outdated(known),
            NotAdmitted::Full => Refused::Busy(format!(
                "{guests_max} processes have greeted, which is the limit"
            )),
        })?;
        self.0
            .directory()
            .learn(greeting.from, &self.0.config.control);
        Ok(self.welcome(token))
    }

    async fn attend(&self, token: u64) -> String {
        let dismissal = self.0.guests().dismissal(token);
        let Some(mut dismissal) = dismissal else {
            return "this token was not given, or was taken back".to_owned();
        };
        match dismissal.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => "the token was taken back".to_owned(),
        }
    }

    async fn carry(&self, token: u64, packet: Vec<u8>) {
        let Some((from, life)) = self.caller(token) else {
            return;
        };
        let input = match decode_packet(&packet, &self.0.config.wire) {
            Ok(packet) => Input::Packet { from, life, packet },
            Err(malformed) => {
                self.0.count("packets malformed");
                tracing::warn!(target: "harness", peer = self.0.called(from), %malformed, "a packet is malformed");
                Input::Misbehaved { from }
            }
        };
        // Until there is room, the connection is not read.
        self.0.input(input).await;
    }

    async fn introduce(&self, token: u64, joiners: Vec<Entry>) {
        if let Some((from, _)) = self.caller(token) {
            let limits = &self.0.config.control;
            let joiners = joiners.into_iter().take(self.0.config.limits.members_max);
            self.0.directory().introduced(from, joiners, limits);
        }
    }

    async fn beat(&self, token: u64) {
        if let Some((from, life)) = self.caller(token) {
            self.0.input(Input::Beat { from, life }).await;
        }
    }

    async fn ping(&self) -> Entry {
        self.0.entry()
    }

    async fn probe(&self, slot: u32, incarnation: u32) -> bool {
        let about = MemberId { slot, incarnation };
        let within = self.0.config.timing.probe_within;
        let reached = tokio::time::timeout(within, self.reaches(about)).await;
        reached.unwrap_or(false)
    }

    async fn enroll(&self, greeting: Greeting) -> Result<Welcome, Refused> {
        self.check(&greeting)?;
        let (reply, outcome) = oneshot::channel();
        let greeting = Box::new(greeting);
        self.0.input(Input::Enroll { greeting, reply }).await;
        let ended = || Refused::NotMember("this process has left the ring".to_owned());
        outcome.await.unwrap_or_else(|_| Err(ended()))?;
        Ok(self.welcome(0))
    }

    async fn directory(&self) -> Vec<Entry> {
        let mut all = self.0.directory().listed();
        all.push(self.0.entry());
        all
    }

    async fn state(&self, epoch: u64, view: u64, offset: u64) -> Result<Chunk, Refused> {
        transfer::serve(&self.0, epoch, view, offset)
    }

    async fn submit(&self, asked: Asked) -> Result<Answer, Refused> {
        let request = self.request(asked)?;
        Ok(self.0.submit(request).await?)
    }

    async fn query(&self, question: Vec<u8>) -> Result<Vec<u8>, Refused> {
        let (reply, answer) = oneshot::channel();
        self.0.input(Input::Query { question, reply }).await;
        let without = || Refused::NotMember("this process has no state yet, or left".to_owned());
        answer.await.ok().flatten().ok_or_else(without)
    }

    async fn past(&self, position: u64) -> u64 {
        let mut positions = self.0.position.subscribe();
        let passed = positions.wait_for(|now| *now > position);
        let passed = tokio::time::timeout(PAST_WITHIN, passed).await;
        drop(passed);
        *self.0.position.borrow()
    }

    async fn status(&self) -> Result<Status, Refused> {
        let ended = || Refused::NotMember("this process has left the ring".to_owned());
        self.0.status().await.ok_or_else(ended)
    }

    async fn leave(&self) -> Result<(), Refused> {
        self.check_administrator()?;
        match self.0.input(Input::Leave).await {
            true => Ok(()),
            false => Err(Refused::NotMember(
                "this process has left already".to_owned(),
            )),
        }
    }

    async fn force_view(&self) -> Result<(), Refused> {
        self.check_administrator()?;
        self.0.force_view().await
    }
}

/// Below the usual deadline of a call.
const PAST_WITHIN: Duration = Duration::from_secs(5);
