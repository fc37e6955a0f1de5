//! The users that processes run as, where the server may choose: a block of numbers that no other server of the machine
//! has, since whoever ends a process ends all of its user. A name in the abstract namespace of sockets, which goes with
//! the server, keeps others out of the block.

use std::io;

/// The first of all users: numbers that no system gives to people.
const FIRST: u32 = 61_184;
/// Behind the last.
const END: u32 = 65_520;
/// All blocks have one size, so that none reaches into another.
const BLOCK: u32 = 128;

/// A block of users.
#[derive(Debug)]
pub(super) struct Users {
    first: u32,
    #[cfg(target_os = "linux")]
    _held: std::os::unix::net::UnixListener,
}

impl Users {
    /// A block of so many users that nobody has; `None` where the server is not root.
    #[cfg(target_os = "linux")]
    pub(super) fn take(count: usize) -> io::Result<Option<Self>> {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixListener};
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if count > BLOCK as usize {
            return Err(io::Error::other(format!(
                "at most {BLOCK} functions can run at a time as users of their own"
            )));
        }
        for first in (FIRST..=END - BLOCK).step_by(BLOCK as usize) {
            let name = SocketAddr::from_abstract_name(format!("stator-lambda-users-{first}"))?;
            if let Ok(held) = UnixListener::bind_addr(&name) {
                return Ok(Some(Users { first, _held: held }));
            }
        }
        Err(io::Error::other("other servers of this machine have all users that functions run as"))
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn take(_: usize) -> io::Result<Option<Self>> {
        Ok(None)
    }

    /// The user of a place.
    pub(super) fn of_place(&self, number: usize) -> u32 {
        self.first + number as u32
    }
}
