//! What a store does not open with, in a sentence each.

#![expect(clippy::disallowed_methods, reason = "it waits for a database, which is another process")]

use super::{get, open, options, put};
use std::thread;
use std::time::{Duration, Instant};
use store::contract::*;
use store_postgres::test_server::{TestServer, programs};
use store_postgres::{OpenError, Options, PostgresStore};

const PAUSE: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(60);

fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONGEST, "it does not come to be so");
        thread::sleep(PAUSE);
    }
}

fn refusal(options: Options) -> OpenError {
    PostgresStore::open(options).map(|_| ()).unwrap_err()
}

#[test]
fn urls_that_lead_nowhere() {
    assert!(matches!(refusal(Options::of("mysql://there")), OpenError::Url(_)));
    let no_mode = refusal(Options::of("postgres://a/b?sslmode=sometimes"));
    assert!(matches!(no_mode, OpenError::Tls(_)), "{no_mode:?}");
    let nowhere = refusal(Options::of("postgres://stator@127.0.0.1:1/none"));
    assert!(matches!(nowhere, OpenError::Unreachable(_)), "{nowhere:?}");
}

#[test]
fn a_schema_of_a_newer_program() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    open(&options);
    server.run(&format!("UPDATE {}.meta SET version = 99", options.schema));
    let newer = refusal(options);
    assert!(matches!(newer, OpenError::NewerSchema { found: 99, .. }), "{newer:?}");
}

#[test]
fn data_of_another_cluster() {
    let Some(server) = TestServer::shared() else { return };
    let mine = Options { cluster: Some("mine".to_owned()), ..options(server) };
    open(&mine);
    open(&mine);
    let other = Options { cluster: Some("other".to_owned()), ..mine.clone() };
    let expected = OpenError::OtherCluster { found: "mine".to_owned(), expected: "other".to_owned() };
    assert_eq!(refusal(other), expected);
    open(&Options { cluster: None, ..mine });
}

#[test]
fn a_user_who_may_not_make_a_schema() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    let user = format!("user_of_{}", options.schema);
    server.run(&format!("CREATE USER {user}"));
    let url = server.url().replace("user=stator", &format!("user={user}"));
    let named = Options { url, ..options.clone() };
    let rights = refusal(named.clone());
    assert!(matches!(rights, OpenError::Rights(_)), "{rights:?}");
    server.run(&format!("CREATE SCHEMA {0} AUTHORIZATION {user}", options.schema));
    put(&*open(&named), b"k", b"v");
}

/// A primary that comes to be so while it is used, as another one may be that takes its place.
#[test]
fn a_server_that_comes_to_run_without_full_page_writes() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let server = TestServer::start(&programs, &[]).unwrap();
    let set = |to: &str| {
        server.run(&format!("ALTER SYSTEM SET full_page_writes = {to}"));
        server.run("SELECT pg_reload_conf()");
    };
    let (careful, careless) =
        (open(&options(&server)), open(&Options { accept_loss: true, ..options(&server) }));
    put(&*careful, b"k", b"1");
    set("off");
    until(|| careful.health().is_err());
    let refused = careful.health().unwrap_err().to_string();
    assert!(
        refused.contains("may lose acknowledged writes: PostgreSQL runs with full_page_writes = off"),
        "{refused}"
    );
    let decide = &mut |_: &OldRows<'_>| panic!("it is refused before");
    let write = Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide };
    assert!(careful.mutate(write).wait().is_err());
    assert!(careful.drop_range(b"k").wait().is_err());
    assert_eq!(get(&*careful, b"k").as_deref(), Some(&b"1"[..]), "it is read");
    put(&*careless, b"k", b"2");
    set("on");
    until(|| careful.health().is_ok());
    put(&*careful, b"k", b"3");
}

#[test]
fn a_server_without_fsync() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let careless = TestServer::start(&programs, &["fsync=off"]).unwrap();
    let options = options(&careless);
    assert!(matches!(refusal(options.clone()), OpenError::MayLose(_)));
    open(&Options { accept_loss: true, ..options });
}
