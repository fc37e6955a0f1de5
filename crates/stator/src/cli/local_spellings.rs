//! DynamoDB Local's command line, so that its scripts and compose files run unchanged: its flags have one dash, and
//! its launch line is for a Java machine.

use std::ffi::OsString;

/// A command line in our spellings.
pub(super) struct Translated {
    pub(super) arguments: Vec<OsString>,
    /// Whether any of it was DynamoDB Local's.
    pub(super) was_local: bool,
}

/// Rewrites its spellings into ours and drops what only Java understands. Other arguments pass.
pub(super) fn translate(arguments: impl IntoIterator<Item = OsString>) -> Translated {
    let mut arguments = arguments.into_iter();
    let mut out = Translated { arguments: arguments.next().into_iter().collect(), was_local: false };
    while let Some(argument) = arguments.next() {
        let text = argument.to_str().unwrap_or_default();
        if text == "-jar" {
            arguments.next(); // the archive
        } else if !is_for_java(text) {
            out.was_local |= ours(text).is_some();
            out.arguments.push(ours(text).map_or(argument, OsString::from));
        }
    }
    out
}

/// `-Djava.library.path=…`, `-Xmx512m`: ours have no capital after one dash.
fn is_for_java(argument: &str) -> bool {
    argument.starts_with("-D") || argument.starts_with("-X")
}

fn ours(argument: &str) -> Option<&'static str> {
    Some(match argument {
        "-port" => "--port",
        "-inMemory" => "--memory",
        "-sharedDb" => "--shared-regions",
        "-dbPath" => "--data-dir",
        "-cors" => "--cors",
        "-bindAddress" => "--host",
        "-delayTransientStatuses" => "--delay-transient-statuses",
        "-optimizeDbBeforeStartup" => "--optimize-db-before-startup",
        "-disableTelemetry" => "--disable-telemetry",
        "-help" => "--help",
        "-version" => "--version",
        _ => return None,
    })
}
