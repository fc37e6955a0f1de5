//! Whether a function may be called with the records of a stream: its role must be allowed to read them. Who knows what
//! roles may is handed in by whoever puts the server together.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A reading of a stream for a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The function's ARN, with a qualifier if the mapping has one.
    pub function_arn: String,
    /// The stream's, or that of a consumer of one.
    pub source_arn: String,
}

/// What tells whether the role of the function may read the stream, by what it may now.
pub type MayRead = dyn Fn(Reading) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync;

/// What functions may read; without anything that knows roles, every stream.
#[derive(Clone, Default)]
pub struct ReadPermission(Option<Arc<MayRead>>);

impl ReadPermission {
    /// As this tells.
    pub fn by(may_read: Arc<MayRead>) -> ReadPermission {
        ReadPermission(Some(may_read))
    }

    /// Whether a function may read a stream.
    pub async fn permits(&self, function_arn: &str, source_arn: &str) -> bool {
        let Some(may_read) = &self.0 else { return true };
        may_read(Reading { function_arn: function_arn.to_owned(), source_arn: source_arn.to_owned() }).await
    }

    /// Whether it always does.
    pub(crate) fn is_general(&self) -> bool {
        self.0.is_none()
    }
}

/// What the service says of a stream that a role may not read.
pub fn denial(source_arn: &str) -> String {
    format!(
        "Cannot access stream {source_arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
         DescribeStream, and ListStreams Actions on your stream in IAM."
    )
}

impl fmt::Debug for ReadPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadPermission").field(&self.0.is_some()).finish()
    }
}
