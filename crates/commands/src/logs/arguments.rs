//! The command line of `stator logs`.

use crate::client::Named;
use clap::Args;
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  stator logs counter                     what the function counter has printed
  stator logs counter --follow            the same, and what it prints from now on, until Ctrl-C
  stator logs counter --since 10m --filter ERROR
  stator logs /other/group                a log group by its name

Without --endpoint or --aws: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else http://127.0.0.1:8000.
Keys and region: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_PROFILE, ~/.aws.";

/// Show what a function prints
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Name of the function, or of a log group, which begins with a slash
    pub function: String,

    /// Go on with what it prints from now on
    #[arg(long, short)]
    pub(super) follow: bool,

    /// Only what was printed since so long ago: 90s, 10m, 2h, 1d
    #[arg(long, value_name = "TIME", value_parser = ago)]
    pub(super) since: Option<Duration>,

    /// Only lines with these words: ERROR, "timed out", -DEBUG
    #[arg(long, value_name = "PATTERN")]
    pub(super) filter: Option<String>,

    #[command(flatten)]
    pub(super) server: Named,
}

impl Arguments {
    /// The selected log group.
    pub(super) fn group(&self) -> String {
        if self.function.starts_with('/') {
            self.function.clone()
        } else {
            format!("/aws/lambda/{}", self.function)
        }
    }
}

/// `90s`, `10m`, `2h`, `1d`
fn ago(text: &str) -> Result<Duration, String> {
    let read = || {
        let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        Some(Duration::from_secs(u64::from(count.parse::<u32>().ok()?) * seconds))
    };
    read().ok_or_else(|| "how long ago: 90s, 10m, 2h, 1d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_groups() {
        assert_eq!(ago("10m"), Ok(Duration::from_secs(600)));
        assert!(ago("").is_err() && ago("m").is_err() && ago("5w").is_err() && ago("é").is_err());
        let group =
            |function: &str| Arguments { function: function.to_owned(), ..Arguments::default() }.group();
        assert_eq!((group("f"), group("/g")), ("/aws/lambda/f".to_owned(), "/g".to_owned()));
    }
}
