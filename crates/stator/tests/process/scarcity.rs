//! The process where the system has not enough for it: nowhere to write its log, too few files, no threads.

use crate::running::{Running, command_refused, stator, text};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Each is a stderr that nothing can be written to.
fn deaf() -> Vec<Stdio> {
    let (_, broken) = io::pipe().unwrap();
    let full = File::options().write(true).open("/dev/full").ok();
    full.map(Stdio::from).into_iter().chain([broken.into()]).collect()
}

#[test]
fn a_log_that_cannot_be_written_ends_nothing() {
    for stderr in deaf() {
        let mut command = stator(&["--port", "0", "--memory", "--log", "debug"]);
        let mut server = Running::of(command.stderr(stderr));
        for _ in 0..3 {
            assert!(server.call("ListTables", "{}").starts_with("HTTP/1.1 200"));
        }
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0));
    }
}

#[test]
fn a_failure_that_cannot_be_told_has_its_code() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, code) in [(&["--memory", "--port", &port][..], 3), (&["--prot"], 2)] {
        for stderr in deaf() {
            let status = stator(arguments).stderr(stderr).stdout(Stdio::null()).status().unwrap();
            assert_eq!(status.code(), Some(code), "{arguments:?}");
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = libc::c_int;

/// The command with a limit of its own.
fn limited(
    command: &mut Command,
    resource: Resource,
    soft: libc::rlim_t,
    hard: libc::rlim_t,
) -> &mut Command {
    let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
    // SAFETY: between fork and exec it calls what may be called there.
    unsafe {
        command.pre_exec(move || match libc::setrlimit(resource, &raw const limit) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        })
    }
}

#[test]
fn too_few_files_are_refused() {
    let mut command = stator(&["--port", "0", "--memory"]);
    command_refused(limited(&mut command, libc::RLIMIT_NOFILE, 100, 255), 1, "with ulimit -n");
}

#[test]
fn clients_leave_the_store_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = stator(&["--port", "0", "--data-dir", text(&data)]);
    let mut server = Running::of(limited(&mut command, libc::RLIMIT_NOFILE, 100, 256));
    let clients: Vec<_> = (0..150).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    let waits = std::thread::scope(|scope| {
        let call = scope.spawn(|| server.call("CreateTable", crate::TABLE));
        std::thread::sleep(std::time::Duration::from_millis(300));
        let waits = !call.is_finished();
        drop(clients);
        assert!(call.join().unwrap().starts_with("HTTP/1.1 200"));
        waits
    });
    assert!(waits, "a place is free only when a client leaves");
    server.signal("-TERM");
    let (code, _, err) = server.end();
    assert!(code == Some(0) && err.contains("at most 64 clients can be connected"), "{err}");
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_cannot_be_accepted_wait() {
    let mut server = Running::start(&["--port", "0", "--memory"]);
    let limit_files = |soft: libc::rlim_t| {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        let pid = server.process.id() as libc::pid_t;
        // SAFETY: reads and writes limits that are there.
        unsafe {
            assert_eq!(libc::prlimit(pid, libc::RLIMIT_NOFILE, std::ptr::null(), &raw mut limit), 0);
            limit.rlim_cur = soft;
            assert_eq!(libc::prlimit(pid, libc::RLIMIT_NOFILE, &raw const limit, std::ptr::null_mut()), 0);
        }
    };
    limit_files(3);
    let mut client = TcpStream::connect(server.address()).unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    limit_files(256);
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.signal("-TERM");
    let (code, _, err) = server.end();
    assert_eq!((code, err.matches("cannot accept").count()), (Some(0), 1), "{err}");
}

/// Bodies that become half a gigabyte together, from clients without credentials. What they become takes its share of
/// the memory for bodies before it is there.
#[cfg(target_os = "linux")]
#[test]
fn bodies_that_grow_stay_below_the_cap() {
    const CLIENTS: usize = 2_000;
    const CAP_MB: usize = 16;
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("stator.toml");
    fs::write(
        &config,
        format!("mode = \"local\"\n[data]\nmemory = true\n[http]\nport = 0\nin_flight_mb_max = {CAP_MB}\n"),
    )
    .unwrap();
    let server = Running::start(&["--config", text(&config)]);
    raise_files();
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    let before_mb = most_memory_mb(&server);
    let bomb = gzip(&vec![b' '; 256 * 1024]);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: \
         application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    let mut holders = [hold_bodies(&server, CAP_MB), hold_bodies(&server, CAP_MB)];
    for client in &mut clients {
        client.write_all(head.as_bytes()).and_then(|()| client.write_all(&bomb)).unwrap();
    }
    for _ in 0..3 {
        std::thread::sleep(std::time::Duration::from_millis(500));
        holders.iter_mut().for_each(|holder| holder.write_all(b"x").unwrap());
    }
    drop(holders);
    for client in &mut clients {
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let grown_mb = most_memory_mb(&server) - before_mb;
    assert!(grown_mb < 8 * CAP_MB, "{grown_mb} MB");
}

/// A client that holds all of the memory for bodies as long as it sends a little now and then. A second one goes on
/// beyond the cap, as one request at a time may; then all others wait.
#[cfg(target_os = "linux")]
fn hold_bodies(server: &Running, cap_mb: usize) -> TcpStream {
    let bytes = cap_mb << 20;
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {bytes}\r\n\r\n").unwrap();
    stream.write_all(&vec![b'x'; bytes - 100]).unwrap();
    stream
}

/// The most memory that the process has had at a time.
#[cfg(target_os = "linux")]
fn most_memory_mb(server: &Running) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() / 1024
}

/// Allows this process as many files as it may have.
#[cfg(target_os = "linux")]
fn raise_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads and writes limits that are there.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
    }
}

#[cfg(target_os = "linux")]
fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn threads_that_are_refused_are_no_bug() {
    // SAFETY: returns a number and takes no pointer.
    let is_root = unsafe { libc::geteuid() } == 0;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("stator");
    fs::copy(env!("CARGO_BIN_EXE_stator"), &program).unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(program);
    command.args(["--port", "0", "--memory"]);
    if is_root {
        command.uid(65_534); // the limit is not for root
    }
    let limited = limited(&mut command, libc::RLIMIT_NPROC, 0, 0);
    command_refused(limited, 1, "more of them with ulimit -u");
    let err = String::from_utf8(limited.output().unwrap().stderr).unwrap();
    assert!(!err.contains("report") && err.lines().count() == 1, "{err}");
    for stderr in deaf() {
        assert_eq!(limited.stderr(stderr).status().unwrap().code(), Some(1));
    }
}
