//! Help, version and command lines that are wrong.

use crate::installed::Installed;

#[test]
fn help_names_exit_codes_environment_and_examples() {
    let installed = Installed::new();
    for arguments in [
        &["--help"][..],
        &["providers", "--help"],
        &["call", "--help"],
        &["bench", "--help"],
        &["serve", "--help"],
    ] {
        let help = installed.run(arguments);
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        for words in [
            "Exit codes:",
            "Environment:",
            "RMIX_PROVIDER_PATH",
            "Examples:",
            "  rmix ",
        ] {
            assert!(help.stdout.contains(words), "no {words:?} in {arguments:?}");
        }
    }
    let call = installed.run(&["call", "--help"]);
    for tag in ["$bytes", "$ext", "$text", "$float", "$map"] {
        assert!(call.stdout.contains(tag), "{tag}");
    }
}

#[test]
fn help_of_interface_files_needs_no_provider() {
    let installed = Installed::new();
    for command in ["describe", "import", "export"] {
        let help = installed.run(&[command, "--help"]);
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        for words in ["Exit codes:", "Examples:", "  rmix ", "--before", "-I,"] {
            assert!(help.stdout.contains(words), "no {words:?} in {command}");
        }
    }
    let call = installed.run(&["call", "--help"]);
    // The heading is for the options of interface files only.
    let (before, _) = call
        .stdout
        .split_once("Reading interface files and URLs:")
        .unwrap();
    assert!(before.contains("Arguments:") && before.contains("--providers"));
    for words in ["--idl", "--auth-sys", "linked list", "PROGRAM and VERSION"] {
        assert!(call.stdout.contains(words), "{words}");
    }
    for command in ["describe", "import", "call", "serve"] {
        let help = installed.run(&[command, "--help"]);
        for words in ["--follow", "--fetch-timeout", "--ca", "--schema", "WSDL"] {
            assert!(help.stdout.contains(words), "no {words:?} in {command}");
        }
    }
    let serve = installed.run(&["serve", "--help"]);
    for words in [
        "{\"fault\": {NAME: DETAIL}}",
        "--interface",
        "One-way",
        "\"message\"",
    ] {
        let is_there = serve.stdout.to_lowercase().contains(&words.to_lowercase());
        assert!(is_there, "no {words:?} in {serve:?}");
    }
    // What a program has to do itself.
    let export = installed.run(&["export", "--help"]);
    assert!(export.stdout.contains("rmix_idl::export_x"), "{export:?}");
}

#[test]
fn version_is_that_of_the_package() {
    let version = Installed::new().run(&["--version"]);
    version.check_result(&format!("rmix {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_command_lines_are_exit_code_2() {
    let installed = Installed::new();
    let endpoint = "msgpack+tcp://127.0.0.1:1";
    for (arguments, words) in [
        (&[][..], "Usage: rmix"),
        (&["list"], "list"),
        (&["call", endpoint], "<METHOD>"),
        (
            &["call", "--timeout", "5", endpoint, "x"],
            "time unit needed",
        ),
        (&["call", "--timeout", "0s", endpoint, "x"], "above zero"),
        (&["bench", "--calls", "0", endpoint, "x"], "--calls"),
        (
            &["bench", "--calls", "1", "--duration", "1s", endpoint, "x"],
            "cannot be used with",
        ),
        (
            &["bench", "--concurrency", "0", endpoint, "x"],
            "--concurrency",
        ),
    ] {
        installed.run(arguments).check_failure(2, &[words]);
    }
}

#[test]
fn an_argument_that_is_not_json_is_named_with_its_place_and_a_hint() {
    let installed = Installed::new();
    let endpoint = "msgpack+tcp://127.0.0.1:1";
    let word = installed.run(&["call", endpoint, "latest", "1", "Oslo"]);
    word.check_failure(2, &["argument 2, `Oslo`", "line 1 column 1", "'\"Oslo\"'"]);
    let bench = installed.run(&["bench", endpoint, "latest", "[1,"]);
    bench.check_failure(2, &["argument 1", "line 1 column 3"]);
}

#[test]
fn usage_errors_are_json_where_json_was_asked_for() {
    let installed = Installed::new();
    let usage = ["fix-request", "usage", "not-sent"];
    installed
        .run(&["call", "--json"])
        .check_error(2, usage, &["<ENDPOINT>"]);
    installed
        .run(&["call", "e:", "x", "Oslo", "--json"])
        .check_error(2, usage, &["argument 1"]);
    // After `--` it is an argument of the call.
    let argument = installed.run(&["call", "e:", "x", "--", "--json"]);
    argument.check_failure(2, &["argument 1, `--json`"]);
}
