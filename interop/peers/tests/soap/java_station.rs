//! The weather station in Java: its client at its server, by both versions of SOAP.

use rmix_peers::soap::{JavaStation, SoapVersion};
use serde_json::json;

use crate::{kept_folder, ok};

#[test]
fn java_client_of_the_station_is_served_by_the_java_server() {
    let station = ok(JavaStation::prepare(&kept_folder("soap-java-station")));
    let server = ok(station.start_server());
    let versions = [
        (SoapVersion::V11, "station", 1),
        (SoapVersion::V12, "station12", 2),
    ];
    for (version, path, count) in versions {
        let wsdl = format!("{}?wsdl", server.endpoint(path));
        let mut client = ok(station.start_client(&wsdl, version));
        let latest = json!({"ok": {"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000}});
        assert_eq!(ok(client.ask(&["latest", "Oslo"])), latest);
        let fault = json!({"error": {"UnknownPlace": "Atlantis"}});
        assert_eq!(ok(client.ask(&["latest", "Atlantis"])), fault);
        let mean = ok(client.ask(&["mean", "1", "2.5", "4"]));
        assert_eq!(mean, json!({"ok": 2.5}));
        let reported = ok(client.ask(&["report", "Voss", "4.5", "1700000120"]));
        assert_eq!(reported, json!({"ok": count}));
        let bench = ok(client.ask(&["bench", "latest", "3"]));
        assert!(bench.pointer("/ok/p50_us").is_some(), "{bench}");
    }
    ok(server.stop());
}

#[test]
fn java_client_of_the_station_says_that_there_is_none() {
    let station = ok(JavaStation::prepare(&kept_folder("soap-java-station")));
    // Port 1 is reserved, and nobody listens.
    let mut client = ok(station.start_client("http://127.0.0.1:1/?wsdl", SoapVersion::V11));
    let error = client.ask(&["count"]).unwrap_err().to_string();
    assert!(error.contains("ended with"), "{error}");
}
