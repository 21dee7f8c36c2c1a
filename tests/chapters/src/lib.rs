//! A chapter of `docs/` as it stands: its files are written, its commands run in one shell, and what they print is
//! compared. It knows no peer; what a chapter needs is the business of its test.
//!
//! Of the blocks between fences, `sh` is run, `text` is what the block before it has to print, and one with a file's name
//! behind its language is that file. There are no others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

const HANGS_AFTER: Duration = Duration::from_secs(1500);

/// A mark between what two blocks print.
const MARK: &str = "@@@ block at line ";

/// Languages of files.
const FILES: [&str; 6] = ["c", "csharp", "java", "json", "rust", "xml"];

/// The repository.
///
/// # Panics
/// When it has moved since this was built.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().expect("the repository")
}

/// The text of a chapter.
///
/// # Panics
/// When there is no such file.
pub fn chapter(name: &str) -> String {
    let path = root().join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether tests of peers are to be left out; says so.
pub fn left_out() -> bool {
    let left_out = std::env::var_os("RMIX_TEST_NO_PEERS").is_some_and(|value| value == "1");
    if left_out {
        println!("left out: the chapter needs foreign programs, and RMIX_TEST_NO_PEERS=1 is set");
    }
    left_out
}

/// Runs all blocks of a chapter in an empty folder, by a shell that `shell` begins (`bash`, wherever it is run), and
/// compares what they print. Builds go to `built`, without a network.
///
/// # Panics
/// When a command fails or prints something else, with all that was said.
///
/// # Blocking
/// For minutes, when much is to be built. A run that hangs ends the whole program.
pub fn run(chapter: &str, mut shell: Command, built: &Path) {
    let _watchdog = watchdog();
    let blocks = blocks(chapter);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("script");
    std::fs::write(&file, script(&blocks)).expect("the folder takes a file");
    shell
        .args(["-c", "cd \"$1\" && exec bash script", "chapter"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .env("RMIX", root())
        .env("CARGO_TARGET_DIR", built)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    let output = shell.output().expect("bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    let output_text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{output_text}\n{said}");
    assert_eq!(printed(&output_text), expected(&blocks), "{said}");
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

/// One script of all blocks; files are written when their turn comes, since later ones lie in folders made by earlier ones.
fn script(blocks: &[Block<'_>]) -> String {
    let mut script = String::from("set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for block in blocks {
        let (line, text) = (block.line, &block.text);
        match (block.language, block.file) {
            ("sh", None) => writeln!(script, "echo '{MARK}{line}'\n{text}"),
            (language, Some(file)) if FILES.contains(&language) => {
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

/// Alive as long as what it gives.
fn watchdog() -> mpsc::Sender<()> {
    let (alive, ended) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if ended.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
            // Past the test runner's capture, which would be lost.
            let _ = writeln!(
                std::io::stderr(),
                "a chapter hangs: given up after {HANGS_AFTER:?}"
            );
            std::process::exit(101);
        }
    });
    alive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash() -> Command {
        Command::new("bash")
    }

    #[test]
    fn files_are_written_and_what_is_printed_is_compared() {
        let chapter = "# A\n\n```c a/b.c\none\n```\n\n```sh\ncat a/b.c\n```\n\n```text\none\n```\n\n```sh\ntrue\n```\n";
        run(chapter, bash(), Path::new("unused"));
    }

    #[test]
    #[should_panic(expected = "two")]
    fn something_else_is_refused() {
        let chapter = "```sh\necho two\n```\n\n```text\none\n```\n";
        run(chapter, bash(), Path::new("unused"));
    }

    #[test]
    #[should_panic(expected = "left: {1: \"loud\\n\"}")]
    fn output_without_a_text_is_refused() {
        run("```sh\necho loud\n```\n", bash(), Path::new("unused"));
    }

    #[test]
    #[should_panic(expected = "what it said")]
    fn a_command_that_fails_is_refused() {
        let chapter = "```sh\necho what it said >&2\nfalse\ntrue\n```\n";
        run(chapter, bash(), Path::new("unused"));
    }

    #[test]
    #[should_panic(expected = "line 1: what is python")]
    fn a_block_that_would_not_be_run_is_refused() {
        run("```python\nprint(1)\n```\n", bash(), Path::new("unused"));
    }
}
