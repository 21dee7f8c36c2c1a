//! Record marking (RFC 5531 s11): records out of a byte stream, and the mark of a record to be
//! sent.
//!
//! ```text
//! offset 0      bit 31: last fragment of its record; bits 30..0: length of the fragment; big-endian
//! offset 4      that many bytes of the record
//! ```
//!
//! [`RecordReader`] works on a buffer that its caller fills; it reads nothing itself and sets no
//! time limit. Records are sent as one fragment each: RFC 5531 permits that, and every peer must
//! take it.

use bytes::{Buf, Bytes, BytesMut};
use rmix_xdr::Sink;

use super::error::RecordError;

/// Limits on the records that a peer sends. Complete on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// Largest record in bytes, marks not counted; default 1 MiB. A fragment that would exceed it
    /// is refused by its declared length, before any of it is kept.
    pub record_bytes_max: usize,
    /// Most fragments of one record, empty ones included; at least 1 is taken; default 512. Common
    /// C peers cut their records at 64 KiB, or at 4,000 bytes when told to save memory: 263
    /// fragments of that size make 1 MiB.
    pub fragments_max: u32,
}

/// Takes whole records off the front of a receive buffer.
///
/// Keeps the position within the current record between calls, so that no byte is looked at twice.
#[derive(Debug)]
pub struct RecordReader {
    limits: RecordLimits,
    /// The fragment whose mark was read and whose bytes are not complete.
    fragment: Option<Fragment>,
    /// Fragments of the current record begun so far.
    fragments: u32,
    /// Bytes of the current record at the front of the input, without marks.
    joined: usize,
    /// Bytes behind them that marks have left; the current fragment's bytes come after them.
    gap: usize,
    needed: usize,
    failure: Option<RecordError>,
}

#[derive(Clone, Copy, Debug)]
struct Fragment {
    length: usize,
    last: bool,
}

impl RecordReader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new(limits: RecordLimits) -> Self {
        Self {
            limits,
            fragment: None,
            fragments: 0,
            joined: 0,
            gap: 0,
            needed: RECORD_MARK_BYTES,
            failure: None,
        }
    }

    /// Takes the next record off `input`, or `None` when it is not complete yet.
    ///
    /// A record stays in `input` until it is complete, and is split off without copying. Where it has several fragments,
    /// those after the first are moved up over their marks, each when it is complete. `input` grows with what was
    /// received, never with what was declared. Between calls the caller only appends to `input`.
    ///
    /// # Errors
    /// [`RecordError::RecordTooLong`], [`RecordError::TooManyFragments`]. The stream has lost its
    /// structure then: every later call returns the same error, and the connection is to be closed.
    // spec: RFC5531 s11
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, RecordError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        loop {
            let fragment = match self.fragment {
                Some(fragment) => fragment,
                None => match self.begin_fragment(input)? {
                    Some(fragment) => fragment,
                    None => return Ok(None),
                },
            };
            if !self.join(fragment, input) {
                return Ok(None);
            }
            if fragment.last {
                return Ok(Some(self.split_record(input)));
            }
        }
    }

    /// How many more bytes complete the current fragment, or its mark: a hint for sizing the next
    /// read.
    ///
    /// As of the last [`Self::next`], and not to be trusted with an allocation: the peer declared
    /// it, within the limits. 0 after a record means that another mark is in the input already.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// True between records: a stream that ends here ends properly, provided that the input is
    /// empty as well.
    #[must_use]
    pub const fn is_between_records(&self) -> bool {
        self.fragment.is_none() && self.fragments == 0
    }

    /// Reads the next mark and checks it against the limits.
    fn begin_fragment(&mut self, input: &mut BytesMut) -> Result<Option<Fragment>, RecordError> {
        let marked = input.get(self.joined + self.gap..).unwrap_or_default();
        let Some(mark) = marked.first_chunk::<RECORD_MARK_BYTES>() else {
            self.needed = RECORD_MARK_BYTES - marked.len();
            return Ok(None);
        };
        let mark = u32::from_be_bytes(*mark);
        let declared = mark & FRAGMENT_BYTES_MAX;
        if self.fragments >= self.limits.fragments_max.max(1) {
            return Err(self.fail(RecordError::TooManyFragments {
                limit: self.limits.fragments_max.max(1),
            }));
        }
        self.fragments += 1;
        let room = self.limits.record_bytes_max.saturating_sub(self.joined);
        match usize::try_from(declared) {
            Ok(length) if length <= room => {
                self.gap += RECORD_MARK_BYTES;
                if self.joined == 0 {
                    input.advance(self.gap);
                    self.gap = 0;
                }
                let last = mark & LAST_FRAGMENT != 0;
                let fragment = Fragment { length, last };
                self.fragment = Some(fragment);
                Ok(Some(fragment))
            }
            _ => Err(self.fail(RecordError::RecordTooLong {
                fragment: self.fragments,
                assembled: self.joined,
                declared,
                limit: self.limits.record_bytes_max,
            })),
        }
    }

    /// Joins a fragment with those before it once it is complete; false until then.
    fn join(&mut self, fragment: Fragment, input: &mut BytesMut) -> bool {
        let start = self.joined + self.gap;
        let end = start + fragment.length;
        if input.len() < end {
            self.needed = end - input.len();
            return false;
        }
        if self.gap > 0 {
            input.copy_within(start..end, self.joined);
        }
        self.joined += fragment.length;
        self.fragment = None;
        true
    }

    /// Splits off the record, whose fragments are all joined.
    fn split_record(&mut self, input: &mut BytesMut) -> Bytes {
        let record = input.split_to(self.joined).freeze();
        input.advance(self.gap);
        (self.joined, self.gap, self.fragments) = (0, 0, 0);
        self.needed = RECORD_MARK_BYTES.saturating_sub(input.len());
        record
    }

    fn fail(&mut self, failure: RecordError) -> RecordError {
        self.failure = Some(failure);
        self.needed = 0;
        failure
    }
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self {
            record_bytes_max: 1 << 20,
            fragments_max: 512,
        }
    }
}

/// Appends room for the mark of a record to be sent; the record follows, then [`finish_record`].
pub fn begin_record<S: Sink + ?Sized>(sink: &mut S) {
    sink.put(&[0; RECORD_MARK_BYTES]);
}

/// Writes the mark of `record`, which starts where [`begin_record`] made room and ends with the
/// record's last byte.
///
/// # Errors
/// [`RecordError::FragmentTooLong`], [`RecordError::MarkMissing`]; `record` is unchanged.
pub fn finish_record(record: &mut [u8]) -> Result<(), RecordError> {
    let length = record.len();
    let Some((mark, body)) = record.split_first_chunk_mut::<RECORD_MARK_BYTES>() else {
        return Err(RecordError::MarkMissing { length });
    };
    *mark = record_mark(body.len())?;
    Ok(())
}

/// Takes the bit of the last fragment off the mark of a finished record.
pub fn unmark_last(record: &mut [u8]) {
    if let Some(first) = record.first_mut() {
        *first &= 0x7f;
    }
}

/// The mark of a record of `length` bytes that is sent as one fragment.
///
/// # Errors
/// [`RecordError::FragmentTooLong`] beyond [`FRAGMENT_BYTES_MAX`].
// spec: RFC5531 s11
pub fn record_mark(length: usize) -> Result<[u8; RECORD_MARK_BYTES], RecordError> {
    match u32::try_from(length) {
        Ok(word) if word <= FRAGMENT_BYTES_MAX => Ok((word | LAST_FRAGMENT).to_be_bytes()),
        _ => Err(RecordError::FragmentTooLong { length }),
    }
}

/// Size of a record mark.
pub const RECORD_MARK_BYTES: usize = 4;

/// The longest fragment that a mark can declare: 2^31 − 1 bytes.
pub const FRAGMENT_BYTES_MAX: u32 = 0x7fff_ffff;

const LAST_FRAGMENT: u32 = 0x8000_0000;
