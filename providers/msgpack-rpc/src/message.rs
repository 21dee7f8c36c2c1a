//! The envelope of MessagePack-RPC: `[0, msgid, method, params]`, `[1, msgid, error, result]` and
//! `[2, method, params]`. It neither matches replies to requests nor looks into params, errors or
//! results; whether a message id is outstanding, and what a method name means, is the caller's.
//!
//! Peers differ in encodings, so the message type and the message id are accepted in any integer
//! encoding, and the method name as str, as the raw of old peers (which has str's markers) and as
//! bin, of any width. What is written is always the smallest encoding, and str.

use std::ops::Range;

use rmp::Marker;

use crate::encoded::{ENCODED_BYTES_MAX, Encoded};
use crate::error::{Integer, MessageError, ValueError};
use crate::sink::Sink;
use crate::value::{Token, read_integer, read_token, skip_value, skip_values};

/// A message as it came in; complete on purpose, the protocol has these three. Ranges are byte
/// offsets into the message that was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// `[0, msgid, method, params]`: a call that wants a response.
    Request {
        /// Pairs the response with this request.
        msgid: u32,
        /// The method name, not necessarily UTF-8.
        method: &'a [u8],
        /// The values in the params array, without its header.
        params: Range<usize>,
        /// How many values the params array declares.
        count: u32,
    },
    /// `[2, method, params]`: a call that wants no response.
    Notification {
        /// The method name, not necessarily UTF-8.
        method: &'a [u8],
        /// The values in the params array, without its header.
        params: Range<usize>,
        /// How many values the params array declares.
        count: u32,
    },
    /// `[1, msgid, error, result]`: the end of a call.
    Response {
        /// The msgid of the request.
        msgid: u32,
        /// The error value; `None` when it is nil, that is, on success. When a peer sends both an
        /// error and a result, the error wins: the call failed, and the result is to be ignored.
        error: Option<Range<usize>>,
        /// The result value; nil on failure, as a rule.
        result: Range<usize>,
    },
}

impl<'a> Incoming<'a> {
    /// Decodes a message of any origin, and checks all of it: every value is walked to its end,
    /// at most `depth_max` containers deep, the envelope included.
    ///
    /// # Errors
    ///
    /// [`MessageError`]; the peer does not speak the protocol, and should be disconnected.
    pub fn decode(message: &'a [u8], depth_max: usize) -> Result<Self, MessageError> {
        Envelope::new(message, Some(depth_max)).decode()
    }

    /// Decodes a message that [`crate::MessageScanner`] has cut off, which is known to be one whole
    /// value; it is not walked again, so this takes the same time whatever the length of params
    /// and result.
    ///
    /// On other input the ranges may end too late, in bytes that are no values; nothing worse.
    ///
    /// # Errors
    ///
    /// As [`Incoming::decode`], except for what the scanner has ruled out.
    pub fn decode_scanned(message: &'a [u8]) -> Result<Self, MessageError> {
        Envelope::new(message, None).decode()
    }
}

/// Writes the start of a request; `count` params, each a value, must follow.
///
/// # Errors
///
/// [`ValueError::TooLong`] for a method name beyond 2^32 - 1 bytes; nothing is written then.
pub fn write_request_header<S: Sink + ?Sized>(
    sink: &mut S,
    msgid: u32,
    method: &str,
    count: u32,
) -> Result<(), ValueError> {
    let mut start = Start::default();
    start.push(Encoded::array_header(REQUEST_LENGTH));
    start.push(Encoded::unsigned(REQUEST));
    start.push(Encoded::unsigned(u64::from(msgid)));
    write_method(sink, start, method, count)
}

/// Writes the start of a notification; `count` params, each a value, must follow.
///
/// # Errors
///
/// [`ValueError::TooLong`] for a method name beyond 2^32 - 1 bytes; nothing is written then.
pub fn write_notification_header<S: Sink + ?Sized>(
    sink: &mut S,
    method: &str,
    count: u32,
) -> Result<(), ValueError> {
    let mut start = Start::default();
    start.push(Encoded::array_header(NOTIFICATION_LENGTH));
    start.push(Encoded::unsigned(NOTIFICATION));
    write_method(sink, start, method, count)
}

/// Writes the start of a response that reports success; the result, one value, must follow.
pub fn write_result_header<S: Sink + ?Sized>(sink: &mut S, msgid: u32) {
    let mut start = Start::response(msgid);
    start.push(Encoded::nil());
    sink.put(start.as_slice());
}

/// Writes the start of a response that reports failure; the error, one value that is not nil, and
/// then [`write_error_end`] must follow.
pub fn write_error_header<S: Sink + ?Sized>(sink: &mut S, msgid: u32) {
    sink.put(Start::response(msgid).as_slice());
}

/// Writes the end of a response that [`write_error_header`] began: the result, which is nil.
pub fn write_error_end<S: Sink + ?Sized>(sink: &mut S) {
    sink.put(Encoded::nil().as_slice());
}

fn write_method<S: Sink + ?Sized>(
    sink: &mut S,
    mut start: Start,
    method: &str,
    count: u32,
) -> Result<(), ValueError> {
    start.push(Encoded::str_header(crate::value::length(method.len())?));
    sink.put(start.as_slice());
    sink.put(method.as_bytes());
    sink.put(Encoded::array_header(count).as_slice());
    Ok(())
}

/// The first few scalars of a message, gathered so that the sink is called once.
#[derive(Default)]
struct Start {
    bytes: [u8; START_BYTES_MAX],
    used: usize,
}

impl Start {
    fn response(msgid: u32) -> Self {
        let mut start = Self::default();
        start.push(Encoded::array_header(RESPONSE_LENGTH));
        start.push(Encoded::unsigned(RESPONSE));
        start.push(Encoded::unsigned(u64::from(msgid)));
        start
    }

    /// Appends a scalar; its padding is overwritten by the next one.
    fn push(&mut self, value: Encoded) {
        let rest = self.bytes.get_mut(self.used..);
        if let Some(cell) = rest.and_then(<[u8]>::first_chunk_mut) {
            *cell = *value.padded();
            self.used += value.len();
        }
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or(&self.bytes)
    }
}

/// Reads the parts of one message in their order.
struct Envelope<'a> {
    message: &'a [u8],
    position: usize,
    /// How deep to walk; `None` when a scanner has walked the message before.
    depth_max: Option<usize>,
}

impl<'a> Envelope<'a> {
    fn new(message: &'a [u8], depth_max: Option<usize>) -> Self {
        Self {
            message,
            position: 0,
            depth_max,
        }
    }

    fn decode(mut self) -> Result<Incoming<'a>, MessageError> {
        if self.depth_max == Some(0) {
            return Err(too_deep(0, 1, 0));
        }
        let found = self.array("array of a message")?;
        if found == 0 {
            let expected = NOTIFICATION_LENGTH;
            return Err(MessageError::WrongLength { expected, found });
        }
        let offset = self.position;
        match self.integer()? {
            REQUEST_TYPE => {
                require_length(REQUEST_LENGTH, found)?;
                let msgid = self.msgid()?;
                let method = self.method()?;
                let (params, count) = self.params()?;
                Ok(Incoming::Request {
                    msgid,
                    method,
                    params,
                    count,
                })
            }
            RESPONSE_TYPE => {
                require_length(RESPONSE_LENGTH, found)?;
                let msgid = self.msgid()?;
                let error = self.error()?;
                let result = self.result()?;
                Ok(Incoming::Response {
                    msgid,
                    error,
                    result,
                })
            }
            NOTIFICATION_TYPE => {
                require_length(NOTIFICATION_LENGTH, found)?;
                let method = self.method()?;
                let (params, count) = self.params()?;
                Ok(Incoming::Notification {
                    method,
                    params,
                    count,
                })
            }
            found => Err(MessageError::UnknownType { offset, found }),
        }
    }

    fn msgid(&mut self) -> Result<u32, MessageError> {
        let offset = self.position;
        let found = self.integer()?;
        let msgid = match found {
            Integer::Signed(value) => u32::try_from(value).ok(),
            Integer::Unsigned(_) => None,
        };
        let expected = "u32 of a msgid";
        msgid.ok_or(MessageError::Envelope(ValueError::IntegerRange {
            offset,
            expected,
            found,
        }))
    }

    fn method(&mut self) -> Result<&'a [u8], MessageError> {
        if let Some((&marker, rest)) = self.rest().split_first()
            && let Marker::FixStr(length) = Marker::from_u8(marker)
            && let Some(name) = rest.get(..usize::from(length))
        {
            self.position += 1 + name.len();
            return Ok(name);
        }
        self.other_method()
    }

    #[inline(never)]
    fn other_method(&mut self) -> Result<&'a [u8], MessageError> {
        let offset = self.position;
        let marker = self.rest().first().copied();
        match (self.token()?, marker) {
            (Token::Str(name) | Token::Bin(name), _) => Ok(name),
            (_, marker) => Err(MessageError::MethodNotString {
                offset,
                marker: marker.unwrap_or(RESERVED),
            }),
        }
    }

    fn params(&mut self) -> Result<(Range<usize>, u32), MessageError> {
        let offset = self.position;
        let count = self.array("array of params")?;
        let start = self.position;
        if let Some(depth_max) = self.depth_max {
            // The envelope and params are open around each value.
            let inner = depth_max
                .checked_sub(2)
                .ok_or_else(|| too_deep(offset, 2, depth_max))?;
            let used = skip_values(self.rest(), count, inner)
                .map_err(|error| deepened(error.shifted(start), 2))?;
            self.position += used;
            self.require_end()?;
        } else if count == 0 {
            self.require_end()?;
        }
        Ok((start..self.message.len(), count))
    }

    fn error(&mut self) -> Result<Option<Range<usize>>, MessageError> {
        let start = self.position;
        if self.rest().first() == Some(&NIL) {
            self.position += 1;
            return Ok(None);
        }
        // Where the error ends has to be found, scanned or not; a scanned one is not too deep.
        self.skip(self.depth_max.unwrap_or(usize::MAX))?;
        Ok(Some(start..self.position))
    }

    fn result(&mut self) -> Result<Range<usize>, MessageError> {
        let start = self.position;
        if let Some(depth_max) = self.depth_max {
            self.skip(depth_max)?;
            self.require_end()?;
        } else if self.rest().is_empty() {
            read_token(self.rest()).map_err(|error| error.shifted(start))?;
        }
        Ok(start..self.message.len())
    }

    /// Passes one value; the envelope is open around it.
    fn skip(&mut self, depth_max: usize) -> Result<(), MessageError> {
        let used = skip_value(self.rest(), depth_max - 1)
            .map_err(|error| deepened(error.shifted(self.position), 1))?;
        self.position += used;
        Ok(())
    }

    fn require_end(&self) -> Result<(), MessageError> {
        match self.rest().len() {
            0 => Ok(()),
            count => Err(MessageError::TrailingBytes {
                offset: self.position,
                count,
            }),
        }
    }

    fn array(&mut self, expected: &'static str) -> Result<u32, MessageError> {
        if let Some(&marker) = self.rest().first()
            && let Marker::FixArray(count) = Marker::from_u8(marker)
        {
            self.position += 1;
            return Ok(u32::from(count));
        }
        self.other_array(expected)
    }

    #[inline(never)]
    fn other_array(&mut self, expected: &'static str) -> Result<u32, MessageError> {
        let offset = self.position;
        let marker = self.rest().first().copied();
        match (self.token()?, marker) {
            (Token::Array(count), _) => Ok(count),
            (_, marker) => Err(MessageError::Envelope(ValueError::WrongType {
                offset,
                expected,
                marker: marker.unwrap_or(RESERVED),
            })),
        }
    }

    fn integer(&mut self) -> Result<Integer, MessageError> {
        let (found, used) =
            read_integer(self.rest()).map_err(|error| error.shifted(self.position))?;
        self.position += used;
        Ok(found)
    }

    fn token(&mut self) -> Result<Token<'a>, MessageError> {
        let (token, used) =
            read_token(self.rest()).map_err(|error| error.shifted(self.position))?;
        self.position += used;
        Ok(token)
    }

    fn rest(&self) -> &'a [u8] {
        self.message.get(self.position..).unwrap_or_default()
    }
}

fn require_length(expected: u32, found: u32) -> Result<(), MessageError> {
    if found == expected {
        return Ok(());
    }
    Err(MessageError::WrongLength { expected, found })
}

/// An error of a walk that began `levels` containers deep, as seen from the whole message.
fn deepened(error: ValueError, levels: usize) -> MessageError {
    MessageError::Envelope(match error {
        ValueError::TooDeep {
            offset,
            declared,
            limit,
        } => ValueError::TooDeep {
            offset,
            declared: declared.saturating_add(levels),
            limit: limit.saturating_add(levels),
        },
        other => other,
    })
}

fn too_deep(offset: usize, declared: usize, limit: usize) -> MessageError {
    MessageError::Envelope(ValueError::TooDeep {
        offset,
        declared,
        limit,
    })
}

/// Array header, message type, msgid and the header of the method name, and the padding.
const START_BYTES_MAX: usize = 1 + 1 + 5 + 5 + ENCODED_BYTES_MAX;

const REQUEST: u64 = 0;
const RESPONSE: u64 = 1;
const NOTIFICATION: u64 = 2;
const REQUEST_TYPE: Integer = Integer::Signed(0);
const RESPONSE_TYPE: Integer = Integer::Signed(1);
const NOTIFICATION_TYPE: Integer = Integer::Signed(2);
const REQUEST_LENGTH: u32 = 4;
const RESPONSE_LENGTH: u32 = 4;
const NOTIFICATION_LENGTH: u32 = 3;

const NIL: u8 = Marker::Null.to_u8();
const RESERVED: u8 = Marker::Reserved.to_u8();
