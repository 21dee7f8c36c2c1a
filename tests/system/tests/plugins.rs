//! The shared objects as files: what they export, where they are looked for, and which are refused. The tour shows that
//! the rows of a provider that is missing fail, those and no others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rmix::{Cause, ErrorKind, Runtime};
use rmix_peers::Peer;
use serde_json::Value;

use crate::support::{
    PROVIDERS, Watchdog, built_program, helper_program, kept_peers, provider_file,
    providers_folder, there,
};

/// Runs a program to its end, and gives what it wrote.
fn output(command: &mut Command) -> Output {
    let output = command.output();
    output.unwrap_or_else(|failure| panic!("{command:?} cannot be run: {failure}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn each_shared_object_exports_its_entry_and_nothing_else() {
    let folder = providers_folder();
    for name in PROVIDERS {
        let mut nm = Command::new("nm");
        nm.args(["--dynamic", "--defined-only", "--format=just-symbols"]);
        let listed = output(nm.arg(provider_file(&folder, name)));
        assert!(listed.status.success(), "{}", text(&listed.stderr));
        let symbols = text(&listed.stdout);
        let symbols: Vec<&str> = symbols.lines().collect();
        assert_eq!(symbols, [format!("rmix_provider_v1_{name}")]);
    }
}

/// Loads a file that is no provider of this program, and gives the reason.
fn refused(file: &Path) -> String {
    let failure = Runtime::builder().provider_file(file).build();
    let failure = failure.expect_err("it is refused");
    assert_eq!(failure.kind(), ErrorKind::FixRequest, "{failure:?}");
    assert_eq!(failure.cause(), Cause::Version, "{failure:?}");
    failure.to_string()
}

#[test]
fn a_file_that_is_no_shared_object_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = provider_file(folder.path(), "msgpack");
    fs::write(&file, "not a shared object").unwrap();
    let reason = refused(&file);
    assert!(reason.contains(&file.display().to_string()), "{reason}");
    assert!(reason.contains("cannot be loaded"), "{reason}");
}

#[test]
fn a_shared_object_without_the_entry_of_its_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = provider_file(folder.path(), "other");
    fs::copy(provider_file(&providers_folder(), "pipe"), &file).unwrap();
    let reason = refused(&file);
    assert!(
        reason.contains("does not export `rmix_provider_v1_other`"),
        "{reason}"
    );
}

/// Offsets in the entry, as its documentation draws them.
const SIZE_AT: usize = 8;
const MINOR_AT: usize = 14;
const LAYOUT_AT: usize = 16;

/// A copy of a provider's file with one byte of its entry changed.
fn altered(folder: &Path, at: usize) -> PathBuf {
    let mut bytes = fs::read(provider_file(&providers_folder(), "msgpack")).unwrap();
    let size = u32::try_from(size_of::<rmix::ProviderEntry>()).unwrap();
    let mut magic = b"RMIXprov".to_vec();
    magic.extend_from_slice(&size.to_ne_bytes());
    let found: Vec<usize> = bytes
        .windows(magic.len())
        .enumerate()
        .filter_map(|(offset, window)| (window == magic).then_some(offset))
        .collect();
    let [entry] = found.as_slice() else {
        panic!("the entry is found {} times", found.len());
    };
    bytes[entry + at] ^= 0x40;
    let file = provider_file(folder, "msgpack");
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn a_provider_built_for_another_boundary_is_refused_with_both_builds_named() {
    for (at, what) in [
        (SIZE_AT, "entry of"),
        (MINOR_AT, "newer than"),
        (LAYOUT_AT, "layout"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let reason = refused(&altered(folder.path(), at));
        assert!(reason.contains(what), "{reason}");
        assert!(reason.contains("provider built as ("), "{reason}");
        assert!(reason.contains("program built as ("), "{reason}");
    }
}

/// Copies a program that is run next. Another process writes it: while this one has it open to write, a test beside
/// this one may fork, and until that child has become its own program the copy is "text file busy".
fn copy_program(program: &Path, copy: &Path) {
    let copied = output(Command::new("cp").arg(program).arg(copy));
    assert!(copied.status.success(), "{}", text(&copied.stderr));
}

/// A copy of this crate's program in an empty folder, run in the folder of the providers.
fn lone_program(folder: &Path) -> Command {
    let program = folder.join("program");
    copy_program(helper_program(), &program);
    let mut command = Command::new(program);
    command
        .args(["providers", &PROVIDERS.join(",")])
        .current_dir(providers_folder())
        .env_remove("RMIX_PROVIDER_PATH");
    command
}

#[test]
fn providers_are_never_taken_from_the_working_directory() {
    let folder = tempfile::tempdir().unwrap();
    for variable in [None, Some(""), Some("."), Some(":./"), Some("deps:../deps")] {
        let mut command = lone_program(folder.path());
        if let Some(variable) = variable {
            command.env("RMIX_PROVIDER_PATH", variable);
        }
        let output = output(&mut command);
        let reason = text(&output.stderr);
        assert!(
            !output.status.success(),
            "{variable:?}: {}",
            text(&output.stdout)
        );
        assert!(reason.contains("no provider `msgpack`"), "{reason}");
        assert!(
            reason.contains(&folder.path().display().to_string()),
            "{reason}"
        );
    }
}

#[test]
fn providers_are_taken_from_the_path_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let providers = providers_folder();
    let output = output(lone_program(folder.path()).env("RMIX_PROVIDER_PATH", &providers));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected: Value = PROVIDERS
        .iter()
        .map(|name| serde_json::json!({"name": name, "file": provider_file(&providers, name)}))
        .collect();
    assert_eq!(found, expected);
}

/// What the tour shows: for each row its link, and its result or why it failed.
type Rows = Vec<(String, Result<String, String>)>;

/// Runs a copy of the tour's program with these providers in its own folder.
fn tour(program: &Path, providers: &[&str]) -> Rows {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("rmix-tour");
    copy_program(program, &copy);
    // What it would build beside itself was built once for all tests.
    fs::create_dir_all(kept_peers()).unwrap();
    std::os::unix::fs::symlink(kept_peers(), folder.path().join("peers")).unwrap();
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    for name in providers {
        let file = provider_file(&providers_folder(), name);
        fs::copy(file, provider_file(&plugins, name)).unwrap();
    }
    let mut command = Command::new(copy);
    command
        .args(["--json", "--no-install"])
        .env("RMIX_PROVIDER_PATH", &plugins);
    let output = output(&mut command);
    let printed: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|failure| panic!("{failure}: {}", text(&output.stderr)));
    let rows: Rows = printed.as_array().unwrap().iter().map(row).collect();
    let well = rows.iter().all(|(_, result)| result.is_ok());
    assert_eq!(output.status.success(), well, "{rows:?}");
    rows
}

fn row(row: &Value) -> (String, Result<String, String>) {
    let link = row["link"].as_str().unwrap().to_owned();
    let result = row["result"].as_str().unwrap().to_owned();
    let well = row["ok"].as_bool().unwrap();
    (link, if well { Ok(result) } else { Err(result) })
}

#[test]
fn without_a_shared_object_exactly_its_rows_of_the_tour_fail() {
    let _watchdog = Watchdog::start();
    if crate::support::c_station().is_none() || there(Peer::JaxWs).is_none() {
        return;
    }
    let program = built_program("rmix-tour", "rmix-tour");
    let whole = tour(&program, &OF_THE_TOUR);
    let mut by_provider: BTreeMap<String, usize> = BTreeMap::new();
    for (link, result) in &whole {
        assert!(result.is_ok(), "{link}: {result:?}");
        *by_provider.entry(provider_of(link)).or_default() += 1;
    }
    assert!(by_provider.keys().eq(OF_THE_TOUR), "{by_provider:?}");

    for missing in OF_THE_TOUR {
        let others: Vec<&str> = OF_THE_TOUR
            .into_iter()
            .filter(|name| *name != missing)
            .collect();
        let rows = tour(&program, &others);
        let mut well: BTreeMap<String, usize> = BTreeMap::new();
        let mut failed = 0;
        for (link, result) in rows {
            match result {
                Ok(_) => *well.entry(provider_of(&link)).or_default() += 1,
                Err(why) => {
                    failed += 1;
                    assert_eq!(provider_of(&link), missing, "{why}");
                    let clear = why.contains(&format!("no provider `{missing}`"))
                        && why.contains(&format!("librmix_{missing}.so"));
                    assert!(clear, "{why}");
                }
            }
        }
        let mut expected = by_provider.clone();
        expected.remove(missing);
        assert_eq!(well, expected, "without {missing}");
        assert!(failed > 0, "without {missing} nothing failed");
    }
}

/// Providers that the tour has rows of: those whose peers are real programs.
const OF_THE_TOUR: [&str; 4] = ["msgpack", "pipe", "soap", "sunrpc"];

/// `msgpack+tcp` is a link of the provider `msgpack`.
fn provider_of(link: &str) -> String {
    link.split('+').next().unwrap_or(link).to_owned()
}
