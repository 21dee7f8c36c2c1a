//! Which types contain themselves by value, so that Rust needs a box on the way.

use super::{Description, Kind, Occurs, Type, TypeId};

impl Description {
    /// For each type the number of its cycle: types of the same number contain each other, or are the same. Tarjan's
    /// algorithm, without recursion.
    pub(crate) fn cycles(&self) -> Vec<usize> {
        let edges: Vec<Vec<usize>> = self.types.iter().map(|def| contained(&def.kind)).collect();
        let mut run = Run {
            order: vec![0; edges.len()],
            low: vec![0; edges.len()],
            cycle: vec![0; edges.len()],
            ..Run::default()
        };
        for start in 0..edges.len() {
            run.from(start, &edges);
        }
        run.cycle
    }
}

/// Types that stand within a value of the type itself; what repeats stands elsewhere.
fn contained(kind: &Kind) -> Vec<usize> {
    let of = |ty: &Type| match ty {
        Type::Named(TypeId(index)) => Some(*index),
        Type::Builtin(_) | Type::List(_) => None,
    };
    match kind {
        Kind::Struct { fields, .. } => {
            let once = fields.iter().filter(|it| it.occurs != Occurs::Repeated);
            once.filter_map(|field| of(&field.ty)).collect()
        }
        Kind::Choice { variants } => variants.iter().filter_map(|it| of(&it.ty)).collect(),
        Kind::Derived { base, derived } => {
            let all = std::iter::once(base).chain(derived);
            all.map(|id| id.0).collect()
        }
        Kind::Alias(target) => of(target).into_iter().collect(),
        Kind::Enumeration { .. } | Kind::Array { .. } => Vec::new(),
    }
}

#[derive(Default)]
struct Run {
    /// When each was met, from 1; 0 for those that were not.
    order: Vec<usize>,
    low: Vec<usize>,
    /// Number of its cycle, from 1; 0 while it is not known.
    cycle: Vec<usize>,
    open: Vec<usize>,
    met: usize,
    cycles: usize,
}

#[expect(
    clippy::indexing_slicing,
    reason = "all vectors have one entry for each type, and edges lead to types"
)]
impl Run {
    fn from(&mut self, start: usize, edges: &[Vec<usize>]) {
        if self.order[start] != 0 {
            return;
        }
        self.meet(start);
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            if let Some(&to) = edges[at].get(*next) {
                *next += 1;
                if self.order[to] == 0 {
                    self.meet(to);
                    path.push((to, 0));
                } else if self.cycle[to] == 0 {
                    self.low[at] = self.low[at].min(self.order[to]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                self.low[*parent] = self.low[*parent].min(self.low[at]);
            }
            if self.low[at] == self.order[at] {
                self.close(at);
            }
        }
    }

    fn meet(&mut self, at: usize) {
        self.met += 1;
        self.order[at] = self.met;
        self.low[at] = self.met;
        self.open.push(at);
    }

    fn close(&mut self, root: usize) {
        self.cycles += 1;
        while let Some(at) = self.open.pop() {
            self.cycle[at] = self.cycles;
            if at == root {
                break;
            }
        }
    }
}
