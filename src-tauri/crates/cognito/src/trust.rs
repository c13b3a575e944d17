//! Which certificates are trusted: the system's, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place (as
//! OpenSSL has it), and those of `AWS_CA_BUNDLE` in addition.
//!
//! Certificates are read and checked here and not by the HTTP client, which panics on one that cannot be used.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::http::{Environment, HttpProblem};

/// The setting whose certificates are added to the others.
const BUNDLE: &str = "AWS_CA_BUNDLE";
/// The settings whose certificates replace the system's.
const FILE: &str = "SSL_CERT_FILE";
const DIRECTORIES: &str = "SSL_CERT_DIR";

/// Where trust comes from. Reading the system's store takes up to a third of a second and is left for first use.
pub(crate) struct Trust {
    /// In place of the system's.
    replaced: Option<Vec<CertificateDer<'static>>>,
    added: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads what the variables name.
    pub(crate) fn from_environment(env: Environment<'_>) -> Result<Self, HttpProblem> {
        let file = env(FILE).filter(|path| !path.is_empty());
        let directories = env(DIRECTORIES).filter(|paths| !paths.is_empty());
        let mut replaced = None;
        if let Some(path) = &file {
            replaced = Some(certificates_of(FILE, path)?);
        }
        if let Some(paths) = &directories {
            let found = std::env::split_paths(paths)
                .filter(|path| !path.as_os_str().is_empty())
                .flat_map(|path| rustls_native_certs::load_certs_from_paths(None, Some(&path)).certs);
            let found: Vec<_> = found.filter(is_usable).collect();
            if found.is_empty() && replaced.is_none() {
                return Err(HttpProblem::NoCertificates { setting: DIRECTORIES, path: PathBuf::from(paths) });
            }
            replaced.get_or_insert_default().extend(found);
        }
        let added = match env(BUNDLE).filter(|path| !path.is_empty()) {
            Some(path) => certificates_of(BUNDLE, &path)?,
            None => Vec::new(),
        };
        Ok(Self { replaced, added })
    }

    /// Trusts nobody: for connections without TLS.
    pub(crate) fn nobody() -> Option<TlsContext> {
        TlsContext::builder().with_trust_store(TrustStore::empty()).build().ok()
    }

    /// The context for TLS connections. Reads files: not for an async thread.
    pub(crate) fn context(&self) -> Option<TlsContext> {
        let system;
        let base = match &self.replaced {
            Some(replaced) => replaced,
            None => {
                system = system_certificates();
                &system
            }
        };
        let store = TrustStore::empty().with_pem_certificate(pem(base.iter().chain(&self.added)));
        TlsContext::builder().with_trust_store(store).build().ok()
    }
}

fn system_certificates() -> Vec<CertificateDer<'static>> {
    let result = rustls_native_certs::load_native_certs();
    for error in result.errors {
        tracing::warn!(%error, "a certificate of the system could not be read");
    }
    let usable: Vec<_> = result.certs.into_iter().filter(is_usable).collect();
    if usable.is_empty() {
        tracing::error!("the system has no trusted certificates: no TLS connection will succeed");
    }
    usable
}

/// The usable certificates of a PEM file; others in it are left out, as OpenSSL does.
fn certificates_of(setting: &'static str, path: &str) -> Result<Vec<CertificateDer<'static>>, HttpProblem> {
    let bytes = std::fs::read(Path::new(path)).map_err(|error| HttpProblem::CertificatesUnreadable {
        setting,
        path: PathBuf::from(path),
        reason: error.to_string(),
    })?;
    let found = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok);
    let found: Vec<_> = found.filter(is_usable).collect();
    if found.is_empty() {
        return Err(HttpProblem::NoCertificates { setting, path: PathBuf::from(path) });
    }
    Ok(found)
}

fn is_usable(certificate: &CertificateDer<'static>) -> bool {
    let usable = RootCertStore::empty().add(certificate.clone());
    if let Err(error) = &usable {
        tracing::warn!(%error, "a certificate cannot be used as a trust anchor");
    }
    usable.is_ok()
}

/// Back to PEM (RFC 7468), which is all that the HTTP client takes.
fn pem<'a>(certificates: impl Iterator<Item = &'a CertificateDer<'static>>) -> Vec<u8> {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        text.push_str(&STANDARD.encode(certificate));
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    text.into_bytes()
}
