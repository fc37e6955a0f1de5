//! Two callers in turns over one connection: how much longer one waits for its answers than the other.
//!
//! A turn is a burst of GetItem and takes a few milliseconds, so that whatever else the machine does meets both. Their
//! fastest bursts are compared, by the first decile: nothing has disturbed them. The first caller has two turns in each
//! round: how far it is from itself is what the difference may be wrong by.

use crate::connection::{Conn, open};
use crate::engine::{Clock, Config};
use crate::http::{Parsed, parse};
use crate::sign::{Credentials, Signer};
use crate::workload::{Bodies, OP_GET, Workload, answer_ok};
use crate::{Args, quote};
use std::io;

/// Requests of a burst.
const BURST: usize = 64;
/// The first caller, the other one, and the first again.
const TURNS: usize = 3;

/// Takes turns for so many seconds and prints what a request took in each.
pub fn run(cfg: &Config, a: &Args, bodies: Bodies) -> i32 {
    let other = Credentials {
        access_key: a.get("other-access-key", &cfg.creds.access_key),
        secret_key: a.get("other-secret-key", &cfg.creds.secret_key),
        ..cfg.creds.clone()
    };
    let taken = take_turns(cfg, other, bodies, a.num("warmup", 1.0), a.num("seconds", 10.0));
    let (bursts, first_error) = match taken {
        Ok(bursts) => (bursts, None),
        Err(error) => (Default::default(), Some(error.to_string())),
    };
    let count = bursts[0].len();
    let [own, other, again] = bursts.map(undisturbed);
    println!(
        "{{\"rounds\":{count},\"burst\":{BURST},\"own_us\":{own:.3},\"other_us\":{other:.3},\"again_us\":{again:.3},\"first_error\":{}}}",
        first_error.as_deref().map_or("null".into(), quote)
    );
    i32::from(count == 0)
}

/// What each turn took a request, in µs.
fn take_turns(
    cfg: &Config,
    other: Credentials,
    bodies: Bodies,
    warmup: f64,
    seconds: f64,
) -> io::Result<[Vec<f64>; TURNS]> {
    let mut caller = Caller { conn: open(cfg)?, clock: Clock::new(), bodies, body: Vec::new() };
    caller.conn.stream.set_nonblocking(false)?;
    let mut signers =
        [cfg.creds.clone(), other, cfg.creds.clone()].map(|key| Signer::new(key, cfg.host.clone()));
    let mut bursts: [Vec<f64>; TURNS] = Default::default();
    for round in 0.. {
        let at = caller.clock.now() as f64 / 1e9;
        if at > warmup + seconds {
            break;
        }
        for turn in 0..TURNS {
            let turn = if round % 2 == 0 { turn } else { TURNS - 1 - turn };
            let took = caller.burst(&mut signers[turn])?;
            if at > warmup {
                bursts[turn].push(took);
            }
        }
    }
    Ok(bursts)
}

/// The first decile.
fn undisturbed(mut bursts: Vec<f64>) -> f64 {
    bursts.sort_by(f64::total_cmp);
    bursts.get(bursts.len() / 10).copied().unwrap_or(0.0)
}

/// Who sends bursts of requests over one connection.
struct Caller {
    conn: Conn,
    clock: Clock,
    bodies: Bodies,
    body: Vec<u8>,
}

impl Caller {
    /// Sends a burst and waits for all answers.
    fn burst(&mut self, signer: &mut Signer) -> io::Result<f64> {
        let wall = self.clock.wall(self.clock.now());
        for _ in 0..BURST {
            self.body.clear();
            let operation = self.bodies.build(Workload::Get, &mut self.body);
            signer.request(operation, wall, &self.body, &mut self.conn.out);
        }
        let from = self.clock.now();
        self.conn.flush()?;
        let mut outstanding = BURST;
        while outstanding > 0 {
            if self.conn.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            outstanding -= self.take_answers()?;
        }
        Ok((self.clock.now() - from) as f64 / 1e3 / BURST as f64)
    }

    /// How many whole answers have come.
    fn take_answers(&mut self) -> io::Result<usize> {
        let (mut used, mut count) = (0, 0);
        loop {
            let buffer = &self.conn.rbuf[used..self.conn.rlen];
            match parse(buffer) {
                Parsed::Done(answer) => {
                    let body = &buffer[answer.body.0..answer.body.1];
                    if answer.status != 200 || !answer_ok(OP_GET, body) {
                        return Err(io::Error::other(String::from_utf8_lossy(buffer).into_owned()));
                    }
                    (used, count) = (used + answer.total, count + 1);
                }
                Parsed::Partial => break,
                Parsed::UntilClose(..) | Parsed::Bad => return Err(io::Error::other("not an answer")),
            }
        }
        self.conn.consume(used);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_disturbed_does_not_count() {
        let bursts = (0..20).map(|number| if number % 2 == 0 { 90.0 } else { f64::from(number) });
        assert_eq!(undisturbed(bursts.collect()), 5.0);
        assert_eq!(undisturbed(Vec::new()), 0.0);
    }
}
