//! What a GET receives: health for machines, a pointer for people.

use http::{HeaderMap, header};

/// How the server presents itself at `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persona {
    /// As DynamoDB Local: without credentials, `/` is refused. Tools wait for exactly that.
    Local,
    /// As the service in this region: `/` says that it is healthy, as load balancers expect.
    Production {
        /// The region in the text.
        region: String,
    },
}

/// The answer to a GET.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// A text of this type.
    Text { status: u16, content_type: &'static str, text: String },
    /// The API's refusal of a request without credentials.
    MissingToken,
    /// No such page.
    Unknown,
}

/// The page at `path`.
pub(crate) fn find(
    path: &str,
    headers: &HeaderMap,
    persona: &Persona,
    is_ready: impl FnOnce() -> bool,
) -> Page {
    match path {
        "/" => front(headers, persona),
        "/health" => plain(200, "healthy\n"),
        "/ready" if is_ready() => plain(200, "ready\n"),
        "/ready" => plain(503, "not ready\n"),
        _ => Page::Unknown,
    }
}

fn front(headers: &HeaderMap, persona: &Persona) -> Page {
    match persona {
        Persona::Production { region } => plain(200, &format!("healthy: dynamodb.{region}.amazonaws.com ")),
        Persona::Local if is_browser(headers) => {
            Page::Text { status: 200, content_type: "text/html; charset=utf-8", text: WELCOME.to_owned() }
        }
        Persona::Local => Page::MissingToken,
    }
}

fn plain(status: u16, text: &str) -> Page {
    Page::Text { status, content_type: "text/plain; charset=utf-8", text: text.to_owned() }
}

fn is_browser(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

const WELCOME: &str = "<!doctype html>
<meta charset=\"utf-8\"><title>Stator</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>
<h1>Stator is running</h1>
<p>This is a DynamoDB-compatible database. Point a client at this address:</p>
<pre>export AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-west-1
aws dynamodb list-tables</pre>
<p>Health: <a href=\"/health\">/health</a>, <a href=\"/ready\">/ready</a>.</p>
";
