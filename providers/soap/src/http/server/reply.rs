//! The right to answer one request, from any thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, SERVER, VARY};
use http::{HeaderName, HeaderValue, StatusCode};

use super::running::Running;
use crate::http::gzip;
use crate::http::message::Body;

/// Shorter answers are not compressed: it would take longer than sending them.
const GZIP_BYTES_MIN: usize = 4096;

/// What answers to one-way messages say in `Server`: every message of a pipeline is answered here.
pub(in crate::http) const PRODUCT: HeaderValue = HeaderValue::from_static("rmix");

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: StatusCode,
    /// `Content-Type`, when there is a body.
    pub content_type: Option<HeaderValue>,
    /// Further header fields.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
}

impl Response {
    /// An answer without a body.
    pub fn new(status: StatusCode) -> Response {
        Response {
            status,
            content_type: None,
            fields: Vec::new(),
            body: Body::default(),
        }
    }

    /// An answer of one sentence, for people.
    pub fn text(status: StatusCode, sentence: impl Into<String>) -> Response {
        let mut sentence = sentence.into();
        sentence.push('\n');
        Response {
            content_type: Some(HeaderValue::from_static("text/plain; charset=utf-8")),
            body: sentence.into_bytes().into(),
            ..Response::new(status)
        }
    }

    /// The same answer with one more header field.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Response {
        self.fields.push((name, value));
        self
    }

    fn compress(&mut self) {
        if self.body.len() < GZIP_BYTES_MIN {
            return;
        }
        let Some(packed) = gzip::compress(&self.body) else {
            return;
        };
        if packed.len() < self.body.len() {
            self.body = packed;
            self.fields
                .push((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        }
        self.fields
            .push((VARY, HeaderValue::from_static("accept-encoding")));
    }

    pub(super) fn into_http(self) -> http::Response<Body> {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status == StatusCode::ACCEPTED {
            // Clients of ours pipeline one-way messages to whoever says this.
            headers.insert(SERVER, PRODUCT);
        }
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        for (name, value) in self.fields {
            headers.append(name, value);
        }
        response
    }
}

/// Where the answer to one request is laid down.
#[derive(Default)]
pub(super) struct Slot {
    /// Guards the answer and who waits for it; held for moments.
    state: Mutex<SlotState>,
}

#[derive(Default)]
struct SlotState {
    answer: Option<Response>,
    waiting: Option<Waker>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready with the answer.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Response> {
        let mut state = self.lock();
        match state.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                state.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn answer(&self, response: Response) {
        let mut state = self.lock();
        state.answer = Some(response);
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

/// The right to answer one request, once. Dropped unanswered, it answers with 500.
pub struct Reply {
    slot: Arc<Slot>,
    gzip: bool,
    /// None once it was answered.
    running: Option<Running>,
}

impl Reply {
    pub(super) fn new(slot: Arc<Slot>, gzip: bool, running: Running) -> Reply {
        Reply {
            slot,
            gzip,
            running: Some(running),
        }
    }

    /// Answers, and ends the request.
    pub fn send(mut self, response: Response) {
        self.answer(response);
    }

    /// Answers a one-way request before it is done; it counts among those that run until the result is dropped.
    pub fn accept(mut self) -> Option<Running> {
        let running = self.running.take();
        self.slot.answer(Response::new(StatusCode::ACCEPTED));
        running
    }

    fn answer(&mut self, mut response: Response) {
        if self.gzip {
            response.compress();
        }
        // First, so that a request that waits for room finds it.
        self.running = None;
        self.slot.answer(response);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.running.is_some() {
            let sentence = "the request ended without an answer";
            self.answer(Response::text(StatusCode::INTERNAL_SERVER_ERROR, sentence));
        }
    }
}
