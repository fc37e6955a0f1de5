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

/// Each is refused as a usage error that says `expect`.
fn refused(result: Result<Config, Failure>, expect: &str) {
    let failure = result.err().unwrap_or_else(|| panic!("not refused: {expect}"));
    let text = failure.to_string();
    assert!(failure.exit_code() == 2 && text.contains(expect), "{text}");
}

#[test]
fn a_bare_start_is_local_and_durable() {
    let config = resolve(Invocation::default()).expect("the defaults fit");
    assert_eq!(config.http.address, "127.0.0.1:8000".parse().expect("an address"));
    let expect = DataConfig::Directory {
        path: "./stator-data".into(),
        durability: Durability::Disk,
        accept_loss: false,
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
