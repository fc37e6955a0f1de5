//! The root key of KMS: from a file, the environment or a program; the wrong one is refused.

use super::running::{Running, command_refused, refused, stator, text};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const OTHER: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn config(dir: &Path, kms: &str) -> PathBuf {
    let path = dir.join("stator.toml");
    let data = dir.join("data");
    fs::write(&path, format!("mode = \"local\"\n[data]\ndir = {:?}\n[kms]\n{kms}\n", text(&data))).unwrap();
    path
}

fn call(server: &Running, operation: &str, body: &str) -> Value {
    let answer = server.call_service("TrentService", "kms", operation, body);
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

#[test]
fn what_is_encrypted_opens_under_the_same_root_key_only() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("root"), format!("{KEY}\n")).unwrap();
    let path = config(dir.path(), "root_key_file = \"root\"");
    let mut server = Running::start(&["--config", text(&path), "--port", "0"]);
    let id = call(&server, "CreateKey", "{}")["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let encrypt = format!(r#"{{"KeyId":"{id}","Plaintext":"aGVsbG8="}}"#);
    let blob = call(&server, "Encrypt", &encrypt)["CiphertextBlob"].as_str().unwrap().to_owned();
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));

    let wrong = "are sealed under another root key: give the one it was made with";
    let mut command = stator(&["--config", text(&path), "--port", "0"]);
    command_refused(command.env("STATOR_KMS_ROOT_KEY", OTHER), 4, wrong);
    let none = config(dir.path(), "");
    refused(&["--config", text(&none), "--port", "0"], 4, wrong);

    let path = config(dir.path(), &format!("root_key_command = [\"echo\", \"{KEY}\"]"));
    let mut server = Running::start(&["--config", text(&path), "--port", "0"]);
    let opened = call(&server, "Decrypt", &format!(r#"{{"CiphertextBlob":"{blob}"}}"#));
    assert_eq!(opened["Plaintext"], "aGVsbG8=");
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn what_is_no_root_key_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let start = |kms: &str, expect: &str| {
        let path = config(dir.path(), kms);
        refused(&["--config", text(&path), "--port", "0"], 2, expect);
    };
    fs::write(dir.path().join("short"), &KEY[..62]).unwrap();
    start(
        "root_key_file = \"short\"",
        "short is no root key: it takes 64 hexadecimal digits, such as openssl rand",
    );
    start("root_key_file = \"none\"", "none\", which cannot be read");
    start("root_key_command = []", "root_key_command of [kms] names no program");
    start("root_key_command = [\"false\"]", "it failed with exit status: 1");
    start("root_key_command = [\"/nowhere/at/all\"]", "No such file or directory");
    start("root_key_file = \"a\"\nroot_key_command = [\"b\"]", "keep one of them");
}
