//! Writing: appends to one buffer.

/// Bytes in the making.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// An empty buffer with room for so many bytes.
    pub fn with_room(bytes: usize) -> Writer {
        Writer {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// In a buffer, in place of what is in it.
    pub fn within(mut buffer: Vec<u8>) -> Writer {
        buffer.clear();
        Writer { bytes: buffer }
    }

    /// A number in its shortest form.
    pub fn number(&mut self, number: impl Into<u64>) {
        let mut left = number.into();
        while left >= 0x80 {
            self.bytes.push((left & 0x7f) as u8 | 0x80);
            left >>= 7;
        }
        self.bytes.push(left as u8);
    }

    /// The number of elements that follow.
    pub fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.bytes.push(u8::from(flag));
    }

    /// Octets after their length.
    pub fn octets(&mut self, octets: &[u8]) {
        self.length(octets.len());
        self.bytes.extend_from_slice(octets);
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
