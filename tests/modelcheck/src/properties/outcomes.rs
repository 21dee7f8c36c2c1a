//! P9: of any two processes, dead ones too, one has the first outcomes of the other; and where nothing
//! moves, no request waits.

use crate::agreement::Replica;
use crate::cluster::{Cluster, State};

pub(super) fn same(_model: &Cluster, state: &State) -> bool {
    let replicas: Vec<&Replica> = replicas(state).collect();
    replicas.iter().enumerate().all(|(index, one)| {
        let others = replicas.iter().skip(index + 1);
        others.into_iter().all(|other| {
            let both = one.outcomes().iter().zip(other.outcomes());
            both.into_iter().all(|(left, right)| left == right)
        })
    })
}

pub(super) fn none_waits(model: &Cluster, state: &State) -> bool {
    let Some(top) = super::liveness::settled(model, state) else {
        return true;
    };
    let nodes = state.nodes.iter().filter(|node| node.ring.view() == top);
    let mut replicas = nodes.filter_map(|node| node.replica.as_ref());
    replicas.all(|replica| replica.waiting() == 0)
}

fn replicas(state: &State) -> impl Iterator<Item = &Replica> {
    state.nodes.iter().filter_map(|node| node.replica.as_ref())
}
