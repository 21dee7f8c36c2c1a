//! Of a one-way call that ended in place the responder goes back to the provider; of any other it does not. Either way it
//! ends once.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use rmix_abi::guest::{self, BoxFuture, CallFacts, Host, InboundCall, Open, Provider, Respond};
use rmix_abi::host::{Inbound, ReplyTo};
use rmix_abi::tables::{
    Dec, DecVt, Enc, Err, Limits, ProviderEntry, cause, kind, profile, refusal,
};

use crate::bare::{self, BareHost, now};
use crate::panics::{EMPTY, PanickingLink};

/// What became of the responder, in order.
type Fate = Arc<Mutex<Vec<String>>>;

struct Told(Fate);

impl Told {
    fn tell(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
}

impl Respond for Told {
    fn begin(&mut self, _: u32, _: u32) -> Result<Enc, Err> {
        self.tell("begun");
        Err(Err::new(kind::INTERNAL, cause::OTHER, "no answers here"))
    }
    fn submit(&mut self, _: Enc) -> Result<(), Err> {
        Ok(())
    }
    fn abort(&mut self, _: Enc) {}
    fn refuse(&mut self, reason: u32, _: &str) {
        assert_eq!(reason, refusal::DONE);
        self.tell("done");
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.tell("dropped");
    }
}

/// Whoever connects has it dispatch a call that nobody waits for, and is told what came back and what the responder saw.
struct Dispatching(Host);

impl Provider for Dispatching {
    const NAME: &'static str = "dispatching";
    const VERSION: &'static str = "1";
    const SCHEMES: &'static str = "dispatching";
    const CAPABILITIES: u64 = 0;
    type Link = PanickingLink;
    type Listener = PanickingLink;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(Dispatching(host))
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<PanickingLink>, Err>> {
        let fate = Fate::default();
        let facts = CallFacts {
            object: 1,
            connection: 1,
            method: None,
            number: 0,
            oneway: true,
            arguments: None,
            peer: "peer",
            claim: None,
        };
        let table: &'static DecVt = &EMPTY;
        let dec = Dec::over(Bytes::new(), table, profile::NONE, 1, 1);
        let call = InboundCall::new(facts, dec, Told(fate.clone()));
        let back = match open.endpoint.as_str() {
            "returns" => self.0.dispatch_oneway(call),
            _ => {
                self.0.dispatch(call);
                None
            }
        };
        let seen = fate.lock().unwrap().join(", ");
        let what = match back {
            Some(_) => format!("back: {seen}"),
            None => format!("gone: {seen}"),
        };
        drop(back);
        let ends = fate.lock().unwrap().join(", ");
        let message = format!("{what}; in the end: {ends}");
        Box::pin(async move { Err(Err::new(kind::RETRY, cause::OTHER, message)) })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<PanickingLink>, Err>> {
        self.connect(open)
    }
}

static ENTRY: ProviderEntry = guest::entry::<Dispatching>();

fn told(host: BareHost, endpoint: &str) -> String {
    let provider = bare::start(&ENTRY, Arc::new(host)).unwrap();
    let connected = now(provider.connect(endpoint, &Limits::default(), 1));
    let failure = connected.err().expect("it always fails");
    failure.text().into_owned()
}

#[test]
fn a_responder_that_was_not_needed_comes_back_unused() {
    let host = BareHost::dispatching(|_| true);
    assert_eq!(told(host, "returns"), "back: ; in the end: dropped");
}

#[test]
fn a_provider_that_does_not_want_it_back_has_it_ended() {
    let host = BareHost::dispatching(|_| true);
    let ended = "gone: done, dropped; in the end: done, dropped";
    assert_eq!(told(host, "keeps"), ended);
}

#[test]
fn a_responder_that_was_used_does_not_come_back() {
    let host = BareHost::dispatching(|call| {
        taken(call).done();
        true
    });
    let ended = "gone: done, dropped; in the end: done, dropped";
    assert_eq!(told(host, "returns"), ended);
}

#[test]
fn a_responder_of_a_call_that_goes_on_ends_with_it() {
    let kept: Arc<Mutex<Vec<ReplyTo>>> = Arc::default();
    let keeping = kept.clone();
    let host = BareHost::dispatching(move |call| {
        keeping.lock().unwrap().push(taken(call));
        false
    });
    assert_eq!(told(host, "returns"), "gone: ; in the end: ");
    let kept = kept.lock().unwrap().pop().expect("it was kept");
    kept.done();
}

#[test]
fn a_host_that_panics_has_ended_the_responder() {
    let host = BareHost::dispatching(|_| panic!("in dispatch"));
    let ended = "gone: dropped; in the end: dropped";
    assert_eq!(told(host, "returns"), ended);
}

fn taken(call: &mut Inbound<'_>) -> ReplyTo {
    call.reply_to.take().expect("it came with the call")
}
