//! Peers that the same trait calls: synchronous, asynchronous, started and one-way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmix::{CallError, Value};
use rmix_peers::soap::SoapServer;
use rmix_tour::{MyStation, NvimStub, Reading, StationError, StationSkeleton, StationStub};

use crate::object::Station;
use crate::peers::Peers;
use crate::report::Report;

/// Calls whose median is the round trip.
const CALLS: usize = 200;
const DIRECTION: &str = "called by us";
const WAIT: Duration = Duration::from_secs(10);

type Outcome = Result<(String, Option<Duration>), String>;

fn text(failure: impl std::fmt::Display) -> String {
    failure.to_string()
}

/// The C server made by rpcgen.
pub(crate) async fn c(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let place = ("sunrpc+tcp", "C (libtirpc, rpcgen)", DIRECTION);
    let server = station
        .needs("sunrpc")
        .and_then(|()| peers.c.as_ref().map_err(Clone::clone))
        .and_then(|c| c.start_server().map_err(text));
    match server {
        Err(why) => report.outcome(place, "all", Err(why)),
        Ok(server) => {
            let endpoint = format!("sunrpc+tcp://{}/0x20000042/1", server.address());
            visit(report, station, place, &endpoint).await;
        }
    }
}

/// The Python server on aio-msgpack-rpc, over TCP and over a Unix socket.
pub(crate) async fn python(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let ready = station
        .needs("msgpack")
        .and_then(|()| peers.python.as_ref().map_err(Clone::clone));
    let place = ("msgpack+tcp", "Python (aio-msgpack-rpc)", DIRECTION);
    match ready
        .clone()
        .and_then(|python| python.start_server_tcp().map_err(text))
    {
        Err(why) => report.outcome(place, "all", Err(why)),
        Ok(server) => {
            let endpoint = format!("msgpack+tcp://{}", server.address());
            visit(report, station, place, &endpoint).await;
        }
    }
    let place = ("msgpack+unix", "Python (aio-msgpack-rpc)", DIRECTION);
    let path = station.folder.path().join("python.sock");
    match ready.and_then(|python| python.start_server_unix(&path).map_err(text)) {
        Err(why) => report.outcome(place, "all", Err(why)),
        Ok(server) => {
            let endpoint = format!("msgpack+unix:{}", server.path().display());
            visit(report, station, place, &endpoint).await;
        }
    }
}

/// The Java server on JAX-WS, by both versions of SOAP.
pub(crate) async fn java(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    report.now("a Java server starts");
    let server = start_java(station, peers).await;
    for (peer, path, version) in [
        ("Java (JAX-WS, SOAP 1.1)", "station", "1.1"),
        ("Java (JAX-WS, SOAP 1.2)", "station12", "1.2"),
    ] {
        let place = ("soap+http", peer, DIRECTION);
        match &server {
            Err(why) => report.outcome(place, "all", Err(why.clone())),
            Ok(server) => {
                let endpoint = format!("soap+{}?version={version}", server.endpoint(path));
                visit(report, station, place, &endpoint).await;
            }
        }
    }
}

/// Off the reactor's threads: a JVM is waited for.
async fn start_java(station: &Station, peers: &Arc<Peers>) -> Result<SoapServer, String> {
    station.needs("soap")?;
    let peers = peers.clone();
    let starting = tokio::task::spawn_blocking(move || {
        let java = peers.java.as_ref().map_err(Clone::clone)?;
        java.start_server().map_err(text)
    });
    starting.await.map_err(text)?
}

async fn visit(report: &mut Report, station: &Station, place: (&str, &str, &str), endpoint: &str) {
    report.now(format!("the trait calls {} over {}", place.1, place.0));
    let stub: StationStub = match station.runtime.bind(endpoint).await {
        Ok(stub) => stub,
        Err(failure) => {
            report.outcome(place, "all", Err(text(failure)));
            return;
        }
    };
    report.outcome(place, "asynchronous", asynchronous(&stub).await);
    report.outcome(place, "declared fault", fault(&stub).await);
    report.outcome(place, "array of f64", array(&stub).await);
    report.outcome(place, "one-way, then count", one_way(&stub).await);
    let other = stub.clone();
    let done = tokio::task::spawn_blocking(move || (synchronous(&other), started(&other))).await;
    match done {
        Err(failure) => report.outcome(place, "synchronous", Err(text(failure))),
        Ok((synchronous, started)) => {
            report.outcome(place, "synchronous", synchronous);
            report.outcome(place, "started", started);
        }
    }
}

fn oslo() -> Reading {
    Reading {
        place: "Oslo".to_owned(),
        celsius: -3.5,
        at: 1_700_000_000,
    }
}

fn check_oslo(reading: Reading) -> Result<String, String> {
    if reading != oslo() {
        return Err(format!("{reading:?} instead of {:?}", oslo()));
    }
    Ok(format!("{} {} °C", reading.place, reading.celsius))
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

async fn asynchronous(stub: &StationStub) -> Outcome {
    let shown = check_oslo(stub.latest("Oslo".to_owned()).await.map_err(text)?)?;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        stub.latest("Oslo".to_owned()).await.map_err(text)?;
        times.push(began.elapsed());
    }
    Ok((shown, median(times)))
}

fn synchronous(stub: &StationStub) -> Outcome {
    let blocking = stub.blocking();
    let shown = check_oslo(blocking.latest("Oslo".to_owned()).map_err(text)?)?;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        blocking.latest("Oslo".to_owned()).map_err(text)?;
        times.push(began.elapsed());
    }
    Ok((shown, median(times)))
}

/// Sixteen calls on their way at once, each answer checked.
fn started(stub: &StationStub) -> Outcome {
    let start = stub.start();
    let pending: Vec<_> = (0..16_u32)
        .map(|number| {
            (
                number,
                start.mean(vec![f64::from(number), f64::from(number) + 1.0]),
            )
        })
        .collect();
    for (number, mut pending) in pending {
        let outcome = pending.wait(WAIT);
        let mean = outcome.ok_or("no answer in time")?.map_err(text)?;
        if mean != f64::from(number) + 0.5 {
            return Err(format!("call {number} was answered with {mean}"));
        }
    }
    Ok(("16 at once".to_owned(), None))
}

async fn fault(stub: &StationStub) -> Outcome {
    match stub.latest("Atlantis".to_owned()).await {
        Err(CallError::Fault(StationError::UnknownPlace(place))) if place == "Atlantis" => {
            Ok((format!("UnknownPlace({place:?})"), None))
        }
        other => Err(format!("{other:?} instead of the fault")),
    }
}

async fn array(stub: &StationStub) -> Outcome {
    let mean = stub.mean(vec![1.0, 2.5, 4.0]).await.map_err(text)?;
    if mean != 2.5 {
        return Err(format!("the mean is {mean} instead of 2.5"));
    }
    Ok((format!("mean {mean}"), None))
}

async fn one_way(stub: &StationStub) -> Outcome {
    let before = stub.count().await.map_err(text)?;
    let reading = Reading {
        place: "Voss".to_owned(),
        ..oslo()
    };
    for _ in 0..10 {
        stub.report(reading.clone()).await.map_err(text)?;
    }
    let after = stub.count().await.map_err(text)?;
    if after != before + 10 {
        return Err(format!(
            "{} of 10 one-way calls were counted",
            after - before
        ));
    }
    Ok(("10 one-way calls counted".to_owned(), None))
}

/// Neovim as a child: called over its standard input and output, and calling the object back over the same pipes.
pub(crate) async fn neovim(report: &mut Report, station: &Station, peers: &Arc<Peers>) {
    let place = ("pipe+exec", "Neovim (nvim --embed)", DIRECTION);
    report.now("Neovim is called, and calls back");
    let object = Arc::new(MyStation::default());
    let ready = station.needs("pipe").and_then(|()| peers.neovim.clone());
    let command = match ready {
        Ok(command) => command,
        Err(why) => return report.outcome(place, "all", Err(why)),
    };
    let bound = station
        .runtime
        .bind::<NvimStub>(format!("pipe+exec:{command}"))
        .serve(StationSkeleton::from_arc(object.clone()))
        .await;
    let nvim = match bound {
        Ok(nvim) => nvim,
        Err(failure) => return report.outcome(place, "all", Err(text(failure))),
    };
    report.outcome(place, "asynchronous", evaluate(&nvim).await);
    let other = nvim.clone();
    let done = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let result = other.blocking().eval("6 * 7".to_owned()).map_err(text)?;
        Ok((show(&result), Some(began.elapsed())))
    });
    report.outcome(
        place,
        "synchronous",
        done.await.unwrap_or_else(|failure| Err(text(failure))),
    );
    report.outcome(place, "one-way, then call", command_then_ask(&nvim).await);
    let place = ("pipe+exec", "Neovim (nvim --embed)", "calls us");
    report.outcome(place, "calls back in mid-call", calls_back(&nvim).await);
}

fn show(value: &Value) -> String {
    format!("{value:?}")
}

async fn evaluate(nvim: &NvimStub) -> Outcome {
    let answer = nvim.eval("6 * 7".to_owned()).await.map_err(text)?;
    if answer != Value::Int(42) {
        return Err(format!("6 * 7 is {answer:?}"));
    }
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        nvim.eval("6 * 7".to_owned()).await.map_err(text)?;
        times.push(began.elapsed());
    }
    Ok(("6 * 7 = 42".to_owned(), median(times)))
}

async fn command_then_ask(nvim: &NvimStub) -> Outcome {
    nvim.command("let g:seen = 7".to_owned())
        .await
        .map_err(text)?;
    let seen = nvim.eval("g:seen".to_owned()).await.map_err(text)?;
    if seen != Value::Int(7) {
        return Err(format!("g:seen is {seen:?}"));
    }
    Ok(("g:seen = 7".to_owned(), None))
}

/// Neovim runs Lua that calls the object four ways, while our own call of that Lua is outstanding.
async fn calls_back(nvim: &NvimStub) -> Outcome {
    let source = rmix_peers::nvim_callback_source().to_owned();
    let began = Instant::now();
    let answers = nvim
        .exec_lua(source, vec![Value::Int(1)])
        .await
        .map_err(text)?;
    let took = began.elapsed();
    let Value::Map(pairs) = &answers else {
        return Err(format!("Neovim returned {answers:?}"));
    };
    let find = |key: &str| {
        let named = pairs
            .iter()
            .find(|(name, _)| *name == Value::Text(key.to_owned()));
        named.map(|(_, value)| value.clone())
    };
    for (key, expected) in [
        ("count_before", Value::Int(0)),
        ("mean", Value::Float(2.5)),
        ("count", Value::Int(1)),
    ] {
        if find(key) != Some(expected) {
            return Err(format!("{key} is {:?}", find(key)));
        }
    }
    match (find("latest"), find("reported")) {
        (Some(Value::Map(_)), Some(Value::Map(_))) => {
            Ok(("latest, mean, report, count".to_owned(), Some(took)))
        }
        other => Err(format!("latest and reported are {other:?}")),
    }
}
