//! What a run measures beside times and rates of calls: memory, system calls, and the codec of SOAP alone.

use serde::Serialize;

use crate::codec::{self, Rates};
use crate::costs::{self, Cost};
use crate::error::BenchError;
use crate::idle::{self, Idle};
use crate::options::Options;
use crate::plan::Step;
use crate::process::Tools;
use crate::results::Results;
use crate::syscalls::{self, Count};
use crate::table::Table;

/// All of it; what was not asked for is empty.
#[derive(Default, Serialize)]
pub(crate) struct Beside {
    pub(crate) idle_memory: Vec<Idle>,
    system_calls: Vec<Count>,
    costs: Vec<Cost>,
    soap_codec: Vec<Rates>,
}

impl Beside {
    /// Measures what the options ask for. What fails of a link is noted and left out.
    ///
    /// # Errors
    /// strace cannot be used, or the codec refuses its own messages.
    pub(crate) fn measure(
        tools: &Tools,
        plan: &[Step],
        options: &Options,
        results: &mut Results,
    ) -> Result<Beside, BenchError> {
        if options.growth.is_some() {
            return Ok(Beside::default());
        }
        if options.costs {
            return Ok(Beside {
                costs: costs::count(tools, options, results),
                ..Beside::default()
            });
        }
        let system_calls = match options.syscalls {
            true => syscalls::count(tools, plan)?,
            false => Vec::new(),
        };
        Ok(Beside {
            idle_memory: idle::measure(tools, options, results),
            system_calls,
            costs: Vec::new(),
            soap_codec: codec::measure(options)?,
        })
    }

    /// As tables, those that have lines.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let tables = [
            idle::table(&self.idle_memory),
            syscalls::table(&self.system_calls),
            costs::table(&self.costs),
            codec::table(&self.soap_codec),
        ];
        tables.into_iter().flatten().collect()
    }
}
