//! What is done between fork and exec, so that the code of a function begins with few rights: a session of its own,
//! no open file of the server, limits, a user of its own where the server may choose one, no new privileges, and death
//! with the thread that started it, which lives as long as the server.
//!
//! Where the server is root, `/tmp` of the process is its own folder and the data is covered by an empty one.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What a function's process may have.
#[derive(Debug, Clone)]
pub(super) struct Sandbox {
    /// Memory that it may write to.
    pub(super) memory_bytes: u64,
    /// The largest file that it may write.
    pub(super) file_bytes: u64,
    /// The user that it runs as; `None` where the server cannot choose one.
    pub(super) user: Option<u32>,
    /// What its `/tmp` is, where a user can be chosen.
    pub(super) tmp: CString,
    /// A folder that it must not see, where a user can be chosen.
    pub(super) hidden: Option<CString>,
}

const OPEN_FILES_MAX: u64 = 1_024;
/// Processes and threads. Without a user of its own the limit would count those of others, so there is none.
const PROCESSES_MAX: u64 = 256;

/// A path for system calls; one with a zero in it is none.
pub(super) fn path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}

impl Sandbox {
    /// Has the command begin within the sandbox.
    pub(super) fn around(self, command: &mut Command) {
        // SAFETY: `enter` makes system calls only, on memory that was prepared before the fork; it neither allocates
        // nor takes a lock.
        unsafe { command.pre_exec(move || self.enter()) };
    }

    fn enter(&self) -> io::Result<()> {
        // SAFETY: plain system calls with valid arguments.
        check(unsafe { libc::setsid() })?;
        close_files_at_exec();
        limit(libc::RLIMIT_CORE, 0)?;
        limit(libc::RLIMIT_DATA, self.memory_bytes)?;
        limit(libc::RLIMIT_FSIZE, self.file_bytes)?;
        limit(libc::RLIMIT_NOFILE, OPEN_FILES_MAX)?;
        if let Some(user) = self.user {
            limit(libc::RLIMIT_NPROC, PROCESSES_MAX)?;
            self.mount()?;
            become_user(user)?;
        }
        give_up_privileges()?;
        die_with_the_server()
    }

    /// Mounts that only this process sees. Where the system does not allow them the process does without.
    #[cfg(target_os = "linux")]
    fn mount(&self) -> io::Result<()> {
        let none = std::ptr::null::<libc::c_char>();
        // SAFETY: the paths are texts that end with a zero and outlive the calls; null means none.
        unsafe {
            if libc::unshare(libc::CLONE_NEWNS) != 0 {
                return Ok(());
            }
            check(libc::mount(none, c"/".as_ptr(), none, libc::MS_REC | libc::MS_PRIVATE, none.cast()))?;
            if let Some(hidden) = &self.hidden {
                let (kind, mode) = (c"tmpfs".as_ptr(), c"size=4k,mode=755".as_ptr());
                let flags = libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
                check(libc::mount(kind, hidden.as_ptr(), kind, flags, mode.cast()))?;
            }
            check(libc::mount(self.tmp.as_ptr(), c"/tmp".as_ptr(), none, libc::MS_BIND, none.cast()))
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn mount(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Ends all processes of a user at once: none of them can start another meanwhile.
pub(super) fn kill_all_of(user: u32) {
    let mut command = Command::new("/"); // which is not executed
    // SAFETY: system calls only, on memory that was prepared before the fork.
    unsafe {
        command.pre_exec(move || {
            become_user(user)?;
            libc::kill(-1, libc::SIGKILL);
            Err(io::Error::from_raw_os_error(libc::ECANCELED))
        });
    }
    _ = command.spawn();
}

fn check(returned: libc::c_int) -> io::Result<()> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Every file of the server is closed at exec already; those of libraries need not be.
#[cfg(target_os = "linux")]
fn close_files_at_exec() {
    // SAFETY: marks descriptors, closes none. Older kernels lack the call, which changes nothing then.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}

#[cfg(not(target_os = "linux"))]
fn close_files_at_exec() {}

/// A limit cannot be raised above the one of the server.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `now` is valid for the call to write to.
    check(unsafe { libc::getrlimit(resource, &raw mut now) })?;
    let most = (most as libc::rlim_t).min(now.rlim_max);
    let wanted = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: `wanted` is valid for the call to read.
    check(unsafe { libc::setrlimit(resource, &raw const wanted) })
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = libc::c_int;

fn become_user(user: u32) -> io::Result<()> {
    // SAFETY: plain system calls; groups go first, while that is still allowed.
    unsafe {
        check(libc::setgroups(0, std::ptr::null()))?;
        check(libc::setgid(user))?;
        check(libc::setuid(user))
    }
}

#[cfg(target_os = "linux")]
fn give_up_privileges() -> io::Result<()> {
    // SAFETY: a plain system call.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })
}

#[cfg(not(target_os = "linux"))]
fn give_up_privileges() -> io::Result<()> {
    Ok(())
}

/// After the change of the user, which would forget it.
#[cfg(target_os = "linux")]
fn die_with_the_server() -> io::Result<()> {
    // SAFETY: a plain system call.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })
}

#[cfg(not(target_os = "linux"))]
fn die_with_the_server() -> io::Result<()> {
    Ok(())
}
