//! How panics are handled. In a thread that serves requests, or reads for one, it is one failed request, caught and
//! answered where it happened. Anywhere else a part of the server has ended, and the process must not continue without
//! it. Nothing here panics itself: that would abort the process without a message.

use crate::failure::Failure;
use crate::stderr;
use std::panic::{self, PanicHookInfo};
use std::process;
use std::thread;

/// The name of the threads that serve requests.
pub(crate) const WORKER: &str = "stator-worker";

/// From now on a panic outside the workers ends the process with a message.
pub(crate) fn end_the_process() {
    panic::set_hook(Box::new(|info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("unnamed");
        if name == WORKER || name == store_embedded::COLD_READ_THREAD {
            return tracing::error!("panic in a request: {}", sentence(info));
        }
        let why = sentence(info);
        stderr::say(format_args!("internal error in the thread {name}: {why}; please report this"));
        process::exit(1);
    }));
}

/// Runs what panics where it should return an error. Such a panic ends the process with the failure that
/// `meaning` makes of its text: it is no fault of this program.
pub(crate) fn mean<T>(meaning: fn(&str) -> Failure, attempt: impl FnOnce() -> T) -> T {
    panic::set_hook(Box::new(move |info| {
        let failure = meaning(&text(info));
        stderr::say(&failure);
        process::exit(failure.exit_code().into());
    }));
    let done = attempt();
    end_the_process();
    done
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let text = text(info);
    info.location().map_or_else(|| text.clone(), |place| format!("{text} ({place})"))
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let owned = info.payload().downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| info.payload().downcast_ref::<&str>().copied()).unwrap_or("(no text)");
    text.to_owned()
}
