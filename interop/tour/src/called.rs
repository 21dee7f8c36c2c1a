//! Peers that call the exported object. What they print is compared with what the object knows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmix_peers::soap::SoapVersion;
use serde_json::{Value, json};

use crate::object::Station;
use crate::peers::Peers;
use crate::report::Report;

/// Calls whose median a peer reports as its round trip.
const CALLS: &str = "200";
const DIRECTION: &str = "calls us";

/// What a peer is asked to do, and what it must print.
struct Step {
    mode: &'static str,
    arguments: &'static [&'static str],
    expected: Value,
}

fn steps() -> Vec<Step> {
    let step = |mode, arguments, expected| Step {
        mode,
        arguments,
        expected,
    };
    vec![
        step(
            "call",
            &["latest", "Oslo"],
            json!({"ok": {"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000}}),
        ),
        step(
            "declared fault",
            &["latest", "Atlantis"],
            json!({"error": {"UnknownPlace": "Atlantis"}}),
        ),
        step(
            "array of f64",
            &["mean", "1", "2.5", "4"],
            json!({"ok": 2.5}),
        ),
    ]
}

type Ask = Box<dyn Fn(&[&str]) -> Result<Value, String> + Send + Sync>;

/// The C client made by rpcgen, over Sun RPC.
pub(crate) async fn by_c(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let place = ("sunrpc+tcp", "C (libtirpc, rpcgen)", DIRECTION);
    let address = station.address("sunrpc+tcp");
    let peers = peers.clone();
    let ask: Result<Ask, String> = address.and_then(|(host, port)| {
        peers.c.as_ref().map_err(Clone::clone)?;
        let port = port.to_string();
        let ask = move |arguments: &[&str]| {
            let client = peers.c.as_ref().map_err(Clone::clone)?;
            let mut all = vec![host.as_str(), port.as_str()];
            all.extend_from_slice(arguments);
            client.client(&all).map_err(|failure| failure.to_string())
        };
        Ok(Box::new(ask) as Ask)
    });
    visit(report, station, place, ask).await;
}

/// The Python client on aio-msgpack-rpc, over TCP and over a Unix socket.
pub(crate) async fn by_python(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let tcp = station
        .address("msgpack+tcp")
        .map(|(host, port)| format!("{host}:{port}"));
    for (link, address) in [("msgpack+tcp", tcp), ("msgpack+unix", station.socket())] {
        let place = (link, "Python (aio-msgpack-rpc)", DIRECTION);
        let peers = peers.clone();
        let ask: Result<Ask, String> = address.and_then(|address| {
            peers.python.as_ref().map_err(Clone::clone)?;
            let ask = move |arguments: &[&str]| {
                let client = peers.python.as_ref().map_err(Clone::clone)?;
                let mut all = vec![address.as_str()];
                all.extend_from_slice(arguments);
                client.client(&all).map_err(|failure| failure.to_string())
            };
            Ok(Box::new(ask) as Ask)
        });
        visit(report, station, place, ask).await;
    }
}

/// The Java client of wsimport, by both versions of SOAP. It reads our description at run time.
pub(crate) async fn by_java(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let address = station.address("soap+http");
    for (peer, version) in [
        ("Java (JAX-WS, SOAP 1.1)", SoapVersion::V11),
        ("Java (JAX-WS, SOAP 1.2)", SoapVersion::V12),
    ] {
        let place = ("soap+http", peer, DIRECTION);
        let ask: Result<Ask, String> = address.clone().and_then(|(host, port)| {
            let wsdl = format!("http://{host}:{port}/station?wsdl");
            let java = peers.java.as_ref().map_err(Clone::clone)?;
            let client = java.start_client(&wsdl, version);
            let client = Mutex::new(client.map_err(|failure| failure.to_string())?);
            let ask = move |arguments: &[&str]| {
                let mut client = client.lock().unwrap_or_else(PoisonError::into_inner);
                let answer = client.ask(arguments);
                answer.map_err(|failure| failure.to_string())
            };
            Ok(Box::new(ask) as Ask)
        });
        visit(report, station, place, ask).await;
    }
}

async fn visit(
    report: &mut Report,
    station: &Station,
    place: (&str, &str, &str),
    ask: Result<Ask, String>,
) {
    let ask: Arc<Ask> = match ask {
        Ok(ask) => Arc::new(ask),
        Err(why) => {
            report.outcome(place, "all", Err(why));
            return;
        }
    };
    report.now(format!("{} calls the object over {}", place.1, place.0));
    for step in steps() {
        let outcome = run(&ask, step.arguments).await.and_then(|printed| {
            if printed != step.expected {
                return Err(format!("it printed {printed} instead of {}", step.expected));
            }
            Ok((printed.to_string(), None))
        });
        report.outcome(place, step.mode, outcome);
    }
    report.outcome(place, "one-way, then count", one_way(station, &ask).await);
    let outcome = run(&ask, &["bench", "latest", CALLS])
        .await
        .and_then(|printed| {
            let median = printed.pointer("/ok/p50_us").and_then(Value::as_f64);
            let median = median.ok_or_else(|| format!("it printed {printed}, without a p50_us"))?;
            let time = Duration::from_secs_f64(median / 1e6);
            Ok((format!("{CALLS} calls"), Some(time)))
        });
    report.outcome(place, "round trip", outcome);
}

/// A report without an answer, which the object must have counted when the same connection asks.
async fn one_way(station: &Station, ask: &Arc<Ask>) -> Result<(String, Option<Duration>), String> {
    use rmix_tour::Station as _;
    let before = station.object.count().await;
    let printed = run(ask, &["report", "Voss", "4.5", "1700000120"]).await?;
    if printed != json!({"ok": before + 1}) {
        return Err(format!(
            "it printed {printed}, the object had {before} reports before"
        ));
    }
    let stored = station.object.latest("Voss".to_owned()).await;
    match stored {
        Ok(reading) if reading.celsius == 4.5 => Ok((printed.to_string(), None)),
        other => Err(format!("the object has {other:?}")),
    }
}

/// Runs the peer off the reactor's threads: it is a process that is waited for.
async fn run(ask: &Arc<Ask>, arguments: &'static [&'static str]) -> Result<Value, String> {
    let ask = ask.clone();
    let done = tokio::task::spawn_blocking(move || ask(arguments)).await;
    done.unwrap_or_else(|failure| Err(failure.to_string()))
}
