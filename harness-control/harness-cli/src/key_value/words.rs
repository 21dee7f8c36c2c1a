//! What the key-value state is told and asked, and what it says: their bytes.

use harness_control::wire::{Fault, Malformed, Reader, Writer};

/// A change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// Give a key a value.
    Put {
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// Give a key a value if it has a certain one now.
    Swap {
        /// The key.
        key: String,
        /// What it must have; none: no value.
        from: Option<String>,
        /// Its value.
        value: String,
    },
    /// Remove a key.
    Delete {
        /// The key.
        key: String,
    },
    /// Read a key, in the common order.
    Get {
        /// The key.
        key: String,
    },
    /// The member that submits this wants a lock.
    Lock {
        /// Which.
        lock: String,
    },
    /// It gives it back, or stops waiting.
    Unlock {
        /// Which.
        lock: String,
    },
}

/// A question to one replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// The value of a key.
    Get {
        /// The key.
        key: String,
    },
    /// Who owns a lock.
    Owner {
        /// Which.
        lock: String,
    },
    /// How much there is.
    Size,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// It was done.
    Done,
    /// It was not, and why.
    Refused(String),
    /// The value of a key.
    Value(Option<String>),
    /// The id of the member that owns a lock.
    Owner(Option<String>),
    /// How much there is.
    Size {
        /// Keys.
        keys: u64,
        /// Bytes of keys and values.
        bytes: u64,
    },
}

impl Told {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Told::Put { key, value } => texts(&mut out, 0, &[key, value]),
            Told::Swap { key, from, value } => {
                texts(&mut out, 1, &[key]);
                option(&mut out, from.as_deref());
                out.octets(value.as_bytes());
            }
            Told::Delete { key } => texts(&mut out, 2, &[key]),
            Told::Get { key } => texts(&mut out, 3, &[key]),
            Told::Lock { lock } => texts(&mut out, 4, &[lock]),
            Told::Unlock { lock } => texts(&mut out, 5, &[lock]),
        }
        out.finish()
    }

    /// From its bytes, all of them.
    ///
    /// # Errors
    /// They are not those of a change.
    pub fn decode(bytes: &[u8]) -> Result<Told, Malformed> {
        let mut from = Reader::new(bytes);
        let told = match from.number("change")? {
            0 => Told::Put {
                key: text(&mut from, "key")?,
                value: text(&mut from, "value")?,
            },
            1 => Told::Swap {
                key: text(&mut from, "key")?,
                from: from.option("value before", |from| text(from, "value before"))?,
                value: text(&mut from, "value")?,
            },
            2 => Told::Delete {
                key: text(&mut from, "key")?,
            },
            3 => Told::Get {
                key: text(&mut from, "key")?,
            },
            4 => Told::Lock {
                lock: text(&mut from, "lock")?,
            },
            5 => Told::Unlock {
                lock: text(&mut from, "lock")?,
            },
            other => return Err(from.fault("change", Fault::Variant(other))),
        };
        from.end("change")?;
        Ok(told)
    }
}

impl Question {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Question::Get { key } => texts(&mut out, 0, &[key]),
            Question::Owner { lock } => texts(&mut out, 1, &[lock]),
            Question::Size => out.number(2_u64),
        }
        out.finish()
    }

    /// From its bytes, all of them.
    ///
    /// # Errors
    /// They are not those of a question.
    pub fn decode(bytes: &[u8]) -> Result<Question, Malformed> {
        let mut from = Reader::new(bytes);
        let question = match from.number("question")? {
            0 => Question::Get {
                key: text(&mut from, "key")?,
            },
            1 => Question::Owner {
                lock: text(&mut from, "lock")?,
            },
            2 => Question::Size,
            other => return Err(from.fault("question", Fault::Variant(other))),
        };
        from.end("question")?;
        Ok(question)
    }
}

impl Said {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Said::Done => out.number(0_u64),
            Said::Refused(why) => texts(&mut out, 1, &[why]),
            Said::Value(value) => {
                out.number(2_u64);
                option(&mut out, value.as_deref());
            }
            Said::Owner(owner) => {
                out.number(3_u64);
                option(&mut out, owner.as_deref());
            }
            Said::Size { keys, bytes } => {
                out.number(4_u64);
                out.number(*keys);
                out.number(*bytes);
            }
        }
        out.finish()
    }

    /// From its bytes, all of them.
    ///
    /// # Errors
    /// They are not those of an answer.
    pub fn decode(bytes: &[u8]) -> Result<Said, Malformed> {
        let mut from = Reader::new(bytes);
        let said = match from.number("answer")? {
            0 => Said::Done,
            1 => Said::Refused(text(&mut from, "reason")?),
            2 => Said::Value(from.option("value", |from| text(from, "value"))?),
            3 => Said::Owner(from.option("owner", |from| text(from, "owner"))?),
            4 => Said::Size {
                keys: from.number("keys")?,
                bytes: from.number("bytes")?,
            },
            other => return Err(from.fault("answer", Fault::Variant(other))),
        };
        from.end("answer")?;
        Ok(said)
    }
}

fn texts(out: &mut Writer, kind: u64, texts: &[&str]) {
    out.number(kind);
    texts.iter().for_each(|text| out.octets(text.as_bytes()));
}

fn option(out: &mut Writer, text: Option<&str>) {
    out.flag(text.is_some());
    if let Some(text) = text {
        out.octets(text.as_bytes());
    }
}

fn text(from: &mut Reader<'_>, what: &'static str) -> Result<String, Malformed> {
    from.text(what).map(str::to_owned)
}
