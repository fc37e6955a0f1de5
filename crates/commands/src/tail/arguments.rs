//! The command line of `stator tail`.

use super::from::From;
use super::key_filter::KeyFilter;
use crate::client::Named;
use clap::{Args, ValueEnum};

const EXAMPLES: &str = "Examples:
  stator tail Music                                     changes from now on, until Ctrl-C
  stator tail Music --from trim --no-follow             everything that is kept (24 hours), then end
  stator tail Music --from 10m --key artist=\"Nina Simone\"   one item collection
  stator tail Music --json | jq .eventName              one line of JSON for each change
  stator tail Music --aws --region eu-west-1            a table at AWS

The table needs a stream. NEW_AND_OLD_IMAGES shows what was changed:
  aws dynamodb update-table --table-name Music \\
    --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES

Without --endpoint or --aws: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else http://127.0.0.1:8000.
Keys and region: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_PROFILE, ~/.aws.";

/// Follow the changes of a table
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Name of the table, or ARN of one of its streams
    pub table: String,

    /// Where to begin: now, the oldest change kept (trim), or a time: 10m, 2h, 2026-01-31T09:00:00Z
    #[arg(long, value_name = "now|trim|TIME", default_value = "now")]
    pub(super) from: From,

    /// Only items with this value of a key attribute; once for each attribute
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) key: Vec<KeyFilter>,

    /// One line of JSON for each change, the record as the API gives it
    #[arg(long)]
    pub(super) json: bool,

    /// End once all changes so far are shown
    #[arg(long)]
    pub(super) no_follow: bool,

    /// Colours: on a terminal unless NO_COLOR is set, always, never
    #[arg(
        long,
        value_name = "auto|always|never",
        hide_possible_values = true,
        hide_default_value = true,
        default_value = "auto"
    )]
    pub(super) color: Color,

    #[command(flatten)]
    pub(super) server: Named,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}
