//! `stator config`: checks and prints a configuration before a server runs with it.

use crate::cli::Invocation;
use crate::config::Config;
use crate::failure::Failure;
use clap::{Args, Subcommand};
use http_server::Tls;
use std::io::{self, Write};
use std::path::PathBuf;

/// `stator config`'s own arguments.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Say whether a file fits together, and its certificates can be used
    Check(File),
    /// Print all settings as they are with this file, without secrets
    Print(File),
}

#[derive(Debug, Clone, Args)]
struct File {
    /// The stator.toml
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Checks as a start would, as far as that leaves no trace.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let (What::Check(File { file }) | What::Print(File { file })) = &arguments.what;
    let told = Invocation { config: Some(file.clone()), ..Invocation::default() };
    let config = Config::resolve(told)?;
    if let Some(files) = config.tls.clone() {
        Tls::load(files).map_err(|error| Failure::Usage(error.to_string()))?;
    }
    let text = match arguments.what {
        What::Check(_) => format!("{}: a server can start with it\n", file.display()),
        What::Print(_) => config.to_string(),
    };
    // A closed stdout is ignored.
    _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}
