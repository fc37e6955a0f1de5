//! The process where the system has not enough for it: nowhere to write its log, no threads.

use crate::running::{Running, command_refused, stator};
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
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
