//! mimalloc disables transparent huge pages for the process, because with them enabled by the system an idle server
//! takes twice the memory. This re-enables them for regions that request them by madvise, as the store does for memory
//! that is read at random.

#[cfg(target_os = "linux")]
pub(crate) fn only_where_asked_for() {
    /// In Linux since 6.18.
    const EXCEPT_ADVISED: libc::c_ulong = 1 << 1;
    const MODE: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
    // SAFETY: a call without pointers. A system without this option returns an error and changes nothing.
    let disable = |on: libc::c_ulong, except: libc::c_ulong| unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, on, except, 0 as libc::c_ulong, 0 as libc::c_ulong)
    };
    let done = disable(1, EXCEPT_ADVISED) == 0;
    // Older systems know only all or nothing; the mode of some is to give none unasked.
    if !done && std::fs::read_to_string(MODE).is_ok_and(|mode| mode.contains("[madvise]")) {
        disable(0, 0);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn only_where_asked_for() {}
