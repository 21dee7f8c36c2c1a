//! Tests of the tests: each mutant is the ring with one rule taken out, built anew from its source,
//! and some search or simulation must notice.
//!
//! A mutant that does not apply to the source any more, or does not compile, fails its test: then the
//! rule moved, and the mutant must follow.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What finds a mutant.
enum Killer {
    /// A search by name.
    Search(&'static str),
    /// Simulations from seed one.
    Seeds(u32),
    /// The tests of `harness-ring`, its scenario files among them.
    Scenarios,
}

struct Mutant {
    name: &'static str,
    changes: &'static [Change],
    killer: Killer,
}

/// In a file of `harness-ring`, the one place where it says this, and what it says instead.
struct Change {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const fn change(file: &'static str, from: &'static str, to: &'static str) -> Change {
    Change { file, from, to }
}

#[test]
fn every_mutant_is_noticed() {
    let folder = Workshop::new();
    let mut survivors = Vec::new();
    // `MUTANT=words` tries those only whose name has these words.
    let wanted = std::env::var("MUTANT").unwrap_or_default();
    let wanted = MUTANTS
        .iter()
        .filter(|mutant| mutant.name.contains(&wanted));
    for mutant in wanted {
        let outcome = folder.try_mutant(mutant);
        println!(
            "{}: {}",
            mutant.name,
            if outcome { "noticed" } else { "SURVIVES" }
        );
        if !outcome {
            survivors.push(mutant.name);
        }
    }
    assert!(survivors.is_empty(), "not noticed: {survivors:?}");
}

#[test]
fn the_ring_without_a_change_passes_what_the_mutants_fail() {
    // Otherwise every mutant would seem to be noticed.
    for mutant in MUTANTS {
        if let Killer::Search(name) = mutant.killer {
            let runs = rmix_modelcheck::runs::all();
            let run = runs.into_iter().find(|run| run.name == name);
            let run = run.unwrap_or_else(|| panic!("{}: no search {name}", mutant.name));
            assert!(run.is_small, "{name} is searched in the gate, unchanged");
        }
    }
}

/// Where mutants are built: copies of the sources in a workspace of their own.
struct Workshop {
    root: PathBuf,
    target: PathBuf,
}

impl Workshop {
    fn new() -> Workshop {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        // Dependencies are built already: these are beside the programs of this package.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (package, from) in [
            (
                "harness-ring",
                here.join("../../harness-control/harness-ring"),
            ),
            ("rmix-modelcheck", here.to_owned()),
            ("rmix-sim", here.join("../sim")),
        ] {
            let to = root.join(package);
            let _ = std::fs::remove_dir_all(&to);
            copy(&from.join("src"), &to.join("src"));
            if package == "harness-ring" {
                copy(&from.join("tests"), &to.join("tests"));
                copy(&from.join("testdata"), &to.join("testdata"));
            }
        }
        std::fs::copy(here.join("Cargo.lock"), root.join("Cargo.lock")).expect("there is a lock");
        let write = |path: &str, text: &str| {
            std::fs::write(root.join(path), text).expect("the workshop is writable");
        };
        write("Cargo.toml", WORKSPACE);
        write("harness-ring/Cargo.toml", RING);
        write("rmix-modelcheck/Cargo.toml", MODELCHECK);
        write("rmix-sim/Cargo.toml", SIM);
        Workshop { root, target }
    }

    /// Whether the mutant is noticed.
    fn try_mutant(&self, mutant: &Mutant) -> bool {
        let originals: Vec<_> = mutant
            .changes
            .iter()
            .map(|change| self.apply(mutant, change))
            .collect();
        let (package, arguments) = match mutant.killer {
            Killer::Search(name) => ("rmix-modelcheck", vec![name.to_owned()]),
            Killer::Seeds(count) => {
                let count = count.to_string();
                let arguments = ["--runs", &count, "--threads", "2", "--until-failure"];
                ("rmix-sim", arguments.map(str::to_owned).to_vec())
            }
            Killer::Scenarios => ("harness-ring", Vec::new()),
        };
        let command = match mutant.killer {
            Killer::Scenarios => &["test", "--no-run"][..],
            _ => &["build"],
        };
        let options = ["--release", "--offline", "--quiet", "-p", package];
        let built = self.cargo(&[command, &options].concat());
        assert!(
            built.status.success(),
            "{} does not compile: {}",
            mutant.name,
            String::from_utf8_lossy(&built.stderr)
        );
        let result = match mutant.killer {
            Killer::Scenarios => Ok(self.cargo(&[&["test"][..], &options].concat())),
            _ => {
                let program = format!("mutant-{package}");
                let program = self.target.join("release").join(program);
                Command::new(program).args(arguments).output()
            }
        };
        for (path, text) in originals.into_iter().rev() {
            std::fs::write(path, text).expect("the workshop is writable");
        }
        !result.expect("a built program starts").status.success()
    }

    fn apply(&self, mutant: &Mutant, change: &Change) -> (PathBuf, String) {
        let path = self.root.join("harness-ring/src").join(change.file);
        let original = std::fs::read_to_string(&path).expect("the file is there");
        assert_eq!(
            original.matches(change.from).count(),
            1,
            "{}: {} says this not once: {}",
            mutant.name,
            change.file,
            change.from
        );
        let changed = original.replace(change.from, change.to);
        std::fs::write(&path, changed).expect("the workshop is writable");
        (path, original)
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Command::new(cargo)
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .expect("cargo starts")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the workshop is writable");
    for entry in std::fs::read_dir(from).expect("the sources are there") {
        let entry = entry.expect("the sources are readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the workshop is writable");
        }
    }
}

const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "deliver at first receipt",
        changes: &[change(
            "broadcast.rs",
            "if !is_stable {",
            "if !is_stable && false {",
        )],
        killer: Killer::Search("uni-n3-s111"),
    },
    Mutant {
        name: "deliver what is stable without waiting for smaller messages",
        changes: &[
            change(
                "broadcast.rs",
                "let first = self.pending.first_entry()?;\n        let stamp = *first.key();",
                "let mut pending = self.pending.iter();
                 let (stamp, _) = pending.find(|(stamp, pending)| pending.holders.is_all(self.size)
                     || self.knowledge.stable_up_to(stamp.origin) >= stamp.clock)?;
                 let stamp = *stamp;
                 let std::collections::btree_map::Entry::Occupied(first) = self.pending.entry(stamp)
                 else { return None; };",
            ),
            change(
                "broadcast.rs",
                "assert!(stamp > self.last, \"deliveries follow the order of numbers\");",
                "",
            ),
        ],
        killer: Killer::Search("bidi-n3-s11"),
    },
    Mutant {
        name: "no wedge at prepare",
        changes: &[
            change(
                "ring/prepare.rs",
                "self.wedged = true;\n        self.attempt = None;\n        self.contribute(&mut token);",
                "self.attempt = None;\n        self.contribute(&mut token);",
            ),
            change(
                "ring/prepare.rs",
                "assert!(self.wedged, \"what is added must stay all there is\");",
                "",
            ),
        ],
        killer: Killer::Search("uni-n3-s11-c2"),
    },
    Mutant {
        name: "no adoption of an accepted value",
        changes: &[change(
            "ring/prepare.rs",
            "let value = match token.accepted {",
            "let value = match None::<Accepted<P>> {",
        )],
        killer: Killer::Search("uni-n3-s11-c2"),
    },
    Mutant {
        name: "newer failures blended into an adopted value",
        changes: &[change(
            "ring/prepare.rs",
            "Some(accepted) => accepted.value,",
            "Some(accepted) => {
                let mut value = (*accepted.value).clone();
                value.view.ring.retain(|member| attempt.change.participants.contains(member));
                Arc::new(value)
            }",
        )],
        killer: Killer::Search("uni-n3-s11-c2"),
    },
    Mutant {
        name: "install at the first accept",
        changes: &[change(
            "ring/accept.rs",
            "self.send(next, Body::Accept(Box::new(token)));",
            "let value = token.value.clone();
             self.send(next, Body::Accept(Box::new(token)));
             self.install(value);",
        )],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "frames of the next view are dropped",
        changes: &[change(
            "ring/frames.rs",
            "self.early.push((from, frame));",
            "",
        )],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "a joiner does not take its view from a token",
        changes: &[change(
            "ring/frames.rs",
            "base.joiners.contains(&self.me))",
            "(base.joiners.contains(&self.me) && matches!(frame.body, Body::Install(_))))",
        )],
        killer: Killer::Search("uni-n2-s1-c1-j1"),
    },
    Mutant {
        name: "a stranger installs a view",
        changes: &[change(
            "ring/frames.rs",
            "is_vouched_for && value.is_next_of(&self.view)",
            "let _ = is_vouched_for; value.is_next_of(&self.view)",
        )],
        killer: Killer::Scenarios,
    },
    Mutant {
        name: "a stranger tells members to go",
        changes: &[change(
            "ring/frames.rs",
            "if self.view.contains(from) || was_member || believes_all {",
            "if self.view.contains(from) || was_member || believes_all || true {",
        )],
        killer: Killer::Scenarios,
    },
    Mutant {
        name: "a force stays when enough are heard again",
        changes: &[change("ring/policy.rs", "self.forced = false;", "")],
        killer: Killer::Scenarios,
    },
    Mutant {
        name: "a force stays in the next view",
        changes: &[change("ring/install.rs", "self.forced = false;", "")],
        killer: Killer::Search("uni-n3-quorum-s11-c2-force"),
    },
    Mutant {
        name: "a force where nobody is missing waits until someone is",
        changes: &[
            change(
                "ring/policy.rs",
                "self.forced |= matches!(self.blocked, Some(Blocked::NoQuorum | Blocked::Unfenced));",
                "self.forced = true;",
            ),
            change("ring/policy.rs", "self.forced = false;", ""),
        ],
        killer: Killer::Search("uni-n3-quorum-s11-c2-force"),
    },
    Mutant {
        name: "a force counts for nothing",
        changes: &[change(
            "ring/policy.rs",
            "let allowed = self.forced",
            "let allowed = false",
        )],
        killer: Killer::Search("uni-n3-quorum-s11-c2-force"),
    },
    Mutant {
        name: "a minority goes on",
        changes: &[change(
            "ring/policy.rs",
            "twice > members.len() ||",
            "twice >= members.len() ||",
        )],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "sessions count frames instead of looking at numbers",
        changes: &[
            change(
                "session.rs",
                "if number != self.received + 1 {",
                "if number == 0 {",
            ),
            change(
                "session.rs",
                "self.received = number;",
                "self.received += 1;",
            ),
        ],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "evidence overtakes what was learnt before it",
        changes: &[change(
            "outbox.rs",
            "self.items.push_back(Item::Evidence(evidence));",
            "self.items.push_front(Item::Evidence(evidence));",
        )],
        killer: Killer::Search("uni-n3-s201-singly"),
    },
    Mutant {
        name: "a coordinator goes on in a view without itself",
        changes: &[
            change(
                "ring/install.rs",
                "if rank.is_none() && !leaves {",
                "if rank.is_none() && !leaves && value.view.id.ballot.coordinator == self.me {",
            ),
            change(
                "ring/install.rs",
                "let rank = value.view.rank_of(self.me);",
                "let rank = value.view.rank_of(self.me)
                     .or((self.promised.coordinator == self.me).then_some(0));",
            ),
        ],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "nobody takes over an attempt whose coordinator died",
        changes: &[change(
            "ring/start.rs",
            "(runner == self.me || self.suspected(runner));",
            "runner == self.me;",
        )],
        killer: Killer::Scenarios,
    },
    Mutant {
        name: "arcs that do not touch are joined",
        changes: &[change(
            "ring_arc.rs",
            "if offset > self.length {\n            return None;\n        }",
            "",
        )],
        killer: Killer::Search("sets-bidi-n4-s11"),
    },
    Mutant {
        name: "the payload is left out where it is needed",
        changes: &[change(
            "broadcast.rs",
            "content: (!is_held_there).then_some(content),",
            "content: is_held_there.then_some(content),",
        )],
        killer: Killer::Search("sets-uni-n4-s211"),
    },
    Mutant {
        name: "either half goes on",
        changes: &[change(
            "ring/policy.rs",
            "(tie_break && twice == members.len() && has_first())",
            "(tie_break && twice == members.len() && (has_first() || true))",
        )],
        killer: Killer::Search("uni-n2-tie-s11-f2"),
    },
    Mutant {
        name: "one more under way than the window allows",
        changes: &[change(
            "ring/submit.rs",
            "self.broadcast.own() < self.config.limits.window_batches",
            "self.broadcast.own() <= self.config.limits.window_batches",
        )],
        killer: Killer::Search("uni-n3-s21-window"),
    },
    Mutant {
        name: "the answers of those who are gone are waited for",
        changes: &[change(
            "transaction.rs",
            "pending.results.entry(*member).or_insert(Err(Failure::Gone));",
            "let _ = member;",
        )],
        killer: Killer::Search("uni-n2-s11-c1-requests"),
    },
    Mutant {
        name: "those who are gone keep their locks",
        changes: &[change(
            "lock.rs",
            "queue.retain(|member| members.contains(member));",
            "let _ = &members;",
        )],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "a fence is asked for and not waited for",
        changes: &[change(
            "ring/policy.rs",
            "Policy::FencedSurvivor => self.all_fenced(change),",
            "Policy::FencedSurvivor => { self.all_fenced(change); true }",
        )],
        killer: Killer::Seeds(500),
    },
    Mutant {
        name: "nothing is sent again on a new connection",
        changes: &[change("session.rs", "self.send_again(replies);", "")],
        killer: Killer::Seeds(500),
    },
];

const WORKSPACE: &str = r#"
[workspace]
resolver = "3"
members = ["harness-ring", "rmix-modelcheck", "rmix-sim"]

[profile.release]
debug-assertions = true
overflow-checks = true

# A mutant lives for a few seconds: what is saved in building it counts.
[profile.release.package.rmix-modelcheck]
opt-level = 1
[profile.release.package.rmix-sim]
opt-level = 1
[profile.release.package.harness-ring]
opt-level = 1
"#;
const RING: &str = r#"
[package]
name = "harness-ring"
version = "0.1.0"
edition = "2024"
autotests = false

[[test]]
name = "main"
path = "tests/main.rs"

[dev-dependencies]
expect-test = "1.5"
proptest = { version = "1", default-features = false, features = ["std"] }
"#;
const MODELCHECK: &str = r#"
[package]
name = "rmix-modelcheck"
version = "0.1.0"
edition = "2024"
autobins = false

[[bin]]
name = "mutant-rmix-modelcheck"
path = "src/main.rs"

[dependencies]
clap = { version = "4.6", features = ["derive"] }
harness-ring = { path = "../harness-ring" }
stateright = "0.31"
"#;
const SIM: &str = r#"
[package]
name = "rmix-sim"
version = "0.1.0"
edition = "2024"
autobins = false

[[bin]]
name = "mutant-rmix-sim"
path = "src/main.rs"

[dependencies]
clap = { version = "4.6", features = ["derive"] }
harness-ring = { path = "../harness-ring" }
"#;
