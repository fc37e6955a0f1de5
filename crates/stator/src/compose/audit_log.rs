//! The audit log of this run.

use crate::config::AuditConfig;
use crate::failure::Failure;
use audit::FileLog;
use std::sync::Arc;
use stdx::Random;

/// Opens it; `None` where there is none.
pub(super) fn open(
    config: Option<&AuditConfig>,
    now_micros: u64,
    random: Random,
) -> Result<Option<Arc<FileLog>>, Failure> {
    let Some(AuditConfig { audited, folder, rotation }) = config else { return Ok(None) };
    let opened = FileLog::open(folder, *audited, *rotation, now_micros, random);
    let refused = |error: std::io::Error| {
        Failure::Other(format!(
            "cannot write the audit log in {}: {error}; name another dir in [audit], or set events = \"off\"",
            folder.display()
        ))
    };
    opened.map(|log| Some(Arc::new(log))).map_err(refused)
}
