//! What a panic means. In a thread that serves requests it is one failed request, caught and answered where
//! it happened. Anywhere else a part of the server is gone, and half a server must not go on.

use std::panic::PanicHookInfo;
use std::thread;

/// The name of the threads that serve requests.
pub(crate) const WORKER: &str = "stator-worker";

/// From now on a panic outside the workers ends the process with a message.
pub(crate) fn end_the_process() {
    std::panic::set_hook(Box::new(|info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("unnamed");
        if name == WORKER {
            return tracing::error!("panic in a request: {}", sentence(info));
        }
        eprintln!("stator: internal error in the thread {name}: {}; please report this", sentence(info));
        std::process::exit(1);
    }));
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let owned = info.payload().downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| info.payload().downcast_ref::<&str>().copied()).unwrap_or("(no text)");
    info.location().map_or_else(|| text.to_owned(), |place| format!("{text} ({place})"))
}
