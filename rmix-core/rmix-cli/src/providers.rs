//! `rmix providers`: every provider on the search path, and every file that looks like one and is refused.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rmix::{ProviderInfo, Runtime};
use serde::Serialize;

use crate::arguments::Providers;
use crate::failure::{self, Failure};
use crate::{connection, json, output};

#[derive(Serialize)]
struct Listing {
    providers: Vec<Provider>,
    refused: Vec<Refused>,
    looked_in: Vec<String>,
}

#[derive(Serialize)]
struct Provider {
    name: String,
    version: String,
    schemes: Vec<String>,
    capabilities: Vec<&'static str>,
    file: String,
}

#[derive(Serialize)]
struct Refused {
    file: String,
    reason: String,
}

/// Loads each file of its own, so that none hides another, and lists them.
///
/// # Errors
/// A directory given is not there.
pub(crate) fn run(options: &Providers) -> Result<ExitCode, Failure> {
    let builder = connection::search_in(Runtime::builder(), &options.providers)?;
    let found = builder.find_providers();
    let mut listing = Listing {
        providers: Vec::new(),
        refused: Vec::new(),
        looked_in: found.looked_in,
    };
    let mut first: HashMap<OsString, PathBuf> = HashMap::new();
    for file in found.files {
        let name = file.file_name().unwrap_or_default().to_owned();
        let outcome = match first.get(&name) {
            Some(first) => Err(format!(
                "never used: {} has the same name and comes first",
                first.display()
            )),
            None => load(&file),
        };
        first.entry(name).or_insert_with(|| file.clone());
        match outcome {
            Ok(info) => listing.providers.push(provider(info, &file)),
            Err(reason) => listing.refused.push(Refused {
                file: file.display().to_string(),
                reason,
            }),
        }
    }
    output::result(&if options.json {
        json::text(&listing, false)
    } else {
        shown(&listing)
    })?;
    Ok(ExitCode::from(failure::OK))
}

/// The schemes that the providers in these files serve; what is no provider is passed over.
pub(crate) fn schemes(files: &[PathBuf]) -> Vec<String> {
    let loaded = files.iter().filter_map(|file| load(file).ok());
    loaded.flat_map(|provider| provider.schemes).collect()
}

/// Loads one file into a runtime of its own.
fn load(file: &Path) -> Result<ProviderInfo, String> {
    let runtime = Runtime::builder().provider_file(file).build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let first = runtime.providers().into_iter().next();
    first.ok_or_else(|| "it was loaded, and gave no provider".to_owned())
}

fn provider(info: ProviderInfo, file: &Path) -> Provider {
    Provider {
        name: info.name,
        version: info.version,
        schemes: info.schemes,
        capabilities: info.capabilities,
        file: file.display().to_string(),
    }
}

fn shown(listing: &Listing) -> String {
    let mut lines = Vec::new();
    for provider in &listing.providers {
        lines.push(format!("{} {}", provider.name, provider.version));
        lines.push(format!("  schemes       {}", provider.schemes.join(", ")));
        let capabilities = provider.capabilities.join(", ");
        lines.push(format!("  capabilities  {capabilities}"));
        lines.push(format!("  file          {}", provider.file));
    }
    for refused in &listing.refused {
        lines.push(format!("refused: {}", refused.file));
        lines.push(format!("  reason        {}", refused.reason));
    }
    if listing.providers.is_empty() {
        lines.push("no provider was found".to_owned());
    }
    lines.push("looked in".to_owned());
    for place in &listing.looked_in {
        lines.push(format!("  {place}"));
    }
    lines.join("\n")
}
