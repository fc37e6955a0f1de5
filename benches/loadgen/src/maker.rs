//! The requests of a run, made and signed as they are needed.

use crate::engine::{Config, Protocol, Sign};
use crate::sign::{OPS, Signer};
use crate::workload::{Bodies, Workload};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Requests signed at the start, with `--sign pool`.
const POOL: usize = 2048;

/// Where requests come from.
pub enum Source {
    Endless {
        bodies: Bodies,
        workload: Workload,
    },
    /// The load phase: items `0..bodies.keys` in order, `batch` to a request.
    Fill {
        bodies: Bodies,
        next: Arc<AtomicU64>,
        batch: u64,
    },
    /// DAX's getItem of items `0..bodies.keys` in order, once each.
    Touch {
        bodies: Bodies,
        next: u64,
    },
}

impl Source {
    fn body(&mut self, out: &mut Vec<u8>) -> Option<usize> {
        match self {
            Source::Endless { bodies, workload } => Some(bodies.build(*workload, out)),
            Source::Touch { bodies, next } => {
                if *next >= bodies.keys {
                    return None;
                }
                *next += 1;
                Some(bodies.dax_get(out, *next - 1, false))
            }
            Source::Fill { bodies, next, batch } => {
                let from = next.fetch_add(*batch, Relaxed);
                if from >= bodies.keys {
                    return None;
                }
                let to = (from + *batch).min(bodies.keys);
                if *batch == 1 {
                    bodies.put_of(out, from);
                    return Some(crate::workload::OP_PUT);
                }
                let ids: Vec<u64> = (from..to).collect();
                bodies.batch_of(out, &ids);
                Some(crate::workload::OP_BATCH_WRITE)
            }
        }
    }
}

/// Makes signed requests, one after the other.
pub struct Maker {
    source: Source,
    signer: Signer,
    sign: Sign,
    body: Vec<u8>,
    pool: Vec<(usize, Vec<u8>)>,
    at: usize,
    /// Whether bodies are requests as they are.
    is_raw: bool,
}

impl Maker {
    pub fn new(config: &Config, source: Source) -> Maker {
        Maker {
            source,
            signer: Signer::new(config.creds.clone(), config.host.clone()),
            sign: config.sign,
            body: Vec::with_capacity(16 * 1024),
            pool: Vec::new(),
            at: 0,
            is_raw: config.protocol != Protocol::Http,
        }
    }

    /// Appends the next request, as of `wall` seconds since 1970; answers which operation it is, `None` when the source
    /// is exhausted.
    pub fn next(&mut self, wall: u64, out: &mut Vec<u8>) -> Option<usize> {
        if self.is_raw {
            return self.source.body(out);
        }
        if self.sign == Sign::Pool {
            return self.pooled(wall, out);
        }
        self.body.clear();
        let op = self.source.body(&mut self.body)?;
        if self.sign == Sign::Live {
            self.signer.request(op, wall, &self.body, out);
        } else {
            self.unsigned(op, out);
        }
        Some(op)
    }

    /// One of 2,048 requests that were signed at the start.
    fn pooled(&mut self, wall: u64, out: &mut Vec<u8>) -> Option<usize> {
        while self.pool.len() < POOL {
            self.body.clear();
            let op = self.source.body(&mut self.body)?;
            let mut request = Vec::new();
            self.signer.request(op, wall, &self.body, &mut request);
            self.pool.push((op, request));
        }
        self.at = (self.at + 1) % POOL;
        let (op, request) = &self.pool[self.at];
        out.extend_from_slice(request);
        Some(*op)
    }

    fn unsigned(&self, op: usize, out: &mut Vec<u8>) {
        write!(
            out,
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.{}\r\n\
Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n",
            OPS[op],
            self.body.len()
        )
        .expect("a Vec takes all");
        out.extend_from_slice(&self.body);
    }
}
