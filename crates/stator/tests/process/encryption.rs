//! Data that is sealed as a whole: nothing that was written can be read in its files, and only its root key opens it.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]

use super::running::{Running, command_refused, refused, stator, text};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const OTHER: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PLANTED: &str = "planted-7f3a";

const TABLE: &str = r#"{"TableName":"table","BillingMode":"PAY_PER_REQUEST",
    "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
    "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
    "GlobalSecondaryIndexes":[{"IndexName":"index","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
        "Projection":{"ProjectionType":"ALL"}}],
    "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}"#;

fn start(data: &Path, key: &str) -> Running {
    let arguments = ["--port", "0", "--data-dir", text(data), "--encrypt"];
    Running::of(stator(&arguments).env("STATOR_KMS_ROOT_KEY", key))
}

fn stopped(mut server: Running) {
    server.signal("-TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0));
    assert!(!err.contains(PLANTED) && !err.contains(KEY), "{err}");
}

/// Every file below that has the bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if memchr::memmem::find(&fs::read(&path).unwrap(), bytes).is_some() {
            found.push(path.display().to_string());
        }
    }
    found
}

fn put(server: &Running, key: &str) {
    let item =
        format!(r#"{{"pk":{{"S":"{PLANTED}{key}"}},"g":{{"S":"{PLANTED}"}},"a":{{"S":"{PLANTED}"}}}}"#);
    let answer = server.call("PutItem", &format!(r#"{{"TableName":"table","Item":{item}}}"#));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn nothing_can_be_read_in_the_files_of_sealed_data() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = start(&data, KEY);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    ["a", "b", "a"].iter().for_each(|key| put(&server, key));
    let tag = r#"{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/table","Tags":[{"Key":"k","Value":"planted-7f3a"}]}"#;
    assert!(server.call("TagResource", tag).starts_with("HTTP/1.1 200"));
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
    stopped(server);
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());

    let sealed = "this store is sealed under another root key: give the one it was made with";
    let arguments = ["--port", "0", "--data-dir", text(&data)];
    command_refused(stator(&arguments).env("STATOR_KMS_ROOT_KEY", OTHER), 4, sealed);
    refused(&arguments, 4, "this store is sealed: give the root key it was made with");

    let server = Running::of(stator(&arguments).env("STATOR_KMS_ROOT_KEY", KEY));
    let found = server.call("Scan", r#"{"TableName":"table","IndexName":"index"}"#);
    assert!(found.contains(r#""Count":2"#) && found.contains(PLANTED), "{found}");
    stopped(server);
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
}

/// Puts an object, and leaves an upload with a part, all with the planted bytes.
fn put_objects(server: &Running) {
    let planted = PLANTED.repeat(20_000);
    assert!(server.s3("PUT", "/bucket", "", b"").0.starts_with("HTTP/1.1 200"));
    let metadata = format!("X-Amz-Meta-Planted: {PLANTED}\r\n");
    let (head, _) = server.s3("PUT", "/bucket/key", &metadata, planted.as_bytes());
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("x-amz-server-side-encryption: AES256"),
        "{head}"
    );
    let (head, begun) = server.s3("POST", "/bucket/parts?uploads", "", b"");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let begun = String::from_utf8(begun).unwrap();
    let upload = begun.split("<UploadId>").nth(1).unwrap().split('<').next().unwrap();
    let part = format!("/bucket/parts?partNumber=1&uploadId={upload}");
    assert!(server.s3("PUT", &part, "", planted.as_bytes()).0.starts_with("HTTP/1.1 200"));
}

/// The first files below whose bytes are those of an export: packed items, and manifests.
fn exported_files(folder: &Path) -> Vec<String> {
    let packed = |path: &Path| fs::read(path).unwrap().starts_with(&[0x1F, 0x8B]);
    let mut found = files_with(folder, br#""outputFormat":"DYNAMODB_JSON""#);
    for bucket in fs::read_dir(folder.join("s3")).unwrap() {
        for digits in fs::read_dir(bucket.unwrap().path()).unwrap() {
            let files = fs::read_dir(digits.unwrap().path()).unwrap().map(|file| file.unwrap().path());
            found.extend(files.filter(|file| packed(file)).map(|file| file.display().to_string()));
        }
    }
    found
}

/// An object of S3, an upload, a backup and an export: none of them can be read in the folder, and all can afterwards.
#[test]
fn objects_backups_and_exports_are_sealed_with_the_rest() {
    const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/table";
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = start(&data, KEY);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    let recovery =
        r#"{"TableName":"table","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#;
    assert!(server.call("UpdateContinuousBackups", recovery).starts_with("HTTP/1.1 200"));
    ["a", "b", "c"].iter().for_each(|key| put(&server, key));
    put_objects(&server);
    let made = server.call("CreateBackup", r#"{"TableName":"table","BackupName":"one"}"#);
    assert!(made.starts_with("HTTP/1.1 200"), "{made}");
    eventually(&server, "ListBackups", "{}", "AVAILABLE");
    let order = format!(r#"{{"TableArn":"{ARN}","S3Bucket":"bucket"}}"#);
    assert!(server.call("ExportTableToPointInTime", &order).starts_with("HTTP/1.1 200"));
    eventually(&server, "ListExports", "{}", "COMPLETED");
    let nothing_is_open = || {
        assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
        assert_eq!(exported_files(&data), Vec::<String>::new());
    };
    nothing_is_open();
    killed(server);
    nothing_is_open();

    let server = start(&data, KEY);
    let (head, body) = server.s3("GET", "/bucket/key", "Range: bytes=65530-131080\r\n", b"");
    assert!(head.starts_with("HTTP/1.1 206") && head.contains(PLANTED), "{head}");
    assert!(body == PLANTED.repeat(20_000).as_bytes()[65_530..=131_080]);
    let (_, listed) = server.s3("GET", "/bucket?list-type=2", "", b"");
    let listed = String::from_utf8(listed).unwrap();
    let mut exported = listed.split("<Key>").filter_map(|key| key.split('<').next());
    let summary = exported.find(|key| key.ends_with("manifest-summary.json")).unwrap();
    let (_, summary) = server.s3("GET", &format!("/bucket/{summary}"), "", b"");
    assert!(String::from_utf8(summary).unwrap().contains(r#""itemCount":3"#));
    stopped(server);
    nothing_is_open();
}

#[test]
fn data_that_is_not_sealed_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--port", "0", "--data-dir", text(&data)];
    let server = Running::start(&arguments);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    put(&server, "a");
    stopped(server);
    assert!(!files_with(&data, PLANTED.as_bytes()).is_empty(), "the test can tell");
    let encrypted = ["--port", "0", "--data-dir", text(&data), "--encrypt"];
    let mut command = stator(&encrypted);
    command_refused(command.env("STATOR_KMS_ROOT_KEY", KEY), 4, "has data that is not sealed");
    stopped(Running::start(&arguments));
}

#[test]
fn half_states_are_refused() {
    refused(&["--port", "0", "--encrypt"], 2, "--encrypt needs a root key that is not in the data directory");
    let mut command = stator(&["--port", "0", "--memory", "--encrypt"]);
    command_refused(command.env("STATOR_KMS_ROOT_KEY", KEY), 2, "--encrypt is about files");
}

fn kms(server: &Running, operation: &str, body: &str) -> serde_json::Value {
    let answer = server.call_service("TrentService", "kms", operation, body);
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

fn key(server: &Running) -> String {
    kms(server, "CreateKey", "{}")["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

fn set_enabled(server: &Running, operation: &str, arn: &str) {
    kms(server, operation, &format!(r#"{{"KeyId":"{arn}"}}"#));
}

fn killed(mut server: Running) {
    server.signal("-KILL");
    assert_eq!(server.end().0, None);
}

/// Waits until the table is described with these words.
fn described(server: &Running, words: &str) {
    eventually(server, "DescribeTable", r#"{"TableName":"table"}"#, words);
}

/// Calls until the answer has these words; the answer.
fn eventually(server: &Running, operation: &str, body: &str, words: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = server.call(operation, body);
        if answer.contains(words) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn count(server: &Running, index: &str) -> String {
    server.call("Scan", &format!(r#"{{"TableName":"table","Select":"COUNT"{index}}}"#))
}

/// A table under a key of KMS: nothing of it can be read in the files, and a death in the middle of a change of its key
/// loses nothing.
#[test]
fn a_table_is_sealed_under_its_key_whatever_dies() {
    const ITEMS: usize = 300;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--port", "0", "--data-dir", text(&data)];
    let server = Running::start(&arguments);
    let (one, two) = (key(&server), key(&server));
    let under = |key: &str| {
        format!(r#""SSESpecification":{{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"{key}"}}}}"#)
    };
    let create = format!("{},{}", TABLE.strip_suffix('}').unwrap(), under(&one));
    let answer = server.call("CreateTable", &create);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    (0..ITEMS).for_each(|at| put(&server, &at.to_string()));
    put(&server, "0");
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
    let answer = server.call("UpdateTable", &format!(r#"{{"TableName":"table",{}"#, under(&two)));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    killed(server);
    let server = Running::start(&arguments);
    described(&server, r#""SSEDescription":{"Status":"ENABLED""#);
    described(&server, &two);
    set_enabled(&server, "DisableKey", &one);
    let all = format!(r#""Count":{ITEMS}"#);
    for index in ["", r#","IndexName":"index""#] {
        let found = count(&server, index);
        assert!(found.contains(&all), "{found}");
    }
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
    set_enabled(&server, "DisableKey", &two);
    killed(server);
    let server = Running::start(&arguments);
    assert!(count(&server, "").contains("KMS key disabled error"));
    described(&server, "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
    set_enabled(&server, "EnableKey", &two);
    let found = count(&server, "");
    assert!(found.contains(&all), "{found}");
    stopped(server);
    assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
}

/// Backups and old images are sealed as their table is, whatever dies, and outlive it.
#[test]
fn copies_of_a_table_are_sealed_under_its_key() {
    const ITEMS: usize = 100;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--port", "0", "--data-dir", text(&data)];
    let nothing_is_open = || assert_eq!(files_with(&data, PLANTED.as_bytes()), Vec::<String>::new());
    let server = Running::start(&arguments);
    let sse = format!(
        r#""SSESpecification":{{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"{}"}}}}"#,
        key(&server)
    );
    let create = format!("{},{sse}", TABLE.strip_suffix('}').unwrap());
    assert!(server.call("CreateTable", &create).starts_with("HTTP/1.1 200"));
    let recovery =
        r#"{"TableName":"table","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#;
    assert!(server.call("UpdateContinuousBackups", recovery).starts_with("HTTP/1.1 200"));
    (0..ITEMS).for_each(|at| put(&server, &at.to_string()));
    let made = server.call("CreateBackup", r#"{"TableName":"table","BackupName":"one"}"#);
    put(&server, "0");
    killed(server);

    let made: serde_json::Value = serde_json::from_str(made.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let backup = format!(r#""BackupArn":{}"#, made["BackupDetails"]["BackupArn"]);
    let server = Running::start(&arguments);
    eventually(&server, "DescribeBackup", &format!("{{{backup}}}"), "AVAILABLE");
    assert!(server.call("DeleteTable", r#"{"TableName":"table"}"#).starts_with("HTTP/1.1 200"));
    eventually(&server, "ListBackups", r#"{"BackupType":"SYSTEM"}"#, "AVAILABLE");
    nothing_is_open();
    let restore = format!(r#"{{"TargetTableName":"table",{backup}}}"#);
    eventually(&server, "RestoreTableFromBackup", &restore, "HTTP/1.1 200");
    killed(server);

    let server = Running::start(&arguments);
    described(&server, r#""TableStatus":"ACTIVE""#);
    let found = count(&server, r#","IndexName":"index""#);
    assert!(found.contains(&format!(r#""Count":{ITEMS}"#)), "{found}");
    stopped(server);
    nothing_is_open();
}
