//! As much of a client of Lambda as chores need: signed requests, since Lambda takes no others, and packages.

use crate::api::Connection;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use identity::{Secret, Signer};
use serde_json::Value;
use std::process::Command;
use stdx::{Clock, SystemClock};

/// A client of one server. Each request has a connection of its own.
pub(crate) struct LambdaClient {
    host: String,
    signer: Signer,
}

impl LambdaClient {
    /// The variables of a server with the client's key.
    pub(crate) const SERVER_KEY: [(&str, &str); 2] =
        [("STATOR_ACCESS_KEY_ID", "bench"), ("STATOR_SECRET_ACCESS_KEY", "bench-secret")];

    pub(crate) fn of(url: &str) -> LambdaClient {
        let [(_, access_key_id), (_, secret)] = Self::SERVER_KEY;
        let signer = Signer {
            access_key_id: access_key_id.to_owned(),
            secret: Secret::new(secret),
            session_token: None,
            region: "us-east-1".to_owned(),
        };
        LambdaClient { host: url.trim_start_matches("http://").to_owned(), signer }
    }

    /// One request and its answer; `Null` sends no body.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = self.head(method, path, &body)?;
        let answer = Connection::open(&self.host)?.exchange((head + &body).as_bytes());
        let answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }

    fn head(&self, method: &str, path: &str, body: &str) -> Result<String, String> {
        let unusable = |what: &str| format!("{method} {path}: {what}");
        let mut headers = HeaderMap::new();
        let host = HeaderValue::from_str(&self.host).map_err(|_| unusable("no host"))?;
        headers.insert(header::HOST, host);
        let uri: Uri = path.parse().map_err(|_| unusable("no path"))?;
        let verb: Method = method.parse().map_err(|_| unusable("no method"))?;
        let signed = self.signer.sign(
            "lambda",
            (&verb, &uri),
            &mut headers,
            body.as_bytes(),
            SystemClock.now_micros(),
        );
        signed.map_err(|_| unusable("no key"))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in &headers {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap_or_default());
        }
        Ok(head + &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()))
    }
}

/// A package with one file, in base64.
pub(crate) fn package(name: &str, content: &str) -> Result<String, String> {
    const ZIP: &str = "import base64, io, sys, zipfile; b = io.BytesIO(); z = zipfile.ZipFile(b, 'w'); \
                       z.writestr(sys.argv[1], sys.argv[2]); z.close(); \
                       print(base64.b64encode(b.getvalue()).decode(), end='')";
    let zipped = Command::new("python3").args(["-c", ZIP, name, content]).output();
    let zipped = zipped.map_err(|error| format!("python3: {error}"))?;
    String::from_utf8(zipped.stdout).map_err(|error| error.to_string())
}
