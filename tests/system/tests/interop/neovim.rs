//! Neovim: called over the pipes of a child, over TCP and over a Unix socket, and calling back over the same link.

use rmix::{CallError, DynamicStub, Runtime, Value};
use rmix_tour::{MyStation, NvimStub, Station as _};
use serde_json::json;

use super::kept_station;
use crate::support::{neovim, run, runtime};

/// Starts Neovim as a child.
async fn child(runtime: &Runtime, arguments: &str) -> Option<NvimStub> {
    let command = neovim()?;
    let bound = runtime.bind(format!("pipe+exec:{command} {arguments}"));
    Some(bound.await.unwrap())
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn our_stub_calls_neovim_in_every_way() {
    run(async {
        let runtime = runtime();
        let Some(nvim) = child(&runtime, "").await else {
            return;
        };
        assert_eq!(nvim.eval("6 * 7".to_owned()).await.unwrap(), Value::Int(42));
        assert_eq!(
            nvim.eval("7 / 2.0".to_owned()).await.unwrap(),
            Value::Float(3.5)
        );
        let greeting = nvim.eval("'blåbær 東京🌦'".to_owned()).await.unwrap();
        assert_eq!(greeting, text("blåbær 東京🌦"));
        let nested = nvim.eval("[v:null, v:true, {'a': [1, 'x']}]".to_owned());
        let map = vec![(text("a"), Value::Array(vec![Value::Int(1), text("x")]))];
        let expected = vec![Value::Nil, Value::Bool(true), Value::Map(map)];
        assert_eq!(nested.await.unwrap(), Value::Array(expected));

        nvim.command("let g:seen = 7".to_owned()).await.unwrap();
        assert_eq!(nvim.eval("g:seen".to_owned()).await.unwrap(), Value::Int(7));
        let started = nvim.start().eval("1 + 1".to_owned());
        assert_eq!(started.await.unwrap(), Value::Int(2));
        let synchronous = move || nvim.blocking().eval("2 + 2".to_owned()).unwrap();
        assert_eq!(crate::support::aside(synchronous).await, Value::Int(4));
    });
}

#[test]
fn a_string_of_neovim_that_is_not_utf_8_keeps_its_bytes() {
    run(async {
        let runtime = runtime();
        let Some(nvim) = child(&runtime, "").await else {
            return;
        };
        let source = "local s = ...; return {s, #s, 'a\\255b'}".to_owned();
        let raw = Value::RawText(vec![b'x', 0xff, 0xfe]);
        let answer = nvim.exec_lua(source, vec![raw.clone()]).await.unwrap();
        let expected = vec![raw, Value::Int(3), Value::RawText(vec![b'a', 0xff, b'b'])];
        assert_eq!(answer, Value::Array(expected));
    });
}

#[test]
fn an_error_of_neovim_is_a_fault_value() {
    run(async {
        let runtime = runtime();
        let Some(nvim) = child(&runtime, "").await else {
            return;
        };
        let fault = nvim
            .eval("no_such_function()".to_owned())
            .await
            .unwrap_err();
        let CallError::Fault(Value::Array(parts)) = &fault else {
            panic!("{fault}");
        };
        // Neovim's own error: its kind, and Vim's text.
        assert_eq!(parts[0], Value::Int(0), "{fault}");
        assert!(
            matches!(&parts[1], Value::Text(text) if text.contains("E117")),
            "{fault}"
        );
        assert_eq!(nvim.eval("1".to_owned()).await.unwrap(), Value::Int(1));
    });
}

/// Neovim calls an object of ours, while our own call is outstanding.
async fn calls_back(nvim: &DynamicStub, object: &MyStation) {
    let info = nvim.call("nvim_get_api_info", Vec::new()).await.unwrap();
    let Value::Array(info) = info else {
        panic!("{info}");
    };
    let source = text(rmix_peers::nvim_callback_source());
    let arguments = vec![source, Value::Array(vec![info[0].clone()])];
    let answers = nvim.call("nvim_exec_lua", arguments).await.unwrap();
    assert_eq!(
        serde_json::to_value(&answers).unwrap(),
        json!({
            "count_before": 0,
            "latest": {"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000},
            "unknown_place": "unknown error",
            "mean": 2.5,
            "mean_of_nothing": 0,
            "count": 1,
            "reported": {"place": "Voss", "celsius": 4, "at": 1_700_000_120},
        })
    );
    assert_eq!(object.count().await, 1);
    assert_eq!(object.latest("Voss".to_owned()).await.unwrap().celsius, 4.0);
}

#[test]
fn neovim_calls_back_in_mid_call_over_the_pipes() {
    run(async {
        let Some(command) = neovim() else { return };
        let (object, skeleton) = kept_station();
        let endpoint = format!("pipe+exec:{command}");
        let bound = runtime().dynamic(endpoint).serve(skeleton).await;
        calls_back(&bound.unwrap(), &object).await;
    });
}

/// What Neovim listens on, asked over the pipes of the child it is.
async fn listening(nvim: &NvimStub) -> String {
    match nvim.eval("v:servername".to_owned()).await.unwrap() {
        Value::Text(name) => name,
        other => panic!("v:servername is {other}"),
    }
}

/// Calls a Neovim that listens, lets it call back, and checks that it is the one we started.
async fn check_listening(runtime: &Runtime, started: &NvimStub, endpoint: &str) {
    started
        .command("let g:mark = 'ours'".to_owned())
        .await
        .unwrap();
    assert_eq!(
        started.eval("g:mark".to_owned()).await.unwrap(),
        text("ours")
    );
    let (object, skeleton) = kept_station();
    let nvim = runtime.dynamic(endpoint).serve(skeleton).await.unwrap();
    let mark = nvim.call("nvim_eval", vec![text("g:mark")]).await.unwrap();
    assert_eq!(mark, text("ours"));
    calls_back(&nvim, &object).await;
    let synchronous: NvimStub = runtime.bind(endpoint).await.unwrap();
    let eval = move || synchronous.blocking().eval("g:mark".to_owned()).unwrap();
    assert_eq!(crate::support::aside(eval).await, text("ours"));
}

#[test]
fn neovim_that_listens_on_tcp_is_called_and_calls_back() {
    run(async {
        let runtime = runtime();
        let started = child(&runtime, "--listen 127.0.0.1:0").await;
        let Some(started) = started else { return };
        let endpoint = format!("msgpack+tcp://{}", listening(&started).await);
        check_listening(&runtime, &started, &endpoint).await;
    });
}

#[test]
fn neovim_that_listens_on_a_unix_socket_is_called_and_calls_back() {
    run(async {
        let runtime = runtime();
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("nvim").display().to_string();
        let started = child(&runtime, &format!("--listen {socket}")).await;
        let Some(started) = started else { return };
        assert_eq!(listening(&started).await, socket);
        let endpoint = format!("msgpack+unix:{socket}");
        check_listening(&runtime, &started, &endpoint).await;
    });
}

#[test]
fn a_handle_of_neovim_is_kept_as_it_came() {
    run(async {
        let Some(command) = neovim() else { return };
        let endpoint = format!("pipe+exec:{command}");
        let nvim = runtime().dynamic(endpoint).await.unwrap();
        let buffer = nvim.call("nvim_get_current_buf", Vec::new()).await.unwrap();
        // Buffers have the type 0 there.
        assert!(matches!(&buffer, Value::Ext(0, _)), "{buffer:?}");

        let name = text("/a/name/of/ours");
        let set = vec![buffer.clone(), name.clone()];
        nvim.call("nvim_buf_set_name", set).await.unwrap();

        let back = nvim
            .call("nvim_buf_get_name", vec![buffer.clone()])
            .await
            .unwrap();
        assert_eq!(back, name);
        // Within an array, and through Lua.
        let listed = nvim.call("nvim_list_bufs", Vec::new()).await.unwrap();
        assert_eq!(listed, Value::Array(vec![buffer]));
    });
}
