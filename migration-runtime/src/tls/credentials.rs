//! Certificates and keys from a directory, under QEMU's names.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;
use rustls::client::Resumption;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// The certificates of the authorities that sign those of the peers.
const CA: &str = "ca-cert.pem";

/// The most bytes of a file with certificates or a key.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What a source needs to move its guest over TLS: who it is, and whom it talks to.
#[derive(Clone, Debug)]
pub struct TlsClient {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// What a destination needs to take in a guest over TLS: who it is, and who may send one.
#[derive(Clone, Debug)]
pub struct TlsServer {
    pub(super) config: Arc<ServerConfig>,
    pub(super) allowed: Option<Arc<[ServerName<'static>]>>,
}

/// Credentials cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or it is not what it must be.
    #[error("the credentials `{}` cannot be used: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate and its key do not go together, or cannot be used for this.
    #[error("the credentials in `{}` cannot be used", .directory.display())]
    Unusable {
        /// The directory.
        directory: PathBuf,
        /// What is wrong with them.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A text is not the name of a host.
    #[error(
        "`{0}` is not a host name or an IP address: names are compared with those in the certificate's `subjectAltName`, not with its distinguished name"
    )]
    Name(String),
}

impl TlsClient {
    /// Reads `ca-cert.pem`, `client-cert.pem` and `client-key.pem` in `directory`. The certificate of the destination must
    /// be for `hostname`, a host name or an IP address.
    ///
    /// # Errors
    /// When a file is missing, is no certificate or key, or does not go with the others.
    pub fn from_directory(directory: &Path, hostname: &str) -> Result<TlsClient, TlsError> {
        let (chain, key) = identity(directory, "client")?;
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let config = builder.map_err(|error| unusable(directory, error))?;
        let config = config.with_root_certificates(authorities(directory)?).with_client_auth_cert(chain, key);
        let mut config = config.map_err(|error| unusable(directory, error))?;
        // Every attempt shows its certificates anew.
        config.resumption = Resumption::disabled();
        Ok(TlsClient { config: Arc::new(config), name: name(hostname)? })
    }
}

impl TlsServer {
    /// Reads `ca-cert.pem`, `server-cert.pem` and `server-key.pem` in `directory`. A source must show a certificate that
    /// one of the authorities has signed.
    ///
    /// # Errors
    /// When a file is missing, is no certificate or key, or does not go with the others.
    pub fn from_directory(directory: &Path) -> Result<TlsServer, TlsError> {
        let (chain, key) = identity(directory, "server")?;
        let roots = Arc::new(authorities(directory)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
        let verifier = verifier.map_err(|error| unusable(directory, error))?;
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let config = builder.map_err(|error| unusable(directory, error))?;
        let config = config.with_client_cert_verifier(verifier).with_single_cert(chain, key);
        let mut config = config.map_err(|error| unusable(directory, error))?;
        config.send_tls13_tickets = 0;
        Ok(TlsServer { config: Arc::new(config), allowed: None })
    }

    /// The same, for sources only whose certificate is for one of these names: host names or IP addresses, which are
    /// compared with those in its `subjectAltName`. Where QEMU's `tls-authz` names an object that compares the
    /// distinguished name, this takes no distinguished name: such a text is an error.
    ///
    /// # Errors
    /// When one of them is not a host name or an IP address.
    pub fn allow(mut self, names: &[&str]) -> Result<TlsServer, TlsError> {
        self.allowed = Some(names.iter().copied().map(name).collect::<Result<_, _>>()?);
        Ok(self)
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn name(text: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(text.to_owned()).map_err(|_| TlsError::Name(text.to_owned()))
}

fn authorities(directory: &Path) -> Result<RootCertStore, TlsError> {
    let path = directory.join(CA);
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&path)? {
        roots.add(certificate).map_err(|error| unfit(&path, error))?;
    }
    Ok(roots)
}

/// The certificate of this host for a role, with those that lead to the authority, and its key.
fn identity(directory: &Path, role: &str) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let chain = certificates(&directory.join(format!("{role}-cert.pem")))?;
    let path = directory.join(format!("{role}-key.pem"));
    let key = PrivateKeyDer::from_pem_slice(&read(&path)?).map_err(|error| not_pem(&path, "a key", &error))?;
    Ok((chain, key))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| not_pem(path, "a certificate", &error))?;
    if found.is_empty() {
        return Err(not_pem(path, "a certificate", &PemError::NoItemsFound));
    }
    Ok(found)
}

/// Reads a regular file of a bounded length. Opening a FIFO would wait for its writer, and a device may have no end.
fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let io = |error| unfit(path, error);
    let file =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        return Err(unfit(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(unfit(path, "it is larger than 1 MiB"));
    }
    Ok(bytes)
}

fn not_pem(path: &Path, what: &str, error: &PemError) -> TlsError {
    if matches!(error, PemError::NoItemsFound) {
        return unfit(path, format!("it does not contain {what} in PEM form"));
    }
    unfit(path, error)
}

fn unfit(path: &Path, why: impl std::fmt::Display) -> TlsError {
    TlsError::File { path: path.to_owned(), why: why.to_string() }
}

fn unusable(directory: &Path, error: impl std::error::Error + Send + Sync + 'static) -> TlsError {
    TlsError::Unusable { directory: directory.to_owned(), source: Box::new(error) }
}
