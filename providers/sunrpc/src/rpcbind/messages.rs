//! Arguments and results of rpcbind (RFC 1833): `mapping` of version 2, `rpcb` of versions 3 and 4, and their lists.
//!
//! ```text
//! mapping: program, version, protocol, port              four words
//! rpcb:    program, version, netid, address, owner       two words and three strings
//! list:    { 1, entry } … 0                              optional data, one after another
//! ```
//! Texts are borrowed from the bytes, and lists are walked, not kept: nothing here allocates to decode.

use rmix_xdr::{XdrDecoder, XdrEncoder, XdrError};

/// Procedures. Those of version 2 that are not listed have the number of their counterpart in version 3.
pub(crate) mod procedure {
    /// Does nothing.
    pub(crate) const NULL: u32 = 0;
    /// Registers; answers a bool.
    pub(crate) const SET: u32 = 1;
    /// Takes off; answers a bool.
    pub(crate) const UNSET: u32 = 2;
    /// The port of a program (version 2).
    pub(crate) const GETPORT: u32 = 3;
    /// The address of a program (versions 3 and 4).
    pub(crate) const GETADDR: u32 = 3;
    /// Everything that is registered.
    pub(crate) const DUMP: u32 = 4;
    /// The address of exactly this version of a program (version 4).
    pub(crate) const GETVERSADDR: u32 = 9;
    /// All addresses of exactly this version of a program (version 4).
    pub(crate) const GETADDRLIST: u32 = 11;
}

/// The oldest version, the portmapper.
pub(crate) const VERSION_MIN: u32 = 2;
/// The newest version.
pub(crate) const VERSION_MAX: u32 = 4;

/// Most bytes of a netid, an address or an owner; RFC 1833 sets no bound.
pub(crate) const TEXT_BYTES_MAX: u32 = 1024;
/// Most entries of a list.
pub(crate) const LIST_ENTRIES_MAX: u32 = 8192;

/// An entry of version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Program number.
    pub(crate) program: u32,
    /// Version of the program.
    pub(crate) version: u32,
    /// IP protocol: 6 for TCP, 17 for UDP.
    pub(crate) protocol: u32,
    /// Port; 0 in questions.
    pub(crate) port: u32,
}

/// An entry of versions 3 and 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rpcb<'a> {
    /// Program number.
    pub(crate) program: u32,
    /// Version of the program.
    pub(crate) version: u32,
    /// Transport; empty for all in UNSET.
    pub(crate) netid: &'a str,
    /// Universal address; empty where it is asked for.
    pub(crate) address: &'a str,
    /// Who registered it.
    pub(crate) owner: &'a str,
}

/// An entry of the list that GETADDRLIST answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressEntry<'a> {
    /// Universal address.
    pub(crate) address: &'a str,
    /// Transport.
    pub(crate) netid: &'a str,
    /// 1 for datagrams, 3 for streams with an orderly end.
    pub(crate) semantics: u32,
    /// Family of protocols: `inet`, `inet6`, `loopback`.
    pub(crate) family: &'a str,
    /// Protocol: `tcp`, `udp`, or `-`.
    pub(crate) protocol: &'a str,
}

/// What is the whole of an argument or a result, or an entry of a list.
pub(crate) trait Item<'a>: Sized {
    /// Takes one.
    fn take(decoder: &mut XdrDecoder<'a>) -> Result<Self, XdrError>;

    /// Appends it.
    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError>;

    /// Decodes it, when nothing else is there.
    fn decode(bytes: &'a [u8]) -> Result<Self, XdrError> {
        let mut decoder = XdrDecoder::new(bytes);
        let item = Self::take(&mut decoder)?;
        decoder.finish()?;
        Ok(item)
    }

    /// Encodes it.
    fn encode(&self) -> Result<Vec<u8>, XdrError> {
        let mut bytes = Vec::new();
        self.put(&mut XdrEncoder::new(&mut bytes))?;
        Ok(bytes)
    }
}

// spec: RFC1833 s3.1
impl Item<'_> for Mapping {
    fn take(decoder: &mut XdrDecoder<'_>) -> Result<Self, XdrError> {
        let [program, version, protocol, port] = decoder.words()?;
        Ok(Mapping {
            program,
            version,
            protocol,
            port,
        })
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.words([self.program, self.version, self.protocol, self.port]);
        Ok(())
    }
}

// spec: RFC1833 s2.1
impl<'a> Item<'a> for Rpcb<'a> {
    fn take(decoder: &mut XdrDecoder<'a>) -> Result<Self, XdrError> {
        let [program, version] = decoder.words()?;
        Ok(Rpcb {
            program,
            version,
            netid: decoder.string(TEXT_BYTES_MAX)?,
            address: decoder.string(TEXT_BYTES_MAX)?,
            owner: decoder.string(TEXT_BYTES_MAX)?,
        })
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.words([self.program, self.version]);
        encoder.string(self.netid, TEXT_BYTES_MAX)?;
        encoder.string(self.address, TEXT_BYTES_MAX)?;
        encoder.string(self.owner, TEXT_BYTES_MAX)
    }
}

// spec: RFC1833 s2.1
impl<'a> Item<'a> for AddressEntry<'a> {
    fn take(decoder: &mut XdrDecoder<'a>) -> Result<Self, XdrError> {
        Ok(AddressEntry {
            address: decoder.string(TEXT_BYTES_MAX)?,
            netid: decoder.string(TEXT_BYTES_MAX)?,
            semantics: decoder.u32()?,
            family: decoder.string(TEXT_BYTES_MAX)?,
            protocol: decoder.string(TEXT_BYTES_MAX)?,
        })
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.string(self.address, TEXT_BYTES_MAX)?;
        encoder.string(self.netid, TEXT_BYTES_MAX)?;
        encoder.u32(self.semantics);
        encoder.string(self.family, TEXT_BYTES_MAX)?;
        encoder.string(self.protocol, TEXT_BYTES_MAX)
    }
}

/// The answer of SET and UNSET.
impl Item<'_> for bool {
    fn take(decoder: &mut XdrDecoder<'_>) -> Result<Self, XdrError> {
        decoder.bool()
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.bool(*self);
        Ok(())
    }
}

/// The answer of GETPORT.
impl Item<'_> for u32 {
    fn take(decoder: &mut XdrDecoder<'_>) -> Result<Self, XdrError> {
        decoder.u32()
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.u32(*self);
        Ok(())
    }
}

/// The answer of GETADDR.
impl<'a> Item<'a> for &'a str {
    fn take(decoder: &mut XdrDecoder<'a>) -> Result<Self, XdrError> {
        decoder.string(TEXT_BYTES_MAX)
    }

    fn put(&self, encoder: &mut XdrEncoder<'_, Vec<u8>>) -> Result<(), XdrError> {
        encoder.string(self, TEXT_BYTES_MAX)
    }
}

/// Walks a linked list, the whole of a result, entry by entry. Ends with the list, or after the first error.
#[derive(Debug)]
pub(crate) struct List<'a, T> {
    decoder: XdrDecoder<'a>,
    taken: u32,
    over: bool,
    entry: std::marker::PhantomData<fn() -> T>,
}

impl<'a, T: Item<'a>> List<'a, T> {
    /// The list that `bytes` are.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        List {
            decoder: XdrDecoder::new(bytes),
            taken: 0,
            over: false,
            entry: std::marker::PhantomData,
        }
    }

    fn step(&mut self) -> Result<Option<T>, XdrError> {
        let offset = self.decoder.offset();
        if !self.decoder.bool()? {
            self.decoder.finish()?;
            return Ok(None);
        }
        self.taken += 1;
        if self.taken > LIST_ENTRIES_MAX {
            return Err(XdrError::LengthBeyondLimit {
                offset,
                declared: self.taken,
                limit: LIST_ENTRIES_MAX,
            });
        }
        T::take(&mut self.decoder).map(Some)
    }
}

impl<'a, T: Item<'a>> Iterator for List<'a, T> {
    type Item = Result<T, XdrError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let step = self.step();
        self.over = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// Encodes a list.
pub(crate) fn encode_list<'a, T: Item<'a>>(
    entries: impl IntoIterator<Item = T>,
) -> Result<Vec<u8>, XdrError> {
    let mut bytes = Vec::new();
    let mut encoder = XdrEncoder::new(&mut bytes);
    for entry in entries {
        encoder.bool(true);
        entry.put(&mut encoder)?;
    }
    encoder.bool(false);
    Ok(bytes)
}
