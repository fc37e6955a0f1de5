//! The thread that starts processes. A process dies with the thread that started it, so that is one which lives as long
//! as the server, and not one of those that serve requests.

use std::io;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;
use tokio::process::{Child, Command as Asynchronous};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// A process to be started, and who waits for it.
struct Order {
    command: Command,
    started: oneshot::Sender<io::Result<Child>>,
}

/// Starts processes.
#[derive(Debug)]
pub(super) struct Spawner {
    orders: Sender<Order>,
}

impl Spawner {
    /// Starts the thread, which ends with this value. To be called where tokio runs.
    pub(super) fn start() -> io::Result<Self> {
        let (orders, incoming) = channel::<Order>();
        let runtime = Handle::current();
        Builder::new().name("lambda-spawner".to_owned()).spawn(move || {
            let _runtime = runtime.enter();
            for Order { command, started } in incoming {
                let child = Asynchronous::from(command).kill_on_drop(true).spawn();
                _ = started.send(child);
            }
        })?;
        Ok(Spawner { orders })
    }

    /// Starts a process.
    pub(super) async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (started, waiting) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.orders.send(Order { command, started }).map_err(|_| gone())?;
        waiting.await.map_err(|_| gone())?
    }
}
