//! One epoll loop for each thread. Closed loop (a connection sends its next request when an answer arrives) or open
//! loop (`rate`: requests fall due at fixed times, and latency counts from then).

use crate::connection::{Conn, open};
use crate::dax;
use crate::engine::{Clock, Config, MEASURE, Protocol, STOP, Stats};
use crate::hist::Hist;
use crate::http::{Parsed, parse};
use crate::maker::{Maker, Source};
use crate::poll::{Poll, Ready};
use crate::workload::{OP_DAX_GET, answer_ok};
use std::io;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// How long a wait may take, so that the end of a phase is noticed.
const WAIT_NS: i64 = 50_000_000;

/// Sends requests over `connections` connections until the phase is `STOP` or the source is exhausted.
pub fn run(config: &Config, source: Source, connections: usize, phase: &AtomicU8) -> io::Result<Stats> {
    let mut worker = Worker::start(config, source, connections)?;
    worker.fill_all()?;
    let mut ready = Vec::new();
    loop {
        worker.phase = phase.load(Relaxed);
        if worker.phase == STOP || (worker.exhausted && worker.live == 0) {
            return Ok(worker.stats);
        }
        let timeout_ns = worker.send_due()?;
        ready.clear();
        ready.extend(worker.poll.wait(Some(timeout_ns)));
        for event in &ready {
            worker.serve(*event)?;
        }
    }
}

struct Worker<'a> {
    config: &'a Config,
    clock: Clock,
    maker: Maker,
    poll: Poll,
    connections: Vec<Conn>,
    stats: Stats,
    phase: u8,
    /// When the measuring began.
    measured_from: Option<u64>,
    /// Open loop: when the next request is due, and connections that wait for one.
    due_ns: f64,
    idle: Vec<usize>,
    exhausted: bool,
    /// Requests outstanding.
    live: usize,
}

/// What is known of a connection after its answers were read.
#[derive(Default)]
struct Health {
    /// The server closes, or has closed, the connection.
    closing: bool,
    at_end: bool,
    fault: Option<String>,
}

/// An answer at the beginning of a buffer.
enum Answer {
    Whole { length: usize, status: u16, body: (usize, usize), closes: bool },
    NotYet,
    Bad(String),
}

impl<'a> Worker<'a> {
    fn start(config: &'a Config, source: Source, connections: usize) -> io::Result<Self> {
        let (clock, poll) = (Clock::new(), Poll::new()?);
        let all = (0..connections).map(|_| open(config)).collect::<io::Result<Vec<_>>>()?;
        for (id, connection) in all.iter().enumerate() {
            poll.add(&connection.stream, id)?;
        }
        Ok(Worker {
            config,
            maker: Maker::new(config, source),
            poll,
            connections: all,
            stats: Stats { hist: Some(Hist::new()), ..Default::default() },
            phase: crate::engine::WARM,
            measured_from: None,
            due_ns: clock.now() as f64,
            clock,
            idle: Vec::new(),
            exhausted: false,
            live: 0,
        })
    }

    fn is_open_loop(&self) -> bool {
        self.config.rate > 0.0
    }

    fn fill_all(&mut self) -> io::Result<()> {
        for id in (0..self.connections.len()).rev() {
            self.begin(id);
            self.flush(id)?;
        }
        Ok(())
    }

    /// A fresh connection: in the open loop it is idle, in the closed loop it gets its pipeline of requests.
    fn begin(&mut self, id: usize) {
        if self.is_open_loop() {
            self.idle.push(id);
            return;
        }
        for _ in 0..self.config.pipeline {
            if !self.exhausted {
                let now = self.clock.now();
                self.make(id, now, now);
            }
        }
    }

    /// Puts the next request behind what the connection has to send. Its latency counts from `from`.
    fn make(&mut self, id: usize, now: u64, from: u64) {
        let connection = &mut self.connections[id];
        match self.maker.next(self.clock.wall(now), &mut connection.out) {
            Some(operation) => {
                connection.inflight.push_back((from, operation));
                self.live += 1;
            }
            None => self.exhausted = true,
        }
    }

    /// Open loop: sends what is due over idle connections. Answers how long the next wait may be.
    fn send_due(&mut self) -> io::Result<i64> {
        if !self.is_open_loop() {
            return Ok(WAIT_NS);
        }
        let now = self.clock.now();
        while self.due_ns <= now as f64 {
            let Some(id) = self.idle.pop() else { return Ok(WAIT_NS) };
            self.make(id, now, self.due_ns as u64);
            self.flush(id)?;
            self.due_ns += 1e9 / self.config.rate;
        }
        match self.idle.is_empty() {
            true => Ok(WAIT_NS),
            false => Ok(((self.due_ns - self.clock.now() as f64).max(0.0) as i64).min(WAIT_NS)),
        }
    }

    /// Sends what a connection has, as far as the socket takes it.
    fn flush(&mut self, id: usize) -> io::Result<()> {
        let connection = &mut self.connections[id];
        if connection.out.is_empty() || connection.wants_out {
            return Ok(());
        }
        if connection.out_at == 0 && self.phase == MEASURE {
            self.stats.bytes_out += connection.out.len() as u64;
        }
        // A connection that failed is seen again when it is read.
        if let Ok(false) = connection.flush() {
            connection.wants_out = true;
            self.poll.want_writable(&connection.stream, id, true)?;
        }
        Ok(())
    }

    fn serve(&mut self, Ready { id, writable, readable }: Ready) -> io::Result<()> {
        let mut health = Health::default();
        if writable {
            self.continue_writing(id, &mut health)?;
        }
        if readable {
            self.read(id, &mut health);
        }
        self.take_answers(id, &mut health);
        let has_outstanding = !self.connections[id].inflight.is_empty();
        if health.at_end && !health.closing && has_outstanding && health.fault.is_none() {
            health.fault = Some("closed by the server with a request outstanding".into());
        }
        if health.closing || health.at_end || health.fault.is_some() {
            self.reconnect(id, health.fault)?;
        }
        self.flush(id)
    }

    fn continue_writing(&mut self, id: usize, health: &mut Health) -> io::Result<()> {
        let connection = &mut self.connections[id];
        match connection.flush() {
            Ok(true) => {
                connection.wants_out = false;
                self.poll.want_writable(&connection.stream, id, false)?;
            }
            Ok(false) => {}
            Err(error) => health.fault = Some(error.to_string()),
        }
        Ok(())
    }

    fn read(&mut self, id: usize, health: &mut Health) {
        match self.connections[id].fill() {
            Ok(0) => health.at_end = true,
            Ok(count) if self.phase == MEASURE => self.stats.bytes_in += count as u64,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => health.fault = Some(error.to_string()),
        }
    }

    /// Takes the whole answers out of the buffer, and makes the next request for each.
    fn take_answers(&mut self, id: usize, health: &mut Health) {
        let mut used = 0;
        while used < self.connections[id].rlen && !self.connections[id].inflight.is_empty() {
            let connection = &self.connections[id];
            let (length, status, body, closes) =
                match self.next_answer(&connection.rbuf[used..connection.rlen], health.at_end) {
                    Answer::Whole { length, status, body, closes } => (length, status, body, closes),
                    Answer::NotYet => break,
                    Answer::Bad(fault) => {
                        health.fault = Some(fault);
                        break;
                    }
                };
            health.closing |= closes;
            let now = self.count(id, status, (used + body.0, used + body.1));
            used += length;
            if !health.closing {
                self.continue_loop(id, now);
            }
        }
        self.connections[id].consume(used);
    }

    fn next_answer(&self, buffer: &[u8], at_end: bool) -> Answer {
        match self.config.protocol {
            Protocol::Exchange { answer, .. } if buffer.len() < answer => return Answer::NotYet,
            Protocol::Exchange { answer, .. } => {
                return Answer::Whole { length: answer, status: 200, body: (0, answer), closes: false };
            }
            Protocol::Dax => {
                let Some((length, is_done)) = dax::whole(buffer) else { return Answer::NotYet };
                let status = if is_done { 200 } else { 400 };
                return Answer::Whole { length, status, body: (0, length), closes: false };
            }
            Protocol::Http => {}
        }
        match parse(buffer) {
            Parsed::Done(r) => {
                Answer::Whole { length: r.total, status: r.status, body: r.body, closes: r.close }
            }
            Parsed::UntilClose(head, status) if at_end => {
                Answer::Whole { length: buffer.len(), status, body: (head, buffer.len()), closes: false }
            }
            Parsed::Partial | Parsed::UntilClose(..) => Answer::NotYet,
            Parsed::Bad => Answer::Bad(format!("bad response: {}", start(buffer, 200))),
        }
    }

    /// Counts an answer to the oldest request of a connection, and returns when that request was sent.
    fn count(&mut self, id: usize, status: u16, body: (usize, usize)) -> u64 {
        let connection = &mut self.connections[id];
        let (began, operation) = connection.inflight.pop_front().expect("the caller saw one");
        self.live -= 1;
        let now = self.clock.now();
        if self.phase == MEASURE {
            let from = *self.measured_from.get_or_insert(now);
            self.stats.record(now - began, now - from, self.config.interval);
        }
        let body = &connection.rbuf[body.0..body.1];
        if operation == OP_DAX_GET && self.phase == MEASURE {
            self.stats.hits += u64::from(dax::is_hit(body));
        }
        if status != 200 {
            self.stats.errors += 1;
            self.stats.note_error(|| format!("{status} {}", start(body, 500)));
        } else if !answer_ok(operation, body) {
            self.stats.incomplete += 1;
            self.stats.note_error(|| format!("incomplete: {}", start(body, 500)));
        }
        now
    }

    fn continue_loop(&mut self, id: usize, now: u64) {
        if self.is_open_loop() {
            self.idle.push(id);
        } else {
            self.make(id, now, now);
        }
    }

    /// Replaces a connection. After many faults the run ends: the server is not there.
    fn reconnect(&mut self, id: usize, fault: Option<String>) -> io::Result<()> {
        if let Some(fault) = fault {
            self.stats.transport_errors += 1;
            self.stats.note_error(|| fault);
            if self.stats.transport_errors > 1000 + self.connections.len() as u64 {
                return Err(io::Error::other(self.stats.first_error.clone().unwrap_or_default()));
            }
        }
        self.live -= self.connections[id].inflight.len();
        self.stats.reconnects += 1;
        let fresh = open(self.config).map_err(|error| io::Error::other(format!("reconnect: {error}")))?;
        self.connections[id] = fresh;
        self.poll.add(&self.connections[id].stream, id)?;
        self.begin(id);
        Ok(())
    }
}

/// The beginning of a text that may be long.
fn start(bytes: &[u8], length: usize) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(length)]).into_owned()
}
