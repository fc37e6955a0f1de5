//! Servers over a PostgreSQL: two of them on the same tables, and what they do not start with.

use crate::running::{Running, command_refused, refused, stator};
use store_postgres::test_server::{TestServer, programs, run_at};
use store_postgres::{Options, PostgresStore};

const CREATE: &str = r#"{"TableName":"orders","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]}"#;

/// The URL with its schema is one that no other test uses: a database of its own.
pub fn database(server: &TestServer) -> String {
    let name = TestServer::new_schema();
    server.run(&format!("CREATE DATABASE {name}"));
    server.url().replace("/postgres?", &format!("/{name}?"))
}

#[test]
fn two_servers_have_the_same_tables_and_items() {
    let Some(server) = TestServer::shared() else { return };
    let url = database(server);
    let start = || Running::start(&["--port", "0", "--store", &url]);
    let (one, other) = (start(), start());
    assert!(one.line.contains("(data: postgres:///test_"), "{}", one.line);
    assert!(one.call("CreateTable", CREATE).contains("200 OK"));
    let put = r#"{"TableName":"orders","Item":{"pk":{"S":"a"},"n":{"N":"7"}}}"#;
    assert!(other.call("PutItem", put).contains("200 OK"));
    let get = r#"{"TableName":"orders","Key":{"pk":{"S":"a"}},"ConsistentRead":true}"#;
    assert!(one.call("GetItem", get).contains(r#""n":{"N":"7"}"#));
    let metrics = one.get("/metrics");
    for name in ["stator_postgres_horizon_age_seconds", "stator_leases_taken_over_total"] {
        assert!(metrics.contains(&format!("# TYPE {name} ")), "{metrics}");
    }
    drop((one, other));
    assert!(start().call("GetItem", get).contains(r#""n":{"N":"7"}"#), "what was written is still there");
}

/// What SDKs repeat is answered while the database is gone, and the server goes on by itself.
#[test]
fn a_database_that_is_killed_under_a_server() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let mut database = TestServer::start(&programs, &[]).unwrap();
    let server = Running::start(&["--port", "0", "--store", &database.url()]);
    assert!(server.call("CreateTable", CREATE).contains("200 OK"));
    let put = r#"{"TableName":"orders","Item":{"pk":{"S":"a"}}}"#;
    assert!(server.call("PutItem", put).contains("200 OK"));
    database.kill();
    let get = r#"{"TableName":"orders","Key":{"pk":{"S":"a"}}}"#;
    for (operation, body) in [("PutItem", put), ("GetItem", get)] {
        let answer = server.call(operation, body);
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    }
    let ready = server.get("/ready");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains("not ready: the store is not available"),
        "{ready}"
    );
    // Pages are made once a second.
    let metrics = std::iter::repeat_with(|| server.get("/metrics"));
    let mut metrics = metrics.filter(|page| page.contains("\nstator_store_takes_writes 0\n"));
    let page = metrics.next().unwrap();
    assert!(page.contains("\nstator_postgres_connection_failures_total "), "what the process knows: {page}");
    assert!(
        page.contains("\nstator_request_errors_total{") && !page.contains("stator_table_items"),
        "{page}"
    );
    database.start_again().unwrap();
    while !server.call("PutItem", put).contains("200 OK") {}
    assert!(server.call("GetItem", get).contains(r#""S":"a""#));
    assert!(server.get("/ready").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_url_that_leads_nowhere() {
    refused(&["--port", "0", "--store", "mysql://there"], 2, "not a PostgreSQL URL");
    refused(
        &["--port", "0", "--store", "postgres://a/b?sslmode=verify-full&sslrootcert=/none.pem"],
        2,
        "cannot use sslrootcert /none.pem",
    );
    refused(
        &["--port", "0", "--store", "postgres://u:secret@127.0.0.1:1/d"],
        4,
        "postgres://u@127.0.0.1:1/d: PostgreSQL cannot be reached",
    );
    refused(
        &["--port", "0", "--store", "postgres://a/b", "--memory"],
        2,
        "leave --memory and --data-dir out",
    );
}

/// Data that was sealed under one root key is not served under another.
#[test]
fn servers_with_other_root_keys() {
    let Some(server) = TestServer::shared() else { return };
    let url = database(server);
    let with_key = |digit: &str| {
        let mut command = stator(&["--port", "0", "--store", &url]);
        command.env("STATOR_KMS_ROOT_KEY", digit.repeat(64));
        command
    };
    let _one = Running::of(&mut with_key("a"));
    command_refused(&mut with_key("b"), 4, "root key");
}

#[test]
fn a_user_without_rights_and_a_server_that_may_lose_data() {
    let Some(server) = TestServer::shared() else { return };
    let url = database(server);
    server.run("CREATE USER guest");
    let guest = url.replace("user=stator", "user=guest");
    refused(&["--port", "0", "--store", &guest], 4, "a right is missing in the database");
    let careless = TestServer::start(&programs().unwrap(), &["full_page_writes=off"]).unwrap();
    refused(
        &["--port", "0", "--store", &careless.url()],
        4,
        "full_page_writes = off, so acknowledged writes may be lost",
    );
    Running::start(&["--port", "0", "--store", &careless.url(), "--accept-loss"]);
}

#[test]
fn a_schema_of_a_newer_version() {
    let Some(server) = TestServer::shared() else { return };
    let options = Options { schema: TestServer::new_schema(), ..Options::of(&database(server)) };
    drop(PostgresStore::open(Options { schema: "stator".to_owned(), ..options.clone() }).unwrap());
    run_at(&options.url, "UPDATE stator.meta SET version = 99");
    refused(&["--port", "0", "--store", &options.url], 5, "schema stator has version 99");
}
