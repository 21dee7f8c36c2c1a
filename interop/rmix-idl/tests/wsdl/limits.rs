//! Every limit: what is at it is read, what is one beyond is refused by the limit's name.

use rmix_idl::IdlError;
use rmix_idl::wsdl::{Import, Limits};

use super::operations::text;
use super::schema;

/// Reads `at` and refuses `beyond`, both with the limit set by `set`.
#[track_caller]
fn check(name: &str, set: impl Fn(&mut Limits), at: &str, beyond: &str) {
    let mut limits = Limits::default();
    set(&mut limits);
    let empty = "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'/>";
    let import = |text: &str| {
        let import = Import::text("t.xsd", text).limits(limits);
        import
            .add_text("1.xsd", empty)
            .add_text("2.xsd", empty)
            .description()
    };
    if let Err(error) = import(at) {
        panic!("at the limit: {error}");
    }
    match import(beyond) {
        Err(IdlError::Limit { limit, .. }) => assert_eq!(limit, name),
        other => panic!("beyond the limit: {other:?}"),
    }
}

#[test]
fn bytes_of_a_file() {
    let at = "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'/>";
    check(
        "file_bytes_max",
        |l| l.file_bytes_max = at.len(),
        at,
        &format!("{at} "),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.xsd");
    let mut limits = Limits::default();
    limits.file_bytes_max = at.len();
    std::fs::write(&path, at).expect("it is written");
    let import = Import::new(&path).limits(limits);
    assert!(import.description().is_ok());
    std::fs::write(&path, format!("{at} ")).expect("it is written");
    assert!(matches!(
        import.description(),
        Err(IdlError::Limit {
            limit: "file_bytes_max",
            ..
        })
    ));
}

#[test]
fn bytes_of_all_files() {
    let empty = "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'/>";
    let at = schema("<x:include schemaLocation='1.xsd'/><x:include schemaLocation='2.xsd'/>");
    let max = at.len() + 2 * empty.len();
    check(
        "total_bytes_max",
        |l| l.total_bytes_max = max,
        &at,
        &format!("{at} "),
    );
    check(
        "total_bytes_max",
        |l| l.total_bytes_max = empty.len(),
        empty,
        &format!("{empty} "),
    );
    // One large file is read again for each namespace that it takes, and counted as often.
    assert_eq!(Limits::default().total_bytes_max, 64 << 20);
    let large = format!("{empty}{}", " ".repeat((16 << 20) - empty.len()));
    let including = |n: usize| {
        format!(
            "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:{n}'>\
             <x:include schemaLocation='large.xsd'/></x:schema>"
        )
    };
    let imports: String = (0..4)
        .map(|n| format!("<x:import namespace='urn:{n}' schemaLocation='{n}.xsd'/>"))
        .collect();
    let mut import = Import::text("t.xsd", schema(&imports)).add_text("large.xsd", large);
    for n in 0..4 {
        import = import.add_text(format!("{n}.xsd"), including(n));
    }
    match import.description() {
        Err(IdlError::Limit { limit, place, .. }) => {
            assert_eq!(limit, "total_bytes_max");
            assert!(place.to_string().starts_with("3.xsd:1:"), "{place}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files() {
    let one = "<x:include schemaLocation='1.xsd'/>";
    check(
        "files_max",
        |l| l.files_max = 2,
        &schema(&one.repeat(3)),
        &schema(&format!("{one}<x:include schemaLocation='2.xsd'/>")),
    );
}

#[test]
fn depth_and_number_of_elements() {
    let nested = |depth: usize| {
        let inner = "<x:sequence>".repeat(depth) + &"</x:sequence>".repeat(depth);
        schema(&format!("<x:complexType name='T'>{inner}</x:complexType>"))
    };
    check("depth_max", |l| l.depth_max = 10, &nested(8), &nested(9));
    let flat = |count: usize| schema(&"<x:annotation/>".repeat(count));
    check("elements_max", |l| l.elements_max = 10, &flat(9), &flat(10));
}

#[test]
fn attributes_and_lengths_of_names() {
    let attributes = |count: usize| {
        let all: String = (0..count).map(|n| format!(" a{n}=''")).collect();
        schema(&format!("<x:annotation{all}/>"))
    };
    check(
        "attributes_max",
        |l| l.attributes_max = 20,
        &attributes(20),
        &attributes(21),
    );
    let declared = |count: usize| {
        let all: String = (0..count).map(|n| format!(" xmlns:a{n}='u'")).collect();
        schema(&format!("<x:annotation{all}/>"))
    };
    check(
        "attributes_max",
        |l| l.attributes_max = 20,
        &declared(20),
        &declared(21),
    );
    let element = |length: usize| {
        schema(&format!(
            "<x:annotation><{}/></x:annotation>",
            "e".repeat(length)
        ))
    };
    check(
        "name_length_max",
        |l| l.name_length_max = 40,
        &element(40),
        &element(41),
    );
    let attribute = |length: usize| schema(&format!("<x:annotation {}=''/>", "e".repeat(length)));
    check(
        "name_length_max",
        |l| l.name_length_max = 40,
        &attribute(40),
        &attribute(41),
    );
    let namespace =
        |length: usize| schema(&format!("<x:annotation xmlns='{}'/>", "e".repeat(length)));
    check(
        "name_length_max",
        |l| l.name_length_max = 40,
        &namespace(40),
        &namespace(41),
    );
}

#[test]
fn types_and_particles() {
    let types = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<x:complexType name='T{n}'/>"))
            .collect();
        schema(&all)
    };
    check("types_max", |l| l.types_max = 5, &types(5), &types(6));
    // The type, its sequence, and what is in that.
    let particles = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<x:element name='e{n}' type='x:int'/>"))
            .collect();
        schema(&format!(
            "<x:complexType name='T'><x:sequence>{all}</x:sequence></x:complexType>"
        ))
    };
    check(
        "particles_max",
        |l| l.particles_max = 12,
        &particles(10),
        &particles(11),
    );
    let attributes = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<x:attribute name='e{n}' type='x:int'/>"))
            .collect();
        schema(&format!("<x:complexType name='T'>{all}</x:complexType>"))
    };
    check(
        "particles_max",
        |l| l.particles_max = 12,
        &attributes(11),
        &attributes(12),
    );
}

#[test]
fn fields_of_a_type() {
    let elements = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<x:element name='e{n}' type='x:int'/>"))
            .collect();
        schema(&format!(
            "<x:complexType name='T'><x:sequence>{all}</x:sequence></x:complexType>"
        ))
    };
    check(
        "members_max",
        |l| l.members_max = 5,
        &elements(5),
        &elements(6),
    );
    let attributes = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<x:attribute name='e{n}' type='x:int'/>"))
            .collect();
        schema(&format!("<x:complexType name='T'>{all}</x:complexType>"))
    };
    check(
        "members_max",
        |l| l.members_max = 5,
        &attributes(5),
        &attributes(6),
    );
}

#[test]
fn namespaces_in_scope() {
    let declared = |count: usize| {
        let all: String = (0..count).map(|n| format!(" xmlns:a{n}='u'")).collect();
        // Siblings are not in each other's scope.
        schema(&format!("<x:annotation{all}/><x:annotation{all}/>"))
    };
    check(
        "namespaces_max",
        |l| l.namespaces_max = 10,
        &declared(8),
        &declared(9),
    );
}

#[test]
fn operations_and_parts() {
    let operations = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<operation name='o{n}'><input message='w:M'/></operation>"))
            .collect();
        text(
            "",
            &format!("<message name='M'/><portType name='P'>{all}</portType>"),
        )
    };
    check(
        "operations_max",
        |l| l.operations_max = 5,
        &operations(5),
        &operations(6),
    );
    let parts = |count: usize| {
        let all: String = (0..count)
            .map(|n| format!("<part name='p{n}' type='x:int'/>"))
            .collect();
        text("", &format!("<message name='M'>{all}</message>"))
    };
    check("parts_max", |l| l.parts_max = 5, &parts(5), &parts(6));
    let headers = |count: usize| {
        let all = "<s:header message='w:M' part='p' use='literal'/>".repeat(count);
        text(
            "",
            &format!(
                "<message name='M'/><portType name='P'/><binding name='B' type='w:P'><s:binding transport='x'/>\
                <operation name='O'><input>{all}</input></operation></binding>"
            ),
        )
    };
    check("parts_max", |l| l.parts_max = 5, &headers(5), &headers(6));
}

#[test]
fn groups_that_double_end() {
    let groups: String = (0..40)
        .map(|n| format!("<x:group name='g{n}'><x:sequence><x:group ref='t:g{0}'/><x:group ref='t:g{0}'/></x:sequence></x:group>", n + 1))
        .collect();
    let text = schema(&format!(
        "{groups}<x:group name='g40'/><x:complexType name='T'><x:group ref='t:g0'/></x:complexType>"
    ));
    match Import::text("t.xsd", text).description() {
        Err(IdlError::Limit {
            limit: "particles_max",
            ..
        }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn nesting_of_types() {
    let chain = |length: usize| {
        let mut all = "<x:complexType name='T0'/>".to_owned();
        for n in 1..length {
            let derived = format!(
                "<x:complexType name='T{n}'><x:complexContent><x:extension base='t:T{}'/></x:complexContent></x:complexType>",
                n - 1
            );
            all.push_str(&derived);
        }
        schema(&all)
    };
    check(
        "nesting_max",
        |l| l.nesting_max = 20,
        &chain(20),
        &chain(21),
    );
    let aliases = |length: usize| {
        let mut all =
            "<x:simpleType name='S0'><x:restriction base='x:int'/></x:simpleType>".to_owned();
        for n in 1..=length {
            let alias = format!(
                "<x:simpleType name='S{n}'><x:restriction base='t:S{}'/></x:simpleType>",
                n - 1
            );
            all.push_str(&alias);
        }
        schema(&all)
    };
    check(
        "nesting_max",
        |l| l.nesting_max = 20,
        &aliases(20),
        &aliases(21),
    );
    let heads = |length: usize| {
        let mut all = "<x:element name='e0' type='x:int'/>".to_owned();
        for n in 1..=length {
            all.push_str(&format!(
                "<x:element name='e{n}' substitutionGroup='t:e{}'/>",
                n - 1
            ));
        }
        schema(&all)
    };
    check(
        "nesting_max",
        |l| l.nesting_max = 20,
        &heads(20),
        &heads(21),
    );
}

#[test]
fn arguments() {
    let rpc = |count: usize| {
        let parts: String = (0..count)
            .map(|n| format!("<part name='p{n}' type='x:int'/>"))
            .collect();
        text(
            "",
            &format!(
                "<message name='M'>{parts}</message><portType name='P'><operation name='O'><input message='w:M'/></operation>\
                 </portType><binding name='B' type='w:P'><s:binding style='rpc' transport='x'/></binding>"
            ),
        )
    };
    check("arguments_max", |l| l.arguments_max = 3, &rpc(3), &rpc(4));
}
