//! The listener: accepts within its limits, and ends without cutting off requests.

use crate::body_budget::BodyBudget;
use crate::coding::Coders;
use crate::connection;
use crate::connections::Connections;
use crate::cors::Cors;
use crate::handler::Handler;
use crate::host::HostRule;
use crate::limits::Limits;
use crate::pages::Pages;
use crate::response_budget::ResponseBudget;
use crate::tls::Tls;
use pipeline::Pipeline;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use stdx::future::Boxed;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};

/// How a listener behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bounds of what clients can make it hold.
    pub limits: Limits,
    /// Web pages that may read answers.
    pub cors: Cors,
    /// Names it answers to.
    pub host_rule: HostRule,
    /// Counts the connections that are open.
    pub connections: Connections,
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every request that was here as a whole was answered.
    Fully,
    /// Some were cut off when the time was over.
    CutOff,
}

/// A bound listener that does not accept yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    tls: Option<Tls>,
}

/// How long to wait when the system or this process has no sockets left.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

impl Server {
    /// Binds the address; port 0 is any free port.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Server { listener: TcpListener::bind(address).await?, tls: None })
    }

    /// Requires TLS of all connections.
    pub fn with_tls(self, tls: Tls) -> Self {
        Server { tls: Some(tls), ..self }
    }

    /// Where it listens.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes, then lets requests in progress finish, at most for `drain`. A request of
    /// which a part has not come yet is not waited for.
    pub fn serve<'a>(
        self,
        settings: Settings,
        pipeline: Arc<Pipeline>,
        pages: Arc<dyn Pages>,
        stop: Boxed<'a, ()>,
        drain: Duration,
    ) -> Boxed<'a, Drained> {
        Box::pin(async move {
            let bodies = BodyBudget::new(settings.limits.in_flight_bytes);
            let responses = ResponseBudget::new(settings.limits.in_flight_bytes);
            let (close, closing) = watch::channel(false);
            let (coders, stops) = (Coders::new(), closing.clone());
            let handler =
                Arc::new(Handler { settings, bodies, responses, coders, pipeline, pages, closing: stops });
            let (open, mut all_closed) = mpsc::channel::<()>(1);
            tokio::select! {
                () = self.accept_all(handler, closing, open) => {}
                () = stop => {}
            }
            drop(self.listener);
            close.send_replace(true);
            let drained = tokio::time::timeout(drain, all_closed.recv()).await;
            if drained.is_ok() { Drained::Fully } else { Drained::CutOff }
        })
    }

    /// Every connection holds a clone of `open`, so that its channel closes with the last of them.
    async fn accept_all(
        &self,
        handler: Arc<Handler>,
        closing: watch::Receiver<bool>,
        open: mpsc::Sender<()>,
    ) {
        let places = Arc::new(Semaphore::new(handler.settings.limits.connections));
        loop {
            let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
            let (stream, address) = self.accept().await;
            let opened = handler.settings.connections.count();
            let (handler, closing, open) = (Arc::clone(&handler), closing.clone(), open.clone());
            let tls = self.tls.clone();
            tokio::spawn(async move {
                connection::serve(stream, address, tls, handler, closing).await;
                drop((open, place, opened));
            });
        }
    }

    /// Errors are waited out, and those that follow each other are one line in the log.
    async fn accept(&self) -> (TcpStream, IpAddr) {
        let mut is_failing = false;
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Without it small answers wait for acknowledgements; where it fails they only wait.
                    _ = stream.set_nodelay(true);
                    return (stream, address.ip());
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!("cannot accept a connection, trying on: {error}");
                    }
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }
}
