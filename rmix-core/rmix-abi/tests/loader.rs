//! What the loader refuses, each with a sentence; the shared objects are tiny ones in C. Where a provider was built for
//! another boundary, the sentence names both builds.

use std::path::PathBuf;

use rmix_abi::host::{LoadError, PluginEntry};
use rmix_abi::layout;

use crate::compiler;

/// An entry in C with some of its facts replaced.
fn entry(symbol: &str, changes: &str) -> String {
    format!(
        "#include \"rmix_provider.h\"\n\
         static RmixStatus init(const RmixHostVt *host, const RmixProviderVt **out, const void **object, RmixErr *err) {{\n\
             (void)host, (void)out, (void)object, (void)err;\n\
             return RMIX_ERR;\n\
         }}\n\
         RMIX_EXPORT extern const RmixProviderEntry {symbol};\n\
         #pragma GCC diagnostic ignored \"-Woverride-init\"\n\
         RMIX_EXPORT const RmixProviderEntry {symbol} = {{\n\
             .magic = RMIX_MAGIC, .size = sizeof(RmixProviderEntry), .major = RMIX_MAJOR, .minor = RMIX_MINOR,\n\
             .layout = RMIX_LAYOUT_HASH, .name = RMIX_STR(\"tiny\"), .version = RMIX_STR(\"1.2.3\"),\n\
             .build = RMIX_STR(\"a compiler of the tests\"), .schemes = RMIX_STR(\"tiny tiny+x\"),\n\
             .capabilities = RMIX_CAPABILITY_ONEWAY | RMIX_CAPABILITY_ORDERED, .init = init,\n\
             {changes}\n\
         }};\n"
    )
}

/// Builds `librmix_tiny.so` in a folder of its own, as objects of one path are loaded once.
fn tiny(case: &str, changes: &str) -> PathBuf {
    let folder = compiler::folder(case);
    let text = entry("rmix_provider_v1_tiny", changes);
    compiler::shared_object(&folder, "librmix_tiny.so", &text)
}

fn refused(file: &std::path::Path) -> (LoadError, String) {
    let Err(refusal) = PluginEntry::open(file) else {
        panic!("{} is no provider", file.display());
    };
    let sentence = refusal.to_string();
    assert!(
        sentence.starts_with(&file.display().to_string()),
        "{sentence}"
    );
    (refusal, sentence)
}

/// Refused for the boundary, in a sentence with `what` and both builds.
fn does_not_fit(case: &str, changes: &str, what: &str, provider: &str) {
    let (refusal, sentence) = refused(&tiny(case, changes));
    assert!(matches!(refusal, LoadError::Build { .. }), "{sentence}");
    for part in [what, provider, layout::BUILD] {
        assert!(sentence.contains(part), "{part:?} is missing: {sentence}");
    }
}

#[test]
fn entry_in_c_that_fits_is_loaded_and_described() {
    let plugin = PluginEntry::open(&tiny("fits", "")).unwrap();

    assert_eq!(plugin.name(), "tiny");
    assert_eq!(plugin.version(), "1.2.3");
    assert_eq!(plugin.build(), "a compiler of the tests");
    assert_eq!(plugin.schemes().collect::<Vec<_>>(), ["tiny", "tiny+x"]);
    assert_eq!(plugin.capability_names(), ["oneway", "ordered"]);
}

#[test]
fn update_under_another_file_name_has_the_same_symbol() {
    let folder = compiler::folder("update");
    let text = entry("rmix_provider_v1_tiny", "");
    let file = compiler::shared_object(&folder, "librmix_tiny.2.so", &text);

    assert_eq!(PluginEntry::open(&file).unwrap().name(), "tiny");
}

#[test]
fn missing_file_is_refused_with_the_linkers_reason() {
    let file = compiler::folder("missing").join("librmix_missing.so");

    let (refusal, sentence) = refused(&file);

    assert!(matches!(refusal, LoadError::Open { .. }), "{sentence}");
    assert!(sentence.contains("No such file"), "{sentence}");
}

#[test]
fn file_that_is_no_shared_object_is_refused_with_the_linkers_reason() {
    let file = compiler::folder("text").join("librmix_text.so");
    std::fs::write(&file, "this is no shared object\n".repeat(100)).unwrap();

    let (refusal, sentence) = refused(&file);

    assert!(matches!(refusal, LoadError::Open { .. }), "{sentence}");
}

#[test]
fn file_of_another_name_is_refused_before_it_is_opened() {
    let folder = compiler::folder("names");
    for name in [
        "tiny.so",
        "librmix_.so",
        "librmix_tiny",
        "librmix_tiny.dll",
        "librmix_.x.so",
    ] {
        let (refusal, sentence) = refused(&folder.join(name));
        assert!(matches!(refusal, LoadError::Name { .. }), "{sentence}");
        assert!(sentence.contains("librmix_<name>.so"), "{sentence}");
    }
}

#[test]
fn missing_symbol_is_named() {
    let folder = compiler::folder("symbol");
    let text = entry("rmix_provider_v1_other", "");
    let file = compiler::shared_object(&folder, "librmix_tiny.so", &text);

    let (refusal, sentence) = refused(&file);

    assert!(matches!(refusal, LoadError::Symbol { .. }), "{sentence}");
    assert!(sentence.contains("`rmix_provider_v1_tiny`"), "{sentence}");
}

#[test]
fn wrong_magic_is_refused() {
    let file = tiny(
        "magic",
        ".magic = { 'R', 'M', 'I', 'X', 'p', 'r', 'o', 'w' },",
    );

    let (refusal, sentence) = refused(&file);

    assert!(matches!(refusal, LoadError::Magic { .. }), "{sentence}");
}

#[test]
fn another_major_version_is_refused_without_reading_further() {
    does_not_fit(
        "major",
        ".major = 2, .build = { NULL, 77 },",
        "major version 2 instead of 1",
        "(unknown)",
    );
}

#[test]
fn newer_minor_version_is_refused_with_both_builds() {
    let what = "boundary version 1.9, newer than 1.0";
    does_not_fit("minor", ".minor = 9,", what, "(a compiler of the tests)");
}

#[test]
fn entry_of_another_size_is_refused_with_both_builds() {
    let what = "entry of 999 bytes instead of";
    does_not_fit("size", ".size = 999,", what, "(a compiler of the tests)");
}

#[test]
fn shorter_entry_is_refused_without_reading_beyond_it() {
    let what = "entry of 8 bytes instead of";
    does_not_fit("short", ".size = 8,", what, "provider built as (unknown)");
}

#[test]
fn another_layout_is_refused_with_both_builds_and_both_hashes() {
    let what = format!("layout 0000000000000abc instead of {:016x}", layout::HASH);
    does_not_fit(
        "layout",
        ".layout = 0xABC,",
        &what,
        "(a compiler of the tests)",
    );
}
