//! Our description as files: what `?wsdl` and `?xsd=N` answer, with the locations of schemas turned into names of files.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Served;

/// A description in a folder of its own.
pub(super) struct Documents {
    folder: TempDir,
    /// How many schemas are files of their own: `0.xsd` and so on.
    schemas: usize,
}

impl Documents {
    /// What this service answers.
    pub(super) fn of(served: &Served) -> Documents {
        let (_, path) = served.url.rsplit_once('/').unwrap();
        let port = served.tcp_port();
        let folder = tempfile::tempdir().unwrap();
        let mut schemas = 0;
        while let (200, text) = get(port, &format!("/{path}?xsd={schemas}")) {
            let name = format!("{schemas}.xsd");
            fs::write(folder.path().join(name), local(&text, &served.url)).unwrap();
            schemas += 1;
        }
        let (status, text) = get(port, &format!("/{path}?wsdl"));
        assert_eq!(status, 200, "{text}");
        let documents = Documents { folder, schemas };
        fs::write(documents.wsdl(), local(&text, &served.url)).unwrap();
        documents
    }

    /// The description's file.
    pub(super) fn wsdl(&self) -> PathBuf {
        self.folder.path().join("description.wsdl")
    }

    /// The schemas with the namespaces they are about.
    pub(super) fn schemas(&self) -> Vec<(String, PathBuf)> {
        let file = |number| self.folder.path().join(format!("{number}.xsd"));
        let with_namespace = |path: PathBuf| (target_namespace(&path), path);
        (0..self.schemas).map(file).map(with_namespace).collect()
    }
}

/// The namespace that a schema is about.
fn target_namespace(schema: &Path) -> String {
    let text = fs::read_to_string(schema).unwrap();
    let (_, rest) = text.split_once("targetNamespace=\"").unwrap();
    let (namespace, _) = rest.split_once('"').unwrap();
    namespace.to_owned()
}

/// The text with files in place of the schemas' addresses.
fn local(text: &str, url: &str) -> String {
    let start = format!("\"{url}?xsd=");
    let mut pieces = text.split(&start);
    let mut local = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once('"').unwrap();
        local.push_str(&format!("\"{number}.xsd\"{rest}"));
    }
    local
}

/// The status and the body of the answer to a GET. By HTTP/1.0, so that the answer ends with the connection.
fn get(port: u16, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
