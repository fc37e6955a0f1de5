//! The store over PostgreSQL beside bare `pgbench`, which runs the store's own statements on the same database in the
//! same round trips: what is left of the database's rate behind HTTP, DynamoDB's rules and the store. Then two servers
//! over one database beside one.
//!
//! `pgbench` computes nothing between its statements and writes no more than they need, so its rate is a bound.

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::cargo::{cargo, succeed, target_dir};
use crate::root;
use crate::server::Server;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Of clients to the servers.
const CONNECTIONS: u32 = 64;
/// Of each side to the database: as many as a server writes with.
const SESSIONS: &str = "16";
/// Fewer than elsewhere: an item is loaded by a transaction of its own.
const KEYS: u32 = 20_000;
/// Of an item of the load.
const ITEM_BYTES: u32 = 400;
/// About what the row of an item of the load takes.
const ROW_BYTES: usize = 450;
const SETTINGS: [&str; 3] = ["shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=1h"];
/// What the store's sessions have.
const SESSION_SETTINGS: &str = "-c search_path=bare -c enable_seqscan=off -c enable_hashjoin=off \
                                -c enable_mergejoin=off -c enable_bitmapscan=off -c enable_sort=off \
                                -c plan_cache_mode=force_generic_plan -c jit=off";

/// A workload of the load generator, and the script that runs its statements.
struct Work {
    workload: &'static str,
    title: &'static str,
    script: &'static str,
    items: u32,
}

const WORK: [Work; 5] = [
    Work { workload: "put", title: "PutItem durable", script: include_str!("postgres/put.sql"), items: 1 },
    Work { workload: "get", title: "GetItem", script: include_str!("postgres/get.sql"), items: 1 },
    Work {
        workload: "query",
        title: "Query 20 items",
        script: include_str!("postgres/query.sql"),
        items: 20,
    },
    Work {
        workload: "transact",
        title: "TransactWriteItems 3",
        script: include_str!("postgres/transact.sql"),
        items: 3,
    },
    Work {
        workload: "transact-100",
        title: "TransactWriteItems 100",
        script: include_str!("postgres/transact.sql"),
        items: 100,
    },
];

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    scratch: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let database = Database::start(scratch)?;
    database.set_up_bare()?;
    let start = || {
        let mut command = Command::new(stator);
        command.arg("--store").arg(&database.url);
        Server::spawn_over(command)
    };
    let one = start()?;
    loadgen.load_items(&one.url, KEYS, ITEM_BYTES)?;
    println!("\nover PostgreSQL, {CONNECTIONS} connections of clients, {SESSIONS} to the database");
    println!(
        "{:<22} {:>9} {:>9} {:>6} {:>9} {:>9} {:>9}",
        "median of the rounds", "pgbench/s", "stator/s", "ratio", "p50 µs", "p99 µs", "cpu µs"
    );
    let mut ratios = Vec::new();
    for work in &WORK {
        ratios.push(beside_pgbench(loadgen, &database, &one, work, seconds)?);
    }
    let two = start()?;
    println!("\ntwo servers over one database, of one; the same number of connections");
    for (workload, title) in [("put", "PutItem durable"), ("get", "GetItem")] {
        beside_one(loadgen, [&one, &two], workload, title, seconds)?;
    }
    [one, two].into_iter().try_for_each(Server::stop)?;
    Ok(vec![Target::at_least("durable PutItem over PostgreSQL, of pgbench", ratios[0], 0.60)])
}

fn beside_pgbench(
    loadgen: &Loadgen,
    database: &Database,
    server: &Server,
    work: &Work,
    seconds: u32,
) -> Result<f64, String> {
    let (mut bare, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(database.pgbench(work, seconds)?);
        runs.push(run(loadgen, server, work.workload, CONNECTIONS, seconds)?);
    }
    bare.sort_by(f64::total_cmp);
    let (bare, run) = (bare[ROUNDS / 2], loadgen::median(runs));
    let ratio = run.ops_per_s / bare;
    println!(
        "{:<22} {bare:>9.0} {:>9.0} {ratio:>6.2} {:>9.0} {:>9.0} {:>9.1}",
        work.title, run.ops_per_s, run.p50_us, run.p99_us, run.server_cpu_us
    );
    Ok(ratio)
}

/// A run over the items of this load.
fn run(
    loadgen: &Loadgen,
    server: &Server,
    workload: &str,
    connections: u32,
    seconds: u32,
) -> Result<Run, String> {
    let keys = ["--keys", &KEYS.to_string()];
    let run = loadgen.run_with(&server.url, server.pid(), workload, connections, seconds, &keys)?;
    trustworthy(workload, &run)?;
    Ok(run)
}

/// One server, then both at once with half of the connections each.
fn beside_one(
    loadgen: &Loadgen,
    servers: [&Server; 2],
    workload: &str,
    title: &str,
    seconds: u32,
) -> Result<(), String> {
    let run = |server: &Server, connections| run(loadgen, server, workload, connections, seconds);
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ones.push(run(servers[0], CONNECTIONS)?.ops_per_s);
        let both = std::thread::scope(|scope| {
            servers.map(|server| scope.spawn(|| run(server, CONNECTIONS / 2))).map(|run| run.join())
        });
        let mut sum = 0.0;
        for run in both {
            sum += run.map_err(|_| "a thread of the load panicked".to_owned())??.ops_per_s;
        }
        twos.push(sum);
    }
    ones.sort_by(f64::total_cmp);
    twos.sort_by(f64::total_cmp);
    let (one, two) = (ones[ROUNDS / 2], twos[ROUNDS / 2]);
    println!("{title:<22} one {one:.0}/s, two {two:.0}/s, ratio {:.2}", two / one);
    Ok(())
}

/// A PostgreSQL on the disk of the scratch folder, that ends when this is dropped.
struct Database {
    child: Child,
    url: String,
    programs: PathBuf,
    scripts: PathBuf,
}

impl Database {
    fn start(scratch: &Path) -> Result<Database, String> {
        let example = ["--package", "store-postgres", "--example", "test_server"];
        succeed(cargo().args(["build", "--quiet"]).args(example))?;
        let mut child = Command::new(target_dir().join("debug/examples/test_server"))
            .arg(scratch)
            .args(SETTINGS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("test_server: {error}"))?;
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let mut line = || lines.next().and_then(Result::ok).ok_or("PostgreSQL does not start".to_owned());
        let (url, programs) = (line()?, PathBuf::from(line()?));
        Ok(Database { child, url, programs, scripts: scratch.to_owned() })
    }

    /// A schema with the store's tables and functions, that no server opens.
    fn set_up_bare(&self) -> Result<(), String> {
        let schema = root().join("crates/store-postgres/src/schema/1.sql");
        let schema = std::fs::read_to_string(schema).map_err(|error| error.to_string())?;
        let begin = format!("CREATE SCHEMA bare;\nSET search_path = bare;\n{schema}");
        let script = self.script("set_up", &(begin + include_str!("postgres/set_up.sql")))?;
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-v", &format!("sessions={SESSIONS}")]);
        psql.args(["-v", &format!("keys={KEYS}"), "-v", &format!("row={}", row()), "-f"]);
        succeed(psql.arg(script).arg(&self.url).stdout(Stdio::null()))
    }

    fn script(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.scripts.join(format!("{name}.sql"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// Transactions a second.
    fn pgbench(&self, work: &Work, seconds: u32) -> Result<f64, String> {
        let script = self.script(work.workload, work.script)?;
        let output = Command::new(self.programs.join("pgbench"))
            .args(["-n", "-M", "prepared", "-c", SESSIONS, "-T", &seconds.to_string(), "-D"])
            .arg(format!("keys={KEYS}"))
            .args(["-D", &format!("items={}", work.items), "-D", &format!("row={}", row()), "-f"])
            .arg(script)
            .arg(&self.url)
            .env("PGOPTIONS", SESSION_SETTINGS)
            .output()
            .map_err(|error| format!("pgbench: {error}"))?;
        let (told, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        match (output.status.success(), rate(&told)) {
            (true, Some(rate)) => Ok(rate),
            _ => Err(format!("pgbench of {}: {} {errors}", work.workload, output.status)),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        _ = self.child.wait();
    }
}

/// The row of an item, as a parameter.
fn row() -> String {
    format!("\\x{}", "5a".repeat(ROW_BYTES))
}

/// What `pgbench` says of its transactions a second.
fn rate(told: &str) -> Option<f64> {
    let line = told.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_among_other_lines() {
        let told = "latency average = 3.1 ms\ntps = 5103.5 (without initial connection time)\n";
        assert_eq!(rate(told), Some(5103.5));
        assert_eq!(rate("tps\n"), None);
    }
}
