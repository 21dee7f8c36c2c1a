//! Where what stands in etcd.
//!
//! ```text
//! rmix/GROUP/log/member/SLOT    who is there; belongs to the lease            } watched: each change has a revision
//! rmix/GROUP/log/say/SLOT       the last words of a member, written over      } of its own, and that is the order
//! rmix/GROUP/kept/checkpoint    where the state is, and what it includes
//! rmix/GROUP/kept/state/…/N     the state, in parts
//! rmix/GROUP/kept/lives/SLOT    how often a member of this name was there
//! rmix/GROUP/alive/SLOT         of a ring's member, for `LeaseDetector`
//! ```

/// The keys of a group.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    group: String,
}

/// A key of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LogKey {
    Member(u32),
    Say(u32),
}

impl Keys {
    pub(crate) fn new(group: &str) -> Keys {
        Keys {
            group: group.to_owned(),
        }
    }

    /// What all keys of the log begin with.
    pub(crate) fn log(&self) -> String {
        format!("rmix/{}/log/", self.group)
    }

    pub(crate) fn member(&self, slot: u32) -> String {
        format!("rmix/{}/log/member/{slot:08x}", self.group)
    }

    pub(crate) fn say(&self, slot: u32) -> String {
        format!("rmix/{}/log/say/{slot:08x}", self.group)
    }

    pub(crate) fn checkpoint(&self) -> String {
        format!("rmix/{}/kept/checkpoint", self.group)
    }

    /// What the parts of all states begin with.
    pub(crate) fn states(&self) -> String {
        format!("rmix/{}/kept/state/", self.group)
    }

    /// What the parts of one state begin with.
    pub(crate) fn state(&self, generation: &str) -> String {
        format!("rmix/{}/kept/state/{generation}/", self.group)
    }

    pub(crate) fn chunk(&self, generation: &str, number: u64) -> String {
        format!("rmix/{}/kept/state/{generation}/{number:08}", self.group)
    }

    pub(crate) fn lives(&self, slot: u32) -> String {
        format!("rmix/{}/kept/lives/{slot:08x}", self.group)
    }

    /// What the keys of living ring members begin with.
    pub(crate) fn alive_all(&self) -> String {
        format!("rmix/{}/alive/", self.group)
    }

    pub(crate) fn alive(&self, slot: u32) -> String {
        format!("rmix/{}/alive/{slot:08x}", self.group)
    }

    /// Which key of the log this is; none if it is not one of ours.
    pub(crate) fn parse_log(&self, key: &[u8]) -> Option<LogKey> {
        let key = std::str::from_utf8(key).ok()?;
        let key = key.strip_prefix(&self.log())?;
        let (kind, slot) = key.split_once('/')?;
        let slot = parse_slot(slot)?;
        match kind {
            "member" => Some(LogKey::Member(slot)),
            "say" => Some(LogKey::Say(slot)),
            _ => None,
        }
    }

    /// The slot of a living ring member's key.
    pub(crate) fn parse_alive(&self, key: &[u8]) -> Option<u32> {
        let key = std::str::from_utf8(key).ok()?;
        parse_slot(key.strip_prefix(&self.alive_all())?)
    }
}

/// Written as we write it: eight digits.
fn parse_slot(text: &str) -> Option<u32> {
    let slot = u32::from_str_radix(text, 16).ok()?;
    (format!("{slot:08x}") == text).then_some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written_and_others_are_not() {
        let keys = Keys::new("g");
        let slot = 0x0102_abcd;
        let member = keys.member(slot);
        assert_eq!(
            keys.parse_log(member.as_bytes()),
            Some(LogKey::Member(slot))
        );
        assert_eq!(keys.parse_log(keys.say(7).as_bytes()), Some(LogKey::Say(7)));
        assert_eq!(keys.parse_alive(keys.alive(7).as_bytes()), Some(7));
        let others: [&[u8]; 6] = [
            b"rmix/g/log/member/1",
            b"rmix/g/log/member/+0000001",
            b"rmix/g/log/other/00000001",
            b"rmix/h/log/member/00000001",
            b"rmix/g/log/member/00000001/x",
            b"\xff",
        ];
        for other in others {
            assert_eq!(keys.parse_log(other), None, "{other:?}");
        }
    }
}
