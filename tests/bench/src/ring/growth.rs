//! How the ring's cost grows with its members: up to 64 of them in one process, over links of memory that all take the
//! same time. Counted in hops and frames, beside what the formulas say, and as processor time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness_ring::{
    Action, Config, Event, Input, Limits, LinkLimits, Member, MemberId, Mode, Output, Packet,
    Policy,
};
use plotters::prelude::*;

use crate::error::BenchError;
use crate::options::Options;
use crate::table::Table;

const SIZES: [u32; 12] = [2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64];
/// Of one link.
const HOP: Duration = Duration::from_micros(1);
/// Messages of which the processor time is the mean.
const TIMED: u32 = 200;
const DRAWING: (u32, u32) = (960, 600);

/// One size in one mode. Hops are from the submit on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Grown {
    members: u32,
    both_ways: bool,
    first: f64,
    origin: f64,
    last: f64,
    frames: f64,
    /// Processor time of all members for one message, without any transport.
    cpu_us: f64,
}

/// Hops until the first, the origin and the last deliver, and frames, as derived.
fn formulas(members: u32, both_ways: bool) -> [f64; 4] {
    let n = f64::from(members);
    match both_ways && members > 2 {
        false => [n - 1.0, n, 2.0 * (n - 1.0), 2.0 * (n - 1.0)],
        true => [(n / 2.0).ceil(), n, n, 2.0 * n + 1.0],
    }
}

impl Grown {
    fn measured(&self) -> [f64; 4] {
        [self.first, self.origin, self.last, self.frames]
    }
}

/// Every size in both modes, where that is chosen.
pub(crate) fn measure(options: &Options) -> Vec<Grown> {
    let mut words = options.only.split_whitespace();
    if !words.all(|word| LABEL.contains(word)) {
        return Vec::new();
    }
    let modes = [false, true].into_iter();
    modes
        .flat_map(|both_ways| SIZES.map(|members| grown(members, both_ways)))
        .collect()
}

fn grown(members: u32, both_ways: bool) -> Grown {
    let mut world = World::new(members, both_ways);
    // Opens the links, and lets every member send once.
    for origin in 0..members {
        world.broadcast(origin);
    }
    let frames_before = world.frames;
    let submitted = world.now;
    let middle = members / 2;
    world.broadcast(middle);
    let hops = |at: Duration| ((at - submitted).as_nanos() / HOP.as_nanos()) as f64;
    let deliveries = world.delivered.iter();
    let times: Vec<f64> = deliveries.map(|(_, at)| hops(*at)).collect();
    let own = world.delivered.iter().find(|(member, _)| *member == middle);
    let grown = Grown {
        members,
        both_ways,
        first: times.iter().copied().fold(f64::MAX, f64::min),
        origin: own.map_or(0.0, |(_, at)| hops(*at)),
        last: times.iter().copied().fold(0.0, f64::max),
        frames: (world.frames - frames_before) as f64,
        cpu_us: 0.0,
    };
    let begun = Instant::now();
    for index in 0..TIMED {
        world.broadcast(index % members);
    }
    Grown {
        cpu_us: begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMED),
        ..grown
    }
}

type Octets = Arc<[u8]>;

/// A packet on its way.
struct Flight {
    to: u32,
    from: MemberId,
    packet: Packet<Octets>,
}

/// Members, the links between them, and the time.
struct World {
    members: Vec<Member<Octets>>,
    now: Duration,
    /// By arrival, and among those by departure.
    flights: BTreeMap<(Duration, u64), Flight>,
    departures: u64,
    frames: u64,
    /// Of the last broadcast: who delivered when.
    delivered: Vec<(u32, Duration)>,
}

impl World {
    fn new(members: u32, both_ways: bool) -> World {
        let founders: Vec<_> = (0..members).map(MemberId::first).collect();
        let config = Config {
            mode: match both_ways {
                true => Mode::Bidirectional,
                false => Mode::Unidirectional,
            },
            policy: Policy::Quorum { tie_break: true },
            limits: Limits::DEFAULT,
        };
        let member = |me: &MemberId| {
            let member = Member::founder(*me, config, LinkLimits::DEFAULT, founders.clone());
            member.expect("the founders are distinct")
        };
        World {
            members: founders.iter().map(member).collect(),
            now: Duration::ZERO,
            flights: BTreeMap::new(),
            departures: 0,
            frames: 0,
            delivered: Vec::new(),
        }
    }

    /// A message, until nothing moves any more.
    fn broadcast(&mut self, origin: u32) {
        self.delivered.clear();
        let message = Octets::from([0x5a; 64].as_slice());
        self.input(origin, Input::Event(Event::Submit(message)));
        loop {
            if let Some(((at, _), flight)) = self.flights.pop_first() {
                self.now = self.now.max(at);
                let Flight { to, from, packet } = flight;
                self.input(to, Input::Packet { from, packet });
                continue;
            }
            let now = self.now;
            let wakes = self.members.iter_mut();
            let Some(at) = wakes.filter_map(|member| member.next_wake(now)).min() else {
                return;
            };
            self.now = self.now.max(at);
            for index in 0..self.members.len() {
                self.members[index].tick(self.now);
                self.carry_out(u32::try_from(index).expect("there are dozens"));
            }
        }
    }

    fn input(&mut self, to: u32, input: Input<Octets>) {
        let now = self.now;
        self.at(to).handle(input, now);
        self.carry_out(to);
    }

    fn carry_out(&mut self, who: u32) {
        while let Some(output) = self.at(who).poll_action() {
            match output {
                Output::Packet { to, packet } => self.depart(who, to, packet),
                Output::Connect(to) => {
                    let now = self.now;
                    self.at(who).handle(Input::LinkUp(to), now);
                    self.input(to.slot, Input::LinkUp(MemberId::first(who)));
                }
                Output::Action(Action::Deliver(_)) => self.delivered.push((who, self.now)),
                _ => {}
            }
        }
    }

    fn depart(&mut self, from: u32, to: MemberId, packet: Packet<Octets>) {
        self.frames += u64::from(matches!(packet, Packet::Frame { .. }));
        self.departures += 1;
        let flight = Flight {
            to: to.slot,
            from: MemberId::first(from),
            packet,
        };
        let arrival = (self.now + HOP, self.departures);
        self.flights.insert(arrival, flight);
    }

    fn at(&mut self, who: u32) -> &mut Member<Octets> {
        &mut self.members[usize::try_from(who).expect("it is small")]
    }
}

/// The table; none where nothing was measured.
pub(crate) fn table(all: &[Grown]) -> Option<Table> {
    let line = |one: &Grown| {
        let formulas = formulas(one.members, one.both_ways);
        let pairs = one.measured().into_iter().zip(formulas);
        let mut cells = vec![format!("{} {}", one.members, mode(one.both_ways))];
        cells.extend(pairs.map(|(counted, derived)| format!("{counted} ({derived})")));
        cells.push(format!("{:.1}", one.cpu_us));
        cells
    };
    (!all.is_empty()).then(|| Table {
        title: "group growth: one message in hops of memory links, counted (derived)".to_owned(),
        heads: vec![
            "members",
            "first delivers",
            "origin delivers",
            "last delivers",
            "frames",
            "CPU µs of all, without transport",
        ],
        lines: all.iter().map(line).collect(),
    })
}

fn mode(both_ways: bool) -> &'static str {
    if both_ways { "bidi" } else { "uni" }
}

/// Writes `ring-growth.tsv` and the drawings into a folder.
pub(crate) fn write(all: &[Grown], folder: &Path) -> Result<(), BenchError> {
    if all.is_empty() {
        return Ok(());
    }
    let mut text =
        "members\tmode\tfirst\torigin\tlast\tframes\tfirst derived\torigin derived\tlast derived\t\
                    frames derived\tcpu us\n"
            .to_owned();
    for one in all {
        text += &format!("{}\t{}", one.members, mode(one.both_ways));
        let formulas = formulas(one.members, one.both_ways);
        for value in one.measured().into_iter().chain(formulas) {
            text += &format!("\t{value}");
        }
        text += &format!("\t{:.2}\n", one.cpu_us);
    }
    let file = folder.join("ring-growth.tsv");
    std::fs::write(&file, text).map_err(|source| BenchError::File { path: file, source })?;
    let file = folder.join("ring-growth.svg");
    draw(all, &file).map_err(|failure| BenchError::Drawing {
        path: file,
        complaint: failure.to_string(),
    })
}

type DrawingError = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// What was counted as points, what was derived as lines.
fn draw(all: &[Grown], file: &Path) -> Result<(), DrawingError> {
    let area = SVGBackend::new(file, DRAWING).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(
            "One message: hops until delivery, and frames",
            ("sans-serif", 20),
        )
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d((2.0_f64..70.0).log_scale(), (1.0_f64..160.0).log_scale())?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("members").y_desc("hops; frames");
    mesh.light_line_style(WHITE).draw()?;
    for (index, (name, both_ways, of)) in CURVES.into_iter().enumerate() {
        let colour = HSLColor(index as f64 / CURVES.len() as f64, 0.75, 0.4);
        let of_mode = || all.iter().filter(move |one| one.both_ways == both_ways);
        let derived =
            of_mode().map(|one| (f64::from(one.members), formulas(one.members, both_ways)[of]));
        let counted = of_mode().map(|one| (f64::from(one.members), one.measured()[of]));
        chart
            .draw_series(LineSeries::new(derived, colour.stroke_width(1)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        chart.draw_series(counted.map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()
}

/// What `--only` chooses by.
const LABEL: &str = "ring growth memory";
/// Each with its mode and its place among the figures.
const CURVES: [(&str, bool, usize); 6] = [
    ("first delivers, one way", false, 0),
    ("origin delivers, one way", false, 1),
    ("last delivers, one way; frames", false, 2),
    ("first delivers, both ways", true, 0),
    ("origin and last deliver, both ways", true, 2),
    ("frames, both ways", true, 3),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_was_derived() {
        for (members, both_ways) in [(2, false), (3, false), (3, true), (5, true), (8, false)] {
            let counted = grown(members, both_ways).measured();
            let [first, origin, last, frames] = formulas(members, both_ways);
            assert_eq!(counted[..3], [first, origin, last], "{members} {both_ways}");
            // Copies that meet can save frames.
            assert!(counted[3] <= frames, "{members} {both_ways}: {counted:?}");
        }
    }

    #[test]
    fn growth_is_written_and_drawn() {
        let folder = std::env::temp_dir().join(format!("rmix-ring-growth-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        let all = [grown(3, false), grown(3, true)];
        write(&all, &folder).expect("it is written");
        let text = std::fs::read_to_string(folder.join("ring-growth.tsv")).expect("it is there");
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("\n3\tuni\t2\t3\t4\t4\t"), "{text}");
        let drawing = std::fs::read_to_string(folder.join("ring-growth.svg"));
        assert!(drawing.expect("it is there").contains("circle"));
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}
