//! The cluster that this server is, whether others were created or not: its name, by which policies and metrics speak
//! of it.

use identity::Caller;

/// The name of the cluster.
pub const NAME: &str = "stator";

/// The ARN of a cluster in the account and region of a caller.
pub(crate) fn arn(caller: &Caller, name: &str) -> String {
    dax_control::cluster::arn(&caller.account, &caller.region, name)
}
