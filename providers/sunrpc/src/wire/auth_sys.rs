//! The body of an AUTH_SYS credential (RFC 5531 appendix A): a claimed Unix identity.
//!
//! ```text
//! offset 0   stamp, any number
//!        4   machine name: length (at most 255), bytes and padding
//!        …   effective uid
//!        …   effective gid
//!        …   supplementary gids: count (at most 16), one number each
//! ```
//! All numbers are four bytes, big-endian. Reads and writes the claim; believing it is somebody
//! else's decision.

use rmix_xdr::{BLOCK_BYTES, Sink, XdrDecoder, XdrEncoder, XdrError};

/// Most bytes in a machine name.
// spec: RFC5531 sA
pub const MACHINE_NAME_BYTES_MAX: u32 = 255;

/// Most supplementary group ids.
// spec: RFC5531 sA
pub const GIDS_MAX: u32 = 16;

/// A claimed Unix identity, its bounds checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSys<'a> {
    stamp: u32,
    machine_name: &'a str,
    uid: u32,
    gid: u32,
    /// Zero beyond the count, so that equal claims compare equal.
    gids: [u32; GIDS_CAPACITY],
    gid_count: usize,
}

impl<'a> AuthSys<'a> {
    /// Collects an identity to claim; `gids` are the supplementary group ids.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`] for a machine name of more than 255 bytes or for more than 16
    /// `gids`. Callers in more groups than that send the first 16.
    // spec: RFC5531 sA
    pub fn new(
        stamp: u32,
        machine_name: &'a str,
        uid: u32,
        gid: u32,
        gids: &[u32],
    ) -> Result<Self, XdrError> {
        within(machine_name.len(), MACHINE_NAME_BYTES_MAX)?;
        within(gids.len(), GIDS_MAX)?;
        let mut kept = [0; GIDS_CAPACITY];
        for (slot, gid) in kept.iter_mut().zip(gids) {
            *slot = *gid;
        }
        Ok(Self {
            stamp,
            machine_name,
            uid,
            gid,
            gids: kept,
            gid_count: gids.len(),
        })
    }

    /// Reads the body of a credential of flavor AUTH_SYS; all of it must be used.
    ///
    /// # Errors
    /// Any [`XdrError`] of decoding; a server answers with AUTH_ERROR and the reason AUTH_BADCRED.
    // spec: RFC5531 sA
    pub fn decode(body: &'a [u8]) -> Result<Self, XdrError> {
        let mut decoder = XdrDecoder::new(body);
        let stamp = decoder.u32()?;
        let machine_name = decoder.string(MACHINE_NAME_BYTES_MAX)?;
        let [uid, gid] = decoder.words()?;
        let gid_count = decoder.length(GIDS_MAX, BLOCK_BYTES)?;
        let mut gids = [0; GIDS_CAPACITY];
        decoder.primitives(gids.get_mut(..gid_count).unwrap_or_default())?;
        decoder.finish()?;
        Ok(Self {
            stamp,
            machine_name,
            uid,
            gid,
            gids,
            gid_count,
        })
    }

    /// Appends the body of a credential: at most 340 bytes, so it always fits the header's 400.
    ///
    /// # Errors
    /// None that [`Self::new`] has not ruled out.
    // spec: RFC5531 sA
    pub fn encode<S: Sink + ?Sized>(&self, sink: &mut S) -> Result<(), XdrError> {
        let mut encoder = XdrEncoder::new(sink);
        encoder.u32(self.stamp);
        encoder.string(self.machine_name, MACHINE_NAME_BYTES_MAX)?;
        encoder.words([self.uid, self.gid]);
        encoder.length(self.gids().len(), GIDS_MAX)?;
        encoder.primitives(self.gids());
        Ok(())
    }

    /// A number that the caller's machine chose, such as a time.
    #[must_use]
    pub const fn stamp(&self) -> u32 {
        self.stamp
    }

    /// The name that the caller's machine gives itself.
    #[must_use]
    pub const fn machine_name(&self) -> &'a str {
        self.machine_name
    }

    /// The effective user id.
    #[must_use]
    pub const fn uid(&self) -> u32 {
        self.uid
    }

    /// The effective group id.
    #[must_use]
    pub const fn gid(&self) -> u32 {
        self.gid
    }

    /// The supplementary group ids.
    #[must_use]
    pub fn gids(&self) -> &[u32] {
        self.gids.get(..self.gid_count).unwrap_or_default()
    }
}

fn within(length: usize, limit: u32) -> Result<(), XdrError> {
    match u32::try_from(length) {
        Ok(word) if word <= limit => Ok(()),
        _ => Err(XdrError::ValueTooLong { length, limit }),
    }
}

const GIDS_CAPACITY: usize = GIDS_MAX as usize;
