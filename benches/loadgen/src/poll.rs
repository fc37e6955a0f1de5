//! epoll, as much of it as one loop over connections needs.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// What became ready: an id, and what can be done.
#[derive(Clone, Copy)]
pub struct Ready {
    pub id: usize,
    pub writable: bool,
    /// Readable, hung up or failed; the following read distinguishes them.
    pub readable: bool,
}

/// A set of sockets waited for together.
pub struct Poll {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poll {
    pub fn new() -> io::Result<Poll> {
        // SAFETY: no pointers are passed.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and has no other owner.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Poll { epoll, events: vec![libc::epoll_event { events: 0, u64: 0 }; 256] })
    }

    /// Waits for `socket` to be readable from now on.
    pub fn add(&self, socket: &impl AsRawFd, id: usize) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, socket, id, false)
    }

    /// Whether to wait for room to write as well.
    pub fn want_writable(&self, socket: &impl AsRawFd, id: usize, wanted: bool) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, socket, id, wanted)
    }

    fn control(&self, operation: i32, socket: &impl AsRawFd, id: usize, writable: bool) -> io::Result<()> {
        let out = if writable { libc::EPOLLOUT } else { 0 };
        let mut event = libc::epoll_event { events: (libc::EPOLLIN | out) as u32, u64: id as u64 };
        // SAFETY: the event outlives the call, which only reads it.
        let status =
            unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, socket.as_raw_fd(), &mut event) };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Waits at most so many nanoseconds, for ever without a number.
    pub fn wait(&mut self, timeout_ns: Option<i64>) -> impl Iterator<Item = Ready> + '_ {
        let timeout = timeout_ns.map(|nanoseconds| libc::timespec { tv_sec: 0, tv_nsec: nanoseconds });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the kernel writes at most `len` events into the vector; the time outlives the call.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as i32,
                timeout,
                std::ptr::null::<u8>(),
                0usize,
            )
        };
        self.events.iter().take(count.max(0) as usize).map(|event| Ready {
            id: event.u64 as usize,
            writable: event.events & libc::EPOLLOUT as u32 != 0,
            readable: event.events & !(libc::EPOLLOUT as u32) != 0,
        })
    }
}
