//! `stator plan TABLE`: the plan that a server makes of the traffic it has recorded.
//!
//! Only how it is asked for is here; what a plan is, and how it looks, is the planner's.

use crate::client::{Client, Named, Place, Variables};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use stdx::Clock;

const PATH: &str = "/_stator/plan";
const EXAMPLES: &str = "Examples:
  stator plan orders                          of the last 30 days, by the server's metrics
  stator plan orders --days 7 --svg plan.svg  of a week, with a picture
  stator plan orders --csv october.csv        of a file of figures: time,index,read,write

Without --endpoint: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else http://127.0.0.1:8000.";

/// Say what a table's traffic would cost, paid otherwise
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Name of the table
    pub table: String,

    /// Of the last so many days
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=63))]
    pub days: u64,

    /// What auto scaling keeps in use, in percent
    #[arg(long, value_name = "N", default_value_t = 70, value_parser = clap::value_parser!(u64).range(20..=90))]
    pub target: u64,

    /// Of the figures in this file, without a server
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// What capacity costs, by this JSON file, with --csv
    #[arg(long, value_name = "FILE", requires = "csv")]
    pub prices: Option<PathBuf>,

    /// Write a picture there
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// As JSON
    #[arg(long)]
    pub json: bool,

    /// Where the server is
    #[command(flatten)]
    pub server: Named,
}

/// The plan of a server, as JSON.
///
/// # Errors
/// In a sentence for people.
pub fn of_server(
    arguments: &Arguments,
    variables: &Variables<'_>,
    clock: Arc<dyn Clock>,
) -> Result<String, String> {
    let Arguments { table, days, target, server, .. } = arguments;
    if table.is_empty() || !table.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(format!("{table:?} is no name of a table"));
    }
    if server.aws {
        return Err("AWS makes no plans; save its metrics to a file and give --csv".to_owned());
    }
    let (place, signer) = Place::resolve(server, variables)?;
    let client = Client::new(place, signer, clock);
    let path = format!("{PATH}?table={table}&days={days}&target={target}");
    match client.page(&path, "dynamodb").map_err(|error| error.sentence(&client.place().url()))? {
        (200, text) => Ok(text),
        (_, text) => Err(text.trim_end().to_owned()),
    }
}

/// The region of the command line or the environment.
///
/// # Errors
/// In a sentence for people.
pub fn region(arguments: &Arguments, variables: &Variables<'_>) -> Result<String, String> {
    Place::resolve(&arguments.server, variables).map(|(place, _)| place.region().to_owned())
}
