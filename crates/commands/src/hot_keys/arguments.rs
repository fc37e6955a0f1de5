//! The command line of `stator hot-keys`.

use crate::client::Named;
use clap::Args;

const EXAMPLES: &str = "Examples:
  stator hot-keys orders --enable         begin to rank the keys of a table, and show what there is
  stator hot-keys orders                  the keys of the table and its indexes, of the last hour
  stator hot-keys orders --index by-city --minutes 10 --keys 50
  stator hot-keys orders --json           the same for programs

Without --endpoint or --aws: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else http://127.0.0.1:8000.
Keys and region: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_PROFILE, ~/.aws.";

/// Show the keys that are accessed and throttled most
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Name of the table
    pub table: String,

    /// Only this global index
    #[arg(long, value_name = "NAME")]
    pub(super) index: Option<String>,

    /// Of the last so many minutes
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=1_440))]
    pub(super) minutes: u64,

    /// So many keys of each kind
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(super) keys: u64,

    /// Rank keys from now on
    #[arg(long)]
    pub(super) enable: bool,

    /// As JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) server: Named,
}
