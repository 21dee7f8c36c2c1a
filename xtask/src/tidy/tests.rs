//! Each rule is shown to fail on bad input and to pass on the good one beside it.

use super::*;
use crate::workspace::Dependency;

/// Findings of the whole of tidy about one file, as `line: rule`.
fn of_file(path: &str, text: &str) -> Vec<String> {
    of_tree(Tree {
        files: vec![SourceFile::new(path, text)],
        ..Tree::default()
    })
}

/// Findings of the whole of tidy, as `line: rule`.
fn of_tree(tree: Tree) -> Vec<String> {
    check(&tree)
        .iter()
        .map(|finding| format!("{}: {}", finding.line, finding.rule))
        .collect()
}

/// A crate with lints inherited and nothing against it.
fn package(name: &str, folder: &str, imports: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: folder.to_owned(),
        manifest: format!("{folder}/Cargo.toml"),
        dependencies: imports
            .iter()
            .map(|name| Dependency {
                name: (*name).to_owned(),
                for_development: false,
            })
            .collect(),
        ..Package::default()
    }
}

fn tree(packages: Vec<Package>, files: Vec<SourceFile>) -> Tree {
    let root = (
        "Cargo.toml".to_owned(),
        "[workspace.lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"deny\"\n".to_owned(),
    );
    let inheriting = packages.iter().map(|package| {
        (
            package.manifest.clone(),
            "[lints]\nworkspace = true\n".to_owned(),
        )
    });
    Tree {
        manifests: std::iter::once(root).chain(inheriting).collect(),
        packages,
        files,
        ratchet: String::new(),
    }
}

fn with_manifest(mut tree: Tree, manifest: &str) -> Tree {
    tree.manifests[1].1 = manifest.to_owned();
    tree
}

#[test]
fn a_finding_is_one_line_with_place_rule_and_advice() {
    let tree = Tree {
        files: vec![SourceFile::new("a/src/lib.rs", "pub mod x;\n")],
        ..Tree::default()
    };
    assert_eq!(
        check(&tree)[0].to_string(),
        "a/src/lib.rs:1: header: the first line is not a `//!` paragraph that says what the file is and what it \
         does not do"
    );
}

#[test]
fn a_file_opens_with_a_paragraph() {
    assert_eq!(of_file("a.rs", "//! What it is.\n"), [""; 0]);
    assert_eq!(of_file("a.rs", "// What it is.\n"), ["1: header"]);
    assert_eq!(of_file("a.rs", "\n//! What it is.\n"), ["1: header"]);
    assert_eq!(of_file("a.rs", "//!\n"), ["1: header"]);
    assert_eq!(of_file("a.rs", ""), ["1: header"]);
}

#[test]
fn a_module_is_named_for_a_subject() {
    assert_eq!(of_file("a/src/codec.rs", "//! A.\nmod wire;\n"), [""; 0]);
    assert_eq!(
        of_file("a/src/lib.rs", "//! A.\nmod util;\npub mod helpers {}\n"),
        ["2: module-name", "3: module-name"]
    );
    assert_eq!(
        of_file("a/tests/common/mod.rs", "//! A.\n"),
        ["1: module-name"]
    );
    assert_eq!(of_file("a/src/misc.rs", "//! A.\n"), ["1: module-name"]);
}

#[test]
fn unfinished_work_never_lands() {
    assert_eq!(
        of_file("a.rs", "//! A.\nfn f() { todo!() }\n"),
        ["2: unfinished"]
    );
    assert_eq!(
        of_file(
            "a.rs",
            "//! A.\nfn f() {\n    dbg!(1);\n    unimplemented ! ()\n}\n"
        ),
        ["3: unfinished", "4: unfinished"]
    );
    assert_eq!(
        of_file(
            "a.rs",
            "//! A.\n// todo!() and \"dbg!\"\nconst A: &str = \"todo!()\";\n"
        ),
        [""; 0]
    );
}

#[test]
fn attributes_that_hide_modules_or_tests_are_refused() {
    assert_eq!(
        of_file("a.rs", "//! A.\n#[path = \"x.rs\"]\nmod x;\n"),
        ["2: path-attribute"]
    );
    assert_eq!(
        of_file(
            "a.rs",
            "//! A.\n#[cfg_attr(unix, path = \"x.rs\")]\nmod x;\n"
        ),
        ["2: path-attribute"]
    );
    assert_eq!(
        of_file("a.rs", "//! A.\n#[test]\n#[ignore]\nfn f() {}\n"),
        ["3: ignored-test"]
    );
    assert_eq!(
        of_file("a.rs", "//! A.\n#[cfg_attr(miri, ignore)]\nfn f() {}\n"),
        ["2: ignored-test"]
    );
    assert_eq!(
        of_file(
            "a.rs",
            "//! A.\n#[ignore = \"needs a year\"]\nfn f() {}\n#[rmix(path = \"x\", ignore)]\nfn g() {}\n"
        ),
        [""; 0]
    );
}

#[test]
fn unchecked_code_stands_only_in_its_rooms() {
    let text = format!(
        "//! A.\n// A comment may say {0}.\n{0} fn a() {{}}\n",
        words::UNCHECKED
    );
    let refused = [format!("3: {}", words::UNCHECKED)];
    assert_eq!(of_file("rmix-core/rmix/src/a.rs", &text), refused);
    assert_eq!(of_file("rmix-core/rmix-abi2/src/a.rs", &text), refused);
    assert_eq!(of_file("rmix-core/rmix-abi/src/a.rs", &text), [""; 0]);
    assert_eq!(of_file("providers/pipe/src/plugin.rs", &text), [""; 0]);
    assert_eq!(
        of_file("a.rs", "//! A.\n#![forbid(unsafe_code)]\n"),
        [""; 0]
    );
}

/// A function whose text from `fn` to the closing brace has this many lines.
fn function(name: &str, lines: usize) -> String {
    format!("fn {name}() -> [u8; 2] {{{}}}\n", "\n".repeat(lines - 1))
}

fn with_ratchet(path: &str, text: &str, ratchet: &str) -> Vec<String> {
    of_tree(Tree {
        files: vec![SourceFile::new(path, text)],
        ratchet: ratchet.to_owned(),
        ..Tree::default()
    })
}

#[test]
fn functions_have_at_most_seventy_lines() {
    let file = |lines| format!("//! A.\n{}", function("f", lines));
    assert_eq!(of_file("a/src/b.rs", &file(70)), [""; 0]);
    assert_eq!(of_file("a/src/b.rs", &file(71)), ["2: size"]);
    assert_eq!(of_file("a/tests/b.rs", &file(71)), ["2: size"]);
}

#[test]
fn braces_in_literals_and_functions_without_body_do_not_confuse() {
    let text = format!(
        "//! A.\ntrait T {{\n    fn g(&self);\n{}}}\nconst C: [&str; 2] = [\"{{\", \"fn h() {{\"];\n{}",
        "\n".repeat(90),
        function("f", 71).replacen("{", "{ let c = '}';", 1)
    );
    assert_eq!(of_file("a/src/b.rs", &text), ["96: size"]);
}

#[test]
fn files_have_at_most_eight_hundred_lines_but_for_tests() {
    let file = |lines: usize| "//! A.\n".to_owned() + &"\n".repeat(lines - 1);
    assert_eq!(of_file("a/src/b.rs", &file(800)), [""; 0]);
    assert_eq!(of_file("a/src/b.rs", &file(801)), ["1: size"]);
    assert_eq!(of_file("a/src/b/tests.rs", &file(801)), [""; 0]);
    assert_eq!(of_file("a/tests/b.rs", &file(801)), [""; 0]);
}

#[test]
fn the_ratchet_holds_older_excess_and_only_shrinks() {
    let file = |lines| format!("//! A.\n{}", function("f", lines));
    let entry = "# Why.\n\nfunction a/src/b.rs f 80\n";
    assert_eq!(with_ratchet("a/src/b.rs", &file(80), entry), [""; 0]);
    assert_eq!(with_ratchet("a/src/b.rs", &file(81), entry), ["2: size"]);
    assert_eq!(with_ratchet("a/src/b.rs", &file(79), entry), ["3: ratchet"]);
    assert_eq!(with_ratchet("a/src/b.rs", &file(70), entry), ["3: ratchet"]);
    assert_eq!(
        with_ratchet("a/src/other.rs", &file(80), entry),
        ["2: size", "3: ratchet"]
    );
}

#[test]
fn the_ratchet_holds_files_too_and_its_lines_are_checked() {
    let text = "//! A.\n".to_owned() + &"\n".repeat(900);
    assert_eq!(
        with_ratchet("a/src/b.rs", &text, "file a/src/b.rs 901\n"),
        [""; 0]
    );
    assert_eq!(
        with_ratchet("a/src/b.rs", &text, "file a/src/b.rs 900\n"),
        ["1: size"]
    );
    assert_eq!(
        with_ratchet("a/src/b.rs", "//! A.\n", "file a/src/b.rs\nclass x 9\n"),
        ["1: ratchet", "2: ratchet"]
    );
}

#[test]
fn crates_import_only_what_their_level_allows() {
    let abi = || package("rmix-abi", "rmix-core/rmix-abi", &[]);
    let provider = || {
        package(
            "rmix-provider",
            "rmix-core/rmix-provider",
            &["rmix-abi", "bytes"],
        )
    };
    let facade = |imports: &[&str]| package("rmix", "rmix-core/rmix", imports);
    let wired = |packages| {
        let mut tree = tree(packages, Vec::new());
        tree.manifests[1].1 += "[dependencies]\nrmix-provider.workspace = true\nrmix = { }\n";
        of_tree(tree)
    };
    assert_eq!(
        wired(vec![facade(&["rmix-abi"]), abi(), provider()]),
        [""; 0]
    );
    assert_eq!(
        wired(vec![facade(&["rmix-provider"]), abi(), provider()]),
        ["4: arrow"]
    );
    assert_eq!(
        wired(vec![
            package("rmix-pipe", "providers/pipe", &["rmix"]),
            facade(&[])
        ]),
        ["5: arrow"]
    );
}

#[test]
fn imports_for_tests_are_free() {
    let mut pipe = package("rmix-pipe", "providers/pipe", &["rmix"]);
    pipe.dependencies[0].for_development = true;
    let rmix = package("rmix", "rmix-core/rmix", &[]);
    assert_eq!(of_tree(tree(vec![pipe, rmix], Vec::new())), [""; 0]);
}

#[test]
fn pure_crates_import_nothing_but_what_is_listed() {
    let xdr = |imports: &[&str]| {
        let mut xdr = package("rmix-xdr", "providers/xdr", imports);
        xdr.clippy = Some(FULL_CLIPPY.to_owned());
        of_tree(tree(vec![xdr], Vec::new()))
    };
    assert_eq!(xdr(&["serde"]), [""; 0]);
    assert_eq!(xdr(&["bytes"]), ["1: arrow"]);
}

#[test]
fn a_crate_without_a_row_is_asked_for_one() {
    let unknown = package("rmix-new", "rmix-core/rmix-new", &[]);
    assert_eq!(of_tree(tree(vec![unknown], Vec::new())), ["1: arrow"]);
}

#[test]
fn a_crate_is_named_for_its_folder() {
    let named = |name: &str, folder: &str| modules::check_crate(&package(name, folder, &[]));
    for (name, folder) in [
        ("rmix-pipe", "providers/pipe"),
        ("rmix-abi", "rmix-core/rmix-abi"),
        ("rmix", "rmix-core/rmix"),
        ("harness-ring", "harness-control/harness-ring"),
        ("rmix-system-tests", "tests/system"),
        ("xtask", "xtask"),
    ] {
        assert_eq!(named(name, folder), None, "{name}");
    }
    for (name, folder) in [("rmix-pipes", "providers/pipe"), ("pipe", "providers/pipe")] {
        assert_eq!(named(name, folder).unwrap().rule, "crate-name");
    }
}

#[test]
fn every_crate_inherits_the_lints_of_the_workspace() {
    let one = || tree(vec![package("rmix", "rmix-core/rmix", &[])], Vec::new());
    assert_eq!(of_tree(one()), [""; 0]);
    assert_eq!(
        of_tree(with_manifest(one(), "[package]\nlints.workspace = true\n")),
        ["1: lints"]
    );
    assert_eq!(
        of_tree(with_manifest(one(), "lints.workspace = true\n[package]\n")),
        [""; 0]
    );
    assert_eq!(
        of_tree(with_manifest(one(), "[lints]\nworkspace = false\n")),
        ["1: lints"]
    );
    assert_eq!(
        of_tree(with_manifest(
            one(),
            "[lints.rust]\nmissing_docs = \"deny\"\n"
        )),
        ["1: lints"]
    );
}

#[test]
fn a_room_repeats_the_other_lints_and_documents_its_blocks() {
    let room = || {
        tree(
            vec![package("rmix-abi", "rmix-core/rmix-abi", &[])],
            Vec::new(),
        )
    };
    let good = "[lints.rust]\nmissing_docs = \"deny\" # all\n[lints.clippy]\n\
                undocumented_unsafe_blocks = \"deny\"\n";
    assert_eq!(of_tree(with_manifest(room(), good)), [""; 0]);
    assert_eq!(
        of_tree(with_manifest(room(), &good.replace("missing_docs", "m"))),
        ["1: lints"]
    );
    assert_eq!(
        of_tree(with_manifest(room(), &good.replace("undocumented", "u"))),
        ["3: lints"]
    );
}

#[test]
fn a_plug_in_denies_what_it_cannot_forbid() {
    let plugin = |manifest: &str| {
        let packages = vec![package("rmix-conformance", "tests/conformance", &[])];
        let files = vec![SourceFile::new(
            "tests/conformance/src/plugin.rs",
            "//! A.\n",
        )];
        of_tree(with_manifest(tree(packages, files), manifest))
    };
    let good = "[package]\n[lints.rust]\nmissing_docs = \"deny\"\nunsafe_code = \"deny\"\n";
    assert_eq!(plugin(good), [""; 0]);
    assert_eq!(
        plugin(&good.replace("unsafe_code", "# unsafe_code")),
        ["2: lints"]
    );
}

#[test]
fn a_crate_has_one_binary_of_integration_tests() {
    let with_binaries = |test_binaries| {
        let mut rmix = package("rmix", "rmix-core/rmix", &[]);
        rmix.test_binaries = test_binaries;
        of_tree(tree(vec![rmix], Vec::new()))
    };
    assert_eq!(with_binaries(1), [""; 0]);
    assert_eq!(with_binaries(2), ["1: test-binaries"]);
}

#[test]
fn every_provider_mounts_conformance() {
    let provider = |path: &str, test: &str| {
        let mut pipe = package("rmix-pipe", "providers/pipe", &[]);
        pipe.is_shared_object = true;
        of_tree(tree(vec![pipe], vec![SourceFile::new(path, test)]))
    };
    let mounting = "//! A.\nrmix_conformance::mount!(Pipe);\n";
    let claiming = "//! A.\n// rmix_conformance is mounted elsewhere\n";
    assert_eq!(provider("providers/pipe/tests/main.rs", mounting), [""; 0]);
    assert_eq!(
        provider("providers/pipe/tests/main.rs", claiming),
        ["1: conformance"]
    );
    assert_eq!(
        provider("providers/shm/tests/main.rs", mounting),
        ["1: conformance"]
    );
}

const FULL_CLIPPY: &str = "disallowed-types = [\n    \"std::collections::HashMap\",\n    \
                           \"std::collections::HashSet\",\n    \"std::time::Instant\",\n    \
                           \"std::time::SystemTime\",\n]\ndisallowed-methods = [\n    \"std::thread::spawn\",\n]\n";

#[test]
fn pure_crates_refuse_clocks_threads_and_unordered_containers() {
    let engine = |clippy: Option<String>| {
        let mut engine = package("rmix-engine", "rmix-core/rmix-engine", &[]);
        engine.clippy = clippy;
        of_tree(tree(vec![engine], Vec::new()))
    };
    assert_eq!(engine(Some(FULL_CLIPPY.to_owned())), [""; 0]);
    assert_eq!(engine(None), ["1: purity"]);
    assert_eq!(
        engine(Some(
            FULL_CLIPPY.replace("    \"std::time::I", "    # \"std::time::I")
        )),
        ["1: purity"]
    );
}

#[test]
fn wire_crates_deny_what_panics() {
    let sunrpc = |text: &str| {
        let packages = vec![package("rmix-sunrpc", "providers/sunrpc", &[])];
        let files = vec![SourceFile::new("providers/sunrpc/src/lib.rs", text)];
        of_tree(tree(packages, files))
    };
    let good = "//! A.\n#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing,\n\
                clippy::panic, clippy::unreachable)]\n";
    assert_eq!(sunrpc(good), [""; 0]);
    assert_eq!(
        sunrpc(&good.replace(
            "clippy::indexing_slicing,",
            "/* clippy::indexing_slicing */"
        )),
        ["1: wire-panic"]
    );
}
