//! TLS beside plain HTTP: what a handshake costs, whole and resumed, and GetItem on connections that stay open.

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::cargo::succeed;
use crate::server::Server;
use std::path::Path;
use std::process::{Command, Stdio};

const CONNECTIONS: u32 = 64;

/// Two servers of the same data, one with a certificate of `stator init`.
pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    scratch: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let made = scratch.join("made");
    succeed(Command::new(stator).arg("init").arg(&made).stdout(Stdio::null()))?;
    let plain = Server::start(stator, &scratch.join("plain"))?;
    let mut command = Command::new(stator);
    command.arg("--tls-cert").arg(made.join("server.pem")).arg("--tls-key").arg(made.join("server.key"));
    let tls = Server::spawn(command, &scratch.join("tls"))?;
    println!("\nTLS");
    for (what, resume) in [("whole", &[][..]), ("resumed", &["--resume"][..])] {
        let cost = loadgen.handshakes(&tls.url, tls.pid(), seconds, resume)?;
        println!(
            "  {what} handshakes, with a request each: {:.0}/s one after the other, p50 {:.0} µs, {:.0} µs of the server's CPU",
            cost.per_second, cost.p50_us, cost.server_cpu_us
        );
    }
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for server in [&plain, &tls] {
        loadgen.load(&server.url)?;
    }
    for _ in 0..ROUNDS {
        without.push(loadgen.run(&plain.url, plain.pid(), "get", CONNECTIONS, seconds)?);
        with.push(loadgen.run(&tls.url, tls.pid(), "get", CONNECTIONS, seconds)?);
    }
    without.iter().chain(&with).try_for_each(|run| trustworthy("get", run))?;
    let (without, with) = (loadgen::median(without), loadgen::median(with));
    for (what, run) in [("plain", &without), ("TLS", &with)] {
        print(what, run);
    }
    plain.stop()?;
    tls.stop()?;
    Ok(vec![Target::at_least("GetItem over TLS at 64, of plain", with.ops_per_s / without.ops_per_s, 0.70)])
}

fn print(what: &str, run: &Run) {
    println!(
        "  GetItem {what:<5} at {CONNECTIONS}: {:.0}/s, p50 {:.0} µs, p99 {:.0} µs, {:.1} µs of the server's CPU",
        run.ops_per_s, run.p50_us, run.p99_us, run.server_cpu_us
    );
}
