//! Fetches descriptions: the URL that was given, and what it refers to at the same place where that was asked for. No
//! redirections, no proxies, no credentials; one time for everything.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmix_idl::wsdl::Fetch;
use rustls::crypto::ring;
use ureq::http::Uri;
use ureq::http::header::LOCATION;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error, Timeout};

use crate::arguments::Source;
use crate::failure::Failure;

/// How long fetching may take unless it is said, all files together.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A page for people in place of a description.
#[derive(Debug)]
pub(crate) struct Page {
    hint: String,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what is there is a page (HTML){}", self.hint)
    }
}

impl std::error::Error for Page {}

/// Fetches by HTTP.
#[derive(Debug)]
pub(super) struct Fetcher {
    agent: Agent,
    /// Scheme, host and port from which more may be fetched; none without `--follow`.
    followed: Option<(String, String, u16)>,
    /// The scheme, host and port of the URL that was given, for people.
    given: String,
    timeout: Duration,
    ends: Instant,
}

impl Fetcher {
    /// For a URL that was given.
    ///
    /// # Errors
    /// There are no certificates to believe servers by.
    pub(super) fn new(url: &str, source: &Source) -> Result<Fetcher, Failure> {
        let timeout = source.fetch_timeout.unwrap_or(TIMEOUT);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // What was named is fetched, not what it points to.
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("rmix/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(url, source.ca.as_deref())?);
        let origin = origin(url);
        let given = origin.as_ref().map_or_else(
            || url.to_owned(),
            |(scheme, host, port)| format!("{scheme}://{host}:{port}"),
        );
        Ok(Fetcher {
            agent: config.build().new_agent(),
            followed: origin.filter(|_| source.follow),
            given,
            timeout,
            ends: Instant::now() + timeout,
        })
    }

    fn late(&self) -> io::Error {
        let why = format!(
            "fetching took longer than {:?} (--fetch-timeout)",
            self.timeout
        );
        io::Error::new(io::ErrorKind::TimedOut, why)
    }

    fn failed(&self, error: Error) -> io::Error {
        match error {
            Error::Timeout(Timeout::Global | Timeout::PerCall | _) => self.late(),
            Error::Io(failure) if failure.kind() == io::ErrorKind::TimedOut => self.late(),
            error => error.into_io(),
        }
    }
}

impl Fetch for Fetcher {
    fn refusal(&self, url: &str) -> Option<String> {
        match &self.followed {
            None => Some(
                "it is remote, and fetched with --follow only; or save it as a file, and tell where it is with --schema"
                    .to_owned(),
            ),
            Some(allowed) if origin(url).as_ref() == Some(allowed) => None,
            Some(_) => Some(format!(
                "{url} is not at {}, and nothing else is followed; save it as a file, and tell where it is with --schema",
                self.given
            )),
        }
    }

    fn fetch(&self, url: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        let left = self.ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.late());
        }
        let request = self
            .agent
            .get(url)
            .config()
            .timeout_global(Some(left))
            .build();
        let response = request.call().map_err(|error| self.failed(error))?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            let why = format!(
                "the server answers {status}, and redirections are not followed: give {to} itself"
            );
            return Err(io::Error::other(why));
        }
        if status != 200 {
            let why = format!("the server answers {status}{}", hint(url));
            return Err(io::Error::other(why));
        }
        let most = u64::try_from(bytes_max)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut bytes = Vec::new();
        let mut body = response.into_body().into_reader().take(most);
        match body.read_to_end(&mut bytes) {
            // Told here, for a reader of XML would only say what is no XML in it.
            Ok(_) if is_page(&bytes) && !hint(url).is_empty() => {
                Err(io::Error::other(Page { hint: hint(url) }))
            }
            Ok(_) => Ok(bytes),
            Err(failure) if failure.kind() == io::ErrorKind::TimedOut => Err(self.late()),
            Err(failure) => Err(failure),
        }
    }
}

/// Where a description may be instead, when the URL is that of a service.
fn hint(url: &str) -> String {
    match url.contains('?') {
        true => String::new(),
        false => format!("; the description of a service is often at {url}?wsdl"),
    }
}

/// Whether a file is a page for people.
fn is_page(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    let begins = |word: &[u8]| {
        let head = text.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    begins(b"<!doctype html") || begins(b"<html")
}

/// Scheme, host and port.
fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri
        .port_u16()
        .unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

/// Whom to believe; nobody is asked for where nothing is encrypted.
fn tls(url: &str, ca: Option<&Path>) -> Result<TlsConfig, Failure> {
    let is_encrypted = url
        .get(..6)
        .is_some_and(|head| head.eq_ignore_ascii_case("https:"));
    let roots = match ca {
        Some(file) => authorities(file)?,
        None if is_encrypted => system_authorities()?,
        None => Vec::new(),
    };
    let config = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    Ok(config.build())
}

fn authorities(file: &Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let shown = file.display();
    let text = fs::read(file)
        .map_err(|why| Failure::Usage(format!("--ca {shown} cannot be read: {why}")))?;
    let items = parse_pem(&text).filter_map(Result::ok);
    let certificates = items.filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    match certificates.is_empty() {
        true => Err(Failure::Usage(format!(
            "--ca {shown} has no certificate in PEM form"
        ))),
        false => Ok(certificates),
    }
}

fn system_authorities() -> Result<Vec<Certificate<'static>>, Failure> {
    let found = rustls_native_certs::load_native_certs();
    let certificates = found.certs.iter();
    let certificates: Vec<_> = certificates
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    match certificates.is_empty() {
        true => Err(Failure::usage(
            "the system has no certificates to believe servers by: give them with --ca",
        )),
        false => Ok(certificates),
    }
}
