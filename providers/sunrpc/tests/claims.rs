//! Credentials as the object sees them, and those that a listener refuses.

use rmix::ErrorKind;

use crate::udp::{serve, stub};

const LAB: &str = "auth=sys&uid=1001&gid=2002&gids=3,4&machine=lab%20pc";

#[test]
fn credential_is_a_claim_that_the_object_may_look_at() {
    for scheme in ["sunrpc+tcp", "sunrpc+udp"] {
        let served = serve(scheme, "");
        let plain = stub(&served.runtime, &served.endpoint);
        let claiming = stub(&served.runtime, &format!("{}?{LAB}", served.endpoint));
        let who = plain.blocking().who().unwrap();
        assert!(
            who.starts_with("127.0.0.1:") && !who.contains("claims"),
            "{who}"
        );
        let who = claiming.blocking().who().unwrap();
        let claim = "(claims sys uid=1001 gid=2002 gids=3,4 machine=lab%20pc)";
        assert!(
            who.starts_with("127.0.0.1:") && who.ends_with(claim),
            "{who}"
        );
    }
    assert_eq!(rmix::caller(), None);
}

#[test]
fn listener_may_refuse_claims() {
    let served = serve("sunrpc+tcp", "?auth_sys=none");
    let claiming = stub(&served.runtime, &format!("{}?{LAB}", served.endpoint));
    let denied = claiming.blocking().who().unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied, "{denied}");
    assert!(denied.to_string().contains("TooWeak"), "{denied}");
    let plain = stub(&served.runtime, &served.endpoint);
    assert!(plain.blocking().who().is_ok());
}
