//! The benchmark of RMIX: raw transports, our links and their peers in one run, printed as ratios to the raw
//! transport of the same round. It is a report, not a test: it fails only when something could not be measured.

mod codec;
mod compile;
mod cpu;
mod drive;
mod error;
mod growth;
mod links;
mod machine;
mod markdown;
mod measure;
mod options;
mod peers;
mod place;
mod plan;
mod process;
mod results;
mod ring;
mod rounds;
mod standing;
mod syscalls;
mod table;
mod targets;
mod work;

use std::process::ExitCode;

use clap::Parser;

use error::BenchError;
use options::{Arguments, Options, Work};
use process::Tools;
use ring::RingResults;
use table::Table;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.work {
        Some(Work::Serve(serve)) => work::serve(serve).map(|()| true),
        Some(Work::Call(call)) => work::call(call).map(|()| true),
        Some(Work::RingMember(member)) => ring::run_member(member).map(|()| true),
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
    let tools = Tools::prepare(options)?;
    let plan = match &options.growth {
        Some(_) => growth::plan(options),
        None => plan::plan(options),
    };
    let results = rounds::run(&tools, &plan, options)?;
    let counts = if options.syscalls {
        syscalls::count(&tools, &plan)?
    } else {
        Vec::new()
    };
    let grown = ring::measure_growth(options);
    if let Some(folder) = &options.growth {
        growth::write(&results, options, folder)?;
        ring::write_growth(&grown, folder)?;
    }
    let group = match &options.growth {
        Some(_) => RingResults::default(),
        None => ring::measure(&tools, options)?,
    };
    let rates = match &options.growth {
        Some(_) => Vec::new(),
        None => codec::measure(options)?,
    };
    let machine = machine::Machine::of_this(options);
    println!("{machine}\n");
    table::print(&results);
    let further = [syscalls::table(&counts), codec::table(&rates)];
    let mut further: Vec<Table> = further.into_iter().flatten().collect();
    further.extend(ring::tables(&group));
    further.extend(ring::growth_table(&grown));
    further.iter().for_each(table::print_one);
    for failure in results.failures.iter().chain(&group.failures) {
        eprintln!("not measured: {failure}");
    }
    if let Some(file) = &options.json {
        results.write_json(&machine, (&counts, &rates), &group, file)?;
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
