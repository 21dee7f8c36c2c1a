//! What a codec keeps beside a message, and types that are described after others have referred to them.

use std::sync::Arc;

use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, MethodDesc, Schema, TypeDesc, style, type_kind,
};
use rmix_abi::tables::{Buf, Dec, Enc, profile};

use crate::events::LINES;
use crate::tagged::TAGGED;

fn encoder() -> Enc {
    Enc::new(Buf::new(), &LINES, profile::NONE, 100)
}

#[test]
fn value_is_kept_under_its_type_alone_and_taken_once() {
    let mut enc = encoder();
    assert_eq!(enc.kept::<u64>(), None);
    enc.keep(7u64);
    assert_eq!(enc.kept::<i64>(), None);
    assert_eq!(enc.take_kept::<String>(), None);
    *enc.kept::<u64>().unwrap() += 1;
    assert_eq!(enc.take_kept::<u64>(), Some(8));
    assert_eq!(enc.take_kept::<u64>(), None);
}

#[test]
fn value_dies_with_the_message_or_by_the_next_one() {
    let counted = Arc::new(());
    let mut enc = encoder();
    enc.keep(counted.clone());
    enc.keep(counted.clone());
    assert_eq!(Arc::strong_count(&counted), 2);
    drop(enc);
    assert_eq!(Arc::strong_count(&counted), 1);
    let mut dec = Dec::over(bytes::Bytes::new(), &TAGGED, profile::NONE, 1, 1);
    dec.keep(counted.clone());
    assert!(dec.kept::<Arc<()>>().is_some());
    drop(dec);
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[test]
fn type_described_later_may_contain_itself() {
    let (node, describe) = Schema::later();
    assert_eq!(node.get().kind, type_kind::UNIT);
    let fields = vec![FieldDesc::new("next", node)].leak();
    describe(TypeDesc::structure(type_kind::STRUCT, "Node", fields));
    let found = node.get();
    assert_eq!(found.name(), "Node");
    assert!(std::ptr::eq(found.fields()[0].ty(), found));
}

#[test]
fn operations_described_at_run_time_lead_to_their_interface() {
    let methods = vec![
        MethodDesc::dynamic("a", 1, 0),
        MethodDesc::dynamic("b", 2, 0),
    ];
    let interface = InterfaceDesc::leak("I", "urn:i", (3, 4), style::RPC, methods);
    assert_eq!((interface.name(), interface.namespace()), ("I", "urn:i"));
    assert_eq!(
        (interface.program, interface.version, interface.style),
        (3, 4, style::RPC)
    );
    let methods = interface.methods();
    assert_eq!(
        methods.iter().map(MethodDesc::name).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(
        methods
            .iter()
            .all(|method| std::ptr::eq(method.interface().unwrap(), interface))
    );
    assert!(MethodDesc::dynamic("c", 1, 0).interface().is_none());
}
