//! Replicas in three regions of a server that is killed, two of which are added to a table with items while it is
//! written to: in the end all have the same, with every acknowledged write, and nothing that was deleted.

use crate::server::{Server, kill_process, pause, rounds};
use crate::world::{
    Acknowledged, REGIONS, add, add_until_there, create, nothing_is_lost, same_everywhere, write,
};
use std::time::Duration;

#[test]
fn replicas_come_to_the_same_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged = Acknowledged::default();
    create(Server::start(&data));
    for round in 0..rounds() {
        let server = Server::start(&data);
        std::thread::scope(|scope| {
            for region in REGIONS {
                let (server, acknowledged) = (&server, &acknowledged);
                scope.spawn(move || write(server, region, acknowledged, None));
            }
            scope.spawn(|| add(&server, REGIONS[1 + round as usize % 2]));
            pause(Duration::from_millis(300 + 170 * (round % 5)));
            kill_process(server.process.id());
        });
        server.kill();
    }
    let server = Server::start(&data);
    REGIONS[1..].iter().for_each(|region| add_until_there(&server, &server, region));
    let found = same_everywhere(&REGIONS.map(|region| (&server, region)));
    nothing_is_lost(&found, &acknowledged);
    server.kill();
}
