//! Reading: takes from the front of one buffer, and says where it stopped.

use super::malformed::{Fault, Malformed};

/// The highest count that is taken from a peer: own steps above it never come to the end of 64 bits.
pub const COUNT_MAX: u64 = 1 << 62;

/// Bytes that are being read.
pub struct Reader<'a> {
    left: &'a [u8],
    whole: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the front.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            left: bytes,
            whole: bytes.len(),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// It is cut off, longer than 64 bits, or not in its shortest form.
    pub fn number(&mut self, what: &'static str) -> Result<u64, Malformed> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(what)?;
            let bits = u64::from(byte & 0x7f);
            let is_lost = bits << shift >> shift != bits;
            let is_padded = byte == 0 && shift > 0;
            if is_lost || is_padded {
                return Err(self.fault(what, Fault::Number));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.fault(what, Fault::Number))
    }

    /// A clock, a round or an epoch: what members count up from what they are told, which must never come to its end.
    ///
    /// # Errors
    /// As `number`, or it is above [`COUNT_MAX`].
    pub fn count(&mut self, what: &'static str) -> Result<u64, Malformed> {
        match self.number(what)? {
            count if count <= COUNT_MAX => Ok(count),
            _ => Err(self.fault(what, Fault::Number)),
        }
    }

    /// A number of a narrower type.
    ///
    /// # Errors
    /// As `number`, or it is too large.
    pub fn narrow<N: TryFrom<u64>>(&mut self, what: &'static str) -> Result<N, Malformed> {
        let number = self.number(what)?;
        N::try_from(number).map_err(|_| self.fault(what, Fault::Number))
    }

    /// The length of a list.
    ///
    /// # Errors
    /// As `number`, or it is above the limit.
    pub fn length(&mut self, what: &'static str, max: usize) -> Result<usize, Malformed> {
        let found = self.number(what)?;
        match usize::try_from(found) {
            Ok(length) if length <= max => Ok(length),
            _ => Err(self.fault(what, Fault::TooMany { found, max })),
        }
    }

    /// A list of at most `max` elements. It grows as its elements come.
    ///
    /// # Errors
    /// Its length or an element is malformed.
    pub fn list<T>(
        &mut self,
        what: &'static str,
        max: usize,
        mut element: impl FnMut(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let length = self.length(what, max)?;
        let mut list = Vec::new();
        for _ in 0..length {
            list.push(element(self)?);
        }
        Ok(list)
    }

    /// Something that may be absent.
    ///
    /// # Errors
    /// The flag or the value is malformed.
    pub fn option<T>(
        &mut self,
        what: &'static str,
        value: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.flag(what)?.then(|| value(self)).transpose()
    }

    /// Yes or no.
    ///
    /// # Errors
    /// It is neither.
    pub fn flag(&mut self, what: &'static str) -> Result<bool, Malformed> {
        match self.byte(what)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.fault(what, Fault::Variant(u64::from(other)))),
        }
    }

    /// Octets; borrowed.
    ///
    /// # Errors
    /// They are cut off.
    pub fn octets(&mut self, what: &'static str) -> Result<&'a [u8], Malformed> {
        let length = self.narrow::<usize>(what)?;
        let Some((octets, left)) = self.left.split_at_checked(length) else {
            return Err(self.fault(what, Fault::Ends));
        };
        self.left = left;
        Ok(octets)
    }

    /// A text; borrowed.
    ///
    /// # Errors
    /// It is cut off or not UTF-8.
    pub fn text(&mut self, what: &'static str) -> Result<&'a str, Malformed> {
        let octets = self.octets(what)?;
        std::str::from_utf8(octets).map_err(|_| self.fault(what, Fault::Text))
    }

    /// The end.
    ///
    /// # Errors
    /// Bytes are left.
    pub fn end(&self, what: &'static str) -> Result<(), Malformed> {
        match self.left {
            [] => Ok(()),
            _ => Err(self.fault(what, Fault::Trailing)),
        }
    }

    /// A broken rule at this place.
    pub fn fault(&self, what: &'static str, fault: Fault) -> Malformed {
        Malformed {
            what,
            at: self.whole - self.left.len(),
            fault,
        }
    }

    fn byte(&mut self, what: &'static str) -> Result<u8, Malformed> {
        let Some((byte, left)) = self.left.split_first() else {
            return Err(self.fault(what, Fault::Ends));
        };
        self.left = left;
        Ok(*byte)
    }
}
