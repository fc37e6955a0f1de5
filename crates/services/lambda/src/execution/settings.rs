//! How functions are run on this machine.

use crate::access::Access;
use logs::Writer;
use std::path::PathBuf;
use std::time::Duration;

/// Bounds of all processes of functions together.
#[derive(Debug, Clone)]
pub struct ExecutionSettings {
    /// How many processes may be there at a time, busy and idle.
    pub processes_max: usize,
    /// How long an idle process is kept.
    pub idle: Duration,
    /// Where packages are unpacked; a folder below it belongs to this server and goes with it.
    pub folder: PathBuf,
    /// Where what functions print goes.
    pub output: Option<Writer>,
    /// How functions get credentials of this server.
    pub access: Access,
    /// A folder that no function may look into, where that can be prevented: the data.
    pub hidden: Option<PathBuf>,
}

impl Default for ExecutionSettings {
    fn default() -> Self {
        ExecutionSettings {
            processes_max: 32,
            idle: Duration::from_secs(300),
            folder: PathBuf::from("/var/tmp"),
            output: None,
            access: Access::default(),
            hidden: None,
        }
    }
}
