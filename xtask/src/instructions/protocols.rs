//! Whether the optimised program answers in each way that operations are called. All other tests are of a build
//! without optimisation, in which what crates compile for themselves may be laid out otherwise.

use crate::api::{Connection, DYNAMODB};
use crate::cargo::target_dir;
use crate::server::{Scratch, Server};
use serde_json::json;
use std::path::Path;

pub(super) fn are_answered(binary: &Path) -> Result<(), String> {
    let scratch = Scratch::under(&target_dir(), "protocols-data")?;
    let server = Server::start(binary, scratch.path())?;
    let mut connection = Connection::open(&server.url)?;
    connection.ask(DYNAMODB, "ListTables", &json!({}))?;
    connection.form("iam", "Action=ListUsers&Version=2010-05-08")?;
    connection.get("s3", "/").map_err(|error| format!("ListBuckets: {error}"))?;
    server.stop()
}
