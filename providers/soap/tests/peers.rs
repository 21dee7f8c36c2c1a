//! Programs of others: curl, Python's and openssl's servers and clients. One that is not installed fails the test: the gate
//! installs them.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::lent::{block_on, watched};
use crate::pool::{call, client, close, open};
use crate::served::Served;
use crate::tls::Authority;

/// What a program prints, given this input; it must succeed.
fn run(program: &str, arguments: &[&str], input: &[u8]) -> String {
    watched(program, || {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|failure| panic!("{program} cannot be started: {failure}"));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {printed}"
        );
        printed
    })
}

fn curl(arguments: &[&str], input: &[u8]) -> String {
    let mut all = vec!["--silent", "--show-error", "--noproxy", "*"];
    all.extend(arguments);
    run("curl", &all, input)
}

#[test]
fn curl_posts_and_keeps_its_connection() {
    let served = Served::start();
    let url = served.url("/echo");
    let format = "[%{num_connects} %{http_code}]";
    let two = ["-d", "<a/>", &url, &url, "-w", format];
    assert_eq!(curl(&two, b""), "<a/>[1 200]<a/>[0 200]");
    let old = ["--http1.0", "-d", "<a/>", &url, "-w", format];
    assert_eq!(curl(&old, b""), "<a/>[1 200]");
}

#[test]
fn curl_uploads_in_chunks_and_after_being_asked_to() {
    let served = Served::start();
    let url = served.url("/echo");
    let body = vec![b'x'; 300_000];
    let text = String::from_utf8(body.clone()).unwrap();
    let chunked = [
        "-H",
        "transfer-encoding: chunked",
        "--data-binary",
        "@-",
        &url,
    ];
    assert!(curl(&chunked, &body) == text);
    // curl waits for the permission: for longer than the watchdog.
    let expecting = [
        "-H",
        "expect: 100-continue",
        "--expect100-timeout",
        "1000",
        "--data-binary",
        "@-",
        &url,
    ];
    assert!(curl(&expecting, &body) == text);
}

#[test]
fn curl_takes_compressed_answers() {
    let served = Served::start();
    let url = served.url("/echo");
    let body = vec![b'x'; 100_000];
    let arguments = [
        "--compressed",
        "--data-binary",
        "@-",
        &url,
        "-w",
        "[%{size_download}]",
    ];
    let printed = curl(&arguments, &body);
    let (text, size) = printed.split_at(100_000);
    assert!(text.bytes().all(|byte| byte == b'x'));
    let size: usize = size.trim_matches(['[', ']']).parse().unwrap();
    assert!(size < 1000, "{size}");
}

#[test]
fn curl_gets_descriptions_and_refusals() {
    let served = Served::with("", |limits| limits.message_bytes = 1000);
    let printed = curl(&[&served.url("/x?wsdl")], b"");
    assert_eq!(printed, format!("asked {}\n", served.address));
    let code = ["-o", "/dev/null", "-w", "%{http_code}"];
    let status = |more: &[&str], input: &[u8]| curl(&[&code[..], more].concat(), input);
    let url = served.url("/echo");
    assert_eq!(status(&["-X", "PUT", "-d", "x", &url], b""), "405");
    assert_eq!(status(&["--data-binary", "@-", &url], &[b'x'; 1001]), "413");
    assert_eq!(status(&["-d", "x", &served.url("/none")], b""), "404");
    let deflated = ["-H", "content-encoding: deflate", "-d", "x", &url];
    assert_eq!(status(&deflated, b""), "415");
}

#[test]
fn curl_speaks_tls_and_is_certified() {
    let authority = Authority::new();
    let ca = authority.ca().display().to_string();
    let server = authority.certify("localhost");
    let served = Served::with(&format!("{server}&client_ca={ca}"), |_| {});
    authority.certify("somebody");
    let file = |name: &str| authority.path().join(name).display().to_string();
    let url = format!("https://localhost:{}/echo", served.address.port());
    let (cert, key) = (file("somebody"), file("somebody.key"));
    for version in ["1.2", "1.3"] {
        let printed = curl(
            &[
                "--tlsv1.2",
                "--tls-max",
                version,
                "--cacert",
                &ca,
                "--cert",
                &cert,
                "--key",
                &key,
                "-d",
                "<a/>",
                &url,
            ],
            b"",
        );
        assert_eq!(printed, "<a/>", "TLS {version}");
    }
}

/// A program that runs until the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A TCP port that was free a moment ago, for programs that cannot choose one.
fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

fn wait_until_it_listens(address: SocketAddr) {
    watched("a program that starts", || {
        while TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
    });
}

/// Echoes what is posted, by HTTP/1.1 or 1.0, in one piece or in chunks, by the path.
const PYTHON: &str = r#"
import gzip, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/" + sys.argv[1]
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for byte in body:
                self.wfile.write(b"1\r\n" + bytes([byte]) + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        if self.path == "/gzip":
            body = gzip.compress(body)
            self.send_header("content-encoding", "gzip")
        if self.path != "/unsized":
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection |= self.path == "/unsized"
    def log_message(self, *arguments):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

fn python(version: &str) -> (Running, SocketAddr) {
    use std::io::BufRead;
    let mut child = Command::new("python3")
        .args(["-c", PYTHON, version])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut line = String::new();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut line).unwrap();
    let port: u16 = line.trim().parse().expect("it prints its port");
    (Running(child), SocketAddr::from(([127, 0, 0, 1], port)))
}

#[test]
fn python_answers_in_all_its_ways() {
    for version in ["1.0", "1.1"] {
        let (_python, address) = python(version);
        for path in ["/sized", "/chunked", "/gzip", "/unsized"] {
            if version == "1.0" && path == "/chunked" {
                continue;
            }
            let client = client(address, path);
            for round in 0..3 {
                let text = format!("{path} {round}").into_bytes();
                assert_eq!(call(&client, text.clone()).unwrap().body, text, "{version}");
            }
            close(&client);
        }
    }
}

#[test]
fn openssl_serves_what_the_client_believes() {
    let authority = Authority::new();
    authority.certify("localhost");
    let address = free_port();
    let server = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-HTTP",
            "-naccept",
            "20",
            "-cert",
            "localhost",
        ])
        .args(["-key", "localhost.key", "-accept", &address.to_string()])
        .current_dir(authority.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let _server = Running(server);
    wait_until_it_listens(address);
    // It knows GET only, and says nothing to a POST; the handshake is what it is for.
    let ca = authority.ca().display().to_string();
    let endpoint = format!("soap+https://localhost:{}/x?ca={ca}", address.port());
    let opened = block_on("opening", open(&endpoint, |_| {}));
    assert!(
        opened.is_ok(),
        "{:?}",
        opened.err().map(|failure| failure.text().into_owned())
    );
}
