//! Certificates for tests, made anew each time.

use std::fs;
use std::path::Path;

use migration_runtime::wire::Token;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use tempfile::TempDir;

/// An authority that signs certificates.
pub(super) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Whether a certificate is good today.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Until {
    Later,
    LongAgo,
}

impl Authority {
    pub(super) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        // No two authorities have one name.
        let number = Token::random().unwrap();
        params.distinguished_name.push(DnType::CommonName, format!("authority {number}"));
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// Returns a certificate for these names, and its key.
    fn sign(&self, names: &[&str], usage: ExtendedKeyUsagePurpose, until: Until) -> (String, String) {
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
        params.extended_key_usages = vec![usage];
        if until == Until::LongAgo {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// Writes the certificate and the key of a role.
    pub(super) fn write(&self, directory: &Path, role: &str, names: &[&str], until: Until) {
        let usage =
            if role == "server" { ExtendedKeyUsagePurpose::ServerAuth } else { ExtendedKeyUsagePurpose::ClientAuth };
        let (certificate, key) = self.sign(names, usage, until);
        fs::write(directory.join(format!("{role}-cert.pem")), certificate).unwrap();
        fs::write(directory.join(format!("{role}-key.pem")), key).unwrap();
    }

    /// Writes the certificate of the authority, for a host that trusts it.
    pub(super) fn trust(&self, directory: &Path) {
        fs::write(directory.join("ca-cert.pem"), &self.pem).unwrap();
    }

    /// Returns a directory with all that a host needs for either role.
    pub(super) fn host(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        self.trust(directory.path());
        self.write(directory.path(), "client", &["source.example"], Until::Later);
        self.write(directory.path(), "server", &["127.0.0.1", "destination.example"], Until::Later);
        directory
    }
}
