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
    std::thread::sleep(std::time::Duration::from_millis(300));
    limit_files(256);
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.signal("-TERM");
    let (code, _, err) = server.end();
    assert_eq!((code, err.matches("cannot accept").count()), (Some(0), 1), "{err}");
}

#[test]
fn threads_that_are_refused_are_no_bug() {
    // SAFETY: asks for a number.
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
