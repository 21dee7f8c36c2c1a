//! The figures of one cluster: requests one after the other, then a server's death with requests under way,
//! then requests again.

use super::checks;
use super::cluster::{ALL_LINKED_MAX, Cluster, Spread, Timing};
use super::shape::{Shape, server_id};
use super::stream::{ProcessId, What};
use super::traffic::{Kind, Traffic};

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Figure {
    /// From a request until the last process has delivered it.
    Request,
    /// Frames between servers.
    RingFrames,
    /// Frames between servers and kernels.
    TreeFrames,
    /// Frames that the busiest server sends or receives.
    ServerFrames,
    /// From the detection of a death until the last process has delivered the next view.
    ViewChange,
    /// From the detection until the last orphan has another server.
    Attach,
    /// Subtrees that one survivor took.
    Attached,
    /// From the detection until the last process has delivered the request that died with its server.
    Interrupted,
    /// As `Request`, after the death.
    RequestAfter,
}

impl Figure {
    /// All, in the order of the table.
    pub const ALL: [Figure; 9] = [
        Figure::Request,
        Figure::RingFrames,
        Figure::TreeFrames,
        Figure::ServerFrames,
        Figure::ViewChange,
        Figure::Attach,
        Figure::Attached,
        Figure::Interrupted,
        Figure::RequestAfter,
    ];

    /// What the formula says; none where the cluster has no such thing.
    pub fn formula(self, shape: &Shape, timing: &Timing) -> Option<u64> {
        let has_trees = shape.kernels() > 0;
        let hops = |hops: u64| Some(hops * timing.hop_us);
        let of_trees = |figure: Option<u64>| figure.filter(|_| has_trees);
        match self {
            Figure::Request => hops(shape.request_hops()),
            Figure::RingFrames => Some(shape.ring_frames()),
            Figure::TreeFrames => of_trees(Some(shape.tree_frames())),
            Figure::ServerFrames => Some(shape.server_frames()),
            Figure::ViewChange => hops(shape.view_change_hops()),
            Figure::Attach => of_trees(hops(shape.attach_hops())),
            Figure::Attached => of_trees(Some(shape.attached_to_one() as u64)),
            Figure::Interrupted => of_trees(hops(shape.interrupted_hops())),
            Figure::RequestAfter => {
                let up = u64::from(has_trees);
                hops(up + shape.without_one().ring_hops() + shape.depth())
            }
        }
    }
}

/// The figures of one cluster.
#[derive(Clone, Debug)]
pub struct Row {
    /// The cluster.
    pub shape: Shape,
    /// For each of `Figure::ALL` what the simulation found, and what the formula says.
    pub figures: Vec<(Option<u64>, Option<u64>)>,
}

impl Row {
    /// A row without a simulation.
    pub fn of_formulas(shape: Shape, timing: Timing) -> Row {
        Row::new(shape, timing, |_| None)
    }

    fn new(shape: Shape, timing: Timing, simulated: impl Fn(Figure) -> Option<u64>) -> Row {
        let figures = Figure::ALL.map(|one| (simulated(one), one.formula(&shape, &timing)));
        Row {
            shape,
            figures: figures.to_vec(),
        }
    }

    /// What the simulation found.
    pub fn simulated(&self, figure: Figure) -> Option<u64> {
        self.pair(figure).0
    }

    /// What the formula says.
    pub fn formula(&self, figure: Figure) -> Option<u64> {
        self.pair(figure).1
    }

    fn pair(&self, figure: Figure) -> (Option<u64>, Option<u64>) {
        let place = Figure::ALL.iter().position(|one| *one == figure);
        self.figures[place.expect("all are there")]
    }
}

/// Simulates a cluster. Only rings whose members are all connected lose one.
///
/// # Errors
/// Every promise that was broken.
pub fn measure(shape: Shape, timing: Timing) -> Result<Row, Vec<String>> {
    let mut cluster = Cluster::new(shape, timing);
    let has_trees = shape.kernels() > 0;
    let mut askers: Vec<_> = (0..shape.servers).map(|slot| asker(&shape, slot)).collect();
    if !has_trees {
        // One member is as good as another; three of thousands take less time.
        askers = vec![
            askers[0],
            askers[shape.servers / 2],
            askers[shape.servers - 1],
        ];
    }
    let before = Requests::make(&mut cluster, &askers);
    let (mut death, mut after) = (None, None);
    if (3..=ALL_LINKED_MAX).contains(&shape.servers) {
        death = Some(Death::make(&mut cluster, timing));
        let dead = asker(&shape, VICTIM);
        askers.retain(|asker| *asker != dead);
        after = Some(Requests::make(&mut cluster, &askers));
    }
    let broken = checks::check(&cluster);
    if !broken.is_empty() {
        return Err(broken);
    }
    Ok(Row::new(shape, timing, |figure| match figure {
        Figure::Request => Some(before.last_us),
        Figure::RingFrames => Some(before.ring_frames),
        Figure::TreeFrames => has_trees.then_some(before.tree_frames),
        Figure::ServerFrames => Some(before.server_frames),
        Figure::ViewChange => death.as_ref().map(|death| death.view_us),
        Figure::Attach => death.as_ref().and_then(|death| death.attach_us),
        Figure::Attached => death.as_ref().and_then(|death| death.attached),
        Figure::Interrupted => death.as_ref().and_then(|death| death.interrupted_us),
        Figure::RequestAfter => after.as_ref().map(|after| after.last_us),
    }))
}

/// The dearest of some requests, made one after the other.
#[derive(Debug, Default)]
struct Requests {
    last_us: u64,
    ring_frames: u64,
    tree_frames: u64,
    server_frames: u64,
}

impl Requests {
    fn make(cluster: &mut Cluster, askers: &[ProcessId]) -> Requests {
        let mut dearest = Requests::default();
        for asker in askers {
            cluster.traffic = Traffic::default();
            let start = cluster.now_us();
            cluster.ask(0, *asker);
            cluster.run();
            let traffic = &cluster.traffic;
            let last = cluster.spreads[&cluster.last_position()].last_us - start;
            dearest.last_us = dearest.last_us.max(last);
            dearest.ring_frames = dearest.ring_frames.max(traffic.of(Kind::Ring));
            let tree_frames = traffic.of(Kind::Down) + traffic.of(Kind::Up);
            dearest.tree_frames = dearest.tree_frames.max(tree_frames);
            dearest.server_frames = dearest.server_frames.max(traffic.of_busiest_server());
        }
        dearest
    }
}

/// What came of a death.
#[derive(Debug)]
struct Death {
    view_us: u64,
    /// Where there are trees.
    attach_us: Option<u64>,
    attached: Option<u64>,
    interrupted_us: Option<u64>,
}

impl Death {
    /// One request dies with its server before that can broadcast it; another is on the ring.
    fn make(cluster: &mut Cluster, timing: Timing) -> Death {
        let shape = cluster.shape();
        let has_trees = shape.kernels() > 0;
        let before = cluster.last_position();
        let start = cluster.now_us();
        let interrupted = asker(&shape, VICTIM);
        cluster.ask(0, asker(&shape, VICTIM + 1));
        if has_trees {
            cluster.ask(timing.hop_us, interrupted);
        }
        let dies_after = timing.hop_us * 3 / 2;
        cluster.kill(dies_after, server_id(VICTIM));
        cluster.run();
        let noticed = start + dies_after + timing.detection_us;
        let since = |spread: Spread| spread.last_us - noticed;
        let log = &cluster.server_of(server_id(VICTIM + 1)).log;
        let find = |is_wanted: &dyn Fn(&What) -> bool| {
            let mut fresh = log.iter().filter(|outcome| outcome.position > before);
            let found = fresh.find(|outcome| is_wanted(&outcome.what))?;
            cluster.spreads.get(&found.position).copied()
        };
        let view = find(&|what| matches!(what, What::View(_)));
        let request = find(&|what| match what {
            What::Request(ask) => ProcessId::Kernel(ask.asker) == interrupted,
            What::View(_) => false,
        });
        let attached = (0..shape.servers).map(|slot| cluster.server_of(server_id(slot)).attached);
        Death {
            view_us: view.map_or(0, since),
            attach_us: cluster.attached_us.map(|attached| attached - noticed),
            attached: attached
                .max()
                .filter(|_| has_trees)
                .map(|attached| attached as u64),
            interrupted_us: request.map(since),
        }
    }
}

/// Who asks at a server: the kernel at the end of its tree, or itself.
fn asker(shape: &Shape, slot: usize) -> ProcessId {
    if shape.kernels() == 0 {
        return ProcessId::Server(server_id(slot));
    }
    let of_one = (shape.kernels() - slot).div_ceil(shape.servers);
    ProcessId::kernel((of_one - 1) * shape.servers + slot)
}

/// The slot of the server that dies.
const VICTIM: usize = 1;
