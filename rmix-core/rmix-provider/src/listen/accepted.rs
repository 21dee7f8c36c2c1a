//! The connections of one listener: how many there are, from where, and that none is added after its close. Pure.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use rmix_abi::tables::Limits;

/// Open connections, each with the group of peers it belongs to.
pub(super) struct Accepted<L> {
    links: HashMap<u64, (Weak<L>, String)>,
    next: u64,
    closed: bool,
}

impl<L> Default for Accepted<L> {
    fn default() -> Accepted<L> {
        Accepted {
            links: HashMap::new(),
            next: 0,
            closed: false,
        }
    }
}

impl<L> Accepted<L> {
    /// The limit that forbids another connection of this group, if one does. The empty group is that of local
    /// processes, which have no address to tell them apart by.
    pub(super) fn is_full(&mut self, group: &str, limits: &Limits) -> Option<&'static str> {
        self.links.retain(|_, (link, _)| link.strong_count() > 0);
        let same = self.links.values().filter(|(_, from)| *from == group);
        if !group.is_empty() && same.count() >= limits.connections_per_peer as usize {
            return Some("connections_per_peer");
        }
        (self.links.len() >= limits.connections as usize).then_some("connections")
    }

    /// Adds a connection; its key, or `None` after the close.
    pub(super) fn add(&mut self, link: &Arc<L>, group: String) -> Option<u64> {
        if self.closed {
            return None;
        }
        let key = self.next;
        self.next += 1;
        self.links.insert(key, (Arc::downgrade(link), group));
        Some(key)
    }

    /// Takes a connection out.
    pub(super) fn remove(&mut self, key: u64) {
        self.links.remove(&key);
    }

    /// Whether no connection is left.
    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// The open connections.
    pub(super) fn open(&self) -> Vec<Arc<L>> {
        let links = self.links.values();
        links.filter_map(|(link, _)| link.upgrade()).collect()
    }

    /// Lets none in any more; true the first time.
    pub(super) fn close(&mut self) -> bool {
        !std::mem::replace(&mut self.closed, true)
    }

    /// Whether none is let in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_added_after_the_close() {
        let mut accepted = Accepted::default();
        let (early, late) = (Arc::new(1), Arc::new(2));
        assert!(accepted.add(&early, String::new()).is_some());
        assert!(accepted.close() && !accepted.close());
        assert_eq!(accepted.add(&late, String::new()), None);
        assert_eq!(
            accepted.open(),
            [early],
            "all that the close has to do with"
        );
    }

    #[test]
    fn connections_are_bounded_in_all_and_for_each_peer() {
        let limits = Limits {
            connections: 3,
            connections_per_peer: 2,
            ..Limits::default()
        };
        let mut accepted = Accepted::default();
        let links = [Arc::new(1), Arc::new(2), Arc::new(3)];
        let mut keys = Vec::new();
        for (link, group) in links.iter().zip(["a", "a", "b"]) {
            assert_eq!(accepted.is_full(group, &limits), None);
            keys.extend(accepted.add(link, group.to_owned()));
        }
        assert_eq!(accepted.is_full("a", &limits), Some("connections_per_peer"));
        assert_eq!(accepted.is_full("c", &limits), Some("connections"));
        accepted.remove(keys[0]);
        assert_eq!(accepted.is_full("a", &limits), None);
    }

    #[test]
    fn local_processes_are_bounded_in_all_only_and_the_dead_do_not_count() {
        let limits = Limits {
            connections: 2,
            connections_per_peer: 1,
            ..Limits::default()
        };
        let mut accepted = Accepted::default();
        let first = Arc::new(1);
        let second = Arc::new(2);
        assert!(accepted.add(&first, String::new()).is_some());
        assert_eq!(accepted.is_full("", &limits), None);
        assert!(accepted.add(&second, String::new()).is_some());
        assert_eq!(accepted.is_full("", &limits), Some("connections"));
        drop(first);
        assert_eq!(accepted.is_full("", &limits), None);
        assert_eq!(accepted.open(), [second]);
    }
}
