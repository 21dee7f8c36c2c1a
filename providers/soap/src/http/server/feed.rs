//! How much of what was read hyper is given at a time: a head, then its body, so that what lies behind a request is not
//! taken for a part of it, and its time begins when it comes. Pure; decides nothing about what a request is.

/// What hyper is given next.
#[derive(Debug, Default)]
pub(super) struct Feed {
    stage: Stage,
    /// The last bytes that were given.
    tail: [u8; 4],
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Up to the end of a head.
    #[default]
    Head,
    /// So many bytes of a body.
    Body(u64),
    /// A body that says itself where it ends.
    Chunks,
}

/// What a head ends with; a body in chunks, too.
const END: [u8; 4] = *b"\r\n\r\n";

impl Feed {
    /// A request's body begins, of this length where it says one.
    pub(super) fn begin_body(&mut self, length: Option<u64>) {
        self.stage = match length {
            Some(length) => Stage::Body(length),
            None => Stage::Chunks,
        };
    }

    /// A request has ended. Whether bytes of the next one were given with it.
    pub(super) fn end_request(&mut self) -> bool {
        let before = std::mem::take(&mut self.stage);
        before == Stage::Chunks && self.tail != END
    }

    /// Gives some of `unread`; how many bytes. More than none, if there are any.
    pub(super) fn give(&mut self, unread: &[u8]) -> usize {
        let count = match self.stage {
            Stage::Body(0) | Stage::Head => {
                self.stage = Stage::Head;
                self.head_end(unread).unwrap_or(unread.len())
            }
            Stage::Body(left) => {
                let count = unread
                    .len()
                    .min(usize::try_from(left).unwrap_or(usize::MAX));
                self.stage = Stage::Body(left - count as u64);
                count
            }
            Stage::Chunks => unread.len(),
        };
        for byte in unread
            .get(count.saturating_sub(4)..count)
            .unwrap_or_default()
        {
            self.tail = [self.tail[1], self.tail[2], self.tail[3], *byte];
        }
        count
    }

    /// Where a head ends that began in what was given before, or begins here.
    fn head_end(&self, unread: &[u8]) -> Option<usize> {
        // Its end may have begun before.
        let mut tail = self.tail;
        for (place, byte) in unread.iter().take(END.len() - 1).enumerate() {
            tail = [tail[1], tail[2], tail[3], *byte];
            if tail == END {
                return Some(place + 1);
            }
        }
        memchr::memmem::find(unread, &END).map(|place| place + END.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given of a text that comes in pieces.
    fn given(feed: &mut Feed, pieces: &[&str]) -> Vec<String> {
        let mut all = Vec::new();
        for piece in pieces {
            let mut left = piece.as_bytes();
            while !left.is_empty() {
                let count = feed.give(left);
                assert!(count > 0);
                all.push(String::from_utf8(left[..count].to_vec()).unwrap());
                left = &left[count..];
            }
        }
        all
    }

    #[test]
    fn heads_are_given_one_by_one_wherever_they_are_cut() {
        let head = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        let mut feed = Feed::default();
        assert_eq!(given(&mut feed, &[&head.repeat(2)]), [head, head]);
        for cut in 1..head.len() {
            let mut feed = Feed::default();
            let (front, back) = head.split_at(cut);
            let found = given(&mut feed, &[front, &format!("{back}GET")]);
            assert_eq!(found, [front, back, "GET"]);
        }
    }

    #[test]
    fn bodies_are_given_up_to_their_end() {
        let mut feed = Feed::default();
        assert_eq!(given(&mut feed, &["a\r\n\r\n"]), ["a\r\n\r\n"]);
        feed.begin_body(Some(6));
        let found = given(&mut feed, &["b\r\n\r", "\nb\r\n\r\n"]);
        assert_eq!(found, ["b\r\n\r", "\nb", "\r\n\r\n"]);
        assert!(!feed.end_request());
    }

    #[test]
    fn chunks_tell_whether_something_came_behind_them() {
        let mut feed = Feed::default();
        feed.begin_body(None);
        assert_eq!(given(&mut feed, &["0\r\n\r", "\n"]).len(), 2);
        assert!(!feed.end_request());
        feed.begin_body(None);
        assert_eq!(given(&mut feed, &["0\r\n\r\nPOST"]).len(), 1);
        assert!(feed.end_request());
        assert_eq!(given(&mut feed, &[" / \r\n\r\nX"]), [" / \r\n\r\n", "X"]);
    }
}
