//! The benchmark of RMIX: raw transports, our links and their peers in one run, printed as ratios to the raw
//! transport of the same round. It is a report, not a test: it fails only when something could not be measured.

mod beside;
mod codec;
mod compile;
mod costs;
mod cpu;
mod drawing;
mod drive;
mod error;
mod growth;
mod idle;
mod links;
mod machine;
mod markdown;
mod measure;
mod options;
mod peers;
mod place;
mod plan;
mod process;
mod readme;
mod results;
mod ring;
mod rounds;
mod smoke;
mod standing;
mod syscalls;
mod table;
mod targets;
mod tsv;
mod work;

use std::process::ExitCode;

use clap::Parser;

use beside::Beside;
use error::BenchError;
use options::{Arguments, Options, Work};
use process::Tools;
use ring::RingResults;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.work {
        Some(Work::Serve(serve)) => work::serve(serve).map(|()| true),
        Some(Work::Call(call)) => work::call(call).map(|()| true),
        Some(Work::RingMember(member)) => ring::run_member(member).map(|()| true),
        Some(Work::Smoke) => smoke::run(),
        None => bench(&arguments.options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("rmix-bench: {}", error::with_causes(&failure));
            ExitCode::FAILURE
        }
    }
}

/// Runs everything; `false` when a part could not be measured.
fn bench(options: &Options) -> Result<bool, BenchError> {
    if let (Some(folder), true) = (&options.growth, options.redraw) {
        return growth::redraw(folder).map(|()| true);
    }
    let tools = Tools::prepare(options)?;
    let plan = match &options.growth {
        _ if options.costs => Vec::new(),
        Some(_) => growth::plan(options),
        None => plan::plan(options),
    };
    let mut results = rounds::run(&tools, &plan, options)?;
    let beside = Beside::measure(&tools, &plan, options, &mut results)?;
    let grown = ring::measure_growth(options);
    if let Some(folder) = &options.growth {
        growth::write(&results, options, folder)?;
        ring::write_growth(&grown, folder)?;
    }
    let group = match &options.growth {
        Some(_) => RingResults::default(),
        None => ring::measure(&tools, options)?,
    };
    let machine = machine::Machine::of_this(options);
    println!("{machine}\n");
    table::print(&results);
    let mut further = beside.tables();
    further.extend(ring::tables(&group));
    further.extend(ring::growth_table(&grown));
    further.iter().for_each(table::print_one);
    for failure in results.failures.iter().chain(&group.failures) {
        eprintln!("not measured: {failure}");
    }
    if let Some(file) = &options.json {
        results.write_json(&machine, &beside, &group, file)?;
    }
    if let Some(file) = &options.tsv {
        tsv::write(&results, &beside, file)?;
    }
    if let Some(file) = &options.readme {
        readme::write(&results, &beside, &machine, file)?;
    }
    if let Some(file) = &options.markdown {
        markdown::write(&results, &machine, &further, file)?;
    }
    if let Some(file) = &options.ring_tsv {
        std::fs::write(file, group.tab_separated()).map_err(|source| BenchError::File {
            path: file.clone(),
            source,
        })?;
    }
    Ok(results.failures.is_empty() && group.failures.is_empty())
}
