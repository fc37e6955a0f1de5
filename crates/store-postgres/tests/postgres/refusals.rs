//! What a store does not open with, in a sentence each.

use super::{open, options, put};
use store_postgres::test_server::{TestServer, programs};
use store_postgres::{OpenError, Options, PostgresStore};

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

#[test]
fn a_server_without_fsync() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let careless = TestServer::start(&programs, &["fsync=off"]).unwrap();
    let options = options(&careless);
    assert!(matches!(refusal(options.clone()), OpenError::MayLose(_)));
    open(&Options { accept_loss: true, ..options });
}
