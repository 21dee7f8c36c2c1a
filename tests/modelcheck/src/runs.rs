//! The searches by name: small ones for every change, larger ones by command.

use harness_ring::{
    Config, Limits,
    Mode::{self, Bidirectional as Bidi, Unidirectional as Uni},
    Policy::{self, Survivor},
};
use stateright::{Checker, Model};

use crate::cluster::Cluster;

/// A search.
#[derive(Clone, Debug)]
pub struct Run {
    /// Direction, policy, members, submits, faults.
    pub name: &'static str,
    /// Whether the gate runs it.
    pub is_small: bool,
    /// What is searched.
    pub model: Cluster,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many different states there are.
    pub states: usize,
    /// The longest of the shortest ways to a state.
    pub depth: usize,
    /// Broken properties, each with the shortest way there.
    pub violations: Vec<String>,
}

impl Run {
    /// Searches all of it, or until every property is broken or met.
    pub fn search(&self, threads: usize) -> Report {
        let checker = self
            .model
            .clone()
            .checker()
            .threads(threads)
            .spawn_bfs()
            .join();
        let mut violations = Vec::new();
        for property in self.model.properties() {
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
    [small_runs(), large_one_way(), large_both_ways()].concat()
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
        model,
    }
}

fn large(name: &'static str, model: Cluster) -> Run {
    Run {
        name,
        is_small: false,
        model,
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
