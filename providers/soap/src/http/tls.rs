//! Certificates, keys and authorities: from files to what rustls wants. Blocks while it reads them.

use std::path::Path;
use std::sync::Arc;

use rmix_provider::tables::{Err, cause, kind};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::options::TlsFiles;

/// The only protocol that is offered (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// What a client does TLS with.
///
/// # Errors
/// `FixRequest`: a file cannot be read, or is not what it should be; there are no authorities.
pub(super) fn client_config(files: &TlsFiles) -> Result<Arc<ClientConfig>, Err> {
    let roots = match &files.ca {
        Some(file) => authorities(file)?,
        None => system_authorities()?,
    };
    let builder = ClientConfig::builder_with_provider(crypto())
        .with_safe_default_protocol_versions()
        .map_err(|failure| unusable("TLS", &failure))?
        .with_root_certificates(roots);
    let mut config = match identity(files)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|failure| unusable("the certificate of this end (cert, key)", &failure))?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(Arc::new(config))
}

/// What a listener does TLS with.
///
/// # Errors
/// As [`client_config`]; also without a certificate.
pub(super) fn server_config(files: &TlsFiles) -> Result<Arc<ServerConfig>, Err> {
    let Some((chain, key)) = identity(files)? else {
        let message = "a listener with TLS needs the options cert and key";
        return Err(Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message));
    };
    let builder = ServerConfig::builder_with_provider(crypto())
        .with_safe_default_protocol_versions()
        .map_err(|failure| unusable("TLS", &failure))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let roots = Arc::new(authorities(file)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, crypto())
                .build()
                .map_err(|failure| unusable("the authorities of clients (client_ca)", &failure))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|failure| unusable("the certificate of this end (cert, key)", &failure))?;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(Arc::new(config))
}

fn crypto() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(files: &TlsFiles) -> Result<Option<Identity>, Err> {
    let (Some(cert), Some(key)) = (&files.cert, &files.key) else {
        return Ok(None);
    };
    let private = PrivateKeyDer::from_pem_file(key).map_err(|failure| unreadable(key, &failure))?;
    Ok(Some((certificates(cert)?, private)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Err> {
    let failed = |failure| unreadable(file, &failure);
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(failed)?
        .collect();
    let all = all.map_err(failed)?;
    if all.is_empty() {
        let message = format!("{} holds no certificate in PEM form", file.display());
        return Err(Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message));
    }
    Ok(all)
}

fn authorities(file: &Path) -> Result<RootCertStore, Err> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|failure| unusable(&file.display().to_string(), &failure))?;
    }
    Ok(roots)
}

fn system_authorities() -> Result<RootCertStore, Err> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(ToString::to_string);
        let message = format!(
            "this system has no certificate authorities ({}); name a file of them with the option ca",
            why.unwrap_or_else(|| "none were found".to_owned())
        );
        return Err(Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message));
    }
    Ok(roots)
}

fn unreadable(file: &Path, why: &dyn std::fmt::Display) -> Err {
    let message = format!("{} cannot be read as PEM: {why}", file.display());
    Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message)
}

fn unusable(what: &str, why: &dyn std::fmt::Display) -> Err {
    let message = format!("{what} cannot be used: {why}");
    Err::new(kind::FIX_REQUEST, cause::ENDPOINT, message)
}
