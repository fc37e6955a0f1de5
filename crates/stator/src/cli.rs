//! The command line. Every flag has an environment variable; a flag wins over it.

mod help;
mod local_spellings;

use crate::config::DaxCacheMode;
use crate::{check_config, init, migrate, sdk_extras};
use clap::builder::FalseyValueParser;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use commands::{explain_denial, hot_keys, logs, plan, tail};
use serde::Deserialize;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// The settings of the command line. What is absent is left to the
/// configuration file and the defaults.
#[derive(Debug, Clone, Default, Parser)]
#[command(
    name = "stator",
    version,
    about = help::ABOUT,
    after_help = help::EXAMPLES,
    override_usage = "stator [OPTIONS], or stator COMMAND",
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = help::COMMANDS,
    next_line_help = false,
    disable_help_subcommand = true
)]
pub(crate) struct Invocation {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Address to listen on
    #[arg(long, value_name = "IP", env = "STATOR_HOST", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) host: Option<String>,

    /// Port to listen on; 0 takes any free one [default: 8000]
    #[arg(long, value_name = "PORT", env = "STATOR_PORT", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) port: Option<u16>,

    /// Speak TLS with this certificate, PEM with what leads to its authority
    #[arg(long, value_name = "FILE", env = "STATOR_TLS_CERT", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", env = "STATOR_TLS_KEY", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) tls_key: Option<PathBuf>,

    /// Web origins that may read answers, separated by commas [default: *]
    #[arg(long, value_name = "LIST", env = "STATOR_CORS", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) cors: Option<String>,

    /// Directory of the data [default: ./stator-data]
    #[arg(long, alias = "db-path", value_name = "DIR", env = "STATOR_DATA_DIR", hide_env = true, help_heading = help::DATA)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Keep the data in this PostgreSQL, such as postgres://user@host/database
    #[arg(long, value_name = "URL", env = "STATOR_STORE", hide_env = true, hide_env_values = true, help_heading = help::DATA)]
    pub(crate) store: Option<String>,

    /// Keep the data in memory only; it is gone at exit
    #[arg(long, alias = "in-memory", env = "STATOR_MEMORY", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::DATA)]
    pub(crate) memory: bool,

    /// Acknowledge writes once on disk, or once the system has them [default: disk]
    #[arg(long, value_name = "disk|os", hide_possible_values = true, env = "STATOR_DURABILITY", hide_env = true, help_heading = help::DATA)]
    pub(crate) durability: Option<Durability>,

    /// Open damaged data and give up acknowledged writes that cannot be read
    #[arg(long, help_heading = help::DATA)]
    pub(crate) accept_loss: bool,

    /// Encrypt everything in a new data directory, under the root key of KMS
    #[arg(long, env = "STATOR_ENCRYPT", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::DATA)]
    pub(crate) encrypt: bool,

    /// How long a change of a table shows as under way, such as 2s [default: 0]
    #[arg(long, value_name = "DURATION", env = "STATOR_CONTROL_PLANE_DELAY", hide_env = true, help_heading = help::DATA)]
    pub(crate) control_plane_delay: Option<String>,

    /// Count what is above the limits of tables, or refuse it [default: observe; enforce with --config]
    #[arg(long, value_name = "observe|enforce", hide_possible_values = true, env = "STATOR_CAPACITY", hide_env = true, help_heading = help::DATA)]
    pub(crate) capacity: Option<Capacity>,

    /// Make global tables of version 2017.11.29, refuse them, or make what they lack too [default: offer]
    #[arg(long, value_name = "offer|refuse|tutorial", hide = true, env = "STATOR_LEGACY_GLOBAL_TABLES")]
    pub(crate) legacy_global_tables: Option<LegacyTables>,

    /// How long the records of a stream can be read: for tests of consumers.
    #[arg(long, hide = true, value_name = "DURATION", env = "STATOR_STREAM_RETENTION")]
    pub(crate) stream_retention: Option<String>,

    /// How long a shard of a stream is open before another continues it [default: 4h]
    #[arg(long, value_name = "DURATION", env = "STATOR_STREAM_SHARD_LIFE", hide = true)]
    pub(crate) stream_shard_life: Option<String>,

    /// Writes a second from which on a shard of a stream is split [default: 1000]
    #[arg(long, value_name = "N", env = "STATOR_STREAM_SHARD_WRITES", hide = true)]
    pub(crate) stream_shard_writes: Option<u32>,

    /// How often expired items are looked for; off leaves it to those who ask [default: 2s]
    #[arg(long, value_name = "DURATION|off", env = "STATOR_TTL_SWEEP", hide_env = true, help_heading = help::DATA)]
    pub(crate) ttl_sweep: Option<String>,

    /// Make and run functions of callers with a key
    #[arg(long, env = "STATOR_LAMBDA", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::CALLERS)]
    pub(crate) lambda: bool,

    /// Folder of the bytes of S3's objects [default: s3 in the data directory]
    #[arg(long, value_name = "DIR", env = "STATOR_S3_DIR", hide = true)]
    pub(crate) s3_dir: Option<PathBuf>,

    /// What capacity costs, by this JSON file
    #[arg(long, value_name = "FILE", env = "STATOR_PRICES", hide = true)]
    pub(crate) prices: Option<PathBuf>,

    /// Serve DAX's clients too, on a port of their own
    #[arg(long, env = "STATOR_DAX", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::NETWORK)]
    pub(crate) dax: bool,

    /// Port for DAX's clients; 0 takes any free one [default: 8111; 9111 with TLS]
    #[arg(long, value_name = "PORT", env = "STATOR_DAX_PORT", hide_env = true, help_heading = help::NETWORK)]
    pub(crate) dax_port: Option<u16>,

    /// Where DAX's clients reach this server, if not where they connect
    #[arg(long, value_name = "IP:PORT", env = "STATOR_DAX_ADVERTISE", hide = true)]
    pub(crate) dax_advertise: Option<SocketAddr>,

    /// Megabytes for what DAX's clients read again [default: 64]
    #[arg(long, value_name = "MB", env = "STATOR_DAX_CACHE", hide = true)]
    pub(crate) dax_cache: Option<u64>,

    /// Whether every write ends what is cached, or as in AWS only DAX's and time [default: coherent]
    #[arg(long, value_name = "coherent|aws", env = "STATOR_DAX_CACHE_MODE", hide = true)]
    pub(crate) dax_cache_mode: Option<DaxCacheMode>,

    /// Faults on demand by the rules of this JSON file; local servers only
    #[arg(long, value_name = "FILE", env = "STATOR_FAULTS", hide = true)]
    pub(crate) faults: Option<PathBuf>,

    /// Let the clock be set forward by those who ask; local servers only
    #[arg(long, env = "STATOR_ADJUSTABLE_CLOCK", hide = true, value_parser = FalseyValueParser::new())]
    pub(crate) adjustable_clock: bool,

    /// Check nothing, the form of credentials, or signatures [default: form; verify with --config]
    #[arg(long, value_name = "off|form|verify", hide_possible_values = true, env = "STATOR_AUTH", hide_env = true, help_heading = help::CALLERS)]
    pub(crate) auth: Option<Auth>,

    /// Show every table in every region
    #[arg(long, alias = "shared-db", env = "STATOR_SHARED_REGIONS", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::CALLERS)]
    pub(crate) shared_regions: bool,

    /// Allow others than this machine without verified signatures
    #[arg(long, env = "STATOR_INSECURE", hide_env = true, value_parser = FalseyValueParser::new(), help_heading = help::CALLERS)]
    pub(crate) insecure: bool,

    /// Run as a production server with this stator.toml
    #[arg(long, value_name = "FILE", env = "STATOR_CONFIG", hide_env = true, help_heading = help::PROCESS)]
    pub(crate) config: Option<PathBuf>,

    /// Write {"url", "port", "pid"} there once ready
    #[arg(long, value_name = "FILE", env = "STATOR_READY_FILE", hide_env = true, help_heading = help::PROCESS)]
    pub(crate) ready_file: Option<PathBuf>,

    /// What to log to stderr: error, warn, info, debug, or a filter [default: info]
    #[arg(long, value_name = "FILTER", env = "STATOR_LOG", hide_env = true, help_heading = help::PROCESS)]
    pub(crate) log: Option<String>,

    /// DynamoDB Local's: a control-plane delay of two seconds.
    #[arg(long, hide = true)]
    pub(crate) delay_transient_statuses: bool,

    /// DynamoDB Local's, taken and without effect: nothing needs it.
    #[arg(long, hide = true)]
    pub(crate) optimize_db_before_startup: bool,

    /// DynamoDB Local's, taken and without effect: there is no telemetry.
    #[arg(long, hide = true)]
    pub(crate) disable_telemetry: bool,

    /// Whether the command line was written for DynamoDB Local: its scripts wait for its first line.
    #[arg(skip)]
    pub(crate) as_dynamodb_local: bool,
}

/// What the binary does instead of serving.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Make a folder with all that a production server needs
    Init(init::Arguments),
    /// Check or print a configuration
    Config(check_config::Arguments),
    /// Move a data directory into a PostgreSQL
    Migrate(migrate::Arguments),
    /// Follow the changes of a table
    Tail(tail::Arguments),
    /// Show what a function prints
    Logs(logs::Arguments),
    ExplainDenial(explain_denial::Arguments),
    /// Show the keys that are used and throttled most
    HotKeys(hot_keys::Arguments),
    /// Say what a table's traffic would cost, paid otherwise
    Plan(plan::Arguments),
    /// Teach boto3 and the AWS CLI what is not in their model
    SdkExtras(sdk_extras::Arguments),
}

/// When a write is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Durability {
    /// When it is on disk.
    Disk,
    /// When the operating system has it: it survives a crash of the process, not of the machine.
    Os,
}

/// What happens to requests above the limits of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Capacity {
    /// They are served, and counted.
    Observe,
    /// They are refused.
    Enforce,
}

/// What is done about global tables of version 2017.11.29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LegacyTables {
    /// They are made.
    Offer,
    /// They are refused.
    Refuse,
    /// They are made, with the tables that they lack.
    Tutorial,
}

/// How far credentials are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auth {
    /// Not at all.
    Off,
    /// They must have the form DynamoDB requires.
    Form,
    /// Their signature must be right.
    Verify,
}

/// The command line parser's output instead of an invocation: help, a version, a usage error.
#[derive(Debug)]
pub(crate) struct Said(clap::Error);

impl Invocation {
    /// Reads the arguments, the program's name first; DynamoDB Local's spellings are understood.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Said> {
        let translated = local_spellings::translate(arguments);
        let mut matches = Invocation::command().try_get_matches_from(translated.arguments).map_err(Said)?;
        let invocation = Invocation::from_arg_matches_mut(&mut matches).map_err(Said)?;
        Ok(Invocation { as_dynamodb_local: translated.was_local, ..invocation })
    }
}

impl Said {
    /// Prints it, help on stdout and errors on stderr, with the exit code that belongs to it.
    pub(crate) fn print(self) -> ExitCode {
        _ = self.0.print();
        ExitCode::from(if self.0.use_stderr() { 2 } else { 0 })
    }
}

#[cfg(test)]
mod tests;
