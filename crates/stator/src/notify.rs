//! Notifies the service manager of readiness and shutdown, where it sets a socket (systemd's `Type=notify`).

/// The server answers requests.
pub(crate) const READY: &str = "READY=1";
/// It finishes what it does, and ends.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Sends a state to the socket that the manager has named, if there is one. A manager that does not take it waits for
/// its own timeout; the server does not depend on it.
#[cfg(unix)]
pub(crate) fn tell(state: &str) {
    use std::os::unix::net::UnixDatagram;
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let sent = UnixDatagram::unbound().and_then(|socket| send(&socket, state, &name));
    if let Err(error) = sent {
        tracing::warn!("the service manager was not told {state}: {error}");
    }
}

#[cfg(not(unix))]
pub(crate) fn tell(_: &str) {}

/// A name that begins with `@` is one of the abstract namespace of Linux.
#[cfg(target_os = "linux")]
fn send(
    socket: &std::os::unix::net::UnixDatagram,
    state: &str,
    name: &std::ffi::OsStr,
) -> std::io::Result<usize> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::SocketAddr;
    match name.as_bytes().strip_prefix(b"@") {
        Some(abstract_name) => {
            socket.send_to_addr(state.as_bytes(), &SocketAddr::from_abstract_name(abstract_name)?)
        }
        None => socket.send_to(state.as_bytes(), name),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn send(
    socket: &std::os::unix::net::UnixDatagram,
    state: &str,
    name: &std::ffi::OsStr,
) -> std::io::Result<usize> {
    socket.send_to(state.as_bytes(), name)
}
