//! One request and its answer as bytes: HTTP/1.1's rules are ureq-proto's, the limits are ours. Sans input and output.

use std::fmt;

use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use rmix_provider::tables::{Err, cause, kind};
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

use crate::http::limits::HttpLimits;
use crate::http::message::Message;

/// Provisional answers before the final one.
const INTERIM_MAX: u32 = 16;

/// What all requests of a client have in common.
pub(super) struct Template {
    request: Request<()>,
    /// Bytes that its head takes, about.
    length: usize,
}

impl Template {
    /// Requests to `path` of the host called `host`.
    pub(super) fn new(host: &str, path: &str, gzip: bool) -> Result<Template, Err> {
        let wrong = |why: &dyn fmt::Display| {
            let message = format!("{host}{path} cannot stand in a request: {why}");
            Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message)
        };
        let uri: Uri = format!("http://{host}{path}")
            .parse()
            .map_err(|why| wrong(&why))?;
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        let name = HeaderValue::from_str(host).map_err(|why| wrong(&why))?;
        request.headers_mut().insert(HOST, name);
        if gzip {
            let value = HeaderValue::from_static("gzip");
            request.headers_mut().insert(ACCEPT_ENCODING, value);
        }
        Ok(Template {
            request,
            length: 160 + host.len() + path.len(),
        })
    }

    /// Appends the head of a request to `out`; the body follows as it is. The result reads the answer.
    pub(super) fn begin(&self, message: &Message, out: &mut Vec<u8>) -> Result<AnswerReader, Err> {
        let mut request = self.request.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, message.content_type.clone());
        headers.insert(CONTENT_LENGTH, HeaderValue::from(message.body.len()));
        let mut room = self.length + message.content_type.len();
        for (name, value) in &message.fields {
            room += name.as_str().len() + value.len() + 4;
            headers.append(name.clone(), value.clone());
        }
        write_head(request, message.body.len(), room, out).map_err(|why| {
            let message = format!("the request has no valid head: {why}");
            Err::new(kind::FIX_REQUEST, cause::CODEC, message)
        })
    }
}

fn write_head(
    request: Request<()>,
    body: usize,
    room: usize,
    out: &mut Vec<u8>,
) -> Result<AnswerReader, ureq_proto::Error> {
    let mut call = Call::new(request)?.proceed();
    while !call.can_proceed() {
        let filled = out.len();
        out.resize(filled + room, 0);
        let written = call.write(out.get_mut(filled..).unwrap_or_default());
        out.truncate(filled + written.as_ref().copied().unwrap_or_default());
        if written? == 0 {
            return Err(ureq_proto::Error::OutputOverflow);
        }
    }
    let call = match call.proceed()? {
        Some(SendRequestResult::RecvResponse(call)) => Some(call),
        Some(SendRequestResult::SendBody(mut call)) => {
            call.consume_direct_write(body)?;
            call.proceed()
        }
        // Nobody asked for it.
        Some(SendRequestResult::Await100(_)) | None => None,
    };
    let call = call.ok_or(ureq_proto::Error::BodyNotAllowed)?;
    Ok(AnswerReader {
        stage: Some(Stage::Head(call)),
        interim: 0,
    })
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether the connection may be used again.
    pub(super) persistent: bool,
}

/// The rule of HTTP, or the limit, that an answer breaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// HTTP's rules.
    Rule(ureq_proto::Error),
    /// The head is too long.
    HeaderBytes { limit: usize },
    /// Too many provisional answers.
    Interim,
    /// The body is too long.
    BodyBytes { limit: u64 },
    /// The connection was closed within the answer.
    CutOff,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Rule(why) => write!(f, "the answer is not valid HTTP: {why}"),
            Broken::HeaderBytes { limit } => write!(
                f,
                "the head of the answer is longer than {limit} bytes (header_bytes)"
            ),
            Broken::Interim => write!(f, "more than {INTERIM_MAX} provisional answers came"),
            Broken::BodyBytes { limit } => write!(
                f,
                "the body of the answer is longer than {limit} bytes (message_bytes)"
            ),
            Broken::CutOff => write!(f, "the connection was closed within the answer"),
        }
    }
}

enum Stage {
    Head(Call<RecvResponse>),
    Body(Call<RecvBody>, RawAnswer),
}

/// Reads one answer.
pub(super) struct AnswerReader {
    /// None once the answer was read.
    stage: Option<Stage>,
    interim: u32,
}

/// What reading came to: bytes used up, and the answer when it is whole.
type Advanced = (usize, Option<RawAnswer>);

impl AnswerReader {
    /// Whether nothing of the final answer was read yet.
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self.stage, Some(Stage::Head(_))) && self.interim == 0
    }

    /// Takes in what has come; `ended` says that no more will.
    pub(super) fn advance(
        &mut self,
        input: &[u8],
        ended: bool,
        limits: &HttpLimits,
    ) -> Result<Advanced, Broken> {
        let mut used = 0;
        loop {
            let left = input.get(used..).unwrap_or_default();
            let Some(stage) = self.stage.take() else {
                return Ok((used, None));
            };
            let (taken, answer, go_on) = match stage {
                Stage::Head(call) => self.advance_head(call, left, limits)?,
                Stage::Body(call, answer) => {
                    self.advance_body(call, answer, left, ended, limits)?
                }
            };
            used += taken;
            if answer.is_some() {
                return Ok((used, answer));
            }
            if !go_on {
                return match ended {
                    true => Err(Broken::CutOff),
                    false => Ok((used, None)),
                };
            }
        }
    }

    fn advance_head(
        &mut self,
        mut call: Call<RecvResponse>,
        input: &[u8],
        limits: &HttpLimits,
    ) -> Result<(usize, Option<RawAnswer>, bool), Broken> {
        let limit = limits.header_bytes;
        let (used, response) = call.try_response(input, false).map_err(Broken::Rule)?;
        if used > limit || used == 0 && input.len() > limit {
            return Err(Broken::HeaderBytes { limit });
        }
        let Some(response) = response else {
            self.interim += u32::from(used > 0);
            if self.interim > INTERIM_MAX {
                return Err(Broken::Interim);
            }
            self.stage = Some(Stage::Head(call));
            return Ok((used, None, used > 0));
        };
        let mut answer = raw(response);
        match call.proceed() {
            Some(RecvResponseResult::RecvBody(call)) => {
                self.stage = Some(Stage::Body(call, answer));
                Ok((used, None, true))
            }
            Some(RecvResponseResult::Redirect(call)) => {
                answer.persistent &= !call.must_close_connection();
                Ok((used, Some(answer), false))
            }
            Some(RecvResponseResult::Cleanup(call)) => {
                answer.persistent &= !call.must_close_connection();
                Ok((used, Some(answer), false))
            }
            None => Err(Broken::CutOff),
        }
    }

    fn advance_body(
        &mut self,
        mut call: Call<RecvBody>,
        mut answer: RawAnswer,
        input: &[u8],
        ended: bool,
        limits: &HttpLimits,
    ) -> Result<(usize, Option<RawAnswer>, bool), Broken> {
        use ureq_proto::BodyMode;
        let limit = limits.message_bytes;
        let mode = call.body_mode();
        if let BodyMode::LengthDelimited(left) = mode
            && left.saturating_add(answer.body.len() as u64) > limit
        {
            return Err(Broken::BodyBytes { limit });
        }
        let filled = answer.body.len();
        answer.body.resize(filled + input.len(), 0);
        let room = answer.body.get_mut(filled..).unwrap_or_default();
        let (used, written) = call.read(input, room).map_err(Broken::Rule)?;
        answer.body.truncate(filled + written);
        if answer.body.len() as u64 > limit {
            return Err(Broken::BodyBytes { limit });
        }
        let whole = match mode {
            BodyMode::CloseDelimited => ended && used == input.len(),
            _ => call.can_proceed() || ended && call.is_ended_chunked(),
        };
        if !whole {
            if used == 0 && input.len() > limits.header_bytes {
                // A chunk's head without end.
                return Err(Broken::HeaderBytes {
                    limit: limits.header_bytes,
                });
            }
            self.stage = Some(Stage::Body(call, answer));
            return Ok((used, None, used > 0 && used < input.len()));
        }
        answer.persistent &= match call.proceed() {
            Some(RecvBodyResult::Redirect(call)) => !call.must_close_connection(),
            Some(RecvBodyResult::Cleanup(call)) => !call.must_close_connection(),
            // Its end was cut off.
            None => false,
        };
        Ok((used, Some(answer), false))
    }
}

fn raw(response: Response<()>) -> RawAnswer {
    let (head, ()) = response.into_parts();
    let says = |word: &[u8]| {
        let values = head.headers.get_all(CONNECTION).into_iter();
        values
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(word))
    };
    let persistent = match head.version {
        Version::HTTP_11 => !says(b"close"),
        _ => says(b"keep-alive") && !says(b"close"),
    };
    RawAnswer {
        status: head.status,
        persistent,
        headers: head.headers,
        body: Vec::new(),
    }
}
