//! `stator tail` and `stator logs`, in this process: its output, and the signals that end it.

use crate::failure::Failure;
use crate::shutdown;
use commands::Stop;
use commands::client::Variables;
use commands::logs;
use commands::tail::{self, Arguments, Surroundings};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;
use std::time::Duration;
use stdx::SystemClock;

/// How long a call in progress may still take once the command is stopped.
const PATIENCE: Duration = Duration::from_millis(500);

/// Follows a table until a signal, or until the output is closed.
pub(crate) fn follow(arguments: &Arguments) -> Result<(), Failure> {
    let (ask, asked) = channel();
    let signals = Builder::new().name("signals".to_owned()).spawn(move || end_at_signal(&ask));
    signals.map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))?;
    let surroundings = Surroundings {
        variables: Variables::of_the_process(),
        clock: Arc::new(SystemClock),
        stop: &Stop::at(asked),
        out: &mut io::stdout(),
        terminal: io::stdout().is_terminal().then(columns),
        reader_is_gone: &reader_is_gone,
        notices: &mut io::stderr(),
    };
    tail::run(arguments, surroundings).map_err(Failure::Other)
}

/// Shows what a function has printed, and what it prints until a signal.
pub(crate) fn logs(arguments: &logs::Arguments) -> Result<(), Failure> {
    let (ask, asked) = channel();
    let signals = Builder::new().name("signals".to_owned()).spawn(move || end_at_signal(&ask));
    signals.map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))?;
    let surroundings = logs::Surroundings {
        variables: Variables::of_the_process(),
        clock: Arc::new(SystemClock),
        stop: &Stop::at(asked),
        out: &mut io::stdout(),
    };
    logs::run(arguments, surroundings).map_err(Failure::Other)
}

/// Stops the command; one that waits for an answer ends between two lines of its output.
fn end_at_signal(ask: &Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let Ok(requested) = shutdown::requested(None) else { return };
        requested.await;
        _ = ask.send(());
        tokio::time::sleep(PATIENCE).await;
        let mut stdout = io::stdout().lock();
        _ = stdout.flush();
        process::exit(0);
    });
}

/// The width of the terminal.
fn columns() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(80, |size| usize::from(size.ws_col))
}

/// Whether stdout is a pipe that was closed at its other end: no write is needed to find out.
fn reader_is_gone() -> bool {
    let stdout = io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let ready = poll(&mut fds, Some(&Timespec::default()));
    ready.is_ok() && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}
