//! Our object of `diverse.x`: each procedure changes its argument as the C server's does, so that neither an echo nor a
//! wrong arm passes for the right answer. Knows no provider.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmix::{Bounded, List, Opaque};
use tokio::sync::watch;

use crate::diverse::{
    Answer, Blobs, Bytes, Caller, Color, DiverseProgramV1, DiverseProgramV2, Doubles, EntryList,
    MaybeHyper, Name, Node, Note, Numbers, Posted, Sequences, Setting, Shape, Tree,
};

/// What `secret` answers to those who say who they are.
pub const SECRET_VALUE: i32 = 4711;
/// Octet i of `make_bytes` is i modulo this.
const PATTERN: u32 = 251;
/// What was absent becomes this.
const WHEN_ABSENT: i64 = 42;

/// Both versions of the program.
pub struct Diverse {
    executions: AtomicU32,
    posted: Mutex<Posted>,
    /// `increment` waits until this is true.
    gate: watch::Sender<bool>,
}

impl Diverse {
    /// An object whose `increment` does not wait.
    pub fn new() -> Diverse {
        let diverse = Diverse::held();
        diverse.release();
        diverse
    }

    /// An object whose `increment` waits until it is released.
    pub fn held() -> Diverse {
        let nothing = Posted {
            count: 0,
            last: Bounded(String::new()),
        };
        Diverse {
            executions: AtomicU32::new(0),
            posted: Mutex::new(nothing),
            gate: watch::Sender::new(false),
        }
    }

    /// Lets every `increment` go on.
    pub fn release(&self) {
        self.gate.send_replace(true);
    }

    /// How often `increment` was executed.
    pub fn incremented(&self) -> u32 {
        self.executions.load(Ordering::SeqCst)
    }

    fn posted(&self) -> MutexGuard<'_, Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Diverse {
    fn default() -> Diverse {
        Diverse::new()
    }
}

fn color_after(color: Color) -> Color {
    match color {
        Color::Red => Color::Green,
        Color::Green => Color::Lime,
        Color::Lime => Color::Blue,
        Color::Blue => Color::Red,
    }
}

fn insert(tree: &mut Tree, value: i32) {
    let new = || Node {
        value,
        left: None,
        right: None,
    };
    let Some(root) = tree else {
        *tree = Some(new());
        return;
    };
    let mut node = root;
    while node.value != value {
        let below = match value < node.value {
            true => &mut node.left,
            false => &mut node.right,
        };
        node = below.get_or_insert_with(|| Box::new(new()));
    }
}

impl DiverseProgramV1 for Diverse {
    async fn echo_numbers(&self, argument: Numbers) -> Numbers {
        argument
    }

    async fn answer(&self, status: i32) -> Answer {
        match status {
            0 => Answer::Text("zero".to_owned()),
            -7 => Answer::Lowest(Opaque([0x01, 0x02, 0xfe, 0xff, 0x00])),
            3 => Answer::Case3,
            4 => Answer::Case4,
            other => Answer::Default(other, other.wrapping_mul(2)),
        }
    }

    async fn scale(&self, mut shape: Shape, factor: f64) -> Shape {
        match &mut shape {
            Shape::Circle(radius) => *radius *= factor,
            Shape::Rectangle(sides) => {
                for pair in [&mut sides.outer, &mut sides.inner] {
                    pair.width *= factor;
                    pair.height *= factor;
                }
            }
            Shape::Polygon(corners) => corners.0.iter_mut().for_each(|one| *one *= factor),
            Shape::Nothing | Shape::Default(..) => {}
        }
        shape
    }

    async fn half(&self, value: i64) -> MaybeHyper {
        match value % 2 {
            0 => MaybeHyper::True(value / 2),
            _ => MaybeHyper::False,
        }
    }

    async fn reverse(&self, List(mut entries): EntryList) -> EntryList {
        entries.reverse();
        List(entries)
    }

    async fn insert(&self, mut tree: Tree, value: i32) -> Tree {
        insert(&mut tree, value);
        tree
    }

    async fn swap_note(&self, mut note: Note) -> Note {
        note.r#type = -note.r#type;
        note.r#in = match note.r#in {
            Some(_) => None,
            None => Some(WHEN_ABSENT),
        };
        if let Some(pair) = &mut note.r#match {
            std::mem::swap(&mut pair.width, &mut pair.height);
        }
        if let Setting::Color(color) = &mut note.r#fn {
            *color = color_after(*color);
        }
        note
    }

    async fn reverse_blobs(&self, mut blobs: Blobs) -> Blobs {
        blobs.key.0.reverse();
        blobs.body.0.reverse();
        blobs.rest.reverse();
        blobs
    }

    async fn sort_sequences(&self, mut sequences: Sequences) -> Sequences {
        sequences.samples.sort_unstable();
        sequences.readings.sort_by(f64::total_cmp);
        sequences.names.0.sort_by(|one, other| one.0.cmp(&other.0));
        sequences.colors.0.sort_unstable();
        sequences.flags.0.reverse();
        sequences.grid.reverse();
        sequences.pairs.0.reverse();
        sequences
    }

    async fn next_color(&self, color: Color) -> Color {
        color_after(color)
    }

    async fn touch(&self) {}

    async fn post(&self, name: Name) {
        let mut posted = self.posted();
        posted.count += 1;
        posted.last = name;
    }

    async fn flush_(&self) -> Posted {
        self.posted().clone()
    }

    async fn make_bytes(&self, count: u32) -> Bytes {
        (0..count).map(|index| (index % PATTERN) as u8).collect()
    }

    async fn make_doubles(&self, count: u32) -> Doubles {
        (0..count).map(|index| f64::from(index) / 2.0).collect()
    }

    async fn increment(&self, _milliseconds: u32) -> u32 {
        let executed = self.executions.fetch_add(1, Ordering::SeqCst) + 1;
        let mut gate = self.gate.subscribe();
        // The sender lives as long as this object.
        let _ = gate.wait_for(|open| *open).await;
        executed
    }

    async fn executions(&self) -> u32 {
        self.incremented()
    }

    async fn who_am_i(&self) -> Caller {
        let mut caller = Caller {
            flavor: 0,
            machine: Bounded(String::new()),
            uid: 0,
            gid: 0,
            gids: Bounded(Vec::new()),
        };
        let told = rmix::caller();
        if let Some(claim) = told.as_ref().and_then(rmix::Caller::claim) {
            let gids = claim.fact("gids").unwrap_or_default();
            caller.flavor = 1;
            caller.machine = Bounded(claim.fact("machine").unwrap_or_default());
            caller.uid = claim.number("uid").unwrap_or(u32::MAX);
            caller.gid = claim.number("gid").unwrap_or(u32::MAX);
            caller.gids = Bounded(gids.split(',').filter_map(|gid| gid.parse().ok()).collect());
        }
        caller
    }

    /// Breaks down for those who do not say who they are: a method cannot call a credential too weak.
    async fn secret(&self) -> i32 {
        let told = rmix::caller();
        let claim = told.as_ref().and_then(rmix::Caller::claim);
        assert!(claim.is_some(), "the secret is not for everybody");
        SECRET_VALUE
    }

    async fn break_down(&self) -> i32 {
        panic!("it breaks down, as it is told to")
    }
}

impl DiverseProgramV2 for Diverse {
    async fn join(&self, left: String, color: Color, right: String) -> String {
        format!("{left} {} {right}", color_number(color))
    }

    async fn add(&self, first: i32, second: i32, third: i32) -> i32 {
        first.wrapping_add(second).wrapping_add(third)
    }

    async fn mirror(&self, mut bytes: Bytes) -> Bytes {
        bytes.reverse();
        bytes
    }
}

fn color_number(color: Color) -> i32 {
    match color {
        Color::Red => crate::diverse::LOWEST,
        Color::Green => 0,
        Color::Lime => 1,
        Color::Blue => 100_000,
    }
}
