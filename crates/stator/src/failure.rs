//! Failures of the process: an exit code and a sentence each. The codes are documented; scripts rely on them.

use std::fmt;
use std::io;
use std::net::SocketAddr;

/// The reasons.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line or the configuration makes no sense.
    Usage(String),
    /// Another process listens there.
    PortInUse(SocketAddr),
    /// The address cannot be listened on for another reason.
    Address(SocketAddr, io::Error),
    /// The data directory cannot be used; a sentence that names it.
    Data(String),
    /// The data was written by a newer version; a sentence that names it.
    NewerData(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// 1 failure, 2 usage, 3 port in use, 4 data directory unusable or locked, 5 newer data.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Other(_) | Failure::Address(..) => 1,
            Failure::Usage(_) => 2,
            Failure::PortInUse(_) => 3,
            Failure::Data(..) => 4,
            Failure::NewerData(_) => 5,
        }
    }

    /// From the attempt to listen.
    pub(crate) fn listening(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Failure::PortInUse(address),
            _ => Failure::Address(address, error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(what) => write!(f, "{what} (see stator --help)"),
            Failure::PortInUse(address) => write!(
                f,
                "port {} on {} is in use by another process; stop it, or choose another port with --port \
                 (0 takes any free one)",
                address.port(),
                address.ip()
            ),
            Failure::Address(address, error) => write!(
                f,
                "cannot listen on {address}: {error}; choose another address with --host and --port"
            ),
            Failure::Data(sentence) | Failure::NewerData(sentence) | Failure::Other(sentence) => {
                f.write_str(sentence)
            }
        }
    }
}
