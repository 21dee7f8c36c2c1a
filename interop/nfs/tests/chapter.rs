//! The chapter "Talk to a C program in ten minutes" as it stands: its files are written, its commands run in one shell, in
//! a namespace with an rpcbind, and what they print is compared. Its table of the system's files is compared with what the
//! importer says of each.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rmix_idl::Import;
use rmix_idl::model::Program;
use rmix_peers::{Peer, Rpcbind};

use crate::support::{watchdog, write};

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().expect("the repository")
}

fn chapter() -> String {
    let path = root().join("docs/talk-to-a-c-program.md");
    std::fs::read_to_string(path).expect("the chapter is there")
}

/// A block between fences.
struct Block<'a> {
    language: &'a str,
    /// The file it is, where it is one.
    file: Option<&'a str>,
    line: usize,
    text: String,
}

fn blocks(chapter: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_open = false;
    for (index, line) in chapter.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                let mut words = info.split(' ');
                blocks.push(Block {
                    language: words.next().unwrap_or_default(),
                    file: words.next(),
                    line: index + 1,
                    text: String::new(),
                });
                is_open = true;
            }
            None if is_open => {
                let block = blocks.last_mut().expect("one is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!is_open, "a block is not closed");
    blocks
}

/// A mark between what two blocks print.
const MARK: &str = "@@@ block at line ";

/// One script of all blocks; files are written when their turn comes, since later ones lie in folders made by earlier ones.
fn script(blocks: &[Block<'_>]) -> String {
    let mut script = String::from("set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for block in blocks {
        let (line, text) = (block.line, &block.text);
        match (block.language, block.file) {
            ("sh", None) => writeln!(script, "echo '{MARK}{line}'\n{text}"),
            ("c" | "rust", Some(file)) => {
                let folder = Path::new(file).parent().expect("it has one").display();
                writeln!(
                    script,
                    "mkdir -p './{folder}'\ncat > {file} <<'@@@'\n{text}@@@"
                )
            }
            ("text", None) => Ok(()),
            (language, file) => panic!("line {line}: what is {language} {file:?}?"),
        }
        .expect("a text grows");
    }
    script
}

/// What each block has to print: the text that follows it, nothing else.
fn expected(blocks: &[Block<'_>]) -> BTreeMap<usize, String> {
    let mut expected = BTreeMap::new();
    for (index, block) in blocks.iter().enumerate() {
        if block.language == "sh" {
            let next = blocks.get(index + 1);
            let output = next.filter(|next| next.language == "text");
            let output = output.map(|output| output.text.clone());
            expected.insert(block.line, output.unwrap_or_default());
        }
    }
    expected
}

fn printed(output: &str) -> BTreeMap<usize, String> {
    let parts = output.split(MARK).skip(1).map(|part| {
        let (line, text) = part.split_once('\n').expect("a mark is a line");
        (line.parse().expect("a line's number"), text.to_owned())
    });
    parts.collect()
}

#[test]
fn every_command_of_the_chapter_does_what_it_says() {
    let _watchdog = watchdog();
    if std::env::var_os("RMIX_TEST_NO_PEERS").is_some_and(|value| value == "1") {
        println!("left out: the chapter needs C and rpcbind, and RMIX_TEST_NO_PEERS=1 is set");
        return;
    }
    for peer in [Peer::CStation, Peer::Rpcbind] {
        let status = peer.status();
        assert!(status.is_present(), "{status}");
    }
    let rpcbind = Rpcbind::start().unwrap_or_else(|error| panic!("{error}"));
    let chapter = chapter();
    let blocks = blocks(&chapter);
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("script"), script(&blocks).as_bytes());
    let mut shell = rpcbind.namespace().command("bash");
    shell.args(["-c", "cd \"$1\" && exec bash script", "chapter"]);
    shell.arg(folder.path()).stdin(Stdio::null());
    let output = environment(&mut shell).output().expect("bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    let output_text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{output_text}\n{said}");
    assert_eq!(printed(&output_text), expected(&blocks), "{said}");
}

/// Builds go where this crate's are, in a folder of their own, without a network.
fn environment(shell: &mut Command) -> &mut Command {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chapter");
    shell
        .env("RMIX", root())
        .env("CARGO_TARGET_DIR", built)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
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
    if std::env::var_os("RMIX_TEST_NO_PEERS").is_some_and(|value| value == "1") {
        println!("left out: the system's .x files are needed, and RMIX_TEST_NO_PEERS=1 is set");
        return;
    }
    let expected: Vec<_> = system_files().iter().map(|path| row(path)).collect();
    assert!(
        expected.len() >= 18,
        "rpcsvc-proto and libtirpc-dev are needed"
    );
    let chapter = chapter();
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
