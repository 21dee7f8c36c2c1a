//! Clusters of servers and trees of kernels: without faults they cost what the formulas say, and whatever dies,
//! every kernel delivers one sequence.

use harness_ring::{MemberId, Mode};
use rmix_growth::checks::{check, marks, sequence};
use rmix_growth::cluster::{Cluster, Timing};
use rmix_growth::kernel::Taken;
use rmix_growth::measure::{Figure, Row, measure};
use rmix_growth::shape::{Shape, server_id};
use rmix_growth::stream::{Ask, Outcome, ProcessId, What};
use rmix_growth::{DEGREE, PROCESSES, SERVERS, drawing, table};
use rmix_sim::random::Random;

const MODES: [Mode; 2] = [Mode::Unidirectional, Mode::Bidirectional];

fn shape(processes: usize, servers: usize, degree: usize, mode: Mode) -> Shape {
    Shape {
        processes,
        servers,
        degree,
        mode,
    }
}

fn measured(shape: Shape) -> Row {
    measure(shape, Timing::default()).unwrap_or_else(|broken| panic!("{shape:?}: {broken:?}"))
}

fn assert_exact(row: &Row, figures: &[Figure]) {
    for figure in figures {
        let (simulated, formula) = (row.simulated(*figure), row.formula(*figure));
        assert_eq!(simulated, formula, "{figure:?} of {:?}", row.shape);
        assert!(simulated.is_some(), "{figure:?} of {:?}", row.shape);
    }
}

fn assert_bounded(row: &Row, figures: &[Figure]) {
    for figure in figures {
        let (simulated, formula) = (row.simulated(*figure), row.formula(*figure));
        let is_bounded = simulated > Some(0) && simulated <= formula;
        assert!(
            is_bounded,
            "{figure:?}: {simulated:?}, {formula:?} of {:?}",
            row.shape
        );
    }
}

#[test]
fn small_clusters_take_exactly_the_time_of_the_formulas() {
    for mode in MODES {
        for (processes, servers, degree) in [
            (6, 3, 2),
            (12, 3, 2),
            (21, 3, 2),
            (64, 7, 16),
            (105, 5, 4),
            (256, 7, 16),
        ] {
            let row = measured(shape(processes, servers, degree, mode));
            assert_exact(
                &row,
                &[
                    Figure::Request,
                    Figure::RingFrames,
                    Figure::TreeFrames,
                    Figure::ServerFrames,
                    Figure::ViewChange,
                    Figure::Attach,
                    Figure::Attached,
                    Figure::RequestAfter,
                ],
            );
            assert_bounded(&row, &[Figure::Interrupted]);
        }
    }
}

#[test]
fn flat_rings_take_exactly_the_hops_of_the_formulas() {
    for processes in [4, 5, 8, 33, 64] {
        for mode in MODES {
            let row = measured(shape(processes, processes, 16, mode));
            assert_exact(
                &row,
                &[
                    Figure::Request,
                    Figure::RingFrames,
                    Figure::ServerFrames,
                    Figure::ViewChange,
                    Figure::RequestAfter,
                ],
            );
        }
    }
    let pair = measured(shape(2, 2, 16, Mode::Bidirectional));
    assert_exact(&pair, &[Figure::Request, Figure::RingFrames]);
}

#[test]
fn a_tree_is_as_deep_as_the_room_on_its_levels_says() {
    let depth = |kernels: usize| shape(kernels + 1, 1, 16, Mode::Unidirectional).depth();
    assert_eq!([0, 1, 16].map(depth), [0, 1, 1]);
    assert_eq!([17, 16 + 256].map(depth), [2, 2]);
    assert_eq!([16 + 256 + 1, 1_428].map(depth), [3, 3]);
}

#[test]
fn each_kernel_has_one_parent_and_each_parent_as_many_as_the_degree() {
    let shape = shape(500, 7, 4, Mode::Unidirectional);
    let mut children = std::collections::BTreeMap::<ProcessId, usize>::new();
    for kernel in 0..shape.kernels() {
        let parent = shape.parent(kernel);
        *children.entry(parent).or_default() += 1;
        let mut above = parent;
        while let ProcessId::Kernel(kernel) = above {
            above = shape.parent(usize::try_from(kernel).expect("small"));
        }
        assert_eq!(above, ProcessId::Server(server_id(kernel % 7)));
        let mut others = shape.fallback(kernel);
        others.sort();
        others.dedup();
        assert_eq!(others.len(), 6);
        assert!(!others.contains(&server_id(kernel % 7)));
    }
    assert!(children.values().all(|count| *count <= 4));
}

/// Requests of kernels and servers' deaths by chance; what the dead sent last is lost in part.
fn stormy(seed: u64, deaths: usize, kept_outcomes_max: usize) -> (Cluster, Vec<MemberId>) {
    let mut random = Random::new(seed);
    let mode = MODES[random.index(2)];
    let shape = shape(
        60 + random.index(120),
        5 + random.index(4),
        2 + random.index(4),
        mode,
    );
    let timing = Timing {
        spread_us: random.between(0, 400),
        detection_us: random.between(1_000, 5_000),
        last_words_us: random.between(0, 300),
        kept_outcomes_max,
        seed,
        ..Timing::default()
    };
    let mut cluster = Cluster::new(shape, timing);
    for _ in 0..200 {
        let asker = ProcessId::kernel(random.index(shape.kernels()));
        cluster.ask(random.between(0, 40_000), asker);
    }
    let mut dead = Vec::new();
    for _ in 0..deaths {
        let server = server_id(random.index(shape.servers));
        if !dead.contains(&server) {
            cluster.kill(random.between(1_000, 35_000), server);
            dead.push(server);
        }
    }
    cluster.run();
    (cluster, dead)
}

#[test]
fn no_kernel_misses_repeats_or_reorders_though_servers_die() {
    let (mut attached, mut repeats, mut views) = (0, 0, 0);
    for seed in 1..=60 {
        let (cluster, dead) = stormy(seed, 2, 1_000);
        assert_eq!(
            check(&cluster),
            Vec::<String>::new(),
            "seed {seed}, {dead:?}"
        );
        for slot in 0..cluster.shape().servers {
            let server = cluster.server_of(server_id(slot));
            attached += server.attached;
            repeats += server.repeats;
            assert_eq!(server.images, 0, "seed {seed}: the outcomes were kept");
            let changes = server.log.iter();
            views += changes
                .filter(|outcome| matches!(outcome.what, What::View(_)))
                .count();
        }
    }
    assert!(attached > 0, "kernels turned to other servers");
    assert!(
        repeats > 0,
        "requests were broadcast twice and carried out once"
    );
    assert!(views > 0, "views changed");
}

#[test]
fn a_kernel_that_is_too_far_behind_gets_the_state_instead() {
    let mut images = 0;
    for seed in 1..=30 {
        let (cluster, dead) = stormy(seed, 1, 2);
        assert_eq!(
            check(&cluster),
            Vec::<String>::new(),
            "seed {seed}, {dead:?}"
        );
        let servers = 0..cluster.shape().servers;
        images += servers
            .map(|slot| cluster.server_of(server_id(slot)).images)
            .sum::<u64>();
    }
    assert!(images > 0, "somebody was too far behind");
}

#[test]
fn a_sequence_with_a_miss_a_repeat_or_a_swap_is_noticed() {
    let common: Vec<_> = (1..=4)
        .map(|position| Outcome {
            position,
            what: What::Request(Ask {
                asker: 0,
                number: position,
            }),
        })
        .collect();
    let marks = marks(&common);
    let judge = |places: &[usize]| {
        let log = places.iter().map(|place| Taken::Outcome(common[*place]));
        sequence(&log.collect::<Vec<_>>(), &common, &marks)
    };
    assert_eq!(judge(&[0, 1, 2, 3]), Ok(()));
    assert!(judge(&[0, 2, 3]).is_err(), "a miss");
    assert!(judge(&[0, 1, 1, 2]).is_err(), "a repeat");
    assert!(judge(&[0, 2, 1, 3]).is_err(), "a swap");
    let with_image = [Taken::Image(marks[2]), Taken::Outcome(common[2])];
    assert_eq!(sequence(&with_image, &common, &marks), Ok(()));
    let gap = [Taken::Image(marks[2]), Taken::Outcome(common[3])];
    assert!(sequence(&gap, &common, &marks).is_err(), "a miss after it");
    let back = [Taken::Outcome(common[0]), Taken::Image(marks[0])];
    assert!(
        sequence(&back, &common, &marks).is_err(),
        "a state before it"
    );
}

#[test]
fn the_table_of_the_chapter_is_what_is_simulated() {
    let committed = include_str!("../../../docs/ring-growth.tsv");
    let rows: Vec<_> = MODES
        .into_iter()
        .flat_map(|mode| PROCESSES.map(|processes| shape(processes, SERVERS, DEGREE, mode)))
        .map(measured)
        .collect();
    for line in table::tsv(&rows).lines() {
        let is_there = committed.lines().any(|other| other == line);
        assert!(
            is_there,
            "not in docs/ring-growth.tsv, make it again: {line}"
        );
    }
}

#[test]
fn rows_are_written_and_drawn() {
    let timing = Timing::default();
    let sizes = [24, 64];
    let mut rows: Vec<_> = sizes
        .map(|processes| measured(shape(processes, 7, 16, Mode::Bidirectional)))
        .to_vec();
    rows.extend(sizes.map(|processes| {
        Row::of_formulas(
            shape(processes, processes, 16, Mode::Unidirectional),
            timing,
        )
    }));
    let tsv = table::tsv(&rows);
    let columns = tsv.lines().next().map(|heads| heads.split('\t').count());
    assert!(
        tsv.lines()
            .all(|line| Some(line.split('\t').count()) == columns)
    );
    assert!(tsv.contains("\n64\t7\t1\tboth\t900\t900\t"), "{tsv}");
    assert!(tsv.contains("\n64\t64\t0\tone\t\t12600\t"), "{tsv}");
    assert!(table::aligned(&rows).contains("900/900"));
    let file = std::env::temp_dir().join(format!("rmix-growth-{}.svg", std::process::id()));
    drawing::write(&rows, timing, &file).expect("it is drawn");
    let drawn = std::fs::read_to_string(&file).expect("it is there");
    std::fs::remove_file(&file).expect("it is there");
    assert!(drawn.contains("polyline") && drawn.contains("servers and trees, one way"));
}
