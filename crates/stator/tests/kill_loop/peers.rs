//! Three servers, of which one or two are killed at a time, while a table gets replicas at the other two, and one
//! more in another region of its own server, and is written to in all of them: in the end all have the same, with
//! every acknowledged write, and nothing that was deleted.

use crate::server::{Server, kill_process, pause, rounds};
use crate::world::{
    Acknowledged, REGIONS, add, add_until_there, create, nothing_is_lost, same_everywhere, write,
};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// The first server hosts this region as well.
const BESIDE: &str = "us-west-2";
/// Which replica is asked for in which round.
const ADDED: [&str; 4] = [REGIONS[1], BESIDE, REGIONS[2], BESIDE];

#[test]
fn replicas_at_peers_come_to_the_same_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let configs = configure(folder.path());
    let acknowledged = Acknowledged::default();
    create(Server::start_configured(&configs[0]));
    let mut servers: [Option<Server>; 3] = Default::default();
    for round in 0..rounds() {
        for (server, config) in servers.iter_mut().zip(&configs) {
            server.get_or_insert_with(|| Server::start_configured(config));
        }
        let running = servers.each_ref().map(|server| server.as_ref().unwrap());
        let killed: Vec<usize> =
            (0..3).filter(|at| (round as usize + at) % 3 < 1 + round as usize % 2).collect();
        std::thread::scope(|scope| {
            let ends = Instant::now() + Duration::from_millis(1_000 + 170 * (round % 5));
            for (server, region) in running.iter().zip(REGIONS) {
                let acknowledged = &acknowledged;
                scope.spawn(move || write(server, region, acknowledged, Some(ends)));
            }
            let (home, acknowledged) = (running[0], &acknowledged);
            scope.spawn(move || write(home, BESIDE, acknowledged, Some(ends)));
            scope.spawn(|| add(running[0], ADDED[round as usize % ADDED.len()]));
            pause(Duration::from_millis(500 + 170 * (round % 5)));
            killed.iter().for_each(|at| kill_process(running[*at].process.id()));
        });
        killed.iter().for_each(|at| servers[*at].take().unwrap().kill());
    }
    let servers = servers.each_mut().map(Option::take);
    let mut at = 0..3;
    let servers = servers.map(|server| {
        let at = at.next().unwrap();
        server.unwrap_or_else(|| Server::start_configured(&configs[at]))
    });
    REGIONS[1..]
        .iter()
        .zip(&servers[1..])
        .for_each(|(region, there)| add_until_there(&servers[0], there, region));
    add_until_there(&servers[0], &servers[0], BESIDE);
    let beside = (&servers[0], BESIDE);
    let places: Vec<_> = servers.iter().zip(REGIONS).chain([beside]).collect();
    let found = same_everywhere(&places);
    nothing_is_lost(&found, &acknowledged);
    servers.into_iter().for_each(Server::kill);
}

/// A port below those that the system gives to whoever connects: nobody takes one while no server has it.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (std::process::id() as u16 % 97).wrapping_mul(101).wrapping_add(step) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn hosted(at: usize) -> &'static [&'static str] {
    [&[REGIONS[0], BESIDE][..], &REGIONS[1..2], &REGIONS[2..]][at]
}

/// A configuration for each server.
fn configure(folder: &Path) -> [PathBuf; 3] {
    let ports = [port(), port(), port()];
    [0, 1, 2].map(|own| {
        let data = folder.join(REGIONS[own]);
        let mut text = format!(
            "mode = \"local\"\n[http]\nport = {}\n[data]\ndir = {:?}\n[global_tables]\nregions = {:?}\n",
            ports[own],
            data.to_str().unwrap(),
            hosted(own)
        );
        for at in (0..3).filter(|at| *at != own) {
            let key = format!("a key of the servers {} and {}", REGIONS[own.min(at)], REGIONS[own.max(at)]);
            text += &format!(
                "[[global_tables.peers]]\nname = \"{}\"\nurl = \"http://127.0.0.1:{}\"\nregions = {:?}\nkey = \"{key}\"\n",
                REGIONS[at],
                ports[at],
                hosted(at)
            );
        }
        let config = folder.join(format!("{}.toml", REGIONS[own]));
        std::fs::write(&config, text).unwrap();
        config
    })
}
