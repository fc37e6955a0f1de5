//! TLS handshakes, one connection after the other, each with one small request, so that the server's part is whole and
//! its ticket has come.

use crate::engine::Config;
use crate::{Args, connection, die, procstat, quote};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Shakes hands for so many seconds and prints what it took.
pub fn run(cfg: &Config, a: &Args) -> i32 {
    if cfg.tls.is_none() {
        die("handshakes needs --endpoint https://…");
    }
    let (seconds, pids) = (a.num("seconds", 5u64), a.pids());
    let (mut count, mut first_error) = (0u64, None);
    let mut latencies = Vec::new();
    let before = procstat::tree_cpu(&pids);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) && first_error.is_none() {
        let at = Instant::now();
        match shake(cfg) {
            Ok(()) => count += 1,
            Err(error) => first_error = Some(error.to_string()),
        }
        latencies.push(at.elapsed().as_secs_f64() * 1e6);
    }
    let took = began.elapsed().as_secs_f64();
    let used = procstat::tree_cpu(&pids).minus(before).total();
    let cpu_us = used * 1e6 / count.max(1) as f64;
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    println!(
        "{{\"handshakes_per_s\":{:.0},\"lat_us\":{{\"p50\":{:.0},\"p99\":{:.0}}},\"server_cpu_us\":{cpu_us:.1},\"first_error\":{}}}",
        count as f64 / took,
        at(0.50),
        at(0.99),
        first_error.as_deref().map_or("null".into(), quote)
    );
    i32::from(count == 0)
}

/// A connection from its beginning to its end.
fn shake(cfg: &Config) -> io::Result<()> {
    let mut conn = connection::open(cfg)?;
    conn.stream.set_nonblocking(false)?;
    let tls = conn.tls.as_mut().expect("the endpoint speaks TLS");
    let mut stream = rustls::Stream::new(&mut **tls, &mut conn.stream);
    stream.write_all(REQUEST)?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer.starts_with(b"HTTP/1.1 200") { Ok(()) } else { Err(io::Error::other("the answer is not 200")) }
}
