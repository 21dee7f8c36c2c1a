//! `rmix providers`: what is found, what is refused, where was looked.

use std::fs;

use serde_json::json;

use crate::installed::{Installed, PROVIDERS, ran};

#[test]
fn every_provider_is_listed_with_what_it_can_do() {
    let installed = Installed::new();
    let listing = installed.run(&["providers", "--json"]).json(0);

    let providers = listing["providers"].as_array().unwrap();
    let names: Vec<_> = providers.iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, PROVIDERS);
    let msgpack = &providers[0];
    assert_eq!(msgpack["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(msgpack["schemes"], json!(["msgpack+tcp", "msgpack+unix"]));
    let capabilities = msgpack["capabilities"].as_array().unwrap();
    assert!(capabilities.contains(&json!("oneway")), "{capabilities:?}");
    let file = installed.lib().join("librmix_msgpack.so");
    assert_eq!(msgpack["file"], json!(file));
    assert_eq!(listing["refused"], json!([]));
    assert_eq!(
        listing["looked_in"],
        json!([installed.lib(), installed.bin()])
    );
}

#[test]
fn people_get_lines() {
    let installed = Installed::new();
    let shown = installed.run(&["providers"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    let file = installed.lib().join("librmix_pipe.so");
    for words in [
        "pipe 0.1.0\n",
        "pipe+exec, pipe+fifo, pipe+fd",
        "self-describing",
        file.to_str().unwrap(),
    ] {
        assert!(shown.stdout.contains(words), "no {words:?} in {shown:?}");
    }
}

#[test]
fn a_refused_file_is_listed_and_hides_no_other() {
    let installed = Installed::new();
    let lib = installed.lib();
    // Before, between and after the providers by name; the last is a library, and no provider.
    fs::write(lib.join("librmix_a.so"), "text").unwrap();
    fs::write(lib.join("librmix_n.so"), "").unwrap();
    fs::copy(lib.join("librmix_pipe.so"), lib.join("librmix_z.so")).unwrap();
    fs::write(lib.join("other.so"), "text").unwrap();

    let listing = installed.run(&["providers", "--json"]).json(0);
    assert_eq!(
        listing["providers"].as_array().unwrap().len(),
        PROVIDERS.len()
    );
    let refused = listing["refused"].as_array().unwrap();
    let files = ["librmix_a.so", "librmix_n.so", "librmix_z.so"].map(|name| json!(lib.join(name)));
    let listed: Vec<_> = refused.iter().map(|one| one["file"].clone()).collect();
    assert_eq!(listed, files);
    let reason = |index: usize| refused[index]["reason"].as_str().unwrap();
    assert!(reason(0).contains("cannot be loaded"), "{}", reason(0));
    assert!(reason(1).contains("cannot be loaded"), "{}", reason(1));
    assert!(
        reason(2).contains("does not export `rmix_provider_v1_z`"),
        "{}",
        reason(2)
    );

    let shown = installed.run(&["providers"]);
    assert!(shown.stdout.contains("refused: "), "{shown:?}");
}

#[test]
fn the_first_of_two_files_of_a_name_is_the_provider() {
    let installed = Installed::new();
    let first = installed.add_folder("first");
    installed.add_provider("pipe", &first);
    let arguments = [
        "providers",
        "--json",
        "--providers",
        first.to_str().unwrap(),
    ];

    let listing = installed.run(&arguments).json(0);
    assert_eq!(
        listing["providers"][0]["file"],
        json!(first.join("librmix_pipe.so"))
    );
    let refused = listing["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 1);
    let reason = refused[0]["reason"].as_str().unwrap();
    assert!(reason.contains("comes first"), "{reason}");
}

#[test]
fn nothing_found_says_where_it_was_looked_for() {
    let installed = Installed::new();
    let mut command = installed.bare();
    let missing = "/no/such/directory";
    let found = ran(command.arg("providers").env("RMIX_PROVIDER_PATH", missing));
    assert_eq!((found.code, found.stderr.as_str()), (0, ""));
    assert!(
        found.stdout.starts_with("no provider was found\n"),
        "{found:?}"
    );
    assert!(
        found.stdout.contains("/no/such/directory (passed over: "),
        "{found:?}"
    );
    assert!(
        found.stdout.contains(installed.bin().to_str().unwrap()),
        "{found:?}"
    );
}
