//! The binary: parses the command line, composes the parts, runs until a signal; or runs a command. Contains no logic
//! of the database.

mod allocator;
mod check_config;
mod cli;
mod compose;
mod config;
mod failure;
mod huge_pages;
mod init;
mod log;
mod metrics;
mod migrate;
mod notify;
mod open_files;
mod panics;
mod plan;
mod ready;
mod run;
mod sdk_extras;
mod shutdown;
mod stderr;
mod tail;

use allocator::Allocator;
use failure::Failure;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    panics::end_the_process();
    huge_pages::only_where_asked_for();
    let invocation = match cli::Invocation::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(said) => return said.print(),
    };
    let ended = match invocation.command {
        Some(cli::Command::Tail(arguments)) => tail::follow(&arguments),
        Some(cli::Command::Logs(arguments)) => tail::logs(&arguments),
        Some(cli::Command::ExplainDenial(arguments)) => explain_denial(&arguments),
        Some(cli::Command::Config(arguments)) => check_config::run(arguments),
        Some(cli::Command::Init(arguments)) => init::make(&arguments),
        Some(cli::Command::Migrate(arguments)) => migrate::run(arguments),
        Some(cli::Command::HotKeys(arguments)) => plan::hot_keys(&arguments),
        Some(cli::Command::Plan(arguments)) => plan::run(&arguments),
        Some(cli::Command::SdkExtras(arguments)) => sdk_extras::run(&arguments),
        None => run::server(invocation),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

/// One sentence with advice, and the documented exit code.
fn report(failure: &Failure) -> ExitCode {
    stderr::say(failure);
    ExitCode::from(failure.exit_code())
}

/// `stator explain-denial`.
fn explain_denial(arguments: &commands::explain_denial::Arguments) -> Result<(), failure::Failure> {
    let variables = commands::client::Variables::of_the_process();
    let explanation =
        commands::explain_denial::run(arguments, &variables).map_err(failure::Failure::Other)?;
    let mut out = std::io::stdout();
    let written = std::io::Write::write_all(&mut out, explanation.as_bytes());
    written.map_err(|error| failure::Failure::Other(format!("cannot write: {error}")))
}
