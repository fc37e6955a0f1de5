//! `stator plan` and `stator hot-keys`, in this process: their output and files.

use crate::failure::Failure;
use commands::client::Variables;
use commands::hot_keys;
use commands::plan::{self, Arguments};
use planner::{Plan, csv, svg, text};
use prices::Prices;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use stdx::SystemClock;

/// Prints the plan of a table, and writes a picture of it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = match &arguments.csv {
        Some(path) => of_file(arguments, path).map_err(Failure::Usage)?,
        None => of_server(arguments).map_err(Failure::Other)?,
    };
    if let Some(path) = &arguments.svg {
        let written = std::fs::write(path, svg::render(&plan));
        written.map_err(|error| Failure::Other(format!("cannot write {}: {error}", path.display())))?;
    }
    let shown = if arguments.json {
        serde_json::to_string(&plan).map_err(|error| Failure::Other(error.to_string()))? + "\n"
    } else {
        text::render(&plan)
    };
    print(&shown);
    Ok(())
}

/// Prints the keys that are accessed and throttled most.
pub(crate) fn hot_keys(arguments: &hot_keys::Arguments) -> Result<(), Failure> {
    let shown = hot_keys::run(arguments, &Variables::of_the_process(), Arc::new(SystemClock));
    print(&shown.map_err(Failure::Other)?);
    Ok(())
}

fn of_server(arguments: &Arguments) -> Result<Plan, String> {
    let json = plan::of_server(arguments, &Variables::of_the_process(), Arc::new(SystemClock))?;
    serde_json::from_str(&json).map_err(|error| format!("what answers is no plan: {error}"))
}

fn of_file(arguments: &Arguments, path: &Path) -> Result<Plan, String> {
    let named = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| named(path, &error));
    let prices = match &arguments.prices {
        Some(path) => Prices::parse(&read(path)?).map_err(|why| named(path, &why))?,
        None => Prices::bundled(),
    };
    let region = plan::region(arguments, &Variables::of_the_process())?;
    let traffic = csv::read(&read(path)?, &arguments.table, &region).map_err(|why| named(path, &why))?;
    Ok(Plan::of(&traffic, &prices, arguments.target as f64))
}

/// A closed stdout is ignored.
fn print(text: &str) {
    _ = std::io::stdout().lock().write_all(text.as_bytes());
}
