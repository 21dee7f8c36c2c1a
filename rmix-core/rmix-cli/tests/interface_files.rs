//! `rmix describe`, `rmix import` and `rmix export`: the system's files, and files that are wrong.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::installed::Installed;

const STORE: &str = "/* A store. */
#ifdef WIDE
#define KEY 64
#else
#define KEY 16
#endif
const LARGE = 0xffffffffffffffff;
enum status { OK, GONE = -1 };
struct item { string key<KEY>; item *next; };
union answer switch (status s) { case OK: item *items; default: void; };
program STORE { version STORE_1 { answer STORE_FIND(string key<KEY>, int most) = 1; } = 1; } = 0x20000001;
";

/// A folder with the file.
fn store() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.x");
    fs::write(&file, STORE).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (folder, file)
}

/// The interface files of `rpcsvc-proto` and `libtirpc-dev`, with the options they need.
fn system_files() -> Vec<Vec<String>> {
    let folders = ["/usr/include/rpcsvc", "/usr/include/tirpc/rpcsvc"];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let files = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "x"));
    let mut all = Vec::new();
    for file in files {
        let mut arguments = vec![file.to_str().unwrap().to_owned()];
        if file.ends_with("nis.x") || file.ends_with("nis_callback.x") {
            arguments.push("-URPC_HDR".to_owned());
        }
        if file.ends_with("nis_callback.x") {
            let before = file.with_file_name("nis.x");
            arguments.push(format!("--before={}", before.display()));
        }
        all.push(arguments);
    }
    assert!(all.len() >= 18, "rpcsvc-proto and libtirpc-dev are needed");
    all
}

#[test]
fn every_system_file_is_imported_described_and_exported() {
    let installed = Installed::new();
    for arguments in system_files() {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = |command: &[&str]| {
            let ran = installed.run(&[command, &arguments[..]].concat());
            assert_eq!(
                (ran.code, ran.stderr.as_str()),
                (0, ""),
                "{command:?} {ran:?}"
            );
            ran.stdout
        };
        assert!(run(&["import"]).starts_with("// Generated from an interface file"));
        assert!(run(&["export", "--format", "x"]).starts_with("/* An interface file"));
        let described: serde_json::Value =
            serde_json::from_str(&run(&["describe", "--json"])).unwrap();
        let programs = described["programs"].as_array().unwrap();
        let types = described["types"].as_array().unwrap();
        assert!(!programs.is_empty() || !types.is_empty(), "{arguments:?}");
        assert!(run(&["describe"]).lines().count() > 1);
    }
}

#[test]
fn a_description_is_for_people_and_for_programs() {
    let installed = Installed::new();
    let (_folder, file) = store();
    let shown = installed.run(&["describe", &file]);
    shown.check_result(
        "program STORE = 536870913\n  version STORE_1 = 1\n    1     answer STORE_FIND(string key<16>, int most)\n\n\
         const LARGE = 18446744073709551615\n\n\
         enum status\n  OK = 0\n  GONE = -1\n\n\
         struct item (node of a linked list)\n  string key<16>\n  item *next\n\n\
         union answer switch (status s)\n  case OK (0): item *items\n  default: void\n",
    );
    let described = installed
        .run(&["describe", "--json", "-DWIDE", &file])
        .json(0);
    assert_eq!(
        described["programs"],
        json!([{"name": "STORE", "number": 536_870_913, "versions": [{"name": "STORE_1", "number": 1, "procedures": [{
            "name": "STORE_FIND", "number": 1,
            "signature": "answer STORE_FIND(string key<64>, int most)",
            "arguments": [{"name": "key", "type": "string<64>"}, {"name": "most", "type": "int"}],
            "result": "answer",
        }]}]}])
    );
    assert_eq!(
        described["constants"],
        json!([{"name": "LARGE", "value": "18446744073709551615"}])
    );
    assert_eq!(
        described["types"][2],
        json!({"name": "answer", "kind": "union", "discriminant": {"name": "s", "type": "status"},
               "arms": [{"labels": [{"name": "OK", "value": 0}], "field": {"name": "items", "type": "item *"}}],
               "default": {"field": null}})
    );
    assert_eq!(described["types"][1]["is_list"], json!(true));
    assert_eq!(described["files"], json!([file]));
}

#[test]
fn an_import_goes_to_standard_output_or_to_a_file() {
    let installed = Installed::new();
    let (folder, file) = store();
    let printed = installed.run(&["import", &file]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    assert!(printed.stdout.contains("rmix::Bounded<String, 16>"));
    let output = folder.path().join("store.rs");
    let output = output.to_str().unwrap();
    installed
        .run(&["import", &file, "-o", output])
        .check_result("");
    assert_eq!(fs::read_to_string(output).unwrap(), printed.stdout);

    let other = [
        "import",
        "--strings",
        "octets",
        "--open-enums",
        "-D",
        "WIDE=1",
        &file,
    ];
    let other = installed.run(&other).stdout;
    assert!(other.contains("rmix::Bounded<Vec<u8>, 64>"), "{other}");
    assert!(other.contains("Other(i32)"), "{other}");

    let with_result = installed.run(&["import", "--oneway", "STORE_FIND", &file]);
    with_result.check_failure(2, &["store.x:", "a one-way procedure with a result"]);
    let void = folder.path().join("void.x");
    fs::write(
        &void,
        "program P { version V { void TELL(int) = 1; } = 1; } = 0x20000004;",
    )
    .unwrap();
    let void = ["import", "--oneway", "TELL", void.to_str().unwrap()];
    let void = installed.run(&void).stdout;
    assert!(void.contains("name = \"TELL\", oneway"), "{void}");

    let nowhere = installed.run(&["import", &file, "-o", "/no/such/folder/store.rs"]);
    nowhere.check_failure(3, &["/no/such/folder/store.rs cannot be written"]);
}

#[test]
fn an_export_is_canonical() {
    let installed = Installed::new();
    let (folder, file) = store();
    let output = folder.path().join("canonical.x");
    let output = output.to_str().unwrap();
    installed
        .run(&["export", &file, "-o", output])
        .check_result("");
    let text = fs::read_to_string(output).unwrap();
    assert!(!text.contains('#'), "{text}");
    assert!(
        text.contains("const LARGE = 18446744073709551615;"),
        "{text}"
    );
    installed.run(&["export", output]).check_result(&text);
}

#[test]
fn what_is_included_is_looked_for() {
    let installed = Installed::new();
    let (folder, _) = store();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("types.x"), "typedef opaque handle[8];\n").unwrap();
    let file = folder.path().join("outer.x");
    fs::write(&file, "#include \"types.x\"\nstruct s { handle h; };\n").unwrap();
    let file = file.to_str().unwrap();
    let missing = installed.run(&["describe", file]);
    missing.check_failure(
        2,
        &["outer.x:1:", "`types.x` is in none of the folders searched"],
    );
    let found = installed.run(&["describe", file, "-I", inner.to_str().unwrap()]);
    assert!(
        found.stdout.contains("typedef opaque handle[8]"),
        "{found:?}"
    );
}

#[test]
fn a_wrong_file_is_exit_code_2_with_its_place() {
    let installed = Installed::new();
    let (folder, _) = store();
    let file = folder.path().join("wrong.x");
    fs::write(&file, "struct s {\n  int x\n};\n").unwrap();
    let file = file.to_str().unwrap();
    let output = folder.path().join("wrong.rs");
    for command in ["describe", "import", "export"] {
        let shown = installed.run(&[command, file]);
        shown.check_failure(2, &["wrong.x:3:1: expected", "found `}`"]);
        let json = installed.run(&[command, "--json", file]);
        json.check_error(
            2,
            ["fix-request", "interface-file", "not-sent"],
            &["expected"],
        );
        let error = &json.json(2)["error"];
        assert_eq!((&error["line"], &error["column"]), (&json!(3), &json!(1)));
        assert_eq!(error["file"], json!(file));
    }
    let output_text = output.to_str().unwrap();
    let import = installed.run(&["import", file, "-o", output_text]);
    assert_eq!(import.code, 2);
    assert!(!Path::new(output_text).exists(), "nothing is written");
    let missing = installed.run(&["describe", "--json", "/no/such/file.x"]);
    missing.check_error(
        2,
        ["fix-request", "interface-file", "not-sent"],
        &["/no/such/file.x could not be read: No such file"],
    );
    installed
        .run(&["import", "-D", "1X", file])
        .check_failure(2, &["a symbol is a letter"]);
}

#[test]
fn a_file_with_one_interface_is_exported_as_wsdl() {
    let (folder, file) = store();
    let output = folder.path().join("store.wsdl");
    let output = output.to_str().unwrap();
    let installed = Installed::new();
    let address = "http://localhost:8080/store";
    installed
        .run(&[
            "export",
            &file,
            "--format",
            "wsdl",
            "--address",
            address,
            "-o",
            output,
        ])
        .check_result("");
    let text = fs::read_to_string(output).unwrap();
    assert!(text.contains("targetNamespace=\"urn:StoreV1\""), "{text}");
    assert!(
        text.contains("<soap12:address location=\"http://localhost:8080/store\"/>"),
        "{text}"
    );
    let wrong = installed.run(&[
        "export",
        &file,
        "--format",
        "wsdl",
        "--interface",
        "StoreV2",
    ]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong
            .stderr
            .contains("no interface StoreV2; it has StoreV1"),
        "{}",
        wrong.stderr
    );
}
