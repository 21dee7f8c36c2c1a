//! What a call of our links costs beside time, on each side: system calls, waits, instructions, allocations, and bytes
//! copied by the process itself. Counted when asked for, with strace, the kernel's own count of waits, and valgrind: one
//! short and one longer run of each, so that what happens once is not in the difference.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::cpu;
use crate::error::BenchError;
use crate::links::LINKS;
use crate::measure::Measure;
use crate::options::Options;
use crate::place::Placement;
use crate::plan::Step;
use crate::process::Tools;
use crate::results::Results;
use crate::rounds::Pair;
use crate::syscalls;
use crate::table::{Table, number};

const MEASURES: [Measure; 2] = [Measure::Null, Measure::ECHO_64K];
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_millis(1800);
const SIDES: [&str; 2] = ["client", "server"];

/// One of valgrind's tools, the option that names its file, and how to read that.
struct Counter {
    arguments: &'static [&'static str],
    file_option: &'static str,
    read: fn(&str) -> Option<f64>,
}

const INSTRUCTIONS: Counter = Counter {
    arguments: &["--tool=callgrind"],
    file_option: "--callgrind-out-file",
    read: instructions,
};
const ALLOCATIONS: Counter = Counter {
    arguments: &["--tool=dhat"],
    file_option: "--dhat-out-file",
    read: |text| total(text, "tbk"),
};
const COPIED_BYTES: Counter = Counter {
    arguments: &["--tool=dhat", "--mode=copy"],
    file_option: "--dhat-out-file",
    read: |text| total(text, "tb"),
};

/// What a call costs one side.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    step: String,
    side: &'static str,
    system_calls: String,
    waits: f64,
    instructions: f64,
    allocations: f64,
    copied_bytes: f64,
}

/// Counts for all links of ours that are chosen. What fails is noted and left out.
pub(crate) fn count(tools: &Tools, options: &Options, results: &mut Results) -> Vec<Cost> {
    let words: Vec<&str> = options.only.split_whitespace().collect();
    let mut costs = Vec::new();
    for link in LINKS.iter().filter(|link| link.is_ours()) {
        for measure in MEASURES
            .into_iter()
            .filter(|measure| link.measures.contains(measure))
        {
            let step = Step {
                link,
                measure,
                placement: Placement::Same,
            };
            if !words.iter().all(|word| step.label().contains(word)) {
                continue;
            }
            eprintln!("counting: {}", step.label());
            match of(tools, &step) {
                Ok(both) => costs.extend(both),
                Err(failure) => results.failed(&step.label(), &failure),
            }
        }
    }
    costs
}

fn of(tools: &Tools, step: &Step) -> Result<[Cost; 2], BenchError> {
    let system_calls = syscalls::of(tools, step)?;
    let waits = waits(tools, step)?;
    let instructions = counted(tools, step, &INSTRUCTIONS)?;
    let allocations = counted(tools, step, &ALLOCATIONS)?;
    let copied_bytes = counted(tools, step, &COPIED_BYTES)?;
    Ok([0, 1].map(|side| Cost {
        step: step.label(),
        side: SIDES[side],
        system_calls: system_calls[side].text(),
        waits: waits[side],
        instructions: instructions[side],
        allocations: allocations[side],
        copied_bytes: copied_bytes[side],
    }))
}

/// How often each side gave its core away to wait, per call: counted between READY and the report, after which a client
/// only ends.
fn waits(tools: &Tools, step: &Step) -> Result<[f64; 2], BenchError> {
    let mut pair = Pair::start(tools, step, LONG, true)?;
    let [client, server] = pair.ids()?;
    let count = || Ok::<_, BenchError>([cpu::waits(client)?, cpu::waits(server)?]);
    let before = count()?;
    let units = pair
        .run(LONG)?
        .iter()
        .map(|report| report.units)
        .sum::<u64>();
    let after = count()?;
    let per_call = |side: usize| after[side].saturating_sub(before[side]) as f64;
    Ok([0, 1].map(|side| per_call(side) / units.max(1) as f64))
}

/// What valgrind counts of each side, per call.
fn counted(tools: &Tools, step: &Step, counter: &Counter) -> Result<[f64; 2], BenchError> {
    let short = run(tools, step, counter, SHORT)?;
    let long = run(tools, step, counter, LONG)?;
    if long.1 <= short.1 {
        return Err(BenchError::Wrong {
            what: "counting: the longer run made no more calls than the short one, the machine is too busy",
        });
    }
    let units = (long.1 - short.1) as f64;
    Ok([0, 1].map(|side: usize| (long.0[side] - short.0[side]) / units))
}

/// One run under valgrind: what was counted of client and server, and the calls.
fn run(
    tools: &Tools,
    step: &Step,
    counter: &Counter,
    duration: Duration,
) -> Result<([f64; 2], u64), BenchError> {
    let path = tools.fresh_path("valgrind");
    let mut wrapper: Vec<String> = ["valgrind", "-q", "--trace-children=yes"]
        .map(str::to_owned)
        .to_vec();
    wrapper.extend(
        counter
            .arguments
            .iter()
            .map(|argument| (*argument).to_owned()),
    );
    wrapper.push(format!("{}={}.%p", counter.file_option, path.display()));
    tools.wrap(wrapper);
    let pair = Pair::start(tools, step, duration, false);
    tools.wrap(Vec::new());
    let mut pair = pair?;
    let ids = pair.ids()?;
    let units = pair.run(duration)?.iter().map(|report| report.units).sum();
    pair.end()?;
    let count = |id: u32| {
        let file = path.with_extension(id.to_string());
        let text = std::fs::read_to_string(&file);
        let text = text.map_err(|source| BenchError::File { path: file, source })?;
        (counter.read)(&text).ok_or(BenchError::Wrong {
            what: "reading what valgrind wrote",
        })
    };
    Ok(([count(ids[0])?, count(ids[1])?], units))
}

/// Of callgrind's file.
fn instructions(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The sum of a field over all places of the program, of DHAT's file.
fn total(text: &str, field: &str) -> Option<f64> {
    let written: Value = serde_json::from_str(text).ok()?;
    let places = written.get("pps")?.as_array()?;
    places.iter().map(|place| place.get(field)?.as_f64()).sum()
}

/// As a table; none when nothing was counted.
pub(crate) fn table(costs: &[Cost]) -> Option<Table> {
    let line = |cost: &Cost| {
        vec![
            cost.step.clone(),
            cost.side.to_owned(),
            format!("{:.2}", cost.waits),
            number(cost.instructions.max(0.0)),
            format!("{:.2}", cost.allocations),
            number(cost.copied_bytes.max(0.0)),
            cost.system_calls.clone(),
        ]
    };
    (!costs.is_empty()).then(|| Table {
        title: "what a call costs beside time, on each side".to_owned(),
        heads: vec![
            "link, measure, placement",
            "side",
            "waits",
            "instructions",
            "allocations",
            "bytes copied",
            "system calls",
        ],
        lines: costs.iter().map(line).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{instructions, total};

    #[test]
    fn totals_are_read_of_what_valgrind_writes() {
        assert_eq!(
            instructions("events: Ir\nsummary: 9\ntotals: 1234\n"),
            Some(1234.0)
        );
        assert_eq!(instructions("events: Ir\n"), None);
        let dhat = r#"{"dhatFileVersion":2,"pps":[{"tb":10,"tbk":2},{"tb":5,"tbk":1}]}"#;
        assert_eq!(total(dhat, "tb"), Some(15.0));
        assert_eq!(total(dhat, "tbk"), Some(3.0));
        assert_eq!(total("{}", "tb"), None);
    }
}
