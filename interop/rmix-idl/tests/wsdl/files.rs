//! Files that import and include others: where they may lie, cycles, namespaces, encodings.

use std::fs;
use std::path::Path;

use rmix_idl::IdlError;
use rmix_idl::wsdl::Import;

use super::{check_has, description, refused, rust};

/// A schema that refers to others, with an element of each type named.
fn schema(namespace: &str, references: &str, declarations: &str) -> String {
    let target = match namespace {
        "" => String::new(),
        namespace => format!("targetNamespace='{namespace}'"),
    };
    format!(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:a='urn:a' xmlns:b='urn:b' {target}>\n{references}\n\
         {declarations}</x:schema>"
    )
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it has one")).expect("it is made");
    fs::write(path, text).expect("it is written");
}

const TYPE_B: &str = "<x:complexType name='B'><x:sequence><x:element name='b' type='x:int'/></x:sequence></x:complexType>";
const USES_B: &str = "<x:complexType name='A'><x:sequence><x:element name='a' type='b:B'/></x:sequence></x:complexType>";

#[test]
fn imports_are_relative_to_their_file_and_cycles_are_fine() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = schema(
        "urn:a",
        "<x:import namespace='urn:b' schemaLocation='more/b.xsd'/>",
        USES_B,
    );
    write(folder.path(), "a.xsd", first);
    let back = "<x:import namespace='urn:a' schemaLocation='../a.xsd'/><x:include schemaLocation='./b%202.xsd'/>
        <x:import namespace='http://www.w3.org/XML/1998/namespace' schemaLocation='http://www.w3.org/2001/xml.xsd'/>";
    write(folder.path(), "more/b.xsd", schema("urn:b", back, ""));
    let again = "<x:include schemaLocation='b.xsd'/><x:include schemaLocation='b 2.xsd'/>";
    write(
        folder.path(),
        "more/b 2.xsd",
        schema("urn:b", again, TYPE_B),
    );
    let import = Import::new(folder.path().join("a.xsd"));
    check_has(
        &rust(&import),
        &[
            "    pub a: B,",
            "#[rmix(namespace = \"urn:b\")]\npub struct B {",
        ],
    );
    assert_eq!(description(&import).files.len(), 3);
}

#[test]
fn a_schema_without_a_namespace_takes_that_of_each_that_includes_it() {
    let common = "<x:simpleType name='Id'><x:restriction base='x:int'/></x:simpleType>
        <x:complexType name='Ref'><x:sequence><x:element name='id' type='Id'/></x:sequence></x:complexType>";
    let include = "<x:include schemaLocation='common.xsd'/>";
    let import_b = format!("{include}<x:import namespace='urn:b' schemaLocation='b.xsd'/>");
    let import = Import::text("a.xsd", schema("urn:a", &import_b, ""))
        .add_text("b.xsd", schema("urn:b", include, ""))
        .add_text("common.xsd", schema("", "", common));
    check_has(
        &rust(&import),
        &[
            "#[rmix(namespace = \"urn:a\")]\npub struct Ref {",
            "#[rmix(namespace = \"urn:b\")]\npub struct Ref2 {",
            "    pub id: Id2,",
        ],
    );
}

#[test]
fn what_lies_outside_is_refused_however_it_is_reached() {
    let outer = tempfile::tempdir().expect("a folder");
    write(outer.path(), "secret.xsd", schema("urn:b", "", TYPE_B));
    let absolute = outer.path().join("secret.xsd");
    let absolute = absolute.to_str().expect("it is text");
    let inner = outer.path().join("inner");
    write(&inner, "x", "");
    std::os::unix::fs::symlink(absolute, inner.join("link.xsd")).expect("it is made");
    std::os::unix::fs::symlink(outer.path(), inner.join("up")).expect("it is made");
    let locations = [
        "../secret.xsd",
        "./../inner/../secret.xsd",
        "link.xsd",
        "up/secret.xsd",
        absolute,
    ];
    let uri = format!("file://{absolute}");
    for location in locations
        .into_iter()
        .chain([uri.as_str(), "%2e%2e/secret.xsd"])
    {
        let text = schema(
            "urn:a",
            &format!("<x:import namespace='urn:b' schemaLocation='{location}'/>"),
            USES_B,
        );
        write(&inner, "a.xsd", text);
        let import = Import::new(inner.join("a.xsd"));
        let error = refused(&import);
        assert!(matches!(error, IdlError::Location { .. }), "{error}");
        let error = error.to_string();
        assert!(
            error.contains("a.xsd:2:1: `") && error.contains("leads out of the folder"),
            "{error}"
        );
        check_has(&rust(&import.folder(outer.path())), &["pub struct B {"]);
    }
}

#[test]
fn texts_never_reach_the_file_system() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "b.xsd", schema("urn:b", "", TYPE_B));
    let path = folder.path().join("b.xsd");
    for location in [path.to_str().expect("it is text"), "b.xsd", "/etc/passwd"] {
        let text = schema(
            "urn:a",
            &format!("<x:import namespace='urn:b' schemaLocation='{location}'/>"),
            USES_B,
        );
        let name = folder.path().join("a.xsd");
        let error = refused(&Import::text(name.to_string_lossy(), text)).to_string();
        assert!(error.contains("there is no text of this name"), "{error}");
    }
    let text = schema(
        "urn:a",
        "<x:import namespace='urn:b' schemaLocation='../b.xsd'/>",
        USES_B,
    );
    let error = refused(&Import::text("a.xsd", text)).to_string();
    assert!(error.contains("it leads out of the folder"), "{error}");
}

#[test]
fn what_is_remote_is_known_given_or_refused() {
    let remote = "<x:import namespace='urn:b' schemaLocation='http://127.0.0.1:9/b.xsd?x=1'/>";
    let text = schema("urn:a", remote, USES_B);
    let error = refused(&Import::text("a.xsd", text.clone())).to_string();
    assert!(
        error.starts_with("a.xsd:2:1: `http://127.0.0.1:9/b.xsd?x=1` is not read: it is remote"),
        "{error}"
    );
    let given = Import::text("a.xsd", text.clone())
        .add_text("http://127.0.0.1:9/b.xsd?x=1", schema("urn:b", "", TYPE_B));
    check_has(&rust(&given), &["    pub a: B,"]);

    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "here/a.xsd", &text);
    write(
        folder.path(),
        "elsewhere/b.xsd",
        schema("urn:b", "<x:include schemaLocation='b2.xsd'/>", ""),
    );
    write(
        folder.path(),
        "elsewhere/b2.xsd",
        schema("urn:b", "", TYPE_B),
    );
    let import = Import::new(folder.path().join("here/a.xsd"));
    let given = import.schema_location(
        "http://127.0.0.1:9/b.xsd?x=1",
        folder.path().join("elsewhere/b.xsd"),
    );
    // What the given file includes beside itself lies outside, until its folder is allowed.
    assert!(matches!(refused(&given), IdlError::Location { .. }));
    check_has(
        &rust(&given.folder(folder.path().join("elsewhere"))),
        &["    pub a: B,"],
    );

    let wsdl = format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'><w:types>{text}{}</w:types></w:definitions>",
        schema("urn:b", "", TYPE_B)
    );
    check_has(&rust(&Import::text("both.wsdl", wsdl)), &["    pub a: B,"]);
}

#[test]
fn what_is_not_there_is_told_with_where_it_was_looked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "a.xsd",
        schema("urn:a", "<x:include schemaLocation='gone.xsd'/>", ""),
    );
    let error = refused(&Import::new(folder.path().join("a.xsd"))).to_string();
    assert!(
        error.contains("a.xsd:2:1: `gone.xsd` is not read: there is no such file in `"),
        "{error}"
    );
    let error = refused(&Import::new(folder.path().join("none.xsd")));
    assert!(matches!(error, IdlError::Read { .. }), "{error}");
    let error = refused(&Import::new(folder.path())).to_string();
    assert!(error.contains("this is no ordinary file"), "{error}");
}

#[test]
fn wsdl_files_import_each_other_and_have_several_schemas() {
    let messages = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:t='urn:a' targetNamespace='urn:m'>
        <w:types><x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:a'>
          <x:element name='Ask'><x:complexType><x:sequence><x:element name='q' type='t:Q'/></x:sequence></x:complexType></x:element>
        </x:schema><x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:a'>
          <x:simpleType name='Q'><x:restriction base='x:string'/></x:simpleType></x:schema></w:types>
        <w:message name='Ask'><w:part name='p' element='t:Ask'/></w:message></w:definitions>";
    let first = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:m='urn:m' xmlns:t='urn:w' targetNamespace='urn:w'
          xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'>
        <w:import namespace='urn:m' location='m.wsdl'/>
        <w:import namespace='urn:m' location='http://127.0.0.1:9/m.wsdl'/>
        <w:portType name='P'><w:operation name='Ask'><w:input message='m:Ask'/></w:operation></w:portType>
        <w:binding name='B' type='t:P'><s:binding transport='x'/><w:operation name='Ask'><s:operation/></w:operation></w:binding>
        </w:definitions>";
    let import = Import::text("dir/first.wsdl", first).add_text("dir/m.wsdl", messages);
    check_has(&rust(&import), &["    async fn ask(&self, q: Q);"]);
    let error = refused(&Import::text("dir/first.wsdl", first)).to_string();
    assert!(
        error.starts_with("dir/first.wsdl:3:9: `m.wsdl` is not read"),
        "{error}"
    );
}

#[test]
fn files_are_read_in_their_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = schema("urn:a", "", "<x:complexType name='Größe'/>");
    let utf_16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{text}");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("it is Latin"))
        .collect();
    for bytes in [format!("\u{feff}{text}").into_bytes(), utf_16, latin] {
        write(folder.path(), "a.xsd", bytes);
        check_has(
            &rust(&Import::new(folder.path().join("a.xsd"))),
            &["pub struct Größe {}"],
        );
    }
    write(folder.path(), "a.xsd", b"<\xff\xfe>");
    let error = refused(&Import::new(folder.path().join("a.xsd"))).to_string();
    assert!(
        error.ends_with("a.xsd:1:1: the file is not UTF-8 from byte 1 on"),
        "{error}"
    );
}

#[test]
fn a_build_script_writes_the_file_under_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "in/types.xsd", schema("urn:b", "", TYPE_B));
    let import = Import::new(folder.path().join("in/types.xsd"));
    let written = import.write_to(folder.path()).expect("it is written");
    assert_eq!(written, folder.path().join("types.rs"));
    assert_eq!(
        fs::read_to_string(written).expect("it is there"),
        rust(&import)
    );
    let error = import
        .write_to(folder.path().join("gone"))
        .expect_err("refused");
    assert!(matches!(error, IdlError::Write { .. }), "{error}");
}
