//! DAX: GetItem of cached items beside GetItem over HTTP and beside a bare exchange of the same bytes, a load by Zipf's
//! law with writes, and what a cached item takes of memory.

use super::loadgen::{self, Bare, ITEMS, Loadgen, Run};
use super::report::Target;
use super::{CONNECTIONS, ROUNDS, trustworthy};
use crate::server::Server;
use std::path::Path;
use std::process::Command;

/// Room for every item.
const CACHE_MB: &str = "512";
/// Room for about a tenth of them.
const SMALL_CACHE_MB: &str = "6";

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    scratch: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    println!("\nDAX");
    let server = start(stator, &scratch.join("all"), CACHE_MB)?;
    loadgen.load(&server.url)?;
    println!("  {:.0} bytes of memory for each cached item", bytes_of_an_item(loadgen, &server)?);
    let mut targets = Vec::new();
    for connections in CONNECTIONS {
        targets.extend(beside_http(loadgen, &server, connections, seconds)?);
    }
    zipf("all items fit", loadgen, &server, seconds)?;
    server.stop()?;
    let server = start(stator, &scratch.join("tenth"), SMALL_CACHE_MB)?;
    loadgen.load(&server.url)?;
    zipf("a tenth of them fits", loadgen, &server, seconds)?;
    server.stop()?;
    Ok(targets)
}

fn start(stator: &Path, data: &Path, cache_mb: &str) -> Result<Server, String> {
    let mut command = Command::new(stator);
    command.args(["--dax", "--dax-port", "0", "--dax-cache", cache_mb]);
    Server::spawn(command, data)
}

fn dax(server: &Server) -> Result<&str, String> {
    server.dax.as_deref().ok_or_else(|| "the server serves no DAX".to_owned())
}

/// By how much the server has grown when all items were read: once without the cache, so that what the store keeps of
/// them is there, and once into it.
fn bytes_of_an_item(loadgen: &Loadgen, server: &Server) -> Result<f64, String> {
    loadgen.run(&server.url, server.pid(), "get", 16, 5)?;
    let before = loadgen.resident_bytes(server.pid())?;
    loadgen.touch(dax(server)?)?;
    Ok((loadgen.resident_bytes(server.pid())? - before) / ITEMS)
}

/// In each round HTTP, DAX and the bare exchange, one after the other.
fn beside_http(
    loadgen: &Loadgen,
    server: &Server,
    connections: u32,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let (url, pid) = (dax(server)?, server.pid());
    let first = loadgen.run(url, pid, "dax-get", connections, 1)?;
    let bytes = format!("{:.0}:{:.0}", first.bytes.0, first.bytes.1);
    let bare = Bare::exchange(loadgen, &bytes)?;
    let (mut over_http, mut by_dax, mut exchanged) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        over_http.push(loadgen.run(&server.url, pid, "get", connections, seconds)?);
        by_dax.push(loadgen.run(url, pid, "dax-get", connections, seconds)?);
        let options = ["--exchange", bytes.as_str()];
        exchanged.push(loadgen.run_with(
            bare.url(),
            bare.pid(),
            "raw-echo",
            connections,
            seconds,
            &options,
        )?);
    }
    by_dax.iter().chain(&over_http).try_for_each(|run| trustworthy("get", run))?;
    let [over_http, by_dax, exchanged] = [over_http, by_dax, exchanged].map(loadgen::median);
    for (what, run) in [("over HTTP", &over_http), ("by DAX", &by_dax), ("bare exchange", &exchanged)] {
        print(what, connections, run);
    }
    Ok(match connections {
        1 => vec![Target::at_most(
            "p50 of cached GetItem at 1, of a bare exchange",
            by_dax.p50_us / exchanged.p50_us,
            1.2,
        )],
        _ => vec![Target::at_most(
            "CPU of cached GetItem at 64, of HTTP's",
            by_dax.server_cpu_us / over_http.server_cpu_us,
            0.35,
        )],
    })
}

fn print(what: &str, connections: u32, run: &Run) {
    println!(
        "  GetItem {what:<13} at {connections:>2}: {:.0}/s, p50 {:.1} µs, p99 {:.1} µs, {:.2} µs of the server's CPU",
        run.ops_per_s, run.p50_us, run.p99_us, run.server_cpu_us
    );
}

/// Nineteen reads to a write, of which DAX's cache answers what it can.
fn zipf(what: &str, loadgen: &Loadgen, server: &Server, seconds: u32) -> Result<(), String> {
    let run = loadgen.run(dax(server)?, server.pid(), "dax-zipf", 64, seconds)?;
    trustworthy("dax-zipf", &run)?;
    let reads = run.requests * 19.0 / 20.0;
    println!(
        "  Zipf load with writes at 64, {what}: {:.0} % of reads from the cache, {:.0}/s, p50 {:.0} µs, p99 {:.0} µs",
        100.0 * run.hits / reads,
        run.ops_per_s,
        run.p50_us,
        run.p99_us
    );
    Ok(())
}
