//! What the audit log is told: items that were asked for, from the cache too, and whoever was refused.

use super::world::{World, hex, vectors};
use dax::Limits;
use identity::Strictness;
use pipeline::audit::Event;
use pipeline::{AuditLog, Kind};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Recorded {
    is_of_data: bool,
    events: Mutex<Vec<String>>,
}

impl AuditLog for Recorded {
    fn wants(&self, kind: Kind) -> bool {
        self.is_of_data || kind == Kind::Control
    }

    fn note(&self, event: Event) {
        let caller = event.caller.as_ref().map(|caller| caller.account.as_ref().to_owned());
        let who = caller.or(event.claimed_key.clone()).unwrap_or_default();
        let body = String::from_utf8(event.body.to_vec()).expect("a text");
        let error = event.error.as_ref().map_or("", |(code, _)| *code);
        let told = format!("{} {} {:?} {who} {body} {error}", event.service, event.operation, event.kind);
        assert!(event.peer.is_some_and(|peer| peer.address.is_loopback() && !peer.is_secure));
        self.events.lock().expect("no panic").push(told.trim_end().to_owned());
    }
}

impl Recorded {
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().expect("no panic"))
    }
}

const GET: &str = "011a0fb0cc6a44546162534161bfff";
const GET_OF_NO_TABLE: &str = "011a0fb0cc6a476d697373696e674161bfff";
const ENDPOINTS: &str = "011a1b2bcf02";

async fn world(strictness: Strictness, is_of_data: bool) -> (World, Arc<Recorded>) {
    let log = Arc::new(Recorded { is_of_data, ..Recorded::default() });
    let world = World::audited(strictness, Limits::default(), Some(Arc::<Recorded>::clone(&log))).await;
    world.create_tables(&vectors()).await;
    (world, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_told_where_the_log_records_them() {
    let (world, log) = world(Strictness::Verify, true).await;
    let mut client = world.client().await;
    for request in [ENDPOINTS, GET, GET, GET_OF_NO_TABLE] {
        client.ask(&hex(request), 1).await.expect("an answer");
    }
    let told = log.told();
    let account = told[0].split(' ').nth(3).expect("an account").to_owned();
    let get = format!("dax GetItem Read {account} {{\"TableName\":\"TabS\"}}");
    let of_no_table =
        format!("dax GetItem Read {account} {{\"TableName\":\"missing\"}} ResourceNotFoundException");
    assert_eq!(told, [get.clone(), get, of_no_table]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_management_is_told_of_unknown_callers_alone() {
    let (world, log) = world(Strictness::Verify, false).await;
    let mut client = world.client().await;
    client.ask(&hex(GET), 1).await.expect("an answer");
    assert_eq!(log.told(), [""; 0]);
    let vectors = vectors();
    let mut forged = hex(vectors["captures"]["py"]["connection"][1]["request_hex"].as_str().expect("digits"));
    let at = forged.len() - 60;
    forged[at] ^= 1;
    client.send(&forged).await;
    client.ask(&hex(GET), 1).await.expect("an answer");
    assert_eq!(log.told(), ["dax GetItem Read AKIDEXAMPLE  MissingAuthenticationTokenException"]);
}
