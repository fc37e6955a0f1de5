use super::*;
use crate::cli::{Auth, Durability};
use std::fs;

fn resolve(told: Invocation) -> Result<Config, Failure> {
    Config::resolve(told)
}

fn with_file(text: &str, told: Invocation) -> Result<Config, Failure> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("stator.toml");
    fs::write(&path, text).expect("writable");
    resolve(Invocation { config: Some(path), ..told })
}

/// Each is refused as a usage error that contains `expect`.
fn refused(result: Result<Config, Failure>, expect: &str) {
    let failure = result.err().unwrap_or_else(|| panic!("not refused: {expect}"));
    let text = failure.to_string();
    assert!(failure.exit_code() == 2 && text.contains(expect), "{text}");
}

#[test]
fn the_documented_file_is_a_configuration() {
    let document = include_str!("../../../../docs/configuration.md");
    let file = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("stator.toml");
    fs::write(&path, file.expect("the document shows a file")).expect("writable");
    fs::write(dir.path().join("root.secret"), "a secret\n").expect("writable");
    fs::write(dir.path().join("root.key"), "00".repeat(32)).expect("writable");
    resolve(Invocation { config: Some(path), ..Invocation::default() }).expect("it is accepted");
}

#[test]
fn a_bare_start_is_local_and_durable() {
    let config = resolve(Invocation::default()).expect("the defaults fit");
    assert_eq!(config.http.address, "127.0.0.1:8000".parse().expect("an address"));
    let expect = DataConfig::Directory {
        path: "./stator-data".into(),
        durability: Durability::Disk,
        accept_loss: false,
        encrypted: false,
        size: Size::Guest,
    };
    assert_eq!(config.data, expect);
    assert!(!config.auth.verifies());
}

#[test]
fn half_states_are_refused() {
    let told = Invocation::default;
    refused(resolve(Invocation { memory: true, data_dir: Some("x".into()), ..told() }), "give one of them");
    refused(resolve(Invocation { memory: true, accept_loss: true, ..told() }), "leave one of them out");
    refused(resolve(Invocation { host: Some("0.0.0.0".into()), ..told() }), "--insecure");
    refused(
        resolve(Invocation { host: Some("0.0.0.0".into()), auth: Some(Auth::Off), ..told() }),
        "--insecure",
    );
    refused(resolve(Invocation { host: Some("db.example".into()), ..told() }), "is no IP address");
    refused(resolve(Invocation { auth: Some(Auth::Verify), ..told() }), "needs an access key");
    let insecure = Invocation { host: Some("0.0.0.0".into()), insecure: true, ..told() };
    assert!(resolve(insecure).is_ok());
}

#[test]
fn a_file_means_production() {
    let told = Invocation::default;
    const KEY: &str = "[[auth.keys]]\nid = \"AKID\"\nsecret = \"s\"\n";
    refused(with_file("", told()), "needs an access key");
    refused(with_file(KEY, told()), "tls = \"off\"");
    let config =
        with_file(&format!("[http]\ntls = \"off\"\nhost = \"0.0.0.0\"\n{KEY}"), told()).expect("fits");
    assert!(config.auth.verifies());
    let config = with_file("mode = \"local\"\n[data]\nmemory = true", told()).expect("fits");
    assert_eq!(config.data, DataConfig::Memory);
    let config = with_file("mode = \"local\"\n[data]\ncache_mb = 7", told()).expect("fits");
    assert!(matches!(config.data, DataConfig::Directory { size: Size::Server { cache_mb: 7 }, .. }));
}

#[test]
fn a_database_stands_in_for_a_directory() {
    let told = || Invocation { store: Some("postgres://a/b".into()), ..Invocation::default() };
    let of = |result: Result<Config, Failure>| match result.expect("fits").data {
        DataConfig::Database(database) => (database.url, database.schema, database.connections),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(resolve(told())), ("postgres://a/b".into(), "stator".into(), 16));
    let file = |keys: &str| format!("mode = \"local\"\n[store]\nkind = \"postgres\"\n{keys}");
    let whole = file("url = \"postgres://c/d\"\nschema = \"s\"\nconnections = 4");
    assert_eq!(of(with_file(&whole, Invocation::default())), ("postgres://c/d".into(), "s".into(), 4));
    assert_eq!(of(with_file(&whole, told())), ("postgres://a/b".into(), "s".into(), 4), "the flag wins");
    let memory = Invocation { memory: true, ..Invocation::default() };
    assert_eq!(with_file(&whole, memory).expect("fits").data, DataConfig::Memory, "a flag wins");
    refused(with_file(&file(""), Invocation::default()), "[store] has no url");
    refused(with_file("[store]\nurl = \"x\"", Invocation::default()), "missing field `kind`");
    refused(with_file(&file("connections = 0"), told()), "it can be 1 to 1000");
    refused(with_file(&(whole + "\n[data]\ncache_mb = 7"), Invocation::default()), "leave [data] out");
    refused(resolve(Invocation { memory: true, ..told() }), "leave --memory and --data-dir out");
    refused(
        resolve(Invocation { durability: Some(Durability::Os), ..told() }),
        "--durability is about files",
    );
    refused(resolve(Invocation { encrypt: true, ..told() }), "--encrypt is about files");
}

/// What no server has for itself must be said where it goes.
#[test]
fn in_production_a_database_needs_a_folder_for_the_audit_log() {
    const REST: &str = "[http]\ntls = \"off\"\n[store]\nkind = \"postgres\"\nurl = \"postgres://a/b\"\n\
                        [[auth.keys]]\nid = \"AKID\"\nsecret = \"s\"\n";
    refused(with_file(REST, Invocation::default()), "[audit] needs a dir, or events = \"off\"");
    for audit in ["events = \"off\"", "dir = \"a\""] {
        assert!(with_file(&format!("{REST}[audit]\n{audit}"), Invocation::default()).is_ok(), "{audit}");
    }
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let told = Invocation::default;
    refused(with_file("mode = \"local\"\n[http]\nprot = 1\n", told()), "line 3: unknown field `prot`");
    refused(with_file("[htpp]\n", told()), "line 1: unknown field `htpp`");
    refused(with_file("mode = ", told()), "line 1: ");
}

#[test]
fn flags_win_over_the_file() {
    let text = "mode = \"local\"\n[http]\nport = 1\n[data]\nmemory = true\n[log]\nfilter = \"warn\"\n";
    let told = Invocation { port: Some(2), data_dir: Some("d".into()), ..Invocation::default() };
    let config = with_file(text, told).expect("fits");
    assert_eq!((config.http.address.port(), config.log.as_str()), (2, "warn"));
    assert!(matches!(config.data, DataConfig::Directory { .. }));
}

#[test]
fn numbers_have_a_range() {
    for (section, key, most) in [
        ("http", "connections_max", 1_000_000),
        ("http", "in_flight_mb_max", 1_048_576),
        ("http", "head_timeout_seconds", 86_400),
        ("http", "body_timeout_seconds", 86_400),
        ("http", "response_timeout_seconds", 86_400),
        ("data", "cache_mb", 1_048_576),
    ] {
        let file = |value| {
            with_file(&format!("mode = \"local\"\n[{section}]\n{key} = {value}"), Invocation::default())
        };
        for value in [-1, 0, most + 1, i64::MAX] {
            let expect = format!("[{section}] has {key} = {value}; it can be 1 to {most}");
            refused(file(value), &expect);
        }
        assert!(file(1).is_ok() && file(most).is_ok(), "{key}");
    }
}

#[test]
fn an_empty_directory_is_no_directory() {
    refused(
        with_file("mode = \"local\"\n[data]\ndir = \"\"", Invocation::default()),
        "[data] has an empty dir",
    );
}

#[test]
fn keys_that_cannot_be_meant() {
    let key = |id: &str, secret: &str| format!("[[auth.keys]]\nid = \"{id}\"\nsecret = \"{secret}\"\n");
    let file = |keys: &str| with_file(&format!("[http]\ntls = \"off\"\n{keys}"), Invocation::default());
    refused(file(&key("", "s")), "[[auth.keys]] has a key with an empty id");
    refused(file(&key("AKID", "")), "[[auth.keys]] has the key \"AKID\" with an empty secret");
    refused(file(&(key("AKID", "one") + &key("AKID", "two"))), "[[auth.keys]] has the key \"AKID\" twice");
    assert!(file(&(key("AKID", "one") + &key("OTHER", "one"))).is_ok());
}

#[test]
fn a_file_without_end_is_refused() {
    let told = |path: &str| Invocation { config: Some(path.into()), ..Invocation::default() };
    refused(resolve(told("/dev/zero")), "longer than 1 MB");
    let comment = format!("mode = \"local\"\n#{}", " ".repeat(1 << 20));
    refused(with_file(&comment, Invocation::default()), "longer than 1 MB");
    assert!(with_file(&comment[..1 << 20], Invocation::default()).is_ok());
}

#[test]
fn expired_items_are_looked_for_as_often_as_is_said() {
    let told = |every: &str| Invocation { ttl_sweep: Some(every.into()), ..Invocation::default() };
    let millis = |result: Result<Config, Failure>| {
        result.expect("accepted").tables.ttl_sweep.map(|every| every.as_millis())
    };
    assert_eq!(millis(Config::resolve(Invocation::default())), Some(2_000));
    assert_eq!(millis(Config::resolve(told("1m"))), Some(60_000));
    assert_eq!(millis(Config::resolve(told("off"))), None);
    for every in ["0", "99ms", "25h", "never", ""] {
        assert!(matches!(Config::resolve(told(every)), Err(Failure::Usage(_))), "{every}");
    }
}

#[test]
fn a_delay_of_the_control_plane_is_a_flag_a_key_or_dynamodb_locals() {
    let told = |delay: &str| Invocation { control_plane_delay: Some(delay.into()), ..Invocation::default() };
    let delay =
        |result: Result<Config, Failure>| result.expect("accepted").tables.control_plane_delay.as_millis();
    assert_eq!(delay(resolve(Invocation::default())), 0);
    assert_eq!(delay(resolve(told("500ms"))), 500);
    assert_eq!(delay(resolve(Invocation { delay_transient_statuses: true, ..Invocation::default() })), 2_000);
    let file = "mode = \"local\"\n[tables]\ncontrol_plane_delay = \"3s\"";
    assert_eq!(delay(with_file(file, Invocation::default())), 3_000);
    assert_eq!(delay(with_file(file, told("1m"))), 60_000);
    refused(resolve(told("fast")), "is no duration");
    refused(resolve(told("2h")), "`2h` is not between 0 and 3600 s");
}

#[test]
fn shards_of_streams_live_and_split_as_told() {
    let told = |life: &str, writes| Invocation {
        stream_shard_life: Some(life.into()),
        stream_shard_writes: Some(writes),
        ..Invocation::default()
    };
    let limits = |result: Result<Config, Failure>| {
        let limits = result.expect("accepted").tables.shard_limits;
        (limits.life_micros, limits.writes_per_second)
    };
    assert_eq!(limits(resolve(Invocation::default())), (4 * 3_600 * 1_000_000, 1_000));
    assert_eq!(limits(resolve(told("2s", 7))), (2_000_000, 7));
    let file = "mode = \"local\"\n[tables]\nstream_shard_life = \"1h\"\nstream_shard_writes = 50";
    assert_eq!(limits(with_file(file, Invocation::default())), (3_600 * 1_000_000, 50));
    refused(resolve(told("0", 1)), "is not between 1 and 86400 s");
}
