//! Runs case files and reports what differs.

use crate::case::{Case, CaseFile, ExpectBody, Send, Step, parse};
use crate::matcher::{Captures, compare, interpolate};
use crate::protocol;
use crate::target::{Reply, Target};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that passed.
    pub passed: usize,
    /// Cases the target cannot run (they move the clock or restart).
    pub skipped: usize,
    /// Cases that did not pass.
    pub failures: Vec<Failure>,
}

/// A case that did not pass.
#[derive(Debug)]
pub struct Failure {
    /// Where: file, line and case.
    pub place: String,
    /// How the answer differs.
    pub difference: String,
}

/// Accounts are never reused within a run, so that no case sees another's tables.
static ACCOUNT: AtomicU64 = AtomicU64::new(100_000_000_000);

/// Runs every `.case` file below a directory whose path contains `filter`.
pub fn run_directory(directory: &Path, filter: &str, target: &dyn Target) -> Report {
    let mut files = vec![];
    collect(directory, &mut files);
    files.sort();
    let mut report = Report::default();
    for path in files.iter().filter(|path| path.to_string_lossy().contains(filter)) {
        run_file(path, target, &mut report);
    }
    report
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "case") {
            files.push(path);
        }
    }
}

fn run_file(path: &Path, target: &dyn Target, report: &mut Report) {
    let parsed = std::fs::read_to_string(path).map_err(|e| e.to_string()).and_then(|text| parse(&text));
    let file = match parsed {
        Ok(file) => file,
        Err(difference) => {
            return report.failures.push(Failure { place: path.display().to_string(), difference });
        }
    };
    for case in &file.cases {
        match run_case(&file, case, target) {
            Ok(true) => report.passed += 1,
            Ok(false) => report.skipped += 1,
            Err((line, difference)) => {
                let place = format!("{}:{line}: {}", path.display(), case.name);
                report.failures.push(Failure { place, difference });
            }
        }
    }
}

/// `Ok(false)` means skipped.
fn run_case(file: &CaseFile, case: &Case, target: &dyn Target) -> Result<bool, (usize, String)> {
    let account = ACCOUNT.fetch_add(1, Ordering::Relaxed).to_string();
    let now = target.now_seconds();
    let given = [
        ("account", account.as_str().into()),
        ("now", now.into()),
        ("millis", (now * 1_000).into()),
        ("hour", (now / 3600 * 3600 - 3600).into()),
    ];
    let mut captures: Captures = given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for step in file.setup.iter().chain(&case.steps) {
        match step {
            Step::Advance(seconds) if !target.advance(*seconds) => return Ok(false),
            Step::Restart if !target.restart() => return Ok(false),
            Step::Delayed(seconds) if target.delay_seconds() != *seconds => return Ok(false),
            Step::Enforced if !target.enforces_capacity() => return Ok(false),
            Step::Advance(_) | Step::Restart | Step::Delayed(_) | Step::Enforced => {}
            Step::Send(send) if send.eventually => eventually(send, &account, &mut captures, target)?,
            Step::Send(send) => {
                for _ in 0..send.repeat {
                    let reply = transmit(send, &account, &captures, target)?;
                    check(send, &reply, &mut captures).map_err(|difference| (send.line, difference))?;
                }
            }
            Step::Together(sends) => together(sends, &account, &mut captures, target)?,
        }
    }
    Ok(true)
}

/// How often, and how long apart, a step is sent that is to succeed in the end.
const TRIES_MAX: usize = 6_000;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(10);

#[expect(clippy::disallowed_methods, reason = "a job behind requests tells no client when it is done")]
fn eventually(
    send: &Send,
    account: &str,
    captures: &mut Captures,
    target: &dyn Target,
) -> Result<(), (usize, String)> {
    let mut difference = String::new();
    for _ in 0..TRIES_MAX {
        match check(send, &transmit(send, account, captures, target)?, captures) {
            Ok(()) => return Ok(()),
            Err(differs) => difference = differs,
        }
        std::thread::sleep(TRY_AGAIN_AFTER);
    }
    Err((send.line, format!("not even in the end: {difference}")))
}

fn together(
    sends: &[Send],
    account: &str,
    captures: &mut Captures,
    target: &dyn Target,
) -> Result<(), (usize, String)> {
    let before = &*captures;
    let replies: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            sends.iter().map(|send| scope.spawn(move || transmit(send, account, before, target))).collect();
        threads.into_iter().map(|thread| thread.join().expect("sending does not panic")).collect()
    });
    for (send, reply) in sends.iter().zip(replies) {
        check(send, &reply?, captures).map_err(|difference| (send.line, difference))?;
    }
    Ok(())
}

fn transmit(
    send: &Send,
    account: &str,
    captures: &Captures,
    target: &dyn Target,
) -> Result<Reply, (usize, String)> {
    let request = protocol::request(send, account, captures).map_err(|why| (send.line, why))?;
    target.send(&request).map_err(|error| (send.line, format!("no answer: {error}")))
}

fn check(send: &Send, reply: &Reply, captures: &mut Captures) -> Result<(), String> {
    let text = String::from_utf8_lossy(&reply.body);
    if reply.status != send.expect.status {
        return Err(format!("expected status {}, got {}: {text}", send.expect.status, reply.status));
    }
    let crc32 = reply.header("x-amz-crc32").and_then(|value| value.parse::<u32>().ok());
    if crc32.is_some_and(|crc32| crc32 != crc32fast::hash(&reply.body)) {
        return Err("x-amz-crc32 is not that of the body".to_owned());
    }
    check_headers(send, reply, captures)?;
    let json = |expected| protocol::answer(&send.call, reply, expected);
    match &send.expect.body {
        ExpectBody::Any => Ok(()),
        ExpectBody::Json(expected) => compare(expected, &json(Some(expected))?, captures),
        ExpectBody::Text(expected) if interpolate(expected, captures) == text.trim_end() => Ok(()),
        ExpectBody::Text(expected) => Err(differs("body", expected, &text)),
        ExpectBody::ErrorCode(code) => error(&json(None)?, code).map(|_| ()),
        ExpectBody::Error(code, message) => {
            let (message, got) = (interpolate(message, captures), error(&json(None)?, code)?);
            if got == message { Ok(()) } else { Err(differs("message", &message, &got)) }
        }
        ExpectBody::ErrorContains(code, part) => {
            let (part, got) = (interpolate(part, captures), error(&json(None)?, code)?);
            if got.contains(&part) { Ok(()) } else { Err(format!("the message has no `{part}`: {got}")) }
        }
    }
}

fn check_headers(send: &Send, reply: &Reply, captures: &mut Captures) -> Result<(), String> {
    for (name, expected) in &send.expect.headers {
        let got = reply.header(name).ok_or_else(|| format!("the header {name} is missing"))?;
        compare(&expected.as_str().into(), &got.into(), captures)
            .map_err(|_| differs(name, expected, got))?;
    }
    Ok(())
}

fn differs(what: &str, expected: &str, got: &str) -> String {
    format!("{what}\n     expected: {expected}\n          got: {got}")
}

/// The message of an error body whose code is `code`.
fn error(body: &Value, code: &str) -> Result<String, String> {
    let got = body["__type"].as_str().unwrap_or_default();
    if got.rsplit('#').next() != Some(code) {
        return Err(format!("expected {code}, got {body}"));
    }
    Ok(body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default().to_owned())
}
