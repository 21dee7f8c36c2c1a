//! What the SOAP clients have in common: whom they call, and how their lines come back. It knows no
//! library.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::cases::{Service, cases};
use crate::error::PeerError;
use crate::process;

/// How long one run of a client may take; a cold JVM fits.
pub(super) const RUN_LIMIT: Duration = Duration::from_secs(120);

/// A version of SOAP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

impl SoapVersion {
    /// Its number.
    pub fn number(self) -> &'static str {
        match self {
            Self::V11 => "1.1",
            Self::V12 => "1.2",
        }
    }
}

/// What requests have in their headers besides what the description says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    /// WS-Addressing 1.0.
    Addressing,
    /// A user name token of WS-Security with the password, and a timestamp.
    PasswordText,
    /// The same with the password's digest.
    PasswordDigest,
}

impl Headers {
    /// The user of the token, and the password.
    pub const USER: (&'static str, &'static str) = ("ada", "love:lace");

    fn name(self) -> &'static str {
        match self {
            Self::Addressing => "addressing",
            Self::PasswordText => "text",
            Self::PasswordDigest => "digest",
        }
    }
}

/// Whom a client calls, and as who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The URL (of HTTP or of a file) of the description, for those that read one at run time; JAX-WS
    /// also takes `-` for what it was built of.
    pub wsdl: String,
    /// The URL that is called, whatever the description says.
    pub endpoint: String,
    /// The version of SOAP that is spoken.
    pub version: SoapVersion,
    /// The name that keeps apart those who share a server: at one server, one run for each.
    pub user: String,
}

impl Target {
    /// An endpoint that gives its description at `?wsdl`.
    pub fn at(endpoint: impl Into<String>, version: SoapVersion, user: &str) -> Self {
        let endpoint = endpoint.into();
        Self {
            wsdl: format!("{endpoint}?wsdl"),
            endpoint,
            version,
            user: user.into(),
        }
    }

    /// An endpoint described by a file: one of the contract's, for servers that give no description.
    pub fn described(
        endpoint: impl Into<String>,
        file: &Path,
        version: SoapVersion,
        user: &str,
    ) -> Self {
        let wsdl = format!("file://{}", file.display());
        Self {
            wsdl,
            ..Self::at(endpoint, version, user)
        }
    }
}

/// A client program of a foreign SOAP library.
pub trait SoapClient {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// The cases its library cannot do, each with the reason; all of them when it has no client of the
    /// service.
    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)>;

    /// The command that calls, without the target and the cases.
    fn command(&self, service: Service) -> Command;

    /// The cases it can do.
    fn able(&self, service: Service) -> Vec<&'static str> {
        let cannot = self.cannot(service);
        let mut able = cases(service);
        able.retain(|name| cannot.iter().all(|(other, _)| other != name));
        able
    }

    /// Runs the cases, and returns the line it prints for each: its name, a blank and the answer.
    ///
    /// # Errors
    ///
    /// When a case got no answer it understands (the error carries what it says on standard error of
    /// all such), or when it took more than two minutes.
    fn run(
        &self,
        service: Service,
        target: &Target,
        cases: &[&str],
    ) -> Result<Vec<String>, PeerError> {
        self.run_with(service, target, &[], cases)
    }

    /// As [`SoapClient::run`], with these headers in every request; only of rpc/literal, and only the
    /// clients of JAX-WS and zeep.
    ///
    /// # Errors
    ///
    /// As [`SoapClient::run`].
    fn run_with(
        &self,
        service: Service,
        target: &Target,
        headers: &[Headers],
        cases: &[&str],
    ) -> Result<Vec<String>, PeerError> {
        let mut command = self.command(service);
        let headers: Vec<&str> = headers.iter().map(|one| one.name()).collect();
        command.env("SOAP_HEADERS", headers.join(","));
        command.args([&target.wsdl, &target.endpoint, target.version.number()]);
        command.arg(&target.user).args(cases);
        Ok(process::run(&mut command, RUN_LIMIT, &mut |_line| {})?)
    }
}

/// Every case, with one reason.
pub(super) fn none_of(service: Service, reason: &'static str) -> Vec<(&'static str, &'static str)> {
    let with_reason = |name| (name, reason);
    cases(service).into_iter().map(with_reason).collect()
}
