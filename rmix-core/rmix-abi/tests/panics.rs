//! Nothing unwinds across: a provider whose functions panic gives errors with the cause PANIC and the host lives on; so
//! does a host whose services panic.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{
    self, Begin, BoxFuture, CallFacts, Encode, EncodeHooks, Host, InboundCall, Open, Prims,
    Provider, Respond,
};
use rmix_abi::host::{Began, Encoding, Link, StartedProvider};
use rmix_abi::tables::{
    AbiWaker, Buf, CallOptions, Dec, DecVt, Enc, EncVt, Err, Fault, Limits, ProviderEntry, Reply,
    cause, delivery, fault, kind, profile, reply,
};

use crate::bare::{self, BareHost, now};

/// A provider that panics in the function its endpoint names.
struct Panicking {
    host: Host,
}

pub(crate) struct PanickingLink {
    place: String,
    host: Host,
    open: Open,
}

impl PanickingLink {
    fn reach(&self, place: &str) {
        assert!(self.place != place, "in {place}");
    }
}

impl Provider for Panicking {
    const NAME: &'static str = "panicking";
    const VERSION: &'static str = "1";
    const SCHEMES: &'static str = "panicking";
    const CAPABILITIES: u64 = 0;
    type Link = PanickingLink;
    type Listener = PanickingLink;

    fn new(host: Host) -> Result<Self, Err> {
        assert!(host.next_connection() != u64::MAX, "in new");
        Ok(Panicking { host })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<PanickingLink>, Err>> {
        assert!(open.endpoint != "connect", "in connect");
        let host = self.host;
        Box::pin(async move {
            assert!(open.endpoint != "connecting", "in connecting");
            if open.endpoint == "blocking" && host.blocking(|| ()).await.is_none() {
                let message = "the work was not done";
                return Err(Err::new(kind::RETRY, cause::SHUTDOWN, message));
            }
            Ok(Arc::new(PanickingLink {
                place: open.endpoint.clone(),
                host,
                open,
            }))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<PanickingLink>, Err>> {
        self.connect(open)
    }
}

impl guest::Link for PanickingLink {
    fn begin(&self, _: &MethodDesc, _: u32, _: u32) -> Result<Begin, Err> {
        self.reach("begin");
        Ok(Begin::Ready(Enc::new(
            Buf::new(),
            &PANICKING_CODEC,
            profile::NONE,
            1000,
        )))
    }
    fn submit(&self, _: Enc, _: &CallOptions) -> Result<u64, Err> {
        self.reach("submit");
        if self.place == "responder" {
            self.host.dispatch(InboundCall::new(
                CallFacts {
                    object: self.open.object,
                    connection: 1,
                    method: Some(b"method"),
                    number: 0,
                    oneway: false,
                    arguments: None,
                    peer: "peer",
                    claim: None,
                },
                Dec::over(Bytes::new(), &EMPTY, profile::NONE, 1, 1),
                PanickingResponder,
            ));
        }
        Ok(1)
    }
    fn abort(&self, _: Enc) {
        self.reach("abort");
    }
    fn poll_call(&self, _: u64, _: &AbiWaker) -> Poll<Result<Reply, Err>> {
        self.reach("poll_call");
        Poll::Ready(Err(Err::new(kind::RETRY, cause::OTHER, "no answers here")))
    }
    fn drop_call(&self, _: u64) {
        self.reach("drop_call");
    }
    fn poll_ready(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        self.reach("poll_ready");
        Poll::Ready(Ok(()))
    }
    fn poll_flush(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        self.reach("poll_flush");
        Poll::Ready(Ok(()))
    }
    fn poll_close(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        self.reach("poll_close");
        Poll::Ready(Ok(()))
    }
    fn abandon(&self) {
        self.reach("abandon");
    }
    fn is_open(&self) -> bool {
        self.reach("is_open");
        true
    }
    fn describe(&self) -> String {
        self.reach("describe");
        self.place.clone()
    }
}

impl guest::Listener for PanickingLink {
    fn endpoint(&self) -> String {
        self.reach("endpoint");
        self.place.clone()
    }
    fn poll_close(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        self.reach("poll_close");
        Poll::Ready(Ok(()))
    }
    fn abandon(&self) {
        self.reach("abandon");
    }
}

impl Drop for PanickingLink {
    fn drop(&mut self) {
        self.reach("drop");
    }
}

struct PanickingResponder;

impl Respond for PanickingResponder {
    fn begin(&mut self, _: u32, _: u32) -> Result<Enc, Err> {
        panic!("in the responder's begin");
    }
    fn submit(&mut self, _: Enc) -> Result<(), Err> {
        panic!("in the responder's submit");
    }
    fn abort(&mut self, _: Enc) {
        panic!("in the responder's abort");
    }
    fn refuse(&mut self, _: u32, _: &str) {
        panic!("in the responder's refuse");
    }
}

impl Drop for PanickingResponder {
    fn drop(&mut self) {
        panic!("in the responder's drop");
    }
}

/// Panics at every value.
struct PanickingCodec;

type Done = Result<(), Fault>;

macro_rules! panicking {
    ($($name:ident($($ty:ty),*) -> $result:ty;)*) => { $(
        fn $name(_: &mut Enc $(, _: $ty)*) -> $result {
            panic!("in the encoder");
        }
    )* };
}

impl Encode for PanickingCodec {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: false,
        structs: false,
        fields: false,
        variant_ends: false,
        arguments: false,
    };
    panicking! {
        bool(bool) -> Done; i8(i8) -> Done; i16(i16) -> Done; i32(i32) -> Done; i64(i64) -> Done; u8(u8) -> Done;
        u16(u16) -> Done; u32(u32) -> Done; u64(u64) -> Done; f32(f32) -> Done; f64(f64) -> Done; char(u32) -> Done;
        str(&[u8]) -> Done; bytes(&[u8]) -> Done; unit() -> Done; none() -> Done; some() -> Done;
        begin_seq(u64, u32) -> Result<u64, Fault>; end_seq(u64, u32, u64) -> Done; prims(Prims<'_>) -> Done;
        begin_map(u64) -> Result<u64, Fault>; end_map(u64, u64) -> Done;
        begin_variant(&[u8], &[u8], u32, u32) -> Done;
    }
}

static PANICKING_CODEC: EncVt = guest::enc_table::<PanickingCodec>();
/// A codec that decodes nothing.
pub(crate) static EMPTY: DecVt = {
    // SAFETY: every entry of the table is optional, and all zeros is absent.
    let mut table: DecVt = unsafe { std::mem::zeroed() };
    table.size = size_of::<DecVt>();
    table
};
static ENTRY: ProviderEntry = guest::entry::<Panicking>();

fn start(host: Arc<BareHost>) -> Result<Arc<StartedProvider>, Err> {
    bare::start(&ENTRY, host)
}

fn link(place: &str) -> Result<Arc<Link>, Err> {
    link_on(Arc::new(BareHost::at("nowhere")), place)
}

fn link_on(host: Arc<BareHost>, place: &str) -> Result<Arc<Link>, Err> {
    let provider = start(host)?;
    now(provider.connect(place, &Limits::default(), 1)).map(Arc::new)
}

fn begin(link: &Arc<Link>) -> Result<Encoding, Err> {
    static METHOD: std::sync::LazyLock<MethodDesc> =
        std::sync::LazyLock::new(|| MethodDesc::dynamic("method", 0, 0));
    match link.begin(&METHOD, 1, 0, 4)? {
        Began::Ready(encoding) => Ok(encoding),
        Began::Full => panic!("this provider is never full"),
    }
}

const OPTIONS: CallOptions = CallOptions {
    size: size_of::<CallOptions>(),
    deadline_ns: 0,
};

#[track_caller]
fn panicked<T>(result: Result<T, Err>) {
    let failure = result.err().expect("a panic is an error");
    assert_eq!(failure.cause, cause::PANIC);
    assert_eq!(failure.kind, kind::INTERNAL);
    assert_eq!(failure.delivery, delivery::MAYBE_EXECUTED);
    assert_eq!(failure.text(), "the provider panicked");
}

#[test]
fn provider_that_panics_while_it_starts_or_opens_gives_an_error() {
    panicked(start(Arc::new(BareHost::at("new"))));
    panicked(link("connect"));
    panicked(link("connecting"));
    let provider = start(Arc::new(BareHost::at("nowhere"))).unwrap();
    panicked(now(provider.listen("connect", &Limits::default(), 1, None)));
    panicked(now(provider.listen(
        "connecting",
        &Limits::default(),
        1,
        None,
    )));
}

#[test]
fn work_that_is_not_done_is_told() {
    assert!(link("blocking").is_ok());
    let stopped = Arc::new(BareHost::at("stopped"));
    let failure = link_on(stopped, "blocking").err().expect("it is told");
    assert_eq!(failure.text(), "the work was not done");
}

#[test]
fn link_that_panics_gives_an_error_and_can_be_used_again() {
    let begun = link("begin").unwrap();
    panicked(begin(&begun));
    panicked(begin(&begun));

    let submitted = link("submit").unwrap();
    panicked(begin(&submitted).unwrap().submit(&OPTIONS));
    panicked(begin(&submitted).unwrap().submit_oneway(&OPTIONS));

    let polled = link("poll_call").unwrap();
    panicked(now(begin(&polled).unwrap().submit(&OPTIONS).unwrap()));

    let cx = &mut Context::from_waker(Waker::noop());
    for place in ["poll_ready", "poll_flush", "poll_close"] {
        let link = link(place).unwrap();
        let polled = [
            link.poll_ready(cx),
            link.poll_flush(cx),
            link.poll_close(cx),
        ];
        for (name, polled) in ["poll_ready", "poll_flush", "poll_close"]
            .into_iter()
            .zip(polled)
        {
            match polled {
                Poll::Ready(result) if name == place => panicked(result),
                Poll::Ready(result) => result.unwrap(),
                Poll::Pending => panic!("nothing here waits"),
            }
        }
    }
}

#[test]
fn functions_without_a_result_swallow_the_panic() {
    drop(begin(&link("abort").unwrap()).unwrap());
    drop(
        begin(&link("drop_call").unwrap())
            .unwrap()
            .submit(&OPTIONS)
            .unwrap(),
    );
    link("abandon").unwrap().abandon();
    assert!(!link("is_open").unwrap().is_open());
    assert_eq!(link("describe").unwrap().describe(), "");
    drop(link("drop").unwrap());

    let provider = start(Arc::new(BareHost::at("nowhere"))).unwrap();
    let listener = now(provider.listen("endpoint", &Limits::default(), 1, None)).unwrap();
    assert_eq!(listener.endpoint(), "");
}

#[test]
fn encoder_that_panics_is_a_fault_of_its_own_class() {
    let link = link("nowhere").unwrap();
    let mut encoding = begin(&link).unwrap();

    for _ in 0..2 {
        let failure = encoding.argument(0, &1_u32).unwrap_err();
        assert_eq!(failure.class(), fault::PANIC);
        assert!(
            failure.to_string().starts_with("the encoder panicked"),
            "{failure}"
        );
    }
}

#[test]
fn responder_that_panics_gives_the_host_an_error() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let told = answers.clone();
    let host = BareHost::dispatching(move |call| {
        let reply_to = call.reply_to.take().expect("it came with the call");
        let answered = reply_to.reply(reply::VALUE, 0, 4, &1_u8);
        told.lock().unwrap().push(answered);
        true
    });
    let link = link_on(Arc::new(host), "responder").unwrap();

    begin(&link).unwrap().submit(&OPTIONS).unwrap();

    let answer = answers.lock().unwrap().pop();
    panicked(answer.expect("the call was dispatched"));
}

#[test]
fn host_that_panics_in_dispatch_does_not_unwind_into_the_provider() {
    let host = BareHost::dispatching(|_| panic!("in dispatch"));
    let link = link_on(Arc::new(host), "responder").unwrap();

    begin(&link).unwrap().submit(&OPTIONS).unwrap();

    assert!(link.is_open());
}
