//! What a step calls: `GetItem`, `cloudwatch/query:ListMetrics`, `lambda:GET /2015-03-31/functions/f`.

use crate::services::{SERVICES, ServiceEntry};
use pipeline::Protocol;

/// An operation of a service in one of its protocols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service.
    pub service: &'static ServiceEntry,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The operation or path.
    pub asked: Asked,
}

/// The operation or path that is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// An operation by its name, or by a whole target of JSON (with a dot).
    Operation(String),
    /// Nothing that a target names.
    Nothing,
    /// A method, and a path with its query.
    Path(String, String),
}

/// The calls that a line begins with, one for each protocol meant, and how many bytes of the line they are.
pub(super) fn calls(line: &str) -> Result<(Vec<Call>, usize), String> {
    let first = line.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
    let (service, protocol, word) = split(first)?;
    let (asked, length) = match path_after(line, first) {
        Some((path, length)) => (Asked::Path(word.to_owned(), path.to_owned()), length),
        None if word == "-" => (Asked::Nothing, first.len()),
        None => (Asked::Operation(word.to_owned()), first.len()),
    };
    let protocols = service.protocols_named(protocol);
    if protocols.is_empty() {
        return Err(format!("{} has no such protocol: `{first}`", service.name));
    }
    let call = |protocol| Call { service, protocol, asked: asked.clone() };
    Ok((protocols.into_iter().map(call).collect(), length))
}

/// Service, protocol and operation of `service/protocol:Operation`.
fn split(word: &str) -> Result<(&'static ServiceEntry, Option<&str>, &str), String> {
    let Some((service, operation)) = word.split_once(':') else { return Ok((&SERVICES[0], None, word)) };
    let (name, protocol) = match service.split_once('/') {
        Some((name, protocol)) => (name, Some(protocol)),
        None => (service, None),
    };
    let service = ServiceEntry::named(name).ok_or_else(|| format!("there is no service `{name}`"))?;
    Ok((service, protocol, operation))
}

/// The path that follows a method, and where it ends.
fn path_after<'a>(line: &'a str, first: &str) -> Option<(&'a str, usize)> {
    let path = line[first.len()..].strip_prefix(' ')?.split_whitespace().next()?;
    path.starts_with('/').then_some((path, first.len() + 1 + path.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: &str) -> Vec<(&'static str, Protocol)> {
        let (calls, _) = calls(line).unwrap();
        calls.iter().map(|call| (call.service.name, call.protocol)).collect()
    }

    #[test]
    fn services_and_protocols() {
        assert_eq!(seen("GetItem{\"a\": 1}"), [("dynamodb", Protocol::AwsJson10)]);
        assert_eq!(seen("sts:GetCallerIdentity"), [("sts", Protocol::Query)]);
        assert_eq!(seen("cloudwatch/cbor:ListMetrics {}"), [("cloudwatch", Protocol::RpcCbor)]);
        assert_eq!(seen("cloudwatch/*:ListMetrics").len(), 3);
        for wrong in ["nosuch:List {}", "sts/cbor:GetCallerIdentity"] {
            assert!(calls(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn methods_and_paths() {
        let (calls, length) = calls("sts:GET /?Action=X&Version=1 {\"a\": 1}").unwrap();
        assert_eq!(calls[0].asked, Asked::Path("GET".into(), "/?Action=X&Version=1".into()));
        assert_eq!(length, "sts:GET /?Action=X&Version=1".len());
    }
}
