//! Descriptions at URLs: what locations in them mean, what is asked of whoever fetches, and what is refused.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use rmix_idl::IdlError;
use rmix_idl::wsdl::{Fetch, Import, Limits, is_url};

use super::{check_has, refused, rust, schema};

/// Texts by URL; what is not there cannot be read, what is at another host is refused.
#[derive(Debug, Clone, Default)]
struct Web {
    texts: BTreeMap<String, String>,
    fetched: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn with(mut self, url: &str, text: &str) -> Web {
        self.texts.insert(url.to_owned(), text.to_owned());
        self
    }

    fn fetched(&self) -> Vec<String> {
        self.fetched.lock().expect("nobody panics with it").clone()
    }
}

impl Fetch for Web {
    fn refusal(&self, url: &str) -> Option<String> {
        let is_there = url.starts_with("http://h/");
        (!is_there).then(|| format!("{url} is elsewhere"))
    }

    fn fetch(&self, url: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        let mut fetched = self.fetched.lock().expect("nobody panics with it");
        fetched.push(url.to_owned());
        let text = self.texts.get(url);
        let text = text.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "404"))?;
        Ok(text.bytes().take(bytes_max.saturating_add(1)).collect())
    }
}

/// A schema of another namespace that imports the tests' own from a location.
fn importing(location: &str) -> String {
    format!(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:o'>\n\
         <x:import namespace='urn:t' schemaLocation='{location}'/>\n\
         <x:complexType name='O'><x:sequence><x:element name='e' type='t:E'/></x:sequence></x:complexType>\n\
         </x:schema>"
    )
}

fn types() -> String {
    schema("<x:complexType name='E'/>")
}

#[test]
fn locations_are_relative_to_the_url_of_their_file() {
    for (location, url) in [
        ("types.xsd", "http://h/a/types.xsd"),
        ("../types.xsd", "http://h/types.xsd"),
        ("/b/types.xsd", "http://h/b/types.xsd"),
        ("//h/types.xsd", "http://h/types.xsd"),
        ("?xsd=1", "http://h/a/first?xsd=1"),
        ("http://h/types.xsd#part", "http://h/types.xsd"),
    ] {
        let first = "http://h/a/first?wsdl";
        let web = Web::default()
            .with(first, &importing(location))
            .with(url, &types());
        let import = Import::url(first, web.clone());
        check_has(&rust(&import), &["pub struct O {", "pub struct E {}"]);
        assert_eq!(web.fetched(), [first, url], "{location}");
        let description = import.description().expect("it was read before");
        assert_eq!(description.files, [first, url]);
    }
}

#[test]
fn what_is_refused_is_not_fetched_and_told_with_its_place() {
    for (location, why) in [
        (
            "http://elsewhere/t.xsd",
            "http://elsewhere/t.xsd is elsewhere",
        ),
        ("ftp://h/t.xsd", "ftp://h/t.xsd is not fetched by HTTP"),
        (
            "file:///etc/passwd",
            "file:///etc/passwd is not fetched by HTTP",
        ),
        ("a b.xsd", "it is no reference to a URL"),
    ] {
        let web = Web::default().with("http://h/a.xsd", &importing(location));
        let error = refused(&Import::url("http://h/a.xsd", web.clone()));
        assert_eq!(
            error.to_string(),
            format!("http://h/a.xsd:2:1: `{location}` is not read: {why}")
        );
        assert_eq!(web.fetched(), ["http://h/a.xsd"]);
    }
}

#[test]
fn users_and_passwords_are_refused_and_not_repeated() {
    let no_users =
        "it has a user name or password, and none is sent: leave out what stands before the `@`";
    let no_url = "it is no URL that begins with http:// or https://";
    for (url, shown, why) in [
        ("http://me:secret@h/a.xsd", "http://…@h/a.xsd", no_users),
        ("https://secret@h/a.xsd", "https://…@h/a.xsd", no_users),
        ("http://@h/a.xsd", "http://…@h/a.xsd", no_users),
        ("http://me:secret@h/a b", "http://…@h/a b", no_url),
        ("http://me:secret/x@h/a", "http://…@h/a", no_url),
        ("ftp://me:secret@h/a.xsd", "ftp://…@h/a.xsd", no_url),
    ] {
        let web = Web::default().with(url, &types());
        let error = refused(&Import::url(url, web.clone())).to_string();
        assert_eq!(error, format!("{shown}:1:1: `{shown}` is not read: {why}"));
        assert!(web.fetched().is_empty(), "{url}");
    }
    for (location, shown) in [
        ("http://me:secret@h/t.xsd", "http://…@h/t.xsd"),
        ("//secret@h/t.xsd", "//…@h/t.xsd"),
        ("ftp://me:secret@h/t.xsd", "ftp://…@h/t.xsd"),
    ] {
        let web = Web::default().with("http://h/a.xsd", &importing(location));
        let error = refused(&Import::url("http://h/a.xsd", web.clone())).to_string();
        assert_eq!(
            error,
            format!("http://h/a.xsd:2:1: `{shown}` is not read: {no_users}")
        );
        assert_eq!(web.fetched(), ["http://h/a.xsd"]);
    }
    // An `@` elsewhere is part of a name.
    let url = "http://h/a@b.xsd?c=d@e";
    let web = Web::default().with(url, &types());
    check_has(&rust(&Import::url(url, web)), &["pub struct E {}"]);
}

#[test]
fn a_file_may_stand_for_a_location() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("types.xsd");
    std::fs::write(&file, types()).expect("it is written");
    let web = Web::default().with("http://h/a.xsd", &importing("http://elsewhere/t.xsd"));
    let import = Import::url("http://h/a.xsd", web);
    let import = import.schema_location("http://elsewhere/t.xsd", &file);
    check_has(&rust(&import), &["pub struct E {}"]);
}

#[test]
fn what_cannot_be_fetched_is_told_by_its_url() {
    let web = Web::default().with("http://h/a.xsd", &importing("gone.xsd"));
    for (first, gone) in [
        ("http://h/a.xsd", "http://h/gone.xsd"),
        ("http://h/nothing", "http://h/nothing"),
    ] {
        let error = refused(&Import::url(first, web.clone()));
        let IdlError::Read { path, source } = &error else {
            panic!("{error}");
        };
        assert_eq!(
            (path.to_str(), source.kind()),
            (Some(gone), io::ErrorKind::NotFound)
        );
    }
    for wrong in ["ftp://h/a", "http:///a", "a.xsd", "http://h/a b"] {
        let error = refused(&Import::url(wrong, web.clone())).to_string();
        assert!(
            error.contains("it is no URL that begins with http:// or https://"),
            "{error}"
        );
    }
}

#[test]
fn limits_hold_for_what_is_fetched() {
    let text = types();
    let web = Web::default().with("http://h/a.xsd", &text);
    let import = |max: usize| {
        let mut limits = Limits::default();
        limits.file_bytes_max = max;
        Import::url("http://h/a.xsd", web.clone()).limits(limits)
    };
    check_has(&rust(&import(text.len())), &["pub struct E {}"]);
    let error = refused(&import(text.len() - 1));
    assert!(
        matches!(
            error,
            IdlError::Limit {
                limit: "file_bytes_max",
                ..
            }
        ),
        "{error}"
    );

    let files = |max: usize| {
        let mut limits = Limits::default();
        limits.files_max = max;
        let web = Web::default()
            .with("http://h/a.xsd", &importing("b.xsd"))
            .with("http://h/b.xsd", &text);
        Import::url("http://h/a.xsd", web).limits(limits)
    };
    rust(&files(2));
    let error = refused(&files(1));
    assert!(
        matches!(
            error,
            IdlError::Limit {
                limit: "files_max",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_file_at_a_url_is_written_under_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let web = Web::default().with("http://h/in/types.xsd?x=1", &types());
    let written = Import::url("http://h/in/types.xsd?x=1", web).write_to(folder.path());
    assert_eq!(
        written.expect("it is written"),
        folder.path().join("types.rs")
    );
}

#[test]
fn urls_are_told_by_their_beginning() {
    for url in ["http://h", "https://h/x?wsdl", "HTTP://h"] {
        assert!(is_url(url), "{url}");
    }
    for path in ["", "http:/h", "ftp://h", "a/http://h", "httpß://h"] {
        assert!(!is_url(path), "{path}");
    }
}
