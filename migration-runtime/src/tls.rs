//! TLS 1.3 with certificates on both sides.
//!
//! The names are QEMU's: a directory (`tls-creds`) has `ca-cert.pem`, and `client-cert.pem` and `client-key.pem` on a
//! source, `server-cert.pem` and `server-key.pem` on a destination. The certificate of a destination must be for the host
//! that the source wants to reach (`tls-hostname`), and that of a source may have to be for one of a list of names
//! (`tls-authz`). Names are host names or IP addresses, and are compared with those in the `subjectAltName` of the
//! certificate; QEMU's `tls-authz` names an object that compares the distinguished name, which is not compared here. Files are read when an attempt begins, so they can be exchanged between attempts.
//!
//! An embedder that has connections of its own makes a [`TlsStream`] of one and hands it in by `Channel::from_tls`.
//! `SourceWork::with_tls` and `DestinationWork::with_tls` encrypt the connection that they make.

mod credentials;
mod stream;

pub use credentials::{TlsClient, TlsError, TlsServer};
pub use stream::TlsStream;
