//! `stator explain-denial`: which statement of a policy denied a request, and what would have to change. The server
//! keeps that of its last denials.

use crate::client::{CallError, Client, Named, Place, Variables};
use clap::Args;
use std::sync::Arc;
use stdx::SystemClock;

const SERVER: &str = "Server";
const PATH: &str = "/_stator/denials/";

/// Say why a request was denied
#[derive(Debug, Clone, Default, Args)]
pub struct Arguments {
    /// Id of the request, as its answer has it (x-amzn-RequestId)
    pub request_id: String,

    /// URL of the server
    #[arg(long, alias = "endpoint-url", value_name = "URL", help_heading = SERVER)]
    pub(super) endpoint: Option<String>,

    /// Profile of ~/.aws with the account's own keys
    #[arg(long, value_name = "NAME", help_heading = SERVER)]
    pub(super) profile: Option<String>,
}

/// The explanation, or a sentence with the reason for its absence.
///
/// # Errors
/// When the server cannot be reached, or has no record of the request.
pub fn run(arguments: &Arguments, variables: &Variables<'_>) -> Result<String, String> {
    let id = &arguments.request_id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("{id:?} is no id of a request"));
    }
    let named = Named {
        endpoint: arguments.endpoint.clone(),
        profile: arguments.profile.clone(),
        ..Named::default()
    };
    let (place, signer) = Place::resolve(&named, variables)?;
    let client = Client::new(place, signer, Arc::new(SystemClock));
    match client.page(&format!("{PATH}{id}"), "iam").map_err(|error| told(&client, error))? {
        (200, text) => Ok(text),
        (_, text) => Err(text.trim_end().to_owned()),
    }
}

fn told(client: &Client, error: CallError) -> String {
    match error {
        CallError::Unreachable(why) => format!("cannot reach {:?}: {why}", client.place()),
        _ => "the keys cannot sign a request".to_owned(),
    }
}
