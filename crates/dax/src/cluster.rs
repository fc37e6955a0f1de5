//! The cluster that this server is: its name, by which policies and metrics speak of it.

use identity::Caller;

/// The name of the cluster.
pub const NAME: &str = "stator";

/// Its ARN in the account and region of a caller.
pub(crate) fn arn(caller: &Caller) -> String {
    format!("arn:aws:dax:{}:{}:cache/{NAME}", caller.region, caller.account)
}
