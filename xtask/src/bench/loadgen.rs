//! The load generator as a program: built once, called with arguments, answering with one JSON object.

#![expect(clippy::disallowed_methods, reason = "it waits for a real process")]

use crate::cargo::{cargo, succeed, target_dir};
use serde_json::Value;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Items that are loaded.
pub(super) const ITEMS: f64 = 100_000.0;
const KEYS: &str = "100000";

/// The built load generator.
pub(super) struct Loadgen {
    binary: PathBuf,
}

/// What one durable write costs this disk.
pub(super) struct SyncRate {
    pub(super) per_second: f64,
    pub(super) p50_us: f64,
}

/// What connections cost.
pub(super) struct Handshakes {
    pub(super) per_second: f64,
    pub(super) p50_us: f64,
    pub(super) server_cpu_us: f64,
}

/// What a request takes of two callers in turns, undisturbed.
pub(super) struct Pairs {
    pub(super) own_us: f64,
    pub(super) other_us: f64,
    /// Of the first caller's second turns.
    pub(super) again_us: f64,
}

/// One measured run.
pub(super) struct Run {
    /// Successful answers; refused ones are not counted as throughput.
    pub(super) ops_per_s: f64,
    /// The share of answers that were errors.
    pub(super) refused: f64,
    /// Answers of 200 whose body lacks the expected content.
    pub(super) incomplete: f64,
    /// Cores that neither the generator nor the server used: what else the machine was doing.
    pub(super) other_cpu: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) server_cpu_us: f64,
    /// Answers that have come from DAX's caches.
    pub(super) hits: f64,
    pub(super) requests: f64,
    /// Bytes of a request and of an answer.
    pub(super) bytes: (f64, f64),
    pub(super) first_error: Option<String>,
}

/// Latencies of one second of a run.
pub(super) struct Interval {
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

impl Loadgen {
    pub(super) fn build() -> Result<Loadgen, String> {
        succeed(cargo().args(["build", "--profile", "dist", "--quiet", "--locked", "--package", "loadgen"]))?;
        Ok(Loadgen { binary: target_dir().join("dist/loadgen") })
    }

    pub(super) fn sync_rate(&self, folder: &Path) -> Result<SyncRate, String> {
        let folder = folder.to_string_lossy();
        let answer = self.ask(&["fsync", "--prealloc", "--seconds", "3", "--dir", &folder])?;
        Ok(SyncRate { per_second: number(&answer, "/syncs_per_s")?, p50_us: number(&answer, "/lat_us/p50")? })
    }

    /// Creates the table and fills it.
    pub(super) fn load(&self, url: &str) -> Result<(), String> {
        self.ask(&["load", "--endpoint", url, "--keys", KEYS]).map(drop)
    }

    /// The same with so many items of so many bytes.
    pub(super) fn load_items(&self, url: &str, keys: u32, item_bytes: u32) -> Result<(), String> {
        let (keys, item_bytes) = (keys.to_string(), item_bytes.to_string());
        self.ask(&["load", "--endpoint", url, "--keys", &keys, "--item-size", &item_bytes]).map(drop)
    }

    /// Puts of random items at a fixed rate: the latencies of each second.
    pub(super) fn timeline(
        &self,
        url: &str,
        keys: u32,
        item_bytes: u32,
        rate: u32,
        seconds: usize,
    ) -> Result<Vec<Interval>, String> {
        let [keys, item_bytes, rate] = [keys, item_bytes, rate].map(|number| number.to_string());
        let seconds = seconds.to_string();
        let run = ["run", "--endpoint", url, "--workload", "put", "--warmup", "1", "--interval", "1"];
        let options = ["--keys", &keys, "--item-size", &item_bytes, "--rate", &rate, "--seconds", &seconds];
        let answer = self.ask(&[&run[..], &options[..]].concat())?;
        let intervals = answer["timeline"].as_array().map_or(&[][..], Vec::as_slice);
        let interval = |of: &Value| Ok(Interval { p50_us: number(of, "/p50")?, p99_us: number(of, "/p99")? });
        intervals.iter().map(interval).collect()
    }

    pub(super) fn run(
        &self,
        url: &str,
        pid: u32,
        workload: &str,
        connections: u32,
        seconds: u32,
    ) -> Result<Run, String> {
        self.run_with(url, pid, workload, connections, seconds, &[])
    }

    /// The same with further options.
    pub(super) fn run_with(
        &self,
        url: &str,
        pid: u32,
        workload: &str,
        connections: u32,
        seconds: u32,
        options: &[&str],
    ) -> Result<Run, String> {
        let (pid, connections, duration) = (pid.to_string(), connections.to_string(), seconds.to_string());
        let run = ["run", "--endpoint", url, "--server-pid", &pid, "--workload", workload, "--keys", KEYS];
        let load = ["--connections", &connections, "--seconds", &duration, "--warmup", "1"];
        let answer = self.ask(&[&run[..], &load[..], options].concat())?;
        let refused = refused_share(&answer, seconds)?;
        Ok(Run {
            ops_per_s: number(&answer, "/ops_per_s")? * (1.0 - refused),
            refused,
            incomplete: number(&answer, "/incomplete")?,
            other_cpu: number(&answer, "/other_cpu")?,
            p50_us: number(&answer, "/lat_us/p50")?,
            p99_us: number(&answer, "/lat_us/p99")?,
            server_cpu_us: number(&answer, "/server_cpu_us/user")? + number(&answer, "/server_cpu_us/sys")?,
            hits: number(&answer, "/hits")?,
            requests: number(&answer, "/requests")?,
            bytes: (number(&answer, "/out_bytes_per_req")?, number(&answer, "/in_bytes_per_req")?),
            first_error: answer["first_error"].as_str().map(str::to_owned),
        })
    }

    /// GetItem by two access keys and their secrets, in turns.
    pub(super) fn pairs(
        &self,
        url: &str,
        own: [&str; 2],
        other: [&str; 2],
        seconds: u32,
    ) -> Result<Pairs, String> {
        let seconds = seconds.to_string();
        let pairs = ["pairs", "--endpoint", url, "--keys", KEYS, "--seconds", &seconds];
        let own = ["--access-key", own[0], "--secret-key", own[1]];
        let other = ["--other-access-key", other[0], "--other-secret-key", other[1]];
        let answer = self.ask(&[&pairs[..], &own[..], &other[..]].concat())?;
        if let Some(error) = answer["first_error"].as_str() {
            return Err(format!("pairs: {error}"));
        }
        Ok(Pairs {
            own_us: number(&answer, "/own_us")?,
            other_us: number(&answer, "/other_us")?,
            again_us: number(&answer, "/again_us")?,
        })
    }

    /// Reads each item of the table once by DAX.
    pub(super) fn touch(&self, url: &str) -> Result<(), String> {
        self.ask(&["touch", "--endpoint", url, "--keys", KEYS]).map(drop)
    }

    /// TLS handshakes one after the other, whole or resumed.
    pub(super) fn handshakes(
        &self,
        url: &str,
        pid: u32,
        seconds: u32,
        resume: &[&str],
    ) -> Result<Handshakes, String> {
        let (pid, seconds) = (pid.to_string(), seconds.to_string());
        let asked = ["handshakes", "--endpoint", url, "--server-pid", &pid, "--seconds", &seconds];
        let answer = self.ask(&[&asked[..], resume].concat())?;
        Ok(Handshakes {
            per_second: number(&answer, "/handshakes_per_s")?,
            p50_us: number(&answer, "/lat_us/p50")?,
            server_cpu_us: number(&answer, "/server_cpu_us")?,
        })
    }

    pub(super) fn resident_bytes(&self, pid: u32) -> Result<f64, String> {
        number(&self.ask(&["memory", "--server-pid", &pid.to_string()])?, "/rss")
    }

    fn ask(&self, arguments: &[&str]) -> Result<Value, String> {
        let output = Command::new(&self.binary)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("loadgen {}: {} {text}", arguments.join(" "), output.status));
        }
        serde_json::from_str(&text).map_err(|error| format!("loadgen {}: {error}", arguments.join(" ")))
    }
}

/// Errors are counted from the start, requests only after the warm-up of one second.
fn refused_share(answer: &Value, seconds: u32) -> Result<f64, String> {
    let seconds = f64::from(seconds);
    let requests = number(answer, "/requests")? * (seconds + 1.0) / seconds;
    Ok((number(answer, "/errors")? / requests).min(1.0))
}

fn number(answer: &Value, pointer: &str) -> Result<f64, String> {
    answer
        .pointer(pointer)
        .and_then(Value::as_f64)
        .ok_or_else(|| format!("loadgen said nothing about {pointer}"))
}

/// The run in the middle by throughput.
pub(super) fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|a, b| a.ops_per_s.total_cmp(&b.ops_per_s));
    runs.swap_remove(runs.len() / 2)
}

/// The reference: the least an HTTP server can do.
pub(super) struct Bare {
    child: Child,
    url: String,
}

impl Bare {
    pub(super) fn start(loadgen: &Loadgen) -> Result<Bare, String> {
        Bare::serve(loadgen, &[])
    }

    /// The least any server can do that answers so many bytes with so many.
    pub(super) fn exchange(loadgen: &Loadgen, bytes: &str) -> Result<Bare, String> {
        Bare::serve(loadgen, &["--exchange", bytes])
    }

    fn serve(loadgen: &Loadgen, options: &[&str]) -> Result<Bare, String> {
        let address = free_address().map_err(|error| format!("no free port: {error}"))?;
        let child = Command::new(&loadgen.binary)
            .args(["serve", "--threads", "1", "--listen", &address])
            .args(options)
            .spawn()
            .map_err(|error| format!("{}: {error}", loadgen.binary.display()))?;
        let bare = Bare { child, url: format!("http://{address}") };
        let deadline = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(&address).is_err() {
            if Instant::now() > deadline {
                return Err("the bare server does not listen".into());
            }
            std::thread::yield_now();
        }
        Ok(bare)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn free_address() -> std::io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
