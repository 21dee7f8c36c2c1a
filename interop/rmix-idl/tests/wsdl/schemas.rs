//! Types of XML Schema, construct by construct.

use super::{check_has, check_refused, rust, rust_of_schema};
use rmix_idl::wsdl::Import;

#[test]
fn a_sequence_is_a_struct_whose_fields_are_optional_or_repeated_as_elements_are() {
    let rust = rust_of_schema(
        "<x:complexType name='Order'><x:annotation><x:documentation>An order.</x:documentation></x:annotation>
         <x:sequence>
           <x:element name='number' type='x:int'/>
           <x:element name='note' type='x:string' minOccurs='0'/>
           <x:element name='Item' type='x:double' minOccurs='0' maxOccurs='unbounded'/>
           <x:element name='three' type='x:long' maxOccurs='3'/>
           <x:element name='never' type='x:long' minOccurs='0' maxOccurs='0'/>
         </x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "/// Type `Order` (`complexType`).\n///\n/// An order.\n#[derive(rmix::Data,",
            "#[rmix(namespace = \"urn:t\", qualified)]\npub struct Order {",
            "    pub number: i32,",
            "    pub note: Option<String>,",
            "    #[serde(rename = \"Item\")]\n    pub item: Vec<f64>,",
            "    pub three: Vec<i64>,",
        ],
    );
    assert!(!rust.contains("never"), "{rust}");
}

#[test]
fn builtin_types_are_those_of_rust_or_of_rmix() {
    let pairs = [
        ("string", "String"),
        ("token", "String"),
        ("anyURI", "String"),
        ("QName", "String"),
        ("gYear", "String"),
        ("boolean", "bool"),
        ("byte", "i8"),
        ("short", "i16"),
        ("int", "i32"),
        ("long", "i64"),
        ("integer", "i64"),
        ("negativeInteger", "i64"),
        ("unsignedByte", "u8"),
        ("unsignedShort", "u16"),
        ("unsignedInt", "u32"),
        ("unsignedLong", "u64"),
        ("positiveInteger", "u64"),
        ("float", "f32"),
        ("double", "f64"),
        ("decimal", "rmix::xsd::Decimal"),
        ("dateTime", "rmix::xsd::DateTime"),
        ("date", "rmix::xsd::Date"),
        ("time", "rmix::xsd::Time"),
        ("duration", "rmix::xsd::Duration"),
        ("base64Binary", "Vec<u8>"),
    ];
    for (xsd, expected) in pairs {
        let declaration = format!(
            "<x:complexType name='T'><x:sequence><x:element name='f' type='x:{xsd}'/></x:sequence></x:complexType>"
        );
        check_has(
            &rust_of_schema(&declaration),
            &[&format!("    pub f: {expected},\n")],
        );
    }
}

#[test]
fn hexadecimal_data_and_lists_are_told_by_facets_wherever_their_type_is_named() {
    let rust = rust_of_schema(
        "<x:simpleType name='Key'><x:restriction base='x:hexBinary'><x:length value='4'/></x:restriction></x:simpleType>
         <x:simpleType name='Sums'><x:list itemType='x:int'/></x:simpleType>
         <x:complexType name='T'><x:sequence>
           <x:element name='a' type='x:hexBinary'/><x:element name='b' type='t:Key'/>
           <x:element name='c' type='t:Sums'/>
           <x:element name='d'><x:simpleType><x:list itemType='t:Key'/></x:simpleType></x:element>
           <x:element name='e' type='x:unsignedByte' maxOccurs='9'/>
         </x:sequence><x:attribute name='f' type='x:NMTOKENS'/></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "/// Values are restricted: length `4`.\npub type Key = Vec<u8>;",
            "pub type Sums = Vec<i32>;",
            "    #[rmix(hex)]\n    pub a: Vec<u8>,",
            "    #[rmix(hex)]\n    pub b: Key,",
            "    #[rmix(list)]\n    pub c: Sums,",
            "    #[rmix(list, hex)]\n    pub d: Vec<Key>,",
            // Octets of a number each are no binary data.
            "    pub e: Vec<u16>,",
            "    #[rmix(attribute, list)]\n    pub f: Option<Vec<String>>,",
        ],
    );
}

#[test]
fn nil_and_absent_are_kept_apart() {
    let rust = rust_of_schema(
        "<x:complexType name='T'><x:sequence>
           <x:element name='a' type='x:int' nillable='true'/>
           <x:element name='b' type='x:int' nillable='1' minOccurs='0'/>
           <x:element name='c' type='x:int' nillable='true' maxOccurs='unbounded'/>
         </x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    #[rmix(nillable)]\n    pub a: Option<i32>,",
            "    #[rmix(nillable)]\n    pub b: Option<Option<i32>>,",
            "    #[rmix(nillable)]\n    pub c: Vec<Option<i32>>,",
        ],
    );
}

#[test]
fn a_choice_of_elements_is_an_enum() {
    let rust = rust_of_schema(
        "<x:complexType name='Pay'><x:sequence><x:element name='amount' type='x:int'/>
           <x:choice minOccurs='0'><x:element name='card' type='x:string'/><x:element name='cash' type='x:int'/></x:choice>
         </x:sequence></x:complexType>
         <x:complexType name='Many'><x:choice maxOccurs='unbounded'>
           <x:element name='a' type='x:int'/><x:element name='b' type='x:int' maxOccurs='2'/></x:choice></x:complexType>
         <x:complexType name='Is'><x:choice><x:element name='x' type='x:int'/><x:element name='y' type='x:int'/></x:choice>
         </x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    #[rmix(choice)]\n    pub choice: Option<PayChoice>,",
            "pub enum PayChoice {\n    /// Element `card`.\n    #[serde(rename = \"card\")]\n    Card(String),",
            "    #[rmix(choice)]\n    pub choice: Vec<ManyChoice>,",
            "    #[serde(rename = \"b\")]\n    B(i32),",
            "#[rmix(namespace = \"urn:t\", qualified)]\npub enum Is {",
        ],
    );
}

#[test]
fn a_choice_of_groups_is_optional_fields() {
    let rust = rust_of_schema(
        "<x:complexType name='T'><x:choice>
           <x:sequence><x:element name='a' type='x:int'/><x:element name='b' type='x:int'/></x:sequence>
           <x:sequence><x:element name='a' type='x:int'/><x:element name='c' type='x:int' maxOccurs='2'/></x:sequence>
         </x:choice></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "/// Of these only one is there: the group from `a` on, the group from `a` on.",
            "    pub a: Option<i32>,",
            "    pub b: Option<i32>,",
            "    pub c: Vec<i32>,",
        ],
    );
}

#[test]
fn groups_that_repeat_keep_the_order_of_their_elements() {
    let rust = rust_of_schema(
        "<x:group name='g'><x:sequence><x:element name='k' type='x:string'/><x:element name='v' type='x:int'/></x:sequence>
         </x:group>
         <x:complexType name='Map'><x:group ref='t:g' minOccurs='0' maxOccurs='unbounded'/></x:complexType>
         <x:complexType name='One'><x:sequence maxOccurs='unbounded'><x:element name='i' type='x:int'/></x:sequence>
         </x:complexType>
         <x:complexType name='Once'><x:sequence><x:group ref='t:g'/><x:group ref='t:g' minOccurs='0'/></x:sequence>
         </x:complexType>
         <x:complexType name='Maybe'><x:sequence minOccurs='0'><x:element name='p' type='x:int'/>
           <x:element name='q' type='x:int'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    #[rmix(choice)]\n    pub choice: Vec<MapChoice>,",
            "    K(String),",
            "    pub i: Vec<i32>,",
            "/// All elements `k` are read into one field.",
            "    pub k: Vec<String>,",
            "/// These are there together or not at all: `p`, `q`.",
            "    pub q: Option<i32>,",
        ],
    );
}

#[test]
fn simple_content_is_text_with_attributes() {
    let rust = rust_of_schema(
        "<x:attributeGroup name='ids'><x:attribute name='id' type='x:int' use='required'/>
           <x:attribute ref='t:unit'/></x:attributeGroup>
         <x:attribute name='unit' type='x:string' default='m'/>
         <x:complexType name='Length'><x:simpleContent><x:extension base='x:decimal'>
           <x:attributeGroup ref='t:ids'/><x:attribute ref='xml:lang'/><x:anyAttribute/></x:extension></x:simpleContent>
         </x:complexType>
         <x:complexType name='Short'><x:simpleContent><x:restriction base='t:Length'><x:maxInclusive value='9'/>
           <x:attribute name='id' type='x:short'/><x:attribute ref='t:unit' use='prohibited'/></x:restriction></x:simpleContent>
         </x:complexType>",
    );
    check_has(
        &rust,
        &[
            "/// Attributes that are not named here are left out.",
            "    /// The element's text.\n    #[rmix(text)]\n    pub value: rmix::xsd::Decimal,",
            "    #[rmix(attribute)]\n    pub id: i32,",
            "    /// Default: `m`.\n    #[rmix(attribute, namespace = \"urn:t\")]\n    pub unit: Option<String>,",
            "    #[rmix(attribute, namespace = \"http://www.w3.org/XML/1998/namespace\")]\n    pub lang: Option<String>,",
            "    #[rmix(attribute)]\n    pub id: Option<i16>,",
        ],
    );
    let (_, short) = rust.split_once("pub struct Short").expect("it is there");
    assert!(!short.contains("pub unit"), "{short}");
}

#[test]
fn an_attribute_and_an_element_may_share_a_name() {
    let rust = rust_of_schema(
        "<x:complexType name='T'><x:sequence><x:element name='id' type='x:int'/></x:sequence>
           <x:attribute name='id' type='x:int'/></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    pub id: i32,",
            "    #[serde(rename = \"id_2\")]\n    #[rmix(name = \"id\", attribute)]\n    pub id2: Option<i32>,",
        ],
    );
}

#[test]
fn types_that_extend_others_may_stand_in_their_place() {
    let rust = rust_of_schema(
        "<x:complexType name='Shape' abstract='true'><x:sequence><x:element name='name' type='x:string'/></x:sequence>
         </x:complexType>
         <x:complexType name='Circle'><x:complexContent><x:extension base='t:Shape'>
           <x:sequence><x:element name='radius' type='x:double'/></x:sequence></x:extension></x:complexContent></x:complexType>
         <x:complexType name='Disc'><x:complexContent><x:extension base='t:Circle'>
           <x:attribute name='filled' type='x:boolean'/></x:extension></x:complexContent></x:complexType>
         <x:complexType name='Unit'><x:complexContent><x:restriction base='t:Circle'>
           <x:sequence><x:element name='name' type='x:string'/></x:sequence></x:restriction></x:complexContent></x:complexType>
         <x:complexType name='Drawing'><x:sequence><x:element name='shape' type='t:Shape' maxOccurs='unbounded'/>
           <x:element name='disc' type='t:Disc'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "#[rmix(xsi_type)]\npub enum AnyShape {\n    /// Type `Shape`.\n    Shape(Shape),\n    /// Type `Circle`.\n    \
             Circle(Circle),\n    /// Type `Disc`.\n    Disc(Disc),\n}",
            "`Shape` is abstract",
            "pub struct Disc {\n    /// Element `name`.\n    pub name: String,\n    /// Element `radius`.\n    pub radius: f64,\n    \
             /// Attribute `filled`.\n    #[rmix(attribute)]\n    pub filled: Option<bool>,\n}",
            "pub struct Unit {\n    /// Element `name`.\n    pub name: String,\n}",
            "    pub shape: Vec<AnyShape>,",
            "    pub disc: Disc,",
        ],
    );
}

#[test]
fn what_extends_a_simple_type_does_not_stand_for_it() {
    let rust = rust_of_schema(
        "<x:simpleType name='Code'><x:restriction base='x:string'/></x:simpleType>
         <x:complexType name='Marked'><x:simpleContent><x:extension base='t:Code'><x:attribute name='by' type='x:string'/>
         </x:extension></x:simpleContent></x:complexType>
         <x:complexType name='T'><x:sequence><x:element name='code' type='t:Code'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    pub code: Code,",
            "    #[rmix(text)]\n    pub value: Code,",
        ],
    );
    assert!(!rust.contains("xsi_type"), "{rust}");
}

#[test]
fn types_may_contain_themselves() {
    let rust = rust_of_schema(
        "<x:complexType name='Tree'><x:sequence><x:element name='left' type='t:Tree' minOccurs='0'/>
           <x:element name='all' type='t:Tree' minOccurs='0' maxOccurs='unbounded'/></x:sequence></x:complexType>
         <x:complexType name='A'><x:choice><x:element name='b' type='t:B'/><x:element name='end' type='x:int'/></x:choice>
         </x:complexType>
         <x:complexType name='B'><x:sequence><x:element name='a' type='t:A'/></x:sequence></x:complexType>
         <x:complexType name='Base'><x:sequence/></x:complexType>
         <x:complexType name='More'><x:complexContent><x:extension base='t:Base'><x:sequence>
           <x:element name='inner' type='t:Base'/></x:sequence></x:extension></x:complexContent></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    pub left: Option<Box<Tree>>,",
            "    pub all: Vec<Tree>,",
            "    B(Box<B>),",
            "    pub a: Box<A>,",
            "    Base(Base),",
            "    More(Box<More>),",
            "    pub inner: Box<AnyBase>,",
        ],
    );
}

#[test]
fn every_type_of_a_ring_holds_the_next_in_a_box() {
    let ring: String = [("P", "Q"), ("Q", "R"), ("R", "P")]
        .map(|(name, next)| {
            format!(
                "<x:complexType name='{name}'><x:sequence><x:element name='n' type='t:{next}' minOccurs='0'/>
                   <x:element name='end' type='t:End'/></x:sequence></x:complexType>"
            )
        })
        .concat();
    let rust = rust_of_schema(&format!(
        "<x:complexType name='End'><x:sequence/></x:complexType>{ring}"
    ));
    let boxed = ["P", "Q", "R"].map(|name| format!("    pub n: Option<Box<{name}>>,"));
    for field in &boxed {
        check_has(&rust, &[field.as_str(), "    pub end: End,"]);
    }
}

#[test]
fn substitution_groups_are_enums_by_element() {
    let rust = rust_of_schema(
        "<x:element name='event' type='t:Event' abstract='true'/>
         <x:element name='started' substitutionGroup='t:event'/>
         <x:element name='stopped' type='t:Stopped' substitutionGroup='t:event'/>
         <x:element name='crashed' type='t:Stopped' substitutionGroup='t:stopped'/>
         <x:complexType name='Event'><x:sequence/></x:complexType>
         <x:complexType name='Stopped'><x:complexContent><x:extension base='t:Event'/></x:complexContent></x:complexType>
         <x:complexType name='Log'><x:sequence><x:element ref='t:event' maxOccurs='unbounded'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    #[rmix(choice)]\n    pub event: Vec<Event2>,",
            "    #[serde(rename = \"started\")]\n    Started(AnyEvent),",
            "    #[serde(rename = \"stopped\")]\n    Stopped(Stopped),",
            "    #[serde(rename = \"crashed\")]\n    Crashed(Stopped),",
        ],
    );
    check_refused(
        "<x:element name='e' abstract='true'/>\n<x:complexType name='T'><x:sequence><x:element ref='t:e'/></x:sequence></x:complexType>",
        "t.xsd:3:37: the abstract element `{urn:t}e` is not supported: no element of the files that were read may stand \
         for it; import the schema that has one",
    );
}

#[test]
fn enumerations_have_a_variant_for_each_value() {
    let rust = rust_of_schema(
        "<x:simpleType name='Level'><x:restriction base='t:Word'>
           <x:enumeration value='low'/><x:enumeration value='Very High'><x:annotation><x:documentation>The most.
           </x:documentation></x:annotation></x:enumeration><x:enumeration value='1.5'/><x:enumeration value=''/>
           <x:enumeration value='low'/><x:enumeration value='LOW'/><x:enumeration value='self'/><x:enumeration value='&lt;&quot;'/>
         </x:restriction></x:simpleType>
         <x:simpleType name='Word'><x:restriction base='x:string'/></x:simpleType>
         <x:complexType name='T'><x:sequence><x:element name='kind'><x:simpleType><x:restriction base='x:int'>
           <x:enumeration value='1'/></x:restriction></x:simpleType></x:element></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "    #[serde(rename = \"low\")]\n    Low,",
            "    /// Value `Very High`.\n    ///\n    /// The most.\n    #[serde(rename = \"Very High\")]\n    VeryHigh,",
            "    #[serde(rename = \"1.5\")]\n    Variant15,",
            "    #[serde(rename = \"\")]\n    Empty,",
            "    #[serde(rename = \"LOW\")]\n    Low2,",
            "    #[serde(rename = \"self\")]\n    Self_,",
            "    #[serde(rename = \"<\\\"\")]\n",
            "    pub kind: TKind,",
            "pub enum TKind {",
        ],
    );
}

#[test]
fn unions_are_text_and_wildcards_are_told() {
    let rust = rust_of_schema(
        "<x:simpleType name='U'><x:union memberTypes='x:int t:V'><x:simpleType><x:restriction base='x:date'/></x:simpleType>
         </x:union></x:simpleType>
         <x:simpleType name='V'><x:restriction base='x:string'><x:pattern value='a|`b`'/></x:restriction></x:simpleType>
         <x:complexType name='T' mixed='true'><x:sequence><x:element name='u' type='t:U'/><x:element name='any' type='x:anyType'/>
           <x:element name='bare'/><x:any processContents='lax'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "/// Values of one of several types, as their text.\npub type U = String;",
            "/// Values are restricted: pattern `a|'b'`.",
            "/// Text between the elements is left out.\n///\n/// Elements that are not named here are left out.",
            "    pub u: U,",
            "    /// Any content; only its text is here.\n    pub any: String,",
            "    pub bare: String,",
        ],
    );
}

#[test]
fn qualification_is_said_where_it_differs() {
    let text = "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:u' attributeFormDefault='qualified'>
        <x:complexType name='T'><x:sequence><x:element name='a' type='x:int'/><x:element name='b' type='x:int'/>
          <x:element name='c' type='x:int' form='qualified'/></x:sequence><x:attribute name='d' type='x:int'/></x:complexType>
        </x:schema>";
    check_has(
        &rust(&Import::text("u.xsd", text)),
        &[
            "#[rmix(namespace = \"urn:u\")]\npub struct T {",
            "    pub b: i32,",
            "    #[rmix(namespace = \"urn:u\")]\n    pub c: i32,",
            "    #[rmix(attribute, namespace = \"urn:u\")]\n    pub d: Option<i32>,",
        ],
    );
    let rust = rust_of_schema(
        "<x:complexType name='T'><x:sequence><x:element name='a' type='x:int'/>
           <x:element name='b' type='x:int' form='unqualified'/></x:sequence></x:complexType>",
    );
    check_has(
        &rust,
        &[
            "#[rmix(namespace = \"urn:t\", qualified)]\npub struct T",
            "    #[rmix(unqualified)]\n    pub b: i32,",
        ],
    );
}

#[test]
fn arrays_within_an_element_are_vectors_where_a_field_holds_them() {
    let declarations = "<x:complexType name='Words'><x:sequence>
           <x:element name='word' type='x:string' minOccurs='0' maxOccurs='unbounded'/></x:sequence></x:complexType>
         <x:complexType name='T'><x:sequence><x:element name='words' type='t:Words' minOccurs='0'/>
           <x:element name='lines' type='t:Words' maxOccurs='2'/></x:sequence></x:complexType>";
    check_has(
        &rust_of_schema(declarations),
        &[
            "    #[rmix(wrapped = \"word\")]\n    pub words: Option<Vec<String>>,",
            "    pub lines: Vec<Words>,",
            "pub struct Words {",
        ],
    );
    let keep = rmix_idl::wsdl::Generate::new().keep_arrays(true);
    let import = Import::text("t.xsd", super::schema(declarations)).generate(keep);
    check_has(&rust(&import), &["    pub words: Option<Words>,"]);
}

#[test]
fn names_that_collide_or_are_keywords_are_told_apart() {
    let rust = rust_of_schema(
        "<x:complexType name='my-type'><x:sequence><x:element name='type' type='x:int'/><x:element name='Type' type='x:int'/>
           <x:element name='self' type='x:int'/><x:element name='a.b' type='x:int'/><x:element name='größe' type='x:int'/>
           <x:element name='_' type='x:int'/></x:sequence></x:complexType>
         <x:complexType name='myType'><x:sequence/></x:complexType>
         <x:complexType name='Option'><x:sequence/></x:complexType>
         <x:element name='myType'><x:complexType><x:sequence><x:element name='inner'><x:complexType><x:sequence/></x:complexType>
         </x:element></x:sequence></x:complexType></x:element>",
    );
    check_has(
        &rust,
        &[
            "#[serde(rename = \"my-type\")]\n#[rmix(namespace = \"urn:t\", qualified)]\npub struct MyType {",
            "    pub r#type: i32,",
            "    #[serde(rename = \"Type\")]\n    pub type2: i32,",
            "    #[serde(rename = \"self\")]\n    pub self_: i32,",
            "    #[serde(rename = \"a.b\")]\n    pub a_b: i32,",
            "    pub größe: i32,",
            "pub struct MyType2 {",
            "pub struct OptionType {",
            "pub struct MyType3 {",
            "    pub inner: MyTypeInner,",
        ],
    );
}

#[test]
fn names_that_are_not_defined_are_refused_with_their_place() {
    check_refused(
        "<x:complexType name='T'><x:sequence>\n<x:element name='a' type='t:Gone'/></x:sequence></x:complexType>",
        "t.xsd:3:1: the type `{urn:t}Gone` is not defined: the schema that defines it may not be imported with its location",
    );
    check_refused(
        "<x:element name='a' type='u:Gone'/>",
        "t.xsd:2:1: the prefix `u` of `u:Gone` is not declared",
    );
    check_refused(
        "<x:element name='a' type='x:strin'/>",
        "t.xsd:2:1: the type `{http://www.w3.org/2001/XMLSchema}strin` is not defined: its namespace has no such name",
    );
    check_refused(
        "<x:complexType name='T'><x:group ref='t:g'/></x:complexType>",
        "t.xsd:2:25: the group `{urn:t}g` is not defined: the schema that defines it may not be imported with its location",
    );
    check_refused(
        "<x:complexType name='T'/>\n<x:simpleType name='T'><x:restriction base='x:int'/></x:simpleType>",
        "t.xsd:3:1: `{urn:t}T` is already defined at t.xsd:2:1",
    );
}

#[test]
fn declarations_that_lead_back_to_themselves_are_refused() {
    check_refused(
        "<x:simpleType name='A'><x:restriction base='t:B'/></x:simpleType>
         <x:simpleType name='B'><x:restriction base='t:A'/></x:simpleType>",
        "t.xsd:2:1: `{urn:t}A` is a type that restricts itself",
    );
    check_refused(
        "<x:group name='g'><x:sequence><x:group ref='t:g'/></x:sequence></x:group>
         <x:complexType name='T'><x:group ref='t:g'/></x:complexType>",
        "t.xsd:2:19: more than 128 allowed by the limit `nesting_max`",
    );
    check_refused(
        "<x:complexType name='T'><x:complexContent><x:extension base='t:T'/></x:complexContent></x:complexType>",
        "t.xsd:2:1: more than 128 allowed by the limit `nesting_max`",
    );
}
