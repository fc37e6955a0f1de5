//! Transfers: what moves items between tables and objects of S3, ordered by a request and done behind its answer.
//!
//! A transfer is a [document](documents) with a task beside it until it is done. A [loop](worker) on each server does
//! the tasks step by step, under a lease where servers share a store: each step's commit keeps how far the task is,
//! so another server goes on where one has ended. What a transfer is of, and what its steps do, it says itself.

mod arn;
mod bucket;
mod data_file;
mod documents;
mod id;
pub mod kms_keys;
mod listing;
pub mod manifest;
mod page;
mod worker;

pub use arn::TransferArn;
pub use bucket::Bucket;
pub use data_file::DataFile;
pub use documents::{Added, Transfers};
pub use id::new_id;
pub use listing::{Extent, Pages, extent};
pub use page::Place;
pub use worker::{Carrier, Step, Tasks, Trouble, Work, refused, run};

use crate::service::DynamoDb;
use engine::Scope;
use model::ApiError;
use pipeline::{Cx, Need, permitted};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A kind of transfer, and one of it.
pub trait Transfer: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in ARNs, names of leases and the log.
    const NAME: &'static str;
    /// The kinds of its documents.
    const KINDS: Kinds;
    /// Those of an account and region that are under way at most.
    const RUNNING_MAX: usize;
    /// What is next of one.
    type Stage: Clone + Serialize + DeserializeOwned + Send + Sync;
    /// How one ended.
    type Ended: Clone + Serialize + DeserializeOwned + Send + Sync;
    /// What is kept of an object that one has written, until it is done.
    type File: Serialize + DeserializeOwned + Send + Sync;

    /// What was ordered.
    fn order(&self) -> Order<'_>;
    /// How it ended.
    fn ended(&self) -> Option<&Self::Ended>;
    /// The same with its end.
    fn with_end(self, ended: Self::Ended) -> Self;
    /// The documents of its kind.
    fn documents(service: &DynamoDb) -> &Transfers<Self>;
    /// What is no ARN of one.
    fn no_arn() -> ApiError;
    /// There is none with the ARN.
    fn not_found(arn: &TransferArn<Self>) -> ApiError;
    /// The ARN is one of another region.
    fn elsewhere(arn: &TransferArn<Self>) -> ApiError {
        Self::not_found(arn)
    }

    /// The ARN of its table.
    fn table_arn(&self) -> String {
        let Order { account, region, table_name, .. } = self.order();
        format!("arn:aws:dynamodb:{region}:{account}:table/{table_name}")
    }

    /// Its ARN.
    fn arn(&self) -> String {
        format!("{}/{}/{}", self.table_arn(), Self::NAME, self.order().id)
    }

    /// Account and region of its table.
    fn scope(&self) -> Scope {
        let Order { account, region, .. } = self.order();
        Scope { account: account.into(), region: region.into() }
    }
}

/// The kinds of the documents of a kind of transfer.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// A transfer.
    pub transfer: &'static str,
    /// How far one is.
    pub task: &'static str,
    /// For which request a token stands.
    pub token: &'static str,
    /// A file that one has written.
    pub file: &'static str,
}

/// What every transfer has.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Account of the table.
    pub account: &'a str,
    /// Region of the table.
    pub region: &'a str,
    /// Name of the table.
    pub table_name: &'a str,
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: &'a str,
    /// What makes the same request again this one.
    pub client_token: &'a str,
    /// Whose the buckets are said to be.
    pub bucket_owners: [Option<&'a str>; 2],
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task<S> {
    /// What the caller may not do, if anything.
    pub denial: Option<Denial>,
    /// The keys of KMS that the caller may use for it, by their ARNs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kms_keys: Vec<String>,
    /// What is next.
    pub stage: S,
}

/// What a client may not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Denial {
    /// In a bucket, in words.
    OfBucket(String),
    /// Elsewhere.
    Of(Failure),
}

impl Denial {
    /// As the end of the transfer.
    pub fn failure(&self) -> Failure {
        match self {
            Denial::OfBucket(message) => {
                Failure { code: "S3AccessDenied".to_owned(), message: message.clone() }
            }
            Denial::Of(failure) => failure.clone(),
        }
    }
}

/// Why a transfer failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

/// The first of these needs in a bucket that the caller must not do.
pub fn denial(cx: &Cx<'_, DynamoDb>, needs: &[Need]) -> Option<Denial> {
    denied(cx, needs).map(Denial::OfBucket)
}

/// The first of these needs that the caller must not do, in words.
pub fn denied(cx: &Cx<'_, DynamoDb>, needs: &[Need]) -> Option<String> {
    let denied = needs.iter().find_map(|need| permitted(cx, need).err());
    denied.map(|error| error.message.unwrap_or_default().into_owned())
}
