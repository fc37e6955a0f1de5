//! Health for machines, a pointer for people.

use super::{Page, Pages};
use http::{HeaderMap, header};
use pipeline::Refusal;
use std::fmt;

/// How the server presents itself at `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persona {
    /// As DynamoDB Local: without credentials, `/` is refused. Tools wait for exactly that.
    Local,
    /// As the service: `/` answers 200 with a text, as load balancers expect.
    Production {
        /// The region in the text, where every table is in one.
        region: Option<String>,
    },
}

/// `/`, `/health` and `/ready`.
pub struct HealthPages<R> {
    persona: Persona,
    is_ready: R,
}

impl<R: Fn() -> Result<(), String> + Send + Sync + 'static> HealthPages<R> {
    /// The pages of a server that is ready while `is_ready` does not say why it is not.
    pub fn new(persona: Persona, is_ready: R) -> Self {
        HealthPages { persona, is_ready }
    }

    fn front(&self, headers: &HeaderMap) -> Page {
        match &self.persona {
            Persona::Production { region: Some(region) } => {
                Page::text(200, format!("healthy: dynamodb.{region}.amazonaws.com "))
            }
            Persona::Production { region: None } => Page::text(200, "healthy\n"),
            Persona::Local if is_browser(headers) => Page::Document {
                status: 200,
                content_type: "text/html; charset=utf-8",
                cache_control: None,
                body: WELCOME.into(),
            },
            Persona::Local => Page::Refused(Refusal::MissingToken),
        }
    }
}

impl<R: Fn() -> Result<(), String> + Send + Sync + 'static> Pages for HealthPages<R> {
    fn find(&self, request: &pipeline::Request) -> Page {
        match request.uri.path() {
            "/" => self.front(&request.headers),
            "/health" => Page::text(200, "healthy\n"),
            "/ready" => match (self.is_ready)() {
                Ok(()) => Page::text(200, "ready\n"),
                Err(why) => Page::text(503, format!("not ready: {why}\n")),
            },
            _ => Page::Unknown,
        }
    }
}

impl<R> fmt::Debug for HealthPages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthPages").field("persona", &self.persona).finish_non_exhaustive()
    }
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
