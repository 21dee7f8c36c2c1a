//! Groups of nodes that reach each other: Tarjan's algorithm without recursion, since types may be as many as the file
//! is long.

/// Which group each node is in, numbered so that a group comes after all groups it leads to.
pub(super) struct Groups {
    /// The group of each node.
    pub(super) of: Vec<u32>,
    /// Whether the nodes of a group lead back to themselves.
    pub(super) is_cycle: Vec<bool>,
    /// Nodes in such an order that a node comes after all it leads to, but for cycles.
    pub(super) order: Vec<usize>,
}

/// Groups of the nodes whose edges are given.
pub(super) fn groups(edges: &[Vec<usize>]) -> Groups {
    let mut search = Search {
        edges,
        next_index: 0,
        index: vec![UNSEEN; edges.len()],
        low: vec![0; edges.len()],
        stack: Vec::new(),
        on_stack: vec![false; edges.len()],
        groups: Groups {
            of: vec![0; edges.len()],
            is_cycle: Vec::new(),
            order: Vec::new(),
        },
    };
    for node in 0..edges.len() {
        if search.index[node] == UNSEEN {
            search.from(node);
        }
    }
    search.groups
}

struct Search<'a> {
    edges: &'a [Vec<usize>],
    next_index: usize,
    index: Vec<usize>,
    low: Vec<usize>,
    stack: Vec<usize>,
    on_stack: Vec<bool>,
    groups: Groups,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        // Nodes being looked at, each with the number of its edges already followed.
        let mut path = vec![(start, 0)];
        self.open(start);
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            match self.edges[node].get(*followed) {
                Some(&target) => {
                    *followed += 1;
                    if self.index[target] == UNSEEN {
                        self.open(target);
                        path.push((target, 0));
                    } else if self.on_stack[target] {
                        self.low[node] = self.low[node].min(self.index[target]);
                    }
                }
                None => {
                    path.pop();
                    if let Some((before, _)) = path.last() {
                        self.low[*before] = self.low[*before].min(self.low[node]);
                    }
                    if self.low[node] == self.index[node] {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn open(&mut self, node: usize) {
        self.index[node] = self.next_index;
        self.low[node] = self.next_index;
        self.next_index += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }

    /// Takes the group of `node` off the stack.
    fn close(&mut self, node: usize) {
        let group = u32::try_from(self.groups.is_cycle.len()).unwrap_or(u32::MAX);
        let mut size = 0;
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            self.groups.of[member] = group;
            self.groups.order.push(member);
            size += 1;
            if member == node {
                break;
            }
        }
        let is_own_target = self.edges[node].contains(&node);
        self.groups.is_cycle.push(size > 1 || is_own_target);
    }
}

const UNSEEN: usize = usize::MAX;
