//! Files as texts: XML that is wrong, encodings, prefixes, and where errors are.

use rmix_idl::wsdl::Import;

use super::{check_has, refused, rust};

#[track_caller]
fn check_text(text: &str, sentence: &str) {
    let error = refused(&Import::text("t.xsd", text)).to_string();
    assert_eq!(error, sentence, "{text}");
}

#[test]
fn document_types_are_refused_before_anything_else() {
    let sentence =
        "a document type declaration is not supported: interface files have none; take it out";
    for head in [
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
        "<?xml version='1.0'?><!-- c --><!DOCTYPE x PUBLIC '' 'http://127.0.0.1/x.dtd'>",
    ] {
        let text = format!("{head}<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'/>");
        let error = refused(&Import::text("t.xsd", text)).to_string();
        assert!(
            error.starts_with("t.xsd:1:") && error.ends_with(sentence),
            "{error}"
        );
    }
    check_text(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'>\n <!DOCTYPE x></x:schema>",
        &format!("t.xsd:2:2: {sentence}"),
    );
}

#[test]
fn entities_are_those_of_xml_alone() {
    let doc = |text: &str| {
        format!(
            "<schema xmlns='http://www.w3.org/2001/XMLSchema'><complexType name='T'><annotation><documentation>{text}\
             </documentation></annotation></complexType></schema>"
        )
    };
    check_text(&doc("&lol;"), "t.xsd:1:99: the entity `lol` is not defined");
    let text = doc("a &amp; b &#x41;&#66; <b>c</b><![CDATA[ <d> ]]>");
    check_has(
        &rust(&Import::text("t.xsd", text)),
        &["/// a & b AB c \\<d\\>\n"],
    );
    let attribute =
        "<schema xmlns='http://www.w3.org/2001/XMLSchema'><element name='&lol;'/></schema>";
    let error = refused(&Import::text("t.xsd", attribute)).to_string();
    assert!(error.starts_with("t.xsd:1:50: "), "{error}");
}

#[test]
fn what_is_no_xml_is_refused_with_its_place() {
    check_text("", "t.xsd:1:1: the file has no element");
    check_text("  words", "t.xsd:1:8: text stands before the first element");
    check_text(
        "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'>\n<b>",
        "t.xsd:2:4: the file ends within an element",
    );
    check_text(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'/>\n<more/>",
        "t.xsd:2:8: something stands behind the document's element",
    );
    check_text(
        "<html xmlns='http://www.w3.org/1999/xhtml'/>",
        "t.xsd:1:1: expected `definitions` of WSDL 1.1 or `schema` of XML Schema, found the element \
         `{http://www.w3.org/1999/xhtml}html`",
    );
    check_text(
        "\n <description xmlns='http://www.w3.org/ns/wsdl'/>",
        "t.xsd:2:2: WSDL 2.0 is not supported: ask the service for its WSDL 1.1",
    );
    check_text(
        "<p:schema/>",
        "t.xsd:1:1: the prefix `p` of `p:schema` is not declared",
    );
    for wrong in [
        "<a b='1' b='2'/>",
        "<a b=1/>",
        "<a b/>",
        "<a></b>",
        "<a",
        "<a b='",
        "<!-- ",
        "<![CDATA[",
        "<?xml",
        "</a>",
        "<a>&",
    ] {
        let error = refused(&Import::text("t.xsd", wrong)).to_string();
        assert!(error.starts_with("t.xsd:1:"), "{wrong}: {error}");
    }
}

#[test]
fn columns_count_characters_and_lines_end_in_any_way() {
    check_text(
        "<schema xmlns='http://www.w3.org/2001/XMLSchema'>\r\n<!-- größer -->\t<element name='a' type='b'/></schema>",
        "t.xsd:2:17: the type `{http://www.w3.org/2001/XMLSchema}b` is not defined: its namespace has no such name",
    );
}

#[test]
fn prefixes_are_those_in_scope() {
    let text = "<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:a' xmlns:p='urn:a'>
        <complexType name='T'><sequence><element name='a' xmlns:p='http://www.w3.org/2001/XMLSchema' type='p:int'/>
        <x:element xmlns:x='http://www.w3.org/2001/XMLSchema' name='b' type='p:T' minOccurs='0' xmlns=''/></sequence></complexType>
        </schema>";
    check_has(
        &rust(&Import::text("t.xsd", text)),
        &["    pub a: i32,", "    pub b: Option<Box<T>>,"],
    );
}

#[test]
fn documentation_is_text_and_never_code() {
    let text = "<schema xmlns='http://www.w3.org/2001/XMLSchema'><complexType name='T'><annotation><documentation>

            ```
            panic!()
            ```
                fn indented() {}

            - a [link] *b* _c_ # d
            # head\u{202e} */ http://example.org
        </documentation></annotation></complexType></schema>";
    let rust = rust(&Import::text("t.xsd", text));
    check_has(
        &rust,
        &[
            "///\n/// \\`\\`\\`\n/// panic!()\n/// \\`\\`\\`\n/// fn indented() {}\n///\n/// \\- a \\[link\\] \\*b\\* \\_c\\_ \\# d\n\
             /// \\# head \\*/ http\\://example.org\n#[derive",
        ],
    );
}

#[test]
fn names_of_xml_cannot_leave_their_quotes() {
    let text = "<schema xmlns='http://www.w3.org/2001/XMLSchema'><complexType name='T&quot;)] struct X; //`'><sequence>
        <element name='a&#10;&quot;b\\' type='string' default='&quot;&#10;`'/></sequence></complexType></schema>";
    let rust = rust(&Import::text("t.xsd", text));
    check_has(
        &rust,
        &[
            "rename = \"T\\\")] struct X; //`\"",
            "rename = \"a\\n\\\"b\\\\\"",
        ],
    );
    let file = syn::parse_file(&rust).expect("it is Rust");
    assert_eq!(file.items.len(), 1, "{rust}");
}
