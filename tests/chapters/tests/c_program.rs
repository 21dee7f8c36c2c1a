//! The chapter "Talk to a C program in ten minutes", in a namespace with an rpcbind. Its table of the system's files is
//! compared with what the importer says of each.

use std::path::{Path, PathBuf};

use rmix_chapters::{chapter, left_out, run};
use rmix_idl::Import;
use rmix_idl::model::Program;
use rmix_peers::{Peer, Rpcbind};

use crate::{built, require};

const CHAPTER: &str = "talk-to-a-c-program.md";

#[test]
fn every_command_of_the_c_chapter_does_what_it_says() {
    if left_out() {
        return;
    }
    require(&[Peer::CStation, Peer::Rpcbind]);
    let rpcbind = Rpcbind::start().unwrap_or_else(|error| panic!("{error}"));
    let shell = rpcbind.namespace().command("bash");
    run(&chapter(CHAPTER), shell, &built());
}

/// The files of the system's folders.
fn system_files() -> Vec<PathBuf> {
    let folders = ["/usr/include/rpcsvc", "/usr/include/tirpc/rpcsvc"];
    let entries = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(folder);
        entries.unwrap_or_else(|error| panic!("{folder}: {error}"))
    });
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "x"))
        .collect();
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    paths
}

/// `| file | programs | imports |`
fn row(path: &Path) -> String {
    let name = path.file_name().expect("a file").to_string_lossy();
    let plain = Import::new(path).model();
    let imports = match &plain {
        Ok(_) => "yes".to_owned(),
        Err(error) => {
            let place = error.place().expect("it has a place");
            let file = Path::new(&*place.file).file_name().expect("a file");
            let file = file.to_string_lossy();
            format!("with options; as it is, refused at {file}:{}", place.line)
        }
    };
    let model = plain.or_else(|_| {
        let import = Import::new(path).undefine("RPC_HDR");
        match name == "nis.x" {
            true => import.model(),
            false => import.before(path.with_file_name("nis.x")).model(),
        }
    });
    let model = model.unwrap_or_else(|error| panic!("{error}"));
    let own = |program: &&Program| Path::new(&*program.place.file) == path;
    let programs = model.programs.iter().filter(own).map(|program| {
        let versions: Vec<_> = program
            .versions
            .iter()
            .map(|one| one.number.to_string())
            .collect();
        format!(
            "`{}` {} ({})",
            program.name,
            program.number,
            versions.join(", ")
        )
    });
    let mut programs: Vec<_> = programs.collect();
    if programs.is_empty() {
        programs.push("types only".to_owned());
    }
    format!("| `{name}` | {} | {imports} |", programs.join(", "))
}

#[test]
fn table_of_the_system_files_is_complete_and_true() {
    if left_out() {
        return;
    }
    let expected: Vec<_> = system_files().iter().map(|path| row(path)).collect();
    assert!(
        expected.len() >= 18,
        "rpcsvc-proto and libtirpc-dev are needed"
    );
    let chapter = chapter(CHAPTER);
    let told: Vec<_> = chapter
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains(".x` |"))
        .collect();
    assert_eq!(
        told,
        expected,
        "the table should be:\n{}",
        expected.join("\n")
    );
}
