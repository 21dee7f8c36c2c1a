//! Scenario files: commands, `----`, and all that the rings of a group do. `UPDATE_EXPECT=1` rewrites
//! the outputs.
//!
//! Commands:
//! * `ring uni|bidi survivor|fenced|quorum|tie COUNT`: founders, by slot from zero
//! * `joiner SLOT`: a process that wants to join; `ask JOINER CONTACT`: it asks a member
//! * `submit SLOT NUMBER`, `leave SLOT`, `loaded SLOT`, `force SLOT`
//! * `suspect WHO WHOM`, `retract WHO WHOM`, `fenced WHO WHOM`
//! * `crash SLOT`: it does nothing more, and frames to it vanish
//! * `pass FROM TO`: the oldest frame arrives; `run`: all frames arrive, senders in turn; `hold FROM
//!   TO`: `run` leaves this link alone; `flow FROM TO`: it does not any more
//! * `links`: what is under way

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::path::Path;

use harness_ring::{
    Action, Body, Config, Content, Delivery, Event, Frame, Item, Limits, MemberId, Mode, Policy,
    Ring,
};

/// Some rings and the links between them.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) rings: BTreeMap<u32, Ring<u64>>,
    config: Option<Config>,
    links: BTreeMap<(u32, u32), VecDeque<Frame<u64>>>,
    held: BTreeSet<(u32, u32)>,
    dead: BTreeSet<u32>,
    output: String,
}

impl Group {
    /// Runs commands, one a line, and returns all that happened since the last time.
    pub(crate) fn run(&mut self, commands: &str) -> String {
        for command in commands.lines().map(str::trim) {
            if !command.is_empty() && !command.starts_with('#') {
                self.command(command);
            }
        }
        std::mem::take(&mut self.output)
    }

    fn command(&mut self, command: &str) {
        let words: Vec<_> = command.split(' ').collect();
        let number = |index: usize| -> u32 { words[index].parse().expect("a slot") };
        let id = |index: usize| MemberId::first(number(index));
        match words[0] {
            "ring" => self.found(words[1], words[2], number(3)),
            "joiner" => {
                let config = self.config.expect("`ring` comes first");
                self.rings.insert(number(1), Ring::joiner(id(1), config));
            }
            "ask" => self.handle(number(2), Event::Join(id(1))),
            "submit" => self.handle(number(1), Event::Submit(u64::from(number(2)))),
            "leave" => self.handle(number(1), Event::Leave),
            "loaded" => self.handle(number(1), Event::Loaded),
            "force" => self.handle(number(1), Event::Force),
            "suspect" => self.handle(number(1), Event::Suspect(id(2))),
            "retract" => self.handle(number(1), Event::Retract(id(2))),
            "fenced" => self.handle(number(1), Event::Fenced(id(2))),
            "crash" => {
                self.dead.insert(number(1));
                self.links.retain(|(_, to), _| *to != number(1));
            }
            "hold" => drop(self.held.insert((number(1), number(2)))),
            "flow" => drop(self.held.remove(&(number(1), number(2)))),
            "pass" => self.pass(number(1), number(2)),
            "run" => self.run_all(),
            "links" => self.show_links(),
            other => panic!("no command {other}"),
        }
    }

    fn found(&mut self, mode: &str, policy: &str, count: u32) {
        let config = Config {
            mode: match mode {
                "uni" => Mode::Unidirectional,
                _ => Mode::Bidirectional,
            },
            policy: match policy {
                "survivor" => Policy::Survivor,
                "fenced" => Policy::FencedSurvivor,
                "quorum" => Policy::Quorum { tie_break: false },
                "tie" => Policy::Quorum { tie_break: true },
                other => panic!("no policy {other}"),
            },
            limits: Limits::DEFAULT,
        };
        self.config = Some(config);
        let founders: Vec<_> = (0..count).map(MemberId::first).collect();
        for slot in 0..count {
            let me = MemberId::first(slot);
            let ring = Ring::founder(me, config, founders.clone()).expect("a founder");
            self.rings.insert(slot, ring);
        }
    }

    fn handle(&mut self, slot: u32, event: Event<u64>) {
        self.rings.get_mut(&slot).expect("it exists").handle(event);
        self.drain(slot);
    }

    fn drain(&mut self, slot: u32) {
        let ring = self.rings.get_mut(&slot).expect("it exists");
        let mut sent = Vec::new();
        while let Some(action) = ring.poll_action() {
            match action {
                Action::Send { to, frame } => sent.push((to, frame)),
                other => writeln!(self.output, "{slot}: {}", shown(&other)).expect("a string"),
            }
        }
        let directions: Vec<_> = ring.neighbours().map(|(direction, _)| direction).collect();
        for direction in directions {
            sent.extend(std::iter::from_fn(|| ring.take_data(direction)));
        }
        for (to, frame) in sent {
            writeln!(self.output, "{slot}: to {to}: {}", shown_frame(&frame)).expect("a string");
            if !self.dead.contains(&to.slot) {
                self.links
                    .entry((slot, to.slot))
                    .or_default()
                    .push_back(frame);
            }
        }
    }

    fn pass(&mut self, from: u32, to: u32) {
        let frame = self
            .links
            .get_mut(&(from, to))
            .and_then(VecDeque::pop_front);
        let frame = frame.unwrap_or_else(|| panic!("nothing from {from} to {to}"));
        let from = MemberId::first(from);
        self.handle(to, Event::Frame { from, frame });
    }

    fn run_all(&mut self) {
        for _ in 0..STEPS_MAX {
            let full = self.links.iter().find(|(link, frames)| {
                !frames.is_empty() && !self.held.contains(link) && !self.dead.contains(&link.1)
            });
            let Some((&(from, to), _)) = full else {
                return;
            };
            self.pass(from, to);
        }
        panic!("it never comes to rest");
    }

    fn show_links(&mut self) {
        for ((from, to), frames) in &self.links {
            for frame in frames {
                let text = shown_frame(frame);
                writeln!(self.output, "{from} to {to}: {text}").expect("a string");
            }
        }
    }
}

fn shown(action: &Action<u64>) -> String {
    match action {
        Action::Deliver(Delivery {
            stamp,
            content,
            flushed,
            ..
        }) => {
            let how = if *flushed {
                "deliver by flush"
            } else {
                "deliver"
            };
            format!("{how} {stamp} {}", shown_content(content))
        }
        Action::ViewChange {
            view,
            joined,
            left,
            excluded,
        } => format!(
            "view {view} joined {} left {} excluded {}",
            ids(joined),
            ids(left),
            ids(excluded)
        ),
        Action::TakeSnapshot { view, joiners } => {
            format!("take snapshot of {view} for {}", ids(joiners))
        }
        Action::ReleaseSnapshot { joiner } => format!("release snapshot of {joiner}"),
        Action::LoadSnapshot { view, sources } => {
            format!("load snapshot of {view} from {}", ids(sources))
        }
        Action::Fence(member) => format!("fence {member}"),
        Action::Blocked(Some(cause)) => format!("blocked: {cause:?}"),
        Action::Blocked(None) => "blocked no more".to_owned(),
        Action::Dropped { from, reason } => format!("dropped from {from}: {reason:?}"),
        other => format!("{other:?}"),
    }
}

fn shown_content(content: &Content<u64>) -> String {
    match content {
        Content::Batch(batch) => format!("{batch:?}"),
        Content::Synced => "synced".to_owned(),
    }
}

fn shown_frame(frame: &Frame<u64>) -> String {
    let body = match &frame.body {
        Body::Data { direction, items } => {
            let items: Vec<_> = items.iter().map(shown_item).collect();
            format!("{direction:?} {}", items.join(", "))
        }
        Body::Prepare(token) => format!(
            "prepare {} round {} accepted {} unstable {} floor {}",
            token.ballot,
            ids(&token.participants),
            token.accepted.is_some(),
            token.unstable.len(),
            token.floor
        ),
        Body::Accept(token) => format!("accept {} view {}", token.ballot, token.value.view),
        Body::Install(value) => format!("install view {}", value.view),
        Body::Refuse { ballot, promised } => format!("refuse {ballot} for {promised}"),
        Body::Accuse(members) => format!("accuse {}", ids(members)),
        Body::Join(members) => format!("join {}", ids(members)),
        other => format!("{other:?}").to_lowercase(),
    };
    format!("[{}] {body}", frame.view.epoch)
}

fn shown_item(item: &Item<u64>) -> String {
    match item {
        Item::Copy {
            stamp,
            holders,
            content,
        } => {
            let content = content.as_ref().map(shown_content);
            format!(
                "copy {stamp} held {holders} {}",
                content.unwrap_or_default()
            )
        }
        Item::Evidence(evidence) => format!(
            "stable {}.{} known {}",
            evidence.up_to, evidence.origin, evidence.known
        ),
    }
}

fn ids(members: &[MemberId]) -> String {
    let shown: Vec<_> = members.iter().map(MemberId::to_string).collect();
    format!("{{{}}}", shown.join(" "))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its scenarios")]
#[test]
fn scenario_files_say_all_that_happens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("there are scenarios") {
        let path = entry.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut group = Group::default();
        let mut rewritten = String::new();
        for block in text
            .split("\n\n")
            .map(str::trim)
            .filter(|block| !block.is_empty())
        {
            let commands = block.split("\n----").next().unwrap_or_default();
            let output = group.run(commands);
            writeln!(rewritten, "{commands}\n----\n{output}").expect("a string");
        }
        let rewritten = format!("{}\n", rewritten.trim_end());
        expect_test::expect_file![path].assert_eq(&rewritten);
        files += 1;
    }
    assert!(files >= 6, "scenarios were found");
}

const STEPS_MAX: usize = 10_000;
