//! A connection to the server, plain or TLS, that never blocks.

use crate::dax;
use crate::engine::{Config, Protocol};
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A connection with what was read and not parsed, and what was made and not sent.
pub struct Conn {
    pub stream: TcpStream,
    pub tls: Option<Box<rustls::ClientConnection>>,
    pub rbuf: Vec<u8>,
    pub rlen: usize,
    pub out: Vec<u8>,
    pub out_at: usize,
    /// When each request outstanding began, and its operation.
    pub inflight: VecDeque<(u64, usize)>,
    pub wants_out: bool,
}

/// Connects, with a TLS handshake where one is configured.
pub fn open(cfg: &Config) -> io::Result<Conn> {
    let stream = TcpStream::connect(cfg.addr)?;
    stream.set_nodelay(true)?;
    let tls = match &cfg.tls {
        Some(c) => {
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            let mut t = rustls::ClientConnection::new(c.clone(), name).map_err(io::Error::other)?;
            let mut s = &stream;
            while t.is_handshaking() {
                t.complete_io(&mut s)?;
            }
            Some(Box::new(t))
        }
        None => None,
    };
    let mut connection = blocking(stream, tls);
    if cfg.protocol == Protocol::Dax {
        dax::greet(&mut connection, &cfg.creds)?;
    }
    connection.stream.set_nonblocking(true)?;
    Ok(connection)
}

fn blocking(stream: TcpStream, tls: Option<Box<rustls::ClientConnection>>) -> Conn {
    Conn {
        stream,
        tls,
        rbuf: vec![0; 32 * 1024],
        rlen: 0,
        out: Vec::with_capacity(4096),
        out_at: 0,
        inflight: VecDeque::new(),
        wants_out: false,
    }
}

impl Conn {
    /// True when everything was written.
    pub fn flush(&mut self) -> io::Result<bool> {
        match self.push() {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(e) => return Err(e),
        }
        if self.out_at == self.out.len() {
            self.out.clear();
            self.out_at = 0;
            return Ok(true);
        }
        Ok(false)
    }

    /// Writes until nothing is left or the socket takes no more.
    fn push(&mut self) -> io::Result<()> {
        if let Some(t) = &mut self.tls {
            if self.out_at < self.out.len() {
                self.out_at += t.writer().write(&self.out[self.out_at..])?;
            }
            while t.wants_write() {
                t.write_tls(&mut self.stream)?;
            }
            return Ok(());
        }
        while self.out_at < self.out.len() {
            match self.stream.write(&self.out[self.out_at..])? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                n => self.out_at += n,
            }
        }
        Ok(())
    }

    /// One read into the buffer; `Ok(0)` is the end of the stream, `WouldBlock` nothing yet.
    pub fn fill(&mut self) -> io::Result<usize> {
        if self.rlen == self.rbuf.len() {
            let n = self.rbuf.len() * 2;
            self.rbuf.resize(n, 0);
        }
        if self.tls.is_some() {
            return self.fill_from_tls();
        }
        let n = self.stream.read(&mut self.rbuf[self.rlen..])?;
        self.rlen += n;
        Ok(n)
    }

    fn fill_from_tls(&mut self) -> io::Result<usize> {
        let t = self.tls.as_mut().expect("only called on a connection with TLS");
        let n = t.read_tls(&mut self.stream)?;
        let state = t.process_new_packets().map_err(io::Error::other)?;
        let plain = state.plaintext_bytes_to_read();
        if self.rbuf.len() - self.rlen < plain {
            self.rbuf.resize(self.rlen + plain, 0);
        }
        let before = self.rlen;
        while self.rlen - before < plain {
            match t.reader().read(&mut self.rbuf[self.rlen..])? {
                0 => break,
                m => self.rlen += m,
            }
        }
        match self.rlen - before {
            0 if n != 0 => Err(io::ErrorKind::WouldBlock.into()),
            got => Ok(if n == 0 { 0 } else { got }),
        }
    }

    /// Forgets the first bytes of what was read.
    pub fn consume(&mut self, used: usize) {
        if used > 0 {
            self.rbuf.copy_within(used..self.rlen, 0);
            self.rlen -= used;
        }
    }
}
