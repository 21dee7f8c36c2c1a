//! Every crate inherits the lints of the workspace.
//!
//! A room for code the compiler cannot check, or a plug-in with an exported symbol, cannot: the
//! workspace forbids such code and a crate cannot allow what is forbidden. It repeats all other
//! lints in a table of its own.

use std::collections::BTreeMap;

use super::Tree;
use super::finding::Finding;
use crate::workspace::Package;

pub(super) fn check(package: &Package, tree: &Tree) -> Vec<Finding> {
    let manifest = Tables::read(tree.text_of(&package.manifest));
    let inherits = manifest.get("lints", "workspace") == Some("true")
        || manifest.get("", "lints.workspace") == Some("true");
    if inherits {
        return Vec::new();
    }
    let finding = |line, message: String| Finding::new(&package.manifest, line, "lints", message);
    let is_room = ROOMS.contains(&package.name.as_str());
    let plugin = format!("{}/src/plugin.rs", package.folder);
    if !is_room && tree.file(&plugin).is_none() {
        return vec![finding(
            1,
            "inherit the lints of the workspace: `[lints]` with `workspace = true`".to_owned(),
        )];
    }

    let root = Tables::read(tree.text_of(ROOT_MANIFEST));
    let mut required = root.under("workspace.");
    required.remove(&("lints.rust", FORBIDDEN));
    if is_room {
        required.insert(("lints.clippy", "undocumented_unsafe_blocks"), "\"deny\"");
    } else {
        required.insert(("lints.rust", FORBIDDEN), "\"deny\"");
    }
    required
        .into_iter()
        .filter(|((table, key), value)| manifest.get(table, key) != Some(value))
        .map(|((table, key), value)| {
            finding(
                manifest.line_of(table),
                format!("a crate with lints of its own needs `{key} = {value}` in [{table}]"),
            )
        })
        .collect()
}

/// The `key = value` lines of a manifest by table; values as written. Enough for tables of lints.
struct Tables<'a> {
    values: BTreeMap<(&'a str, &'a str), &'a str>,
    lines: BTreeMap<&'a str, usize>,
}

impl<'a> Tables<'a> {
    fn read(manifest: &'a str) -> Tables<'a> {
        let mut tables = Tables {
            values: BTreeMap::new(),
            lines: BTreeMap::new(),
        };
        let mut table = "";
        for (index, line) in manifest.lines().enumerate() {
            let line = line.trim();
            let header = line.strip_prefix('[').and_then(|line| line.split_once(']'));
            if let Some((name, _)) = header {
                table = name;
                tables.lines.insert(table, index + 1);
            } else if let Some((key, value)) = line.split_once('=')
                && !line.starts_with('#')
            {
                let value = value.split('#').next().unwrap_or_default();
                tables.values.insert((table, key.trim()), value.trim());
            }
        }
        tables
    }

    fn get(&self, table: &str, key: &str) -> Option<&'a str> {
        self.values.get(&(table, key)).copied()
    }

    /// The lints in tables whose names start with `prefix`, which is left out.
    fn under(&self, prefix: &str) -> BTreeMap<(&'a str, &'a str), &'a str> {
        let lints = self.values.iter().filter_map(|((table, key), value)| {
            let table = table.strip_prefix(prefix)?;
            table
                .starts_with("lints.")
                .then_some(((table, *key), *value))
        });
        lints.collect()
    }

    fn line_of(&self, table: &str) -> usize {
        self.lines.get(table).copied().unwrap_or(1)
    }
}

const ROOMS: [&str; 2] = ["rmix-abi", "rmix-shm-sys"];
const FORBIDDEN: &str = "unsafe_code";
/// The manifest of the workspace.
pub(super) const ROOT_MANIFEST: &str = "Cargo.toml";
