//! How a cluster is built, and what the formulas of its size say. Nothing here runs anything: the
//! simulation is compared with it.

use harness_ring::{MemberId, Mode};

use super::stream::ProcessId;

/// A ring of servers, and a tree of kernels below each of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// All processes: servers and the kernels below them.
    pub processes: usize,
    /// Members of the ring.
    pub servers: usize,
    /// How many a server or a kernel hands what it gets on to.
    pub degree: usize,
    /// Which ways round the ring.
    pub mode: Mode,
}

impl Shape {
    /// Kernels that are no servers.
    pub fn kernels(&self) -> usize {
        self.processes - self.servers
    }

    /// Kernels below the server that has most of them; they differ by one at most.
    pub fn kernels_of_one(&self) -> usize {
        self.kernels().div_ceil(self.servers)
    }

    /// Levels of kernels below a server: `degree` on the first, its square on the second, until there is
    /// room for all. `⌈log_degree⌉` of the kernels, or one less where the levels before the last have room.
    pub fn depth(&self) -> u64 {
        let (mut depth, mut level, mut room) = (0, 1, 0);
        while room < self.kernels_of_one() {
            level *= self.degree;
            room += level;
            depth += 1;
        }
        depth
    }

    /// Kernels that a server talks to itself.
    pub fn children_of_server(&self) -> usize {
        self.kernels_of_one().min(self.degree)
    }

    /// Where a kernel gets its outcomes from at first. Kernels are dealt to the servers in turn; those of one
    /// fill its tree level by level.
    pub fn parent(&self, kernel: usize) -> ProcessId {
        let (place, server) = (kernel / self.servers, kernel % self.servers);
        if place < self.degree {
            return ProcessId::Server(server_id(server));
        }
        ProcessId::kernel((place / self.degree - 1) * self.servers + server)
    }

    /// To whom it turns, one after the other, when its server is gone: neighbours turn to different ones.
    pub fn fallback(&self, kernel: usize) -> Vec<MemberId> {
        let (place, server) = (kernel / self.servers, kernel % self.servers);
        let others = self.servers - 1;
        let after = (0..others).map(|step| server + 1 + (place + step) % others);
        after.map(|other| server_id(other % self.servers)).collect()
    }

    /// Hops until the last server has delivered.
    pub fn ring_hops(&self) -> u64 {
        let servers = self.servers as u64;
        match self.mode {
            _ if servers == 1 => 0,
            Mode::Unidirectional => 2 * (servers - 1),
            Mode::Bidirectional => servers,
        }
    }

    /// Hops from a kernel's request until the last process has delivered: to the server, round the ring,
    /// down the tree. Where there are servers only, one of them asks.
    pub fn request_hops(&self) -> u64 {
        u64::from(self.kernels() > 0) + self.ring_hops() + self.depth()
    }

    /// Frames on the ring for one request. Two members send each other one, whatever the mode.
    pub fn ring_frames(&self) -> u64 {
        let servers = self.servers as u64;
        match self.mode {
            _ if servers <= 2 => 2 * (servers - 1),
            Mode::Unidirectional => 2 * (servers - 1),
            Mode::Bidirectional => 2 * servers + 1,
        }
    }

    /// Frames of one request outside the ring: itself, and each kernel's copy and acknowledgement.
    pub fn tree_frames(&self) -> u64 {
        let kernels = self.kernels() as u64;
        u64::from(kernels > 0) + 2 * kernels
    }

    /// Frames of one request that the busiest server sends or receives, with four servers or more: a copy and an
    /// acknowledgement of each child, and what is on the ring. One way round, the server that was asked gets the
    /// request, sends two frames and receives one, and its successor receives two and sends two. Both ways round
    /// it sends or receives five besides the request: two each way, and the frame in which the two ways overlap.
    pub fn server_frames(&self) -> u64 {
        let children = self.children_of_server() as u64;
        let ring = match self.mode {
            Mode::Unidirectional => 4,
            Mode::Bidirectional => 5 + u64::from(children > 0),
        };
        ring + 2 * children
    }

    /// Hops from the detection of a server's death until the last process has delivered the view without it:
    /// two laps of those left, a third that ends one hop earlier, and down the tree.
    pub fn view_change_hops(&self) -> u64 {
        3 * (self.servers as u64 - 1) - 1 + self.depth()
    }

    /// Hops from the detection until the last orphan hears its new server: the request to be taken, its answer, and
    /// that down the rest of the tree.
    pub fn attach_hops(&self) -> u64 {
        1 + self.depth()
    }

    /// Hops from the detection until the last process has delivered a request that died with its server, at most: as
    /// soon as both its kernel and its new server can go on, round the smaller ring and down the tree.
    pub fn interrupted_hops(&self) -> u64 {
        let resent = self.attach_hops() + 1;
        let wedged = self.view_change_hops() - self.depth();
        resent.max(wedged) + self.without_one().ring_hops() + self.depth()
    }

    /// Orphans' subtrees that the survivor that takes most of them takes.
    pub fn attached_to_one(&self) -> usize {
        self.children_of_server().div_ceil(self.servers - 1)
    }

    /// The ring after a death. Its trees are wider at the top, and as deep as before.
    pub fn without_one(&self) -> Shape {
        Shape {
            processes: self.processes - 1,
            servers: self.servers - 1,
            ..*self
        }
    }
}

/// The member of a slot.
pub fn server_id(slot: usize) -> MemberId {
    MemberId::first(u32::try_from(slot).expect("rings are small"))
}
