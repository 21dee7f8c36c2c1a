//! The searches by name: small ones for every change, larger ones by command.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use harness_ring::{
    Config, Limits,
    Mode::{self, Bidirectional as Bidi, Unidirectional as Uni},
    Policy::{self, Survivor},
};
use stateright::{Checker, Model};

use crate::cluster::Cluster;
use crate::encodings::Broadcasts;

/// A search.
#[derive(Clone, Debug)]
pub struct Run {
    /// Direction, policy, members, submits, faults.
    pub name: &'static str,
    /// Whether the gate runs it.
    pub is_small: bool,
    /// What is searched.
    pub model: Searched,
}

/// The kinds of models.
#[derive(Clone, Debug)]
pub enum Searched {
    /// A ring under faults.
    Cluster(Cluster),
    /// One view, beside plain sets.
    Broadcasts(Broadcasts),
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many different states there are.
    pub states: usize,
    /// The longest way that was taken to a state; breadth first, the longest of the shortest.
    pub depth: usize,
    /// Broken properties, each with a way there; breadth first, the shortest.
    pub violations: Vec<String>,
}

/// Which states are looked at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// Those that the fewest steps reach: the ways to violations are the shortest. Whole states wait in memory.
    Nearest,
    /// Those behind the last: of most states only sixteen octets or so stay in memory.
    Deepest,
}

impl Run {
    /// Searches all of it, or until every property is broken or met.
    pub fn search(&self, first: First, threads: usize) -> Report {
        match &self.model {
            Searched::Cluster(model) => search(model, first, threads),
            Searched::Broadcasts(model) => search(model, first, threads),
        }
    }
}

fn search<M>(model: &M, first: First, threads: usize) -> Report
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + Display + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq,
{
    let builder = model.clone().checker().threads(threads);
    match first {
        First::Nearest => report(model, &builder.spawn_bfs().join()),
        First::Deepest => report(model, &builder.spawn_dfs().join()),
    }
}

fn report<M>(model: &M, checker: &impl Checker<M>) -> Report
where
    M: Model,
    M::State: Clone + Display + Hash + PartialEq,
    M::Action: Clone + Debug + PartialEq,
{
    let mut violations = Vec::new();
    for property in model.properties() {
        let discovery = checker.discovery(property.name);
        let is_bad = match property.expectation {
            stateright::Expectation::Sometimes => discovery.is_none(),
            _ => discovery.is_some(),
        };
        if is_bad {
            violations.push(match discovery {
                Some(path) => {
                    let steps = path.into_vec();
                    let count = steps.len() - 1;
                    let shown: Vec<_> = steps
                        .iter()
                        .map(|(state, step)| format!("{state}  {step:?}\n"))
                        .collect();
                    format!("{} after {count} steps:\n{}", property.name, shown.concat())
                }
                None => format!("{}: never", property.name),
            });
        }
    }
    Report {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        violations,
    }
}

/// A model of this many founders.
pub fn cluster(mode: Mode, policy: Policy, founders: usize, submits: &[u8]) -> Cluster {
    let config = Config {
        mode,
        policy,
        limits: Limits::DEFAULT,
    };
    Cluster {
        submits: submits.to_vec(),
        ..Cluster::new(config, founders)
    }
}

/// All searches.
pub fn all() -> Vec<Run> {
    [
        small_runs(),
        small_parts(),
        small_forces(),
        large_one_way(),
        large_both_ways(),
        large_parts(),
    ]
    .concat()
}

/// Seconds together.
fn small_runs() -> Vec<Run> {
    vec![
        small("uni-n3-s111", cluster(Uni, Survivor, 3, &[1, 1, 1])),
        small("bidi-n3-s11", cluster(Bidi, Survivor, 3, &[1, 1])),
        small(
            "uni-n3-s11-c2",
            crashes(2, cluster(Uni, Survivor, 3, &[1, 1])),
        ),
        small(
            "uni-n3-quorum-s1-c1-f1",
            suspicions(1, 1, cluster(Uni, QUORUM, 3, &[1])),
        ),
        small("uni-n2-s1-c1-j1", joins(1, cluster(Uni, Survivor, 2, &[1]))),
        small(
            "uni-n2-s11-l1",
            leaves(0, cluster(Uni, Survivor, 2, &[1, 1])),
        ),
        small("uni-n2-tie-s1-c1", crashes(1, cluster(Uni, TIE, 2, &[1]))),
        small(
            "bidi-n3-s11-flow",
            flow(0, cluster(Bidi, Survivor, 3, &[1, 1])),
        ),
        small(
            "uni-n3-s1-f1-r1",
            retractions(0, cluster(Uni, QUORUM, 3, &[1])),
        ),
    ]
}

/// Single promises that the other searches do not look at; seconds together.
fn small_parts() -> Vec<Run> {
    vec![
        encodings("sets-uni-n4-s211", true, Uni, &[2, 1, 1, 0]),
        encodings("sets-bidi-n3-s11", true, Bidi, &[1, 1, 0]),
        encodings("sets-bidi-n4-s11", true, Bidi, &[1, 0, 1, 0]),
        small(
            "uni-n2-tie-s11-f2",
            suspicions(0, 2, cluster(Uni, TIE, 2, &[1, 1])),
        ),
        small(
            "uni-n3-s21-window",
            window(crashes(1, cluster(Uni, Survivor, 3, &[2, 1]))),
        ),
        small(
            "uni-n3-s201-singly",
            singly(cluster(Uni, Survivor, 3, &[2, 0, 1])),
        ),
        small("bidi-n3-s1-l1", leaves(0, cluster(Bidi, Survivor, 3, &[1]))),
        small(
            "uni-n2-s11-c1-requests",
            requests(crashes(1, cluster(Uni, Survivor, 2, &[1, 1]))),
        ),
    ]
}

/// An operator forces views; seconds together.
fn small_forces() -> Vec<Run> {
    vec![
        small(
            "uni-n3-quorum-s11-c2-force",
            forces(1, crashes(2, cluster(Uni, QUORUM, 3, &[1, 1]))),
        ),
        small(
            "uni-n3-quorum-s1-c1-f1-r1-force",
            forces(1, retractions(1, cluster(Uni, QUORUM, 3, &[1]))),
        ),
        small(
            "uni-n2-quorum-s11-f2-force2",
            forces(2, suspicions(0, 2, cluster(Uni, QUORUM, 2, &[1, 1]))),
        ),
    ]
}

/// The same, larger.
fn large_parts() -> Vec<Run> {
    vec![
        encodings("sets-bidi-n3-s111", false, Bidi, &[1, 1, 1]),
        encodings("sets-bidi-n4-s21", false, Bidi, &[2, 0, 1, 0]),
        encodings("sets-bidi-n5-s11", false, Bidi, &[1, 0, 1, 0, 0]),
        encodings("sets-uni-n5-s111", false, Uni, &[1, 1, 1, 0, 0]),
        large(
            "bidi-n3-s11-c1-l1",
            leaves(1, cluster(Bidi, Survivor, 3, &[1, 1])),
        ),
        large(
            "uni-n3-tie-s1-c1-f1",
            suspicions(1, 1, cluster(Uni, TIE, 3, &[1])),
        ),
        large(
            "uni-n3-s1-c1-requests",
            requests(crashes(1, cluster(Uni, Survivor, 3, &[1]))),
        ),
        large(
            "bidi-n3-s2-c1-flow",
            flow(1, cluster(Bidi, Survivor, 3, &[2])),
        ),
        large(
            "uni-n4-quorum-c1-f1-r1-force",
            forces(1, retractions(1, cluster(Uni, QUORUM, 4, &[]))),
        ),
    ]
}

/// Seconds to hours each.
fn large_one_way() -> Vec<Run> {
    vec![
        large(
            "uni-n3-s11-c1-j1",
            joins(1, cluster(Uni, Survivor, 3, &[1, 1])),
        ),
        large(
            "uni-n3-s11-c1-l1",
            leaves(1, cluster(Uni, Survivor, 3, &[1, 1])),
        ),
        large(
            "uni-n3-tie-s11-c2",
            crashes(2, cluster(Uni, TIE, 3, &[1, 1])),
        ),
        large(
            "uni-n4-tie-s11-c2",
            crashes(2, cluster(Uni, TIE, 4, &[1, 1])),
        ),
        large(
            "uni-n3-quorum-s101-c1-f1",
            suspicions(1, 1, cluster(Uni, QUORUM, 3, &[1, 0, 1])),
        ),
        large(
            "uni-n3-quorum-s1-c1-f1-r1",
            retractions(1, cluster(Uni, QUORUM, 3, &[1])),
        ),
        large(
            "uni-n4-s11-c3",
            crashes(3, cluster(Uni, Survivor, 4, &[1, 1])),
        ),
        large("uni-n5-s1-c2", crashes(2, cluster(Uni, Survivor, 5, &[1]))),
        large(
            "uni-n3-s111-c2",
            crashes(2, cluster(Uni, Survivor, 3, &[1, 1, 1])),
        ),
        large(
            "uni-n4-s101-c2",
            crashes(2, cluster(Uni, Survivor, 4, &[1, 0, 1])),
        ),
    ]
}

/// Seconds to hours each.
fn large_both_ways() -> Vec<Run> {
    vec![
        large(
            "bidi-n3-s21-flow-c1",
            flow(1, cluster(Bidi, Survivor, 3, &[2, 1])),
        ),
        large(
            "bidi-n3-s11-c2",
            crashes(2, cluster(Bidi, Survivor, 3, &[1, 1])),
        ),
        large(
            "bidi-n3-s11-c1-j1",
            joins(1, cluster(Bidi, Survivor, 3, &[1, 1])),
        ),
        large(
            "bidi-n4-s11-c1",
            crashes(1, cluster(Bidi, Survivor, 4, &[1, 1])),
        ),
        large(
            "bidi-n3-quorum-s11-c1-f1",
            suspicions(1, 1, cluster(Bidi, QUORUM, 3, &[1, 1])),
        ),
    ]
}

fn small(name: &'static str, model: Cluster) -> Run {
    Run {
        name,
        is_small: true,
        model: Searched::Cluster(model),
    }
}

fn large(name: &'static str, model: Cluster) -> Run {
    Run {
        name,
        is_small: false,
        model: Searched::Cluster(model),
    }
}

fn encodings(name: &'static str, is_small: bool, mode: Mode, submits: &[u8]) -> Run {
    let config = Config {
        mode,
        policy: Survivor,
        limits: Limits::DEFAULT,
    };
    let submits = submits.to_vec();
    Run {
        name,
        is_small,
        model: Searched::Broadcasts(Broadcasts { config, submits }),
    }
}

/// One own message at a time, the others wait at their origin.
fn window(model: Cluster) -> Cluster {
    let mut config = model.config;
    config.limits.window_batches = 1;
    config.limits.batch_messages_max = 1;
    Cluster { config, ..model }
}

/// One item in a frame and one frame on a link, so that nothing arrives together with what it needs.
fn singly(model: Cluster) -> Cluster {
    let mut config = model.config;
    config.limits.frame_items_max = 1;
    config.limits.batch_messages_max = 1;
    flow(0, Cluster { config, ..model })
}

fn requests(model: Cluster) -> Cluster {
    Cluster {
        requests: true,
        ..model
    }
}

fn crashes(crashes: u8, model: Cluster) -> Cluster {
    Cluster { crashes, ..model }
}

fn suspicions(crashes: u8, false_suspicions: u8, model: Cluster) -> Cluster {
    Cluster {
        crashes,
        false_suspicions,
        ..model
    }
}

fn retractions(crashes: u8, model: Cluster) -> Cluster {
    Cluster {
        retractions: 1,
        ..suspicions(crashes, 1, model)
    }
}

fn joins(crashes: u8, model: Cluster) -> Cluster {
    Cluster {
        crashes,
        joiners: 1,
        ..model
    }
}

fn leaves(crashes: u8, model: Cluster) -> Cluster {
    Cluster {
        crashes,
        leaves: 1,
        ..model
    }
}

fn forces(forces: u8, model: Cluster) -> Cluster {
    Cluster { forces, ..model }
}

/// One frame on a link at a time, so that data waits and evidence is replaced.
fn flow(crashes: u8, model: Cluster) -> Cluster {
    Cluster {
        crashes,
        link_frames_max: Some(1),
        ..model
    }
}

const QUORUM: Policy = Policy::Quorum { tie_break: false };
const TIE: Policy = Policy::Quorum { tie_break: true };
