//! Clients that are slow, silent, or do not read: in time that is paused, and moves when nothing else is to be done.

use super::*;
use crate::{CacheSettings, Parts};
use engine::Engine;
use identity::{Authenticator, Strictness};
use pipeline::Pipeline;
use std::net::Ipv4Addr;
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::MemoryStore;
use tokio::io::{DuplexStream, duplex};
use tokio::time::{sleep, sleep_until, timeout_at};

const PREAMBLE: &[u8] = b"\x67J7yne5G\x00\xf6\xa1\x69UserAgent\x61x\x00";
/// Nothing is verified here: a key, a signature, a text, no token, no agent.
const AUTHORIZE: &[u8] = b"\x01\x1a\x58\xc2\x33\x6b\x65local\x61s\x41t\xf6\xf6";
/// Of a table that is not there.
const GET: &[u8] = b"\x01\x1a\x0f\xb0\xcc\x6a\x44TabS\x41a\xbf\xff";
const LONG: Duration = Duration::from_secs(100_000);

fn dax() -> Dax {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(1_795_342_324_000_000));
    let random = Random::from_seed(1);
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let engine = Engine::open(store, Arc::clone(&clock), random.clone()).expect("the engine opens");
    let dynamodb = Arc::new(DynamoDb::new(engine));
    let authenticator = Authenticator::new(Strictness::Off);
    Dax::new(Parts {
        pipeline: Arc::new(Pipeline::new(authenticator, Arc::clone(&clock), random.clone())),
        clusters: dax_control::Clusters::of(dynamodb.engine.shared_store()),
        dynamodb,
        clock,
        random,
        advertised: None,
        cache: CacheSettings::default(),
        write_stamps: None,
    })
}

/// After how many seconds the server leaves a client that does this.
fn left_after<F: Future<Output = ()>>(client: impl FnOnce(DuplexStream) -> F) -> u64 {
    left_by_a_server_that_ends(LONG, client)
}

/// The same of a server that ends after so long.
fn left_by_a_server_that_ends<F: Future<Output = ()>>(
    after: Duration,
    client: impl FnOnce(DuplexStream) -> F,
) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let (dax, (ours, theirs)) = (dax(), duplex(256));
        let (close, closing) = watch::channel(false);
        let address = Ipv4Addr::LOCALHOST;
        let ends =
            Ends { local: (address, 8111).into(), peer: Peer { address: address.into(), is_secure: false } };
        let began = Instant::now();
        let serving = async {
            serve(theirs, &dax, ends, closing).await;
            began.elapsed().as_secs()
        };
        let ending = async {
            sleep(after).await;
            _ = close.send(true);
        };
        tokio::join!(serving, client(ours), ending).0
    })
}

#[test]
fn a_client_that_says_nothing_is_left() {
    assert_eq!(left_after(async |_client| sleep(LONG).await), 10);
    let greeted = async |mut client: DuplexStream| {
        client.write_all(PREAMBLE).await.expect("the server reads");
        sleep(LONG).await;
    };
    assert_eq!(left_after(greeted), 60);
    let authorized = async |mut client: DuplexStream| {
        client.write_all(&[PREAMBLE, AUTHORIZE].concat()).await.expect("the server reads");
        sleep(LONG).await;
    };
    assert_eq!(left_after(authorized), 600);
}

#[test]
fn a_client_that_stops_in_a_request_is_left() {
    let stopping = async |mut client: DuplexStream| {
        client.write_all(&[PREAMBLE, AUTHORIZE, &GET[..9]].concat()).await.expect("the server reads");
        sleep(LONG).await;
    };
    assert_eq!(left_after(stopping), 60);
}

#[test]
fn a_request_does_not_take_for_ever_however_it_drips() {
    let dripping = async |mut client: DuplexStream| {
        client
            .write_all(&[PREAMBLE, AUTHORIZE, &GET[..6], &[0x59, 1, 0]].concat())
            .await
            .expect("the server reads");
        while client.write_all(&[0]).await.is_ok() {
            sleep(Duration::from_secs(50)).await;
        }
    };
    let seconds = left_after(dripping);
    assert!((300..=960).contains(&seconds), "{seconds}");
}

#[test]
fn a_client_that_takes_no_answers_is_left() {
    let deaf = async |mut client: DuplexStream| {
        client.write_all(&[PREAMBLE, AUTHORIZE].concat()).await.expect("the server reads");
        _ = client.write_all(&GET.repeat(100)).await;
        sleep(LONG).await;
    };
    assert_eq!(left_after(deaf), 60);
}

/// Asks something every fifty seconds and takes the answers, then nothing more.
async fn asks_three_times(mut client: DuplexStream) {
    client.write_all(&[PREAMBLE, AUTHORIZE].concat()).await.expect("the server reads");
    let mut answer = [0; 256];
    for _ in 0..3 {
        if client.write_all(GET).await.is_err() {
            return; // the server has ended
        }
        let next = Instant::now() + Duration::from_secs(50);
        while let Ok(Ok(1..)) = timeout_at(next, client.read(&mut answer)).await {}
        sleep_until(next).await;
    }
    sleep(LONG).await;
}

#[test]
fn a_client_that_asks_no_more_is_left() {
    assert_eq!(left_after(asks_three_times), 100 + 600);
}

#[test]
fn a_server_that_ends_leaves_a_client_that_is_silent() {
    for seconds in [75, 175] {
        assert_eq!(left_by_a_server_that_ends(Duration::from_secs(seconds), asks_three_times), seconds);
    }
}
