//! A client, from its preamble to its end: one request at a time, in the order they come.
//!
//! A client that does not send, or does not read, is left after a time. What cannot be understood ends the connection,
//! because nothing tells where the next request begins.

mod interrupts;

use crate::cache::Counts;
use crate::codec::frame::Broken;
use crate::codec::writer::framed;
use crate::codec::{Fault as BytesFault, Frame, Framer, Method, Preamble};
use crate::errors::{self, Refused};
use crate::lazy_id::LazyId;
use crate::memory::{Held, OWN_BYTES};
use crate::ops::{self, Call, Kept};
use crate::session::Session;
use crate::{Dax, audit, endpoints};
use dynamodb::DynamoDb;
use figures::Fault;
use interrupts::Interrupts;
use parking_lot::Mutex;
use pipeline::{Peer, RequestId, Service as _};
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// How long a client may take for its preamble.
const PREAMBLE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may take from one piece of a request to the next, and to take an answer.
const PIECE_PATIENCE: Duration = Duration::from_secs(60);
/// How long a client may take for a request as a whole.
const REQUEST_PATIENCE: Duration = Duration::from_secs(300);
/// How long a connection may be idle: clients ask something every few seconds, or close.
const IDLE_PATIENCE: Duration = Duration::from_secs(600);
const READ_BYTES: usize = 4 * 1024;

/// The ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// The server's, as the client has reached it.
    pub(crate) local: SocketAddr,
    /// The client's.
    pub(crate) peer: Peer,
}

/// Serves a client until it is gone, is left, or `closing` says that the server ends.
pub(crate) async fn serve<S>(stream: S, dax: &Dax, ends: Ends, closing: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connection = Connection {
        stream,
        dax,
        ends,
        interrupts: Interrupts::of(closing, PIECE_PATIENCE),
        input: Vec::new(),
        held: Held::default(),
        late: None,
        output: Vec::new(),
        user_agent: String::new(),
        wants_frames: false,
    };
    dax.connections.fetch_add(1, Ordering::Relaxed);
    // A client that goes away is no event.
    _ = connection.run().await;
    dax.connections.fetch_sub(1, Ordering::Relaxed);
}

struct Connection<'d, S> {
    stream: S,
    dax: &'d Dax,
    ends: Ends,
    interrupts: Interrupts,
    /// What was received and not used.
    input: Vec<u8>,
    held: Held,
    /// When the request that has begun is too late.
    late: Option<Instant>,
    output: Vec<u8>,
    /// What the client says that it is.
    user_agent: String,
    wants_frames: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<'_, S> {
    async fn run(mut self) -> io::Result<()> {
        let Ok(preamble) = timeout(PREAMBLE_PATIENCE, self.preamble()).await else { return Ok(()) };
        let Some(preamble) = preamble? else { return Ok(()) };
        let (mut session, mut framer) = (Session::of(&preamble), Framer::default());
        (self.user_agent, self.wants_frames) = (preamble.user_agent, preamble.wants_frames);
        loop {
            match framer.next(&self.input) {
                Ok(Some(frame)) => {
                    self.answer(&mut session, &frame).await?;
                    self.forget(frame.len);
                }
                Ok(None) => {
                    let wanted = framer.wants(&self.input);
                    // Nobody has the server hold much before it is known who it is.
                    if wanted > OWN_BYTES && !session.is_authorized() {
                        return self.say(&Refused::Unauthenticated(None)).await;
                    }
                    if !self.receive(wanted, session.is_authorized()).await? {
                        return Ok(());
                    }
                }
                Err(broken) => return self.refuse(broken).await,
            }
        }
    }

    async fn preamble(&mut self) -> io::Result<Option<Preamble>> {
        loop {
            match Preamble::read(&self.input) {
                Ok(Some((preamble, len))) => {
                    self.input.drain(..len);
                    return Ok(Some(preamble));
                }
                Ok(None) => {
                    if self.stream.read_buf(&mut self.input).await? == 0 {
                        return Ok(None);
                    }
                }
                Err(_) => return Ok(None),
            }
        }
    }

    /// Receives more of a request that has so many bytes at least; false if nothing more is to be had.
    async fn receive(&mut self, wanted: usize, is_authorized: bool) -> io::Result<bool> {
        let is_idle = self.input.is_empty();
        // A length alone reserves nothing: the buffer grows with what has come.
        let room =
            wanted.saturating_sub(self.input.len()).clamp(READ_BYTES, self.input.len().max(OWN_BYTES / 2));
        if !self.dax.memory.hold(&mut self.held, self.input.len() + room).await {
            return Ok(false);
        }
        self.input.reserve_exact(room);
        let patience = if is_idle && is_authorized { IDLE_PATIENCE } else { PIECE_PATIENCE };
        let now = Instant::now();
        let late = *self.late.get_or_insert(now + patience + REQUEST_PATIENCE);
        let end = late.min(now + patience);
        let Connection { stream, input, interrupts, .. } = self;
        interrupts.ring_by(end);
        let mut received = pin!(stream.read_buf(input));
        poll_fn(|context| match received.as_mut().poll(context) {
            Poll::Ready(received) => Poll::Ready(received.map(|bytes| bytes > 0)),
            Poll::Pending => interrupts.poll(context, end, is_idle).map(|()| Ok(false)),
        })
        .await
    }

    /// Takes away a request that was answered, and the memory it needed.
    fn forget(&mut self, len: usize) {
        self.input.drain(..len);
        self.late = None;
        if self.input.is_empty() {
            self.input.shrink_to(OWN_BYTES);
            self.held = Held::default();
        }
    }

    async fn answer(&mut self, session: &mut Session, frame: &Frame) -> io::Result<()> {
        let now_micros = self.dax.clock.now_micros();
        let mut arguments = frame.arguments(&self.input);
        if frame.method == Method::AuthorizeConnection {
            session.authorize(self.dax.pipeline.authenticator(), &mut arguments, now_micros);
            return Ok(());
        }
        let id = LazyId::of(&self.dax.random);
        self.output.clear();
        let ignores_select_all = session.always_selects_all();
        let asked = audit::Asked {
            request_id: &id,
            method: frame.method,
            peer: self.ends.peer,
            user_agent: &self.user_agent,
            now_micros,
        };
        let known = match session.known(self.dax, now_micros).await {
            Ok(known) => known,
            Err(refused) => {
                self.dax.note_refusal(id.get(), &refused, &Counts::default());
                audit::note_unknown(self.dax, asked, session.claimed_key(), &refused);
                errors::put(&mut self.output, id.get(), &refused, &Vec::new());
                return self.send(None).await;
            }
        };
        known.counts.requests.fetch_add(1, Ordering::Relaxed);
        if frame.method == Method::Endpoints {
            self.output.push(0x80);
            let at = endpoints::reached(self.ends.local, self.dax.advertised);
            endpoints::put(&mut self.output, at, &known.caller.region);
            return self.send(None).await;
        }
        let call = Call {
            dax: self.dax,
            known,
            request_id: &id,
            now_micros,
            ignores_select_all,
            tables: audit::tables(self.dax, frame.method),
            reason_items: Mutex::default(),
        };
        let answered = ops::answer(&call, frame.method, &mut arguments, &mut self.output).await;
        audit::note(self.dax, asked, &known.caller, call.tables.as_ref(), answered.as_ref().err());
        let kept = answered.unwrap_or_else(|refused| {
            self.output.clear();
            self.dax.note_refusal(id.get(), &refused, &known.counts);
            errors::put(&mut self.output, id.get(), &refused, &call.reason_items.into_inner());
            None
        });
        self.send(kept).await
    }

    /// Sends an answer that is kept, or what is in the output. A client that does not take it in time is left.
    async fn send(&mut self, mut kept: Option<Kept>) -> io::Result<()> {
        let mut held = Held::default();
        if !self.dax.memory.hold(&mut held, kept.as_deref().unwrap_or(&self.output).len()).await {
            let id = RequestId::draw(&self.dax.random);
            (kept, self.output) = (None, Vec::new());
            errors::put(&mut self.output, &id, &Refused::Busy, &Vec::new());
        }
        if self.wants_frames {
            (kept, self.output) = (None, framed(kept.as_deref().unwrap_or(&self.output)));
        }
        let answer = kept.as_deref().unwrap_or(&self.output);
        let sent = async {
            self.stream.write_all(answer).await?;
            self.stream.flush().await
        };
        let sent = within(PIECE_PATIENCE, sent).await?;
        self.output.clear();
        self.output.shrink_to(OWN_BYTES);
        sent
    }

    /// Tells the client why the connection ends.
    async fn refuse(self, broken: Broken) -> io::Result<()> {
        match broken {
            Broken::Method => self.say(&Refused::NotImplemented).await,
            Broken::Bytes(fault @ (BytesFault::TooLarge | BytesFault::TooDeep)) => {
                self.say(&Refused::Bytes(fault)).await
            }
            Broken::Bytes(_) => Ok(()),
        }
    }

    /// The last answer of a connection.
    async fn say(mut self, refused: &Refused) -> io::Result<()> {
        let id = RequestId::draw(&self.dax.random);
        self.output.clear();
        errors::put(&mut self.output, &id, refused, &Vec::new());
        self.send(None).await
    }
}

/// What comes of something in time. What is done at once needs no timer.
async fn within(
    patience: Duration,
    done: impl Future<Output = io::Result<()>>,
) -> io::Result<io::Result<()>> {
    let mut done = pin!(done);
    match poll_fn(|context| Poll::Ready(done.as_mut().poll(context))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout(patience, done).await.map_err(|_| io::ErrorKind::TimedOut.into()),
    }
}

impl Dax {
    /// Leaves what an administrator may want to know of a refusal.
    fn note_refusal(&self, id: &RequestId, refused: &Refused, counts: &Counts) {
        let count = match refused {
            Refused::Operation(error) if error.code.status() >= 500 => &counts.faults,
            Refused::Busy => &counts.throttled,
            Refused::Operation(error) if DynamoDb::fault(error) == Fault::Throttled => &counts.throttled,
            _ => &counts.errors,
        };
        count.fetch_add(1, Ordering::Relaxed);
        match refused {
            Refused::Operation(error) => self.pipeline.note_denial(id, error),
            Refused::Unauthenticated(why) => {
                self.pipeline.count_refusal("MissingAuthenticationTokenException");
                tracing::debug!(request_id = id.as_str(), ?why, "a DAX client is not authorized");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
