//! Links, listeners and calls of a provider as safe Rust.

use std::future::Future;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};

use super::loader::StartedProvider;
use super::{CodecError, de, ser};
use crate::describe::MethodDesc;
use crate::tables::{
    AbiWaker, Buf, CallOptions, Dec, Enc, Err, FULL, LinkVt, ListenerVt, OK, Opened, PENDING,
    Reply, Status, cause, fault, kind,
};

/// A link to one peer.
pub struct Link {
    object: *const (),
    vt: &'static LinkVt,
    // The provider may not be released before its links.
    _provider: Arc<StartedProvider>,
}

// SAFETY: links may be used from any thread (a rule of the boundary).
unsafe impl Send for Link {}
// SAFETY: as above.
unsafe impl Sync for Link {}

/// What beginning a call came to.
pub enum Began {
    /// Encode the arguments, then submit.
    Ready(Encoding),
    /// Too much is queued; wait with [`Link::poll_ready`].
    Full,
}

impl Link {
    pub(super) fn new(opened: &Opened, provider: Arc<StartedProvider>) -> Option<Link> {
        if opened.link.is_null() {
            return None;
        }
        Some(Link {
            object: opened.object,
            // SAFETY: tables live for ever (a rule of the boundary).
            vt: unsafe { &*opened.link },
            _provider: provider,
        })
    }

    /// Starts a call; the provider lends its buffer. `depth` bounds the nesting of the arguments.
    ///
    /// # Errors
    /// The link is closed (`Reconnect`, not sent), or the protocol cannot carry such a call.
    pub fn begin(
        self: &Arc<Link>,
        method: &'static MethodDesc,
        arguments: u32,
        flags: u32,
        depth: u32,
    ) -> Result<Began, Err> {
        let mut enc = MaybeUninit::<Enc>::uninit();
        let mut err = Err::default();
        // SAFETY: the link is live; on `OK` the provider has filled the encoder.
        let status = unsafe {
            (self.vt.begin)(
                self.object,
                method,
                arguments,
                flags,
                enc.as_mut_ptr(),
                &mut err,
            )
        };
        match status {
            OK => {
                // SAFETY: as above.
                let mut enc = unsafe { enc.assume_init() };
                enc.depth_left = depth;
                Ok(Began::Ready(Encoding {
                    link: Some(self.clone()),
                    enc: ManuallyDrop::new(enc),
                    open: true,
                }))
            }
            FULL => Ok(Began::Full),
            _ => Err(err),
        }
    }

    /// Ready when a call may be begun.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Err>> {
        self.poll(self.vt.poll_ready, cx)
    }

    /// Ready when all that was submitted is with the kernel.
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Err>> {
        self.poll(self.vt.poll_flush, cx)
    }

    /// Refuses new calls; ready when the others are finished and the connection is closed.
    pub fn poll_close(&self, cx: &mut Context<'_>) -> Poll<Result<(), Err>> {
        self.poll(self.vt.poll_close, cx)
    }

    fn poll(
        &self,
        entry: unsafe extern "C" fn(*const (), *const AbiWaker, *mut Err) -> Status,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Err>> {
        // SAFETY: the link is live.
        unsafe { poll_object(self.object, entry, cx) }
    }

    /// Closes at once: calls in flight fail.
    pub fn abandon(&self) {
        // SAFETY: the link is live.
        unsafe { (self.vt.abandon)(self.object) }
    }

    /// Whether new calls may be begun.
    pub fn is_open(&self) -> bool {
        // SAFETY: the link is live.
        unsafe { (self.vt.is_open)(self.object) != 0 }
    }

    /// The peer, for people.
    pub fn describe(&self) -> String {
        // SAFETY: the link is live.
        read_text(|out| unsafe { (self.vt.describe)(self.object, out) })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // SAFETY: released once; calls hold the link, so none is left.
        unsafe { (self.vt.release)(self.object) }
    }
}

/// # Safety
/// `object` is live and `entry` belongs to its table.
unsafe fn poll_object(
    object: *const (),
    entry: unsafe extern "C" fn(*const (), *const AbiWaker, *mut Err) -> Status,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Err>> {
    let mut err = Err::default();
    // SAFETY: the caller vouches for object and entry; the waker is lent for the call.
    match unsafe { entry(object, &*AbiWaker::lend(cx.waker()), &mut err) } {
        PENDING => Poll::Pending,
        OK => Poll::Ready(Ok(())),
        _ => Poll::Ready(Err(err)),
    }
}

fn read_text(fill: impl FnOnce(*mut Buf)) -> String {
    let mut out = Buf::new();
    fill(&mut out);
    String::from_utf8_lossy(out.as_slice()).into_owned()
}

/// A call whose arguments are being encoded; dropped, it gives the buffer back unsent.
pub struct Encoding {
    /// Until the call has it.
    link: Option<Arc<Link>>,
    enc: ManuallyDrop<Enc>,
    open: bool,
}

impl Encoding {
    /// Encodes argument `index`.
    ///
    /// # Errors
    /// The protocol cannot carry the value, or a limit is exceeded. Nothing was sent.
    pub fn argument<T: Serialize + ?Sized>(
        &mut self,
        index: u32,
        value: &T,
    ) -> Result<(), CodecError> {
        put_argument(&mut self.enc, index, value)
    }

    /// Queues a one-way call.
    ///
    /// # Errors
    /// The link is closed; the error's delivery status says whether anything was sent.
    pub fn submit_oneway(mut self, options: &CallOptions) -> Result<(), Err> {
        self.submit_raw(options).map(|_| ())
    }

    /// Queues the call.
    ///
    /// # Errors
    /// As [`Encoding::submit_oneway`].
    pub fn submit(mut self, options: &CallOptions) -> Result<Call, Err> {
        let number = self.submit_raw(options)?;
        let link = self.link.take();
        let link = link.expect("only this takes it, and takes the whole");
        Ok(Call { link, number })
    }

    fn submit_raw(&mut self, options: &CallOptions) -> Result<u64, Err> {
        let mut number = 0;
        let mut err = Err::default();
        self.open = false;
        let link = self.link.as_ref();
        let link = link.expect("only `submit` takes it, after this");
        // SAFETY: the link is live; the encoder moves out and is not used again.
        let status = unsafe {
            (link.vt.submit)(link.object, &mut *self.enc, options, &mut number, &mut err)
        };
        if status != OK {
            return Err(err);
        }
        Ok(number)
    }
}

impl Drop for Encoding {
    fn drop(&mut self) {
        if let (true, Some(link)) = (self.open, &self.link) {
            // SAFETY: the link is live; the encoder moves out and is not used again.
            unsafe { (link.vt.abort)(link.object, &mut *self.enc) }
        }
    }
}

pub(super) fn put_argument<T: Serialize + ?Sized>(
    enc: &mut Enc,
    index: u32,
    value: &T,
) -> Result<(), CodecError> {
    // SAFETY: codec tables live for ever; the encoder is ours for the call.
    if let Some(begin) = unsafe { (*enc.vt).begin_argument } {
        // SAFETY: as above.
        let status = unsafe { begin(enc, index) };
        CodecError::check(status, &enc.fault)?;
    }
    ser::to_enc(enc, value)
}

/// A call on its way; dropped unfinished, it is cancelled.
pub struct Call {
    link: Arc<Link>,
    number: u64,
}

impl Future for Call {
    type Output = Result<ReplyValue, Err>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut reply = MaybeUninit::<Reply>::uninit();
        let mut err = Err::default();
        // SAFETY: the link is live, the call was submitted and not dropped; on `OK` the reply is filled.
        let status = unsafe {
            (self.link.vt.poll_call)(
                self.link.object,
                self.number,
                &*AbiWaker::lend(cx.waker()),
                reply.as_mut_ptr(),
                &mut err,
            )
        };
        match status {
            PENDING => Poll::Pending,
            OK => {
                // SAFETY: as above.
                let reply = unsafe { reply.assume_init() };
                Poll::Ready(Ok(ReplyValue {
                    kind: reply.kind,
                    dec: reply.dec,
                }))
            }
            _ => Poll::Ready(Err(err)),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // SAFETY: the link is live; each call is dropped once.
        unsafe { (self.link.vt.drop_call)(self.link.object, self.number) }
    }
}

/// A reply, not yet decoded.
pub struct ReplyValue {
    /// A number of [`crate::tables::reply`].
    pub kind: u32,
    dec: Dec,
}

impl ReplyValue {
    /// Decodes the value.
    ///
    /// # Errors
    /// The value is not what the type says, or a limit is exceeded.
    pub fn decode<T: DeserializeOwned>(mut self) -> Result<T, CodecError> {
        let value = read_argument(&mut self.dec, 0)?;
        finish(&mut self.dec)?;
        Ok(value)
    }

    /// As [`ReplyValue::decode`], of a type that is known at run time only.
    ///
    /// # Errors
    /// As [`ReplyValue::decode`].
    pub fn decode_seed<T>(
        mut self,
        seed: impl for<'de> DeserializeSeed<'de, Value = T>,
    ) -> Result<T, CodecError> {
        let value = read_argument_seed(&mut self.dec, 0, seed)?;
        finish(&mut self.dec)?;
        Ok(value)
    }

    /// Decodes the value twice: as `T`, or when that fails as `U` from the start.
    ///
    /// # Errors
    /// Neither type fits; the second one's error.
    pub fn decode_or<T: DeserializeOwned, U: DeserializeOwned>(
        mut self,
    ) -> Result<Result<T, U>, CodecError> {
        let (start, items, depth, state) = (
            self.dec.p,
            self.dec.items_left,
            self.dec.depth_left,
            self.dec.state,
        );
        let first = read_argument::<T>(&mut self.dec, 0)
            .and_then(|value| finish(&mut self.dec).map(|()| value));
        if let Ok(value) = first {
            return Ok(Ok(value));
        }
        self.dec.p = start;
        self.dec.items_left = items;
        self.dec.depth_left = depth;
        self.dec.state = state;
        self.decode().map(Err)
    }
}

pub(super) fn read_argument<T: DeserializeOwned>(
    dec: &mut Dec,
    index: u32,
) -> Result<T, CodecError> {
    read_argument_seed(dec, index, std::marker::PhantomData)
}

pub(super) fn read_argument_seed<'de, S: DeserializeSeed<'de>>(
    dec: &mut Dec,
    index: u32,
    seed: S,
) -> Result<S::Value, CodecError> {
    // SAFETY: codec tables live for ever; the decoder is ours for the call.
    if let Some(begin) = unsafe { (*dec.vt).begin_argument } {
        // SAFETY: as above.
        let status = unsafe { begin(dec, index) };
        CodecError::check(status, &dec.fault).map_err(|failure| located(dec, failure))?;
    }
    de::from_dec(dec, seed).map_err(|failure| located(dec, failure))
}

/// The failure with its line and column, where the codec's messages have lines.
#[cold]
fn located(dec: &mut Dec, failure: CodecError) -> CodecError {
    // SAFETY: codec tables live for ever.
    let Some(locate) = (unsafe { (*dec.vt).locate }) else {
        return failure;
    };
    let (mut line, mut column) = (0, 0);
    // SAFETY: the decoder is ours for the call, and so is the room for the results.
    let status = unsafe { locate(dec, failure.offset(), &mut line, &mut column) };
    match status {
        OK => failure.on(line, column),
        _ => failure,
    }
}

pub(super) fn finish(dec: &mut Dec) -> Result<(), CodecError> {
    // SAFETY: codec tables live for ever; the decoder is ours for the call.
    let Some(finish) = (unsafe { (*dec.vt).finish }) else {
        return Err(CodecError::rule(fault::UNSUPPORTED, "finish"));
    };
    // SAFETY: as above.
    let status = unsafe { finish(dec) };
    CodecError::check(status, &dec.fault).map_err(|failure| located(dec, failure))
}

/// A listener of an exported object.
pub struct Listener {
    object: *const (),
    vt: &'static ListenerVt,
    _provider: Arc<StartedProvider>,
}

// SAFETY: listeners may be used from any thread (a rule of the boundary).
unsafe impl Send for Listener {}
// SAFETY: as above.
unsafe impl Sync for Listener {}

impl Listener {
    pub(super) fn new(opened: &Opened, provider: Arc<StartedProvider>) -> Option<Listener> {
        if opened.listener.is_null() {
            return None;
        }
        Some(Listener {
            object: opened.object,
            // SAFETY: tables live for ever (a rule of the boundary).
            vt: unsafe { &*opened.listener },
            _provider: provider,
        })
    }

    /// The endpoint peers can use.
    pub fn endpoint(&self) -> String {
        // SAFETY: the listener is live.
        read_text(|out| unsafe { (self.vt.endpoint)(self.object, out) })
    }

    /// Stops accepting; ready when calls are answered and connections closed.
    pub fn poll_close(&self, cx: &mut Context<'_>) -> Poll<Result<(), Err>> {
        // SAFETY: the listener is live.
        unsafe { poll_object(self.object, self.vt.poll_close, cx) }
    }

    /// Closes everything at once.
    pub fn abandon(&self) {
        // SAFETY: the listener is live.
        unsafe { (self.vt.abandon)(self.object) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // SAFETY: released once.
        unsafe { (self.vt.release)(self.object) }
    }
}

pub(super) fn wrong_object(what: &str) -> Err {
    Err::new(
        kind::INTERNAL,
        cause::PROTOCOL,
        format!("the provider opened something that is not a {what}"),
    )
}
