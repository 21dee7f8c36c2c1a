//! Synchronous callers: each drives its own exchange on its own thread.

use crate::lent::on_this_thread;
use crate::pool::{answer, client, message, open};
use crate::raw::{Scripted, accept};
use crate::served::Served;

#[test]
fn call_is_driven_by_its_caller() {
    let served = Served::start();
    let endpoint = format!("soap+http://{}/echo", served.address);
    let bodies = on_this_thread(async move {
        let client = open(&endpoint, |_| {}).await.unwrap();
        let mut bodies = Vec::new();
        for round in 0..100 {
            let text = format!("<a>{round}</a>").into_bytes();
            let mut exchange = client.post(message(text), true).unwrap();
            bodies.push(answer(&mut exchange).await.unwrap().body);
        }
        bodies
    });
    for (round, body) in bodies.iter().enumerate() {
        assert_eq!(body, format!("<a>{round}</a>").as_bytes());
    }
}

#[test]
fn many_threads_share_a_few_connections() {
    let served = Served::start();
    let client = client(served.address, "/echo?connections=3");
    let threads: Vec<_> = (0..10)
        .map(|thread| {
            let client = client.clone();
            std::thread::spawn(move || {
                on_this_thread(async move {
                    for round in 0..50 {
                        let text = format!("{thread} {round}").into_bytes();
                        let mut exchange = client.post(message(text.clone()), true).unwrap();
                        assert_eq!(answer(&mut exchange).await.unwrap().body, text);
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn slow_answer_is_waited_for() {
    let scripted = Scripted::start(|listener| {
        let mut raw = accept(listener);
        raw.request().unwrap();
        for part in [
            "HTTP/1.1 200",
            " OK\r\ncontent-length: 2\r\n",
            "\r\n",
            "o",
            "k",
        ] {
            // Longer than a caller waits in the kernel in one go, once.
            if part == "o" {
                let (_hold, never) = std::sync::mpsc::channel::<()>();
                let _ = never.recv_timeout(std::time::Duration::from_millis(300));
            }
            raw.say(part);
        }
    });
    let endpoint = format!("soap+http://{}/x", scripted.address);
    let body = on_this_thread(async move {
        let client = open(&endpoint, |_| {}).await.unwrap();
        let mut exchange = client.post(message("x"), true).unwrap();
        answer(&mut exchange).await.unwrap().body
    });
    assert_eq!(body, "ok");
    scripted.end();
}
