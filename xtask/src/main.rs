//! The project's chores, run as `cargo xtask <command>`. Each command is a file; this one only lists them.

mod api;
mod bench;
mod cargo;
mod codegen;
mod instructions;
mod lambda_client;
mod model_import;
mod model_table;
mod operation_rows;
mod server;
mod soak;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A chore: its name, its help and its function.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "test",
        arguments: test::ARGUMENTS,
        about: "run every test, or the suites named",
        run: test::run,
    },
    Command {
        name: "bench",
        arguments: bench::ARGUMENTS,
        about: "measure the server beside a bare one and the disk",
        run: bench::run,
    },
    Command {
        name: "soak",
        arguments: soak::ARGUMENTS,
        about: "load a server for long and see that it loses nothing and does not grow",
        run: soak::run,
    },
    Command {
        name: "instructions",
        arguments: instructions::ARGUMENTS,
        about: "count the instructions of requests; compare with benches/instructions.toml",
        run: instructions::run,
    },
    Command {
        name: "tidy",
        arguments: "",
        about: "check that documents, tables, files and dependencies agree",
        run: tidy::run,
    },
    Command {
        name: "model-import",
        arguments: "<botocore wheel or directory>",
        about: "read the public service model into crates/model/shapes",
        run: model_import::run,
    },
    Command {
        name: "codegen",
        arguments: "",
        about: "write crates/model/src/generated from crates/model/shapes",
        run: codegen::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) =
        arguments.split_first().map_or(("--help", &[][..]), |(name, rest)| (name.as_str(), rest));
    if matches!(name, "--help" | "-h" | "help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("no chore is called {name}\n\n{}", help());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{name}: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut help = String::from("Usage: cargo xtask <command>\n\n");
    for Command { name, arguments, about, .. } in COMMANDS {
        help += &format!("  {:<46} {about}\n", format!("{name} {arguments}"));
    }
    help
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}
