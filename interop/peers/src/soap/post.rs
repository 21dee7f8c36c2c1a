//! One HTTP request with an envelope written by hand, for what no client library would send. It is
//! HTTP/1.0, so that the answer ends with the connection; it reads neither envelope nor answer.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::error::PeerError;

/// How long a server may take over its answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// What is behind the head.
    pub body: String,
}

/// Sends `envelope` to the endpoint `http://host:port/path` with the lines of `headers` (which end
/// with nothing; Content-Length is added), and returns the answer.
///
/// # Errors
///
/// When the server cannot be reached, does not answer within a minute, or not by HTTP.
pub fn post(endpoint: &str, headers: &[&str], envelope: &[u8]) -> Result<Answer, PeerError> {
    let answered = exchange(endpoint, headers, envelope).map_err(PeerError::file(endpoint))?;
    let text = String::from_utf8_lossy(&answered);
    let answer = text.split_once("\r\n\r\n").and_then(|(head, body)| {
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = body.to_owned();
        Some(Answer { status, body })
    });
    answer.ok_or_else(|| PeerError::NotUnderstood {
        command: endpoint.to_owned(),
        output: text.into_owned(),
    })
}

fn exchange(endpoint: &str, headers: &[&str], envelope: &[u8]) -> io::Result<Vec<u8>> {
    let rest = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    let mut request = format!("POST /{path} HTTP/1.0\r\nHost: {host}\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", envelope.len()));
    stream.write_all(&[request.as_bytes(), envelope].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
