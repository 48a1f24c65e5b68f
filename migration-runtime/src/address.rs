//! Addresses of sockets: `tcp:HOST:PORT` or `unix:PATH`. Peers use them, and so do clients of a host.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

/// The longest path of a unix socket, in bytes: what fits into `sockaddr_un` with its final zero.
const PATH_BYTES_MAX: usize = 107;

/// The address of a socket.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Address {
    /// A TCP port.
    Tcp {
        /// A host name or an IP address, without brackets.
        host: String,
        /// The port; 0 lets a listener choose a free one.
        port: u16,
    },
    /// A unix stream socket.
    Unix {
        /// The socket's file.
        path: PathBuf,
    },
}

/// Why a text is not an address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The text begins with no scheme, or with one that is not known.
    #[error("`{0}` is not an address (supported: `tcp:HOST:PORT`, `unix:PATH`)")]
    Scheme(String),
    /// There is no host.
    #[error("`{0}` names no host (expected `tcp:HOST:PORT`, such as `tcp:127.0.0.1:4444`)")]
    Host(String),
    /// There is no port, or it is not one.
    #[error("`{0}` names no port (expected `tcp:HOST:PORT` with a port from 0 to 65535)")]
    Port(String),
    /// An IPv6 address without its brackets.
    #[error("`{0}` has an IPv6 address without brackets (expected `tcp:[ADDRESS]:PORT`)")]
    Brackets(String),
    /// There is no path.
    #[error("`{0}` names no path (expected `unix:PATH`)")]
    Path(String),
    /// The path does not fit into a socket address.
    #[error("the path of `{0}` is longer than the {PATH_BYTES_MAX} bytes that a unix socket allows")]
    PathLength(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        match text.split_once(':') {
            Some(("tcp", rest)) => parse_tcp(text, rest),
            Some(("unix", path)) => parse_unix(text, path),
            _ => Err(AddressError::Scheme(text.to_owned())),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp { host, port } if host.contains(':') => write!(out, "tcp:[{host}]:{port}"),
            Address::Tcp { host, port } => write!(out, "tcp:{host}:{port}"),
            Address::Unix { path } => write!(out, "unix:{}", path.display()),
        }
    }
}

fn parse_tcp(text: &str, rest: &str) -> Result<Address, AddressError> {
    let Some((host, port)) = rest.rsplit_once(':') else {
        return Err(AddressError::Port(text.to_owned()));
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| digits);
    let Some(port) = port else {
        return Err(AddressError::Port(text.to_owned()));
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match bracketed {
        Some(inside) if inside.parse::<Ipv6Addr>().is_ok() => inside,
        Some(_) => return Err(AddressError::Host(text.to_owned())),
        None if host.contains(':') => {
            return Err(AddressError::Brackets(text.to_owned()));
        }
        None => host,
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(known) {
        return Err(AddressError::Host(text.to_owned()));
    }
    Ok(Address::Tcp { host: host.to_owned(), port })
}

fn parse_unix(text: &str, path: &str) -> Result<Address, AddressError> {
    if path.is_empty() || path.contains('\0') {
        return Err(AddressError::Path(text.to_owned()));
    }
    if path.len() > PATH_BYTES_MAX {
        return Err(AddressError::PathLength(text.to_owned()));
    }
    Ok(Address::Unix { path: PathBuf::from(path) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_it_shows() {
        for text in [
            "tcp:127.0.0.1:4444",
            "tcp:[::1]:0",
            "tcp:localhost:65535",
            "tcp:a-b.example:1",
            "unix:/run/x.sock",
            "unix:relative:with:colons",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("", "`` is not an address (supported: `tcp:HOST:PORT`, `unix:PATH`)"),
            ("exec:cat", "`exec:cat` is not an address (supported: `tcp:HOST:PORT`, `unix:PATH`)"),
            ("tcp::1", "`tcp::1` names no host (expected `tcp:HOST:PORT`, such as `tcp:127.0.0.1:4444`)"),
            ("tcp:x", "`tcp:x` names no port (expected `tcp:HOST:PORT` with a port from 0 to 65535)"),
            ("tcp:x:", "`tcp:x:` names no port (expected `tcp:HOST:PORT` with a port from 0 to 65535)"),
            ("tcp:x:+1", "`tcp:x:+1` names no port (expected `tcp:HOST:PORT` with a port from 0 to 65535)"),
            ("tcp:x:99999", "`tcp:x:99999` names no port (expected `tcp:HOST:PORT` with a port from 0 to 65535)"),
            ("tcp:::1:5", "`tcp:::1:5` has an IPv6 address without brackets (expected `tcp:[ADDRESS]:PORT`)"),
            ("tcp:[x]:5", "`tcp:[x]:5` names no host (expected `tcp:HOST:PORT`, such as `tcp:127.0.0.1:4444`)"),
            ("unix:", "`unix:` names no path (expected `unix:PATH`)"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap_err().to_string(), error);
        }
        let long = format!("unix:/{}", "x".repeat(PATH_BYTES_MAX));
        assert_eq!(long.parse::<Address>(), Err(AddressError::PathLength(long.clone())));
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "(tcp|unix)?:?\\PC{0,40}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
            }
        }
    }
}
