//! The log as the pipeline talks to it, and the thread that writes.

use crate::files::{Files, Rotation};
use crate::record::Record;
use pipeline::audit::Event;
use pipeline::{AuditLog, Kind};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use stdx::Random;

/// Events that wait for being written; more are lost.
const WAITING_MAX: usize = 10_000;
/// Events that are written in one piece.
const BATCH_MAX: usize = 256;

/// Which operations are recorded; refused callers are in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// What changes and describes tables, keys, users and settings.
    Management,
    /// Reads and writes of data too.
    All,
}

/// The log of a folder.
pub struct FileLog {
    audited: Audited,
    sender: SyncSender<Message>,
    lost: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Event(Box<Event>),
    End,
}

impl FileLog {
    /// Opens the folder and starts the thread.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the system has no thread left.
    pub fn open(
        folder: &Path,
        audited: Audited,
        rotation: Rotation,
        now_micros: u64,
        random: Random,
    ) -> io::Result<FileLog> {
        let files = Files::open(folder, rotation, now_micros / 1_000_000)?;
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer { files, random, lost: Arc::clone(&lost), is_failing: false };
        let work = move || writer.run(&receiver);
        let thread = std::thread::Builder::new().name("audit".to_owned()).spawn(work)?;
        Ok(FileLog { audited, sender, lost, thread: Mutex::new(Some(thread)) })
    }

    /// Writes what waits, and ends.
    pub fn close(&self) {
        let thread = self.thread.lock().expect("nothing panics while it holds the lock").take();
        if let Some(thread) = thread {
            _ = self.sender.send(Message::End);
            _ = thread.join();
        }
    }
}

impl AuditLog for FileLog {
    fn wants(&self, kind: Kind) -> bool {
        self.audited == Audited::All || kind == Kind::Control
    }

    fn note(&self, event: Event) {
        if self.sender.try_send(Message::Event(Box::new(event))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for FileLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for FileLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileLog").field("audited", &self.audited).finish_non_exhaustive()
    }
}

/// The thread's own.
struct Writer {
    files: Files,
    random: Random,
    lost: Arc<AtomicU64>,
    is_failing: bool,
}

impl Writer {
    fn run(mut self, receiver: &Receiver<Message>) {
        while let Ok(first) = receiver.recv() {
            let mut lines = Vec::new();
            let mut seconds = 0;
            let mut count = 0;
            let mut is_last = false;
            for message in std::iter::once(first).chain(receiver.try_iter().take(BATCH_MAX)) {
                let Message::Event(event) = message else {
                    is_last = true;
                    break;
                };
                self.add(&mut lines, &event);
                (seconds, count) = (event.time_micros / 1_000_000, count + 1);
            }
            if count > 0 {
                self.write(lines, seconds, count);
            }
            if is_last {
                return;
            }
        }
    }

    fn add(&self, lines: &mut Vec<u8>, event: &Event) {
        let record = Record::of(event, self.random.uuid());
        serde_json::to_writer(&mut *lines, &record).expect("a record is JSON");
        lines.push(b'\n');
    }

    /// A failure is told once until writing succeeds again; then the file itself says what is missing.
    fn write(&mut self, mut lines: Vec<u8>, seconds: u64, count: u64) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let time = stdx::calendar::iso_8601(seconds);
            lines.extend(format!("{{\"eventTime\":\"{time}\",\"eventsLost\":{lost}}}\n").into_bytes());
        }
        match self.files.append(&lines, seconds) {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                self.lost.fetch_add(lost + count, Ordering::Relaxed);
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(
                        "the audit log cannot be written, and its records are lost until it can: {error}"
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::{Caller, Principal, PrincipalKind};
    use pipeline::{Peer, RequestId};
    use serde_json::{Value, json};

    const NOW_MICROS: u64 = 1_795_469_551_000_000;

    fn event(
        caller: Option<Caller>,
        body: &'static [u8],
        error: Option<(&'static str, Option<String>)>,
    ) -> Event {
        Event {
            request_id: RequestId::draw(&Random::from_seed(1)),
            time_micros: NOW_MICROS,
            service: "dynamodb",
            operation: "DeleteTable",
            kind: Kind::Control,
            claimed_key: caller.is_none().then(|| "AKIACLAIMED".to_owned()),
            caller: caller.map(Arc::new),
            invoked_by: None,
            peer: Some(Peer { address: [10, 0, 0, 1].into(), is_secure: true }),
            user_agent: None,
            path: "/".to_owned(),
            body: bytes::Bytes::from_static(body),
            resources: Vec::new(),
            error,
        }
    }

    fn records(events: Vec<Event>) -> Vec<Value> {
        let folder = tempfile::tempdir().expect("a folder");
        let rotation = Rotation { bytes: 1 << 20, seconds: 3_600, files: 2 };
        let random = Random::from_seed(1);
        let log = FileLog::open(folder.path(), Audited::Management, rotation, NOW_MICROS, random);
        let log = log.expect("it opens");
        assert!(log.wants(Kind::Control) && !log.wants(Kind::Read) && !log.wants(Kind::Write));
        events.into_iter().for_each(|event| log.note(event));
        log.close();
        let text = std::fs::read_to_string(folder.path().join("audit.json")).expect("a file");
        text.lines().map(|line| serde_json::from_str(line).expect("a record is JSON")).collect()
    }

    #[test]
    fn a_record_says_who_did_what() {
        let kind = PrincipalKind::Role {
            arn: "arn:aws:sts::123456789012:assumed-role/R/s".to_owned(),
            role_arn: "arn:aws:iam::123456789012:role/p/R".to_owned(),
            role_id: "AROA1".to_owned(),
            session: "s".to_owned(),
        };
        let mut principal = Principal::of(kind);
        principal.keys.insert("aws:tokenissuetime".to_owned(), vec!["1795469000".to_owned()]);
        let caller = Caller { principal: Arc::new(principal), ..Caller::of_key("123456789012", "eu-west-1") };
        let denied = Some(("AccessDeniedException", Some("User: … is not authorized".to_owned())));
        let records = records(vec![
            event(Some(caller), br#"{"TableName":"t","Secret":"hunter2"}"#, denied),
            event(None, b"{}", Some(("InvalidSignatureException", None))),
        ]);
        let first = &records[0];
        for (pointer, expected) in [
            ("/userIdentity/type", json!("AssumedRole")),
            ("/userIdentity/principalId", json!("AROA1:s")),
            ("/userIdentity/sessionContext/sessionIssuer/userName", json!("R")),
            ("/userIdentity/sessionContext/attributes/creationDate", json!("2026-11-23T21:23:20Z")),
            ("/eventTime", json!("2026-11-23T21:32:31Z")),
            ("/eventSource", json!("dynamodb.amazonaws.com")),
            ("/eventName", json!("DeleteTable")),
            ("/awsRegion", json!("eu-west-1")),
            ("/sourceIPAddress", json!("10.0.0.1")),
            ("/errorCode", json!("AccessDeniedException")),
            ("/requestParameters", json!({"tableName": "t"})),
            ("/readOnly", json!(false)),
            ("/eventCategory", json!("Management")),
            ("/recipientAccountId", json!("123456789012")),
        ] {
            assert_eq!(first.pointer(pointer), Some(&expected), "{pointer}");
        }
        assert!(!first.to_string().contains("hunter2"));
        let unknown = json!({"type": "Unknown", "accessKeyId": "AKIACLAIMED"});
        assert_eq!(records[1].pointer("/userIdentity"), Some(&unknown));
        assert_eq!(records[1].get("errorMessage"), None);
        assert_ne!(first.get("eventID"), records[1].get("eventID"));
    }

    #[test]
    fn a_call_from_inside_says_which_service_made_it() {
        let key = "arn:aws:kms:eu-west-1:123456789012:key/k";
        let inside = |caller| Event {
            invoked_by: Some("dynamodb.amazonaws.com".to_owned()),
            peer: None,
            resources: vec![key.to_owned(), "*".to_owned()],
            ..event(Some(caller), b"", None)
        };
        let of_itself = Caller::of_service("dynamodb.amazonaws.com", "123456789012", "eu-west-1");
        let records = records(vec![inside(Caller::of_key("123456789012", "eu-west-1")), inside(of_itself)]);
        for (pointer, expected) in [
            ("/userIdentity/type", json!("Root")),
            ("/userIdentity/invokedBy", json!("dynamodb.amazonaws.com")),
            ("/sourceIPAddress", json!("dynamodb.amazonaws.com")),
            ("/userAgent", json!("dynamodb.amazonaws.com")),
            ("/resources/0", json!({"accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": key})),
            ("/resources/1", json!({"ARN": "*"})),
        ] {
            assert_eq!(records[0].pointer(pointer), Some(&expected), "{pointer}");
        }
        let service = json!({"type": "AWSService", "invokedBy": "dynamodb.amazonaws.com"});
        assert_eq!(records[1].pointer("/userIdentity"), Some(&service));
        assert_eq!(records[1].pointer("/recipientAccountId"), Some(&json!("123456789012")));
    }
}
