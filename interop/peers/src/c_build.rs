//! Builds C programs of an interface file: rpcgen makes its four sources, the compiler ours and
//! those, the linker programs on libtirpc. It knows neither the interface nor what the programs do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::error::BuildError;
use crate::folder;
use crate::process;

const TOOL_LIMIT: Duration = Duration::from_secs(300);

const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/c");

/// What rpcgen makes of a file: its option, and what is behind the interface's name. Its own name
/// for the file would carry the folder of the input, so it works on a copy beside its outputs.
const GENERATED: [(&str, &str); 4] = [
    ("-h", ".h"),
    ("-c", "_xdr.c"),
    ("-l", "_clnt.c"),
    ("-m", "_svc.c"),
];

/// Our own sources compile without a warning; rpcgen's outputs do not, and are not ours.
const OWN_WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Werror"];
const NO_WARNINGS: &[&str] = &["-w"];

/// An interface file and the programs made of it and of sources under `c/`.
#[derive(Debug)]
pub(crate) struct Project {
    /// The interface's name: what its file is called before `.x`.
    pub(crate) name: &'static str,
    /// The path of the interface file.
    pub(crate) interface: &'static str,
    /// The programs.
    pub(crate) programs: &'static [Program],
    /// The headers under `c/`, beside the generated one.
    pub(crate) headers: &'static [&'static str],
}

/// A program of a project.
#[derive(Debug)]
pub(crate) struct Program {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its sources under `c/`.
    pub(crate) sources: &'static [&'static str],
    /// What is behind the interface's name in the generated source that only it needs.
    pub(crate) generated: &'static str,
}

impl Project {
    /// Builds the programs in `out_dir`, unless they are there already and not older than their
    /// sources, and returns the folder's full path.
    pub(crate) fn build(&self, out_dir: &Path) -> Result<PathBuf, BuildError> {
        let _lock = folder::lock(out_dir)?;
        let folder = fs::canonicalize(out_dir).map_err(BuildError::folder(out_dir))?;
        let recipe_file = folder.join("recipe");
        if !self.is_fresh(&folder, &recipe_file) {
            // Without a recipe nothing is fresh: half a build is none.
            folder::remove_if_there(&recipe_file)?;
            self.generate(&folder)?;
            for (_, ending) in GENERATED.iter().skip(1) {
                let file = format!("{}{ending}", self.name);
                compile(&folder, &folder.join(file), NO_WARNINGS)?;
            }
            for source in self.own_sources() {
                compile(
                    &folder,
                    &Path::new(SOURCE_FOLDER).join(source),
                    OWN_WARNINGS,
                )?;
            }
            for program in self.programs {
                self.link(&folder, program)?;
            }
            fs::write(&recipe_file, self.recipe()).map_err(BuildError::folder(&recipe_file))?;
        }
        Ok(folder)
    }

    /// Every source of ours once.
    fn own_sources(&self) -> Vec<&'static str> {
        let mut sources: Vec<_> = self.programs.iter().flat_map(|one| one.sources).collect();
        sources.sort();
        sources.dedup();
        sources.into_iter().copied().collect()
    }

    /// What, beside the sources' contents, decides what is built.
    fn recipe(&self) -> String {
        format!("{SOURCE_FOLDER}\n{GENERATED:?}\n{self:?}\n{OWN_WARNINGS:?}\n")
    }

    fn is_fresh(&self, folder: &Path, recipe_file: &Path) -> bool {
        if fs::read_to_string(recipe_file).is_ok_and(|text| text == self.recipe()) {
            let programs = self.programs.iter().map(|one| folder.join(one.name));
            let own = self.own_sources().into_iter();
            let own = own.chain(self.headers.iter().copied());
            let sources = own
                .map(|source| Path::new(SOURCE_FOLDER).join(source))
                .chain([self.interface.into()]);
            if let (Ok(programs), Ok(sources)) = (modified(programs), modified(sources)) {
                return programs.iter().min() > sources.iter().max();
            }
        }
        false
    }

    fn generate(&self, folder: &Path) -> Result<(), BuildError> {
        let input_name = format!("{}.x", self.name);
        let input = folder.join(&input_name);
        fs::copy(self.interface, &input).map_err(BuildError::folder(&input))?;
        for (option, ending) in GENERATED {
            let output = format!("{}{ending}", self.name);
            // rpcgen does not overwrite.
            folder::remove_if_there(&folder.join(&output))?;
            let mut rpcgen = Command::new("rpcgen");
            rpcgen
                .current_dir(folder)
                .args(["-N", option, "-o", &output, &input_name]);
            process::run(&mut rpcgen, TOOL_LIMIT, &mut |_line| {})?;
        }
        Ok(())
    }

    fn link(&self, folder: &Path, program: &Program) -> Result<(), BuildError> {
        let fresh = format!("{}.new", program.name);
        let generated =
            ["_xdr.c", program.generated].map(|ending| format!("{}{ending}", self.name));
        let sources = program.sources.iter().copied();
        let sources = sources.chain(generated.iter().map(String::as_str));
        let mut linker = Command::new("cc");
        linker
            .current_dir(folder)
            .args(["-o", &fresh])
            .args(sources.map(|source| object_name(Path::new(source))))
            .arg("-ltirpc");
        process::run(&mut linker, TOOL_LIMIT, &mut |_line| {})?;
        // The old program may be running: it is replaced, not written to.
        let target = folder.join(program.name);
        fs::rename(folder.join(fresh), &target).map_err(BuildError::folder(target))
    }
}

fn modified(files: impl Iterator<Item = PathBuf>) -> io::Result<Vec<SystemTime>> {
    files.map(|file| file.metadata()?.modified()).collect()
}

fn compile(folder: &Path, source: &Path, warnings: &[&str]) -> Result<(), BuildError> {
    let object = object_name(source);
    let mut compiler = Command::new("cc");
    compiler
        .current_dir(folder)
        .args(["-std=gnu11", "-D_GNU_SOURCE", "-O2", "-I."])
        .arg("-I/usr/include/tirpc")
        .args(warnings)
        .args(["-c", "-o", &object])
        .arg(source);
    process::run(&mut compiler, TOOL_LIMIT, &mut |_line| {})?;
    Ok(())
}

fn object_name(source: &Path) -> String {
    let stem = source.file_stem().unwrap_or_default();
    format!("{}.o", stem.to_string_lossy())
}
