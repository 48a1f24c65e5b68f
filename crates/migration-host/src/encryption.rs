//! What clients set of the encryption of migrations: QEMU's `tls-creds`, `tls-hostname` and `tls-authz`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use migration_runtime::address::Address;
use migration_runtime::tls::{TlsClient, TlsError, TlsServer};

/// The settings. They act on the next migration, which reads the files anew.
#[derive(Debug, Default)]
pub struct Encryption(Mutex<Settings>);

/// The settings at one moment. An empty text is one that is not set, as in QEMU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The directory with the certificates and keys of this host; empty for migrations that are not encrypted.
    pub creds: String,
    /// The name that the certificate of a destination must be for; empty for the host of its address.
    pub hostname: String,
    /// The names of which the certificate of a source must be for one, separated by commas; empty for any source whose
    /// certificate is signed.
    pub authz: String,
}

impl Encryption {
    /// Encryption with these settings.
    pub fn new(settings: Settings) -> Self {
        Self(Mutex::new(settings))
    }

    /// Returns the settings.
    pub fn settings(&self) -> Settings {
        self.lock().clone()
    }

    /// Changes the settings.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock());
    }

    /// Returns what a source needs to move its guest to `to`; `None` if it is not to be encrypted.
    ///
    /// # Errors
    /// When the files cannot be used, or no name is known for the certificate of the destination.
    pub fn client(&self, to: &Address) -> Result<Option<TlsClient>, String> {
        let settings = self.settings();
        let Some(directory) = settings.directory() else { return Ok(None) };
        let hostname = match to {
            _ if !settings.hostname.is_empty() => settings.hostname,
            Address::Tcp { host, .. } => host.clone(),
            Address::Unix { .. } => {
                return Err(format!(
                    "`{to}` has no host name for the certificate of the destination: set `tls-hostname`"
                ));
            }
            other => return Err(format!("migrations to `{other}` cannot be encrypted")),
        };
        TlsClient::from_directory(&directory, &hostname).map(Some).map_err(|error| line(&error))
    }

    /// Returns what a destination needs to take in a guest; `None` if it is not to be encrypted.
    ///
    /// # Errors
    /// When the files cannot be used, or `tls-authz` has something that is not a name.
    pub fn server(&self) -> Result<Option<TlsServer>, String> {
        let settings = self.settings();
        let Some(directory) = settings.directory() else { return Ok(None) };
        let names = Settings::names_in(&settings.authz);
        if names.is_empty() && !settings.authz.is_empty() {
            return Err(no_names(&settings.authz));
        }
        let server = TlsServer::from_directory(&directory).and_then(|server| match names {
            names if names.is_empty() => Ok(server),
            names => server.allow(&names),
        });
        server.map(Some).map_err(|error: TlsError| line(&error))
    }

    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn directory(&self) -> Option<PathBuf> {
        (!self.creds.is_empty()).then(|| Path::new(&self.creds).to_owned())
    }

    /// Returns the names in a text of `tls-authz`.
    pub(crate) fn names_in(authz: &str) -> Vec<&str> {
        authz.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }
}

/// Says that a text of `tls-authz` is neither empty nor has a name.
pub(crate) fn no_names(authz: &str) -> String {
    format!("`tls-authz` has no name in `{authz}`: give host names or addresses, or an empty text for any source")
}

/// An error with its causes in one line.
fn line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
