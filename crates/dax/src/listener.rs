//! Where DAX's clients connect: accepts within a limit, and ends with the server.

use crate::connection::Ends;
use crate::{Dax, connection};
use pipeline::Peer;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stdx::future::Boxed;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// What clients may make a listener hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time. As many further ones wait for a place; what comes then is closed.
    pub connections: usize,
    /// How long a connection waits before it is closed: a client learns that it is not served and need not find out.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connections: 1_024, patience: Duration::from_secs(2) }
    }
}

/// A bound listener that does not accept yet.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
}

/// Where the certificates of new connections come from.
pub type Certificates = Arc<dyn Fn() -> TlsAcceptor + Send + Sync>;

/// How long to wait when the system or this process has no sockets left.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);
/// How long requests may take when the server ends.
const DRAIN: Duration = Duration::from_secs(10);
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

impl Listener {
    /// Binds the address; port 0 is any free port.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Listener { listener: TcpListener::bind(address).await? })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `closing` says that the server ends: a connection then ends with the request that it has.
    pub fn serve(
        self,
        dax: Arc<Dax>,
        limits: Limits,
        tls: Option<Certificates>,
        mut closing: watch::Receiver<bool>,
    ) -> Boxed<'static, ()> {
        Box::pin(async move {
            let [places, waiting] = [(); 2].map(|()| Arc::new(Semaphore::new(limits.connections)));
            let is_closing = closing.clone();
            let accepting = async {
                loop {
                    let (stream, ends) = self.accept(tls.is_some()).await;
                    let Ok(wait) = Arc::clone(&waiting).try_acquire_owned() else { continue };
                    let place = timeout(limits.patience, Arc::clone(&places).acquire_owned());
                    let (dax, closing) = (Arc::clone(&dax), is_closing.clone());
                    let acceptor = tls.as_ref().map(|certificates| certificates());
                    tokio::spawn(async move {
                        let place = place.await;
                        drop(wait);
                        if let Ok(Ok(place)) = place {
                            serve(stream, acceptor, &dax, ends, closing).await;
                            drop(place);
                        }
                    });
                }
            };
            tokio::select! {
                () = accepting => {}
                _ = closing.wait_for(|is_closing| *is_closing) => {}
            }
            // A connection gives its place back when it has ended.
            _ = timeout(DRAIN, places.acquire_many(limits.connections as u32)).await;
        })
    }

    /// Errors are waited out, and those that follow each other are one line in the log.
    async fn accept(&self, is_secure: bool) -> (TcpStream, Ends) {
        let mut is_failing = false;
        loop {
            let accepted = match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let peer = Peer { address: peer.ip(), is_secure };
                    stream.local_addr().map(|local| (stream, Ends { local, peer }))
                }
                Err(error) => Err(error),
            };
            match accepted {
                Ok((stream, ends)) => {
                    _ = stream.set_nodelay(true);
                    return (stream, ends);
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!("cannot accept a connection of a DAX client, trying on: {error}");
                    }
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    dax: &Dax,
    ends: Ends,
    closing: watch::Receiver<bool>,
) {
    let Some(acceptor) = acceptor else { return connection::serve(stream, dax, ends, closing).await };
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_PATIENCE, acceptor.accept(stream)).await {
        connection::serve(stream, dax, ends, closing).await;
    }
}
