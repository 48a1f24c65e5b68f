//! Certificates for tests and benches, made anew each time.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use tempfile::TempDir;

/// How many authorities this process has made.
static AUTHORITIES: AtomicU64 = AtomicU64::new(0);

/// An authority that signs certificates.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Whether a certificate is good today.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Until {
    /// It is.
    Later,
    /// It expired years ago.
    LongAgo,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Authority> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        // No two authorities have one name.
        let number = AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("authority {number} of process {}", std::process::id());
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key)?.pem();
        Ok(Authority { pem, issuer: Issuer::new(params, key) })
    }

    /// Returns a certificate for these names, and its key.
    fn sign(&self, names: &[&str], usage: ExtendedKeyUsagePurpose, until: Until) -> Result<(String, String)> {
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
        params.extended_key_usages = vec![usage];
        if until == Until::LongAgo {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &self.issuer)?.pem(), key.serialize_pem()))
    }

    /// Writes the certificate and the key of a role, `client` or `server`.
    ///
    /// # Errors
    /// When they cannot be made or written.
    pub fn write(&self, directory: &Path, role: &str, names: &[&str], until: Until) -> Result<()> {
        let usage =
            if role == "server" { ExtendedKeyUsagePurpose::ServerAuth } else { ExtendedKeyUsagePurpose::ClientAuth };
        let (certificate, key) = self.sign(names, usage, until)?;
        fs::write(directory.join(format!("{role}-cert.pem")), certificate)?;
        fs::write(directory.join(format!("{role}-key.pem")), key)?;
        Ok(())
    }

    /// Writes the certificate of the authority, for a host that trusts it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn trust(&self, directory: &Path) -> Result<()> {
        Ok(fs::write(directory.join("ca-cert.pem"), &self.pem)?)
    }

    /// Returns a directory with all that a host needs for either role.
    ///
    /// # Errors
    /// When something cannot be made or written.
    pub fn host(&self) -> Result<TempDir> {
        let directory = tempfile::tempdir()?;
        self.trust(directory.path())?;
        self.write(directory.path(), "client", &["source.example"], Until::Later)?;
        self.write(directory.path(), "server", &["127.0.0.1", "destination.example"], Until::Later)?;
        Ok(directory)
    }
}
