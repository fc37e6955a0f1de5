//! What runs calls: takes a process for each, starts one where none is warm, and hands on what it prints.

use super::command::Beginning;
use super::interpreter;
use super::invocation::{Invoked, Running};
use super::output::{Line, Pipe};
use super::pool::{Key, Place, Pool, Taken};
use super::process::{Process, Remains};
use super::runtime_api::RuntimeApi;
use super::sandbox::{self, Sandbox};
use super::settings::ExecutionSettings;
use super::spawner::Spawner;
use super::workspace::Workspace;
use crate::access::{Credentials, NotAssumable, Wanted};
use crate::admission::Admitted;
use crate::code::Packages;
use crate::errors;
use crate::function::Version;
use crate::name::Arn;
use crate::runtime::Runtime;
use bytes::Bytes;
use logs::group::Region;
use logs::{Batch, Event};
use model::ApiError;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use stdx::{Clock, Random};
use tokio::sync::OnceCell;

const MEGABYTE: u64 = 1024 * 1024;

/// A call of a version.
#[derive(Debug)]
pub(crate) struct Call {
    /// As it was named.
    pub(crate) arn: Arn,
    /// `$LATEST` or a number.
    pub(crate) number: String,
    pub(crate) version: Version,
    pub(crate) request_id: String,
    pub(crate) client_context: Option<String>,
    pub(crate) payload: Bytes,
    /// That it may run beside others of its function; given back after it.
    pub(crate) _admitted: Admitted,
}

/// Runs calls.
pub(crate) struct Executor {
    settings: ExecutionSettings,
    packages: Packages,
    clock: Arc<dyn Clock>,
    random: Random,
    pool: Pool,
    /// Where functions reach this server; known once it listens.
    endpoint: OnceLock<String>,
    started: OnceCell<Started>,
    processes: AtomicU64,
}

/// What is there once the first function was called.
#[derive(Debug)]
struct Started {
    runtime_api: RuntimeApi,
    spawner: Spawner,
    workspace: Arc<Workspace>,
}

impl Executor {
    /// An executor; nothing is started before the first call.
    pub(crate) fn new(
        settings: ExecutionSettings,
        packages: Packages,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Self {
        let pool = Pool::new(settings.processes_max, settings.idle, Arc::clone(&clock));
        let (endpoint, started, processes) = (OnceLock::new(), OnceCell::new(), AtomicU64::new(0));
        Executor { settings, packages, clock, random, pool, endpoint, started, processes }
    }

    /// Tells functions where this server is.
    pub(crate) fn reached_at(&self, endpoint: String) {
        _ = self.endpoint.set(endpoint);
    }

    /// Where this server is, once that is known.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.get().map(String::as_str)
    }

    /// Refuses a version that no process could be started from.
    pub(crate) fn check(&self, runtime: &str) -> Result<(), ApiError> {
        let known = Runtime::of(runtime).ok_or_else(|| errors::retired_runtime(runtime))?;
        interpreter::find(runtime, known).map(|_| ())
    }

    /// Credentials of a session of a role, where functions have any.
    ///
    /// # Errors
    /// There is no such role, or it does not trust Lambda.
    pub(crate) async fn credentials(&self, arn: &Arn, role: &str) -> Result<Option<Credentials>, ApiError> {
        let (account, role, function) = (arn.account.clone(), role.to_owned(), arn.name.clone());
        let source_arn = arn.unqualified().to_string();
        let session = self.settings.access.credentials(Wanted { account, role, function, source_arn }).await;
        session.map_err(|NotAssumable| errors::role_not_assumable())
    }

    /// Ends what is idle of a function that has changed or is gone.
    pub(crate) fn function_changed(&self, arn: &Arn) {
        self.pool.end_function(&arn.unqualified().to_string());
    }

    /// Runs a call, to its end even where nobody waits for it any more.
    pub(crate) async fn invoke(self: &Arc<Self>, call: Call) -> Result<Invoked, ApiError> {
        let executor = Arc::clone(self);
        let running = tokio::spawn(async move { executor.run(call).await });
        running.await.unwrap_or_else(|_| Err(ApiError::silent(errors::SERVICE)))
    }

    async fn run(&self, call: Call) -> Result<Invoked, ApiError> {
        let key = Key {
            function: call.arn.unqualified().to_string(),
            number: call.number.clone(),
            revision_id: call.version.revision_id.clone(),
        };
        let started = self.clock.monotonic();
        let (mut process, started) = match self.pool.take(&key).await.ok_or_else(errors::throttled)? {
            Taken::Warm(process) => (process, None),
            Taken::Place(place) => match self.start(key, place, &call).await {
                Ok(process) => (Box::new(process), Some(started)),
                Err(NotStarted::Refused(refusal)) => return Err(refusal),
                Err(NotStarted::NoEntrypoint(why)) => return Ok(Invoked::without_entrypoint(&call, &why)),
            },
        };
        process.printed = super::output::Printed::default();
        if started.is_some() {
            process.printed.add_line(&init_start(&call), &*self.clock);
        }
        let clock = &*self.clock;
        let (invoked, is_usable) = Running { call: &call, process: &mut process, clock, started }.run().await;
        let event = |line: Line| Event { at_millis: line.at_millis, message: line.text };
        let printed = process.printed.take().into_iter().map(event).collect();
        self.record((&call.arn, &call.version), process.log_stream.clone(), printed).await;
        if is_usable {
            self.pool.give_back(*process);
        }
        Ok(invoked)
    }

    /// Writes a line into a stream of a function's log, where there are logs.
    pub(crate) async fn note(&self, arn: &Arn, version: &Version, log_stream: String, text: &str) {
        let event = Event { at_millis: self.clock.now_micros() / 1_000, message: text.to_owned() };
        self.record((arn, version), log_stream, vec![event]).await;
    }

    /// Hands events to the logs, where there are some.
    async fn record(&self, (arn, version): (&Arn, &Version), stream: String, events: Vec<Event>) {
        let Some(output) = &self.settings.output else { return };
        let region = Region::of(&arn.account, &arn.region);
        output.write(Batch { region, group: version.logging.group.clone(), stream, events }).await;
    }

    async fn start(&self, key: Key, place: Place, call: &Call) -> Result<Process, NotStarted> {
        let cannot = |error: io::Error| errors::cannot_start(&call.arn.name, &error);
        let started = self.started.get_or_try_init(|| self.begin()).await.map_err(cannot)?;
        let runtime = Runtime::of(&call.version.runtime)
            .ok_or_else(|| errors::retired_runtime(&call.version.runtime))?;
        let interpreter = interpreter::find(&call.version.runtime, runtime)?;
        let code = self.unpacked(&started.workspace, &call.version).await?;
        let credentials = self.credentials(&call.arn, &call.version.role).await?;
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        let tmp = started.workspace.make_tmp(number, place.user()).map_err(cannot)?;
        let line = started.runtime_api.connect();
        let (pipe, writer) = Pipe::make().map_err(cannot)?;
        let log_stream = self.log_stream(&call.number);
        let has_own_tmp = place.user().is_some() && cfg!(target_os = "linux");
        let beginning = Beginning {
            arn: &call.arn,
            number: &call.number,
            version: &call.version,
            log_stream: &log_stream,
            runtime_api: &line.address,
            endpoint: self.endpoint(),
            credentials: credentials.as_ref(),
            code: &code,
            tmp: tmp.path(),
            has_own_tmp,
        };
        let mut command = beginning.command(&started.workspace, interpreter.as_ref());
        let errors = writer.try_clone().map_err(cannot)?;
        command.stdin(Stdio::null()).stdout(writer).stderr(errors);
        let sandbox = self.sandbox(&call.version, &place, &tmp).map_err(cannot)?;
        sandbox.around(&mut command);
        let child = started.spawner.spawn(command).await.map_err(|error| match interpreter {
            Some(_) => NotStarted::Refused(cannot(error)),
            None => NotStarted::NoEntrypoint(error.to_string()),
        })?;
        let renew_micros = credentials.map(|credentials| credentials.renew_micros());
        let process = Process::new(key, log_stream, line, pipe, child, Remains { _tmp: tmp, place });
        Ok(process.until(renew_micros))
    }

    async fn begin(&self) -> io::Result<Started> {
        self.pool.take_users()?;
        let workspace = Arc::new(Workspace::make(&self.settings)?);
        tokio::spawn(self.pool.clone().end_idle());
        Ok(Started { runtime_api: RuntimeApi::listen().await?, spawner: Spawner::start()?, workspace })
    }

    fn sandbox(&self, version: &Version, place: &Place, tmp: &super::workspace::Tmp) -> io::Result<Sandbox> {
        Ok(Sandbox {
            memory_bytes: version.memory_mb * MEGABYTE,
            file_bytes: version.ephemeral_storage_mb * MEGABYTE,
            user: place.user(),
            tmp: sandbox::path(tmp.path())?,
            hidden: self.settings.hidden.as_deref().map(sandbox::path).transpose()?,
        })
    }

    /// The folder of the version's package, unpacked where it is not yet.
    async fn unpacked(&self, workspace: &Arc<Workspace>, version: &Version) -> Result<PathBuf, ApiError> {
        if let Some(folder) = workspace.code(&version.code) {
            return Ok(folder);
        }
        let zipped = self.packages.read(&version.code).await.map_err(|error| errors::store(&error))?;
        let (workspace, code) = (Arc::clone(workspace), version.code.clone());
        let unpacking = tokio::task::spawn_blocking(move || workspace.unpack(&code, &zipped));
        unpacking
            .await
            .unwrap_or_else(|_| Err(io::Error::other("unpacking failed")))
            .map_err(|error| errors::cannot_start("its package", &error))
    }

    /// `2026/11/29/[$LATEST]‹32 hexadecimal digits›`.
    fn log_stream(&self, number: &str) -> String {
        let (date, _) = crate::describe::date_and_time(self.clock.now_micros());
        let [high, low]: [u64; 2] = self.random.draw();
        format!("{}/[{number}]{high:016x}{low:016x}", date.replace('-', "/"))
    }
}

/// Why there is no process.
enum NotStarted {
    Refused(ApiError),
    /// The package has no bootstrap that the system executes.
    NoEntrypoint(String),
}

impl From<ApiError> for NotStarted {
    fn from(refusal: ApiError) -> Self {
        NotStarted::Refused(refusal)
    }
}

fn init_start(call: &Call) -> String {
    let runtime = &call.version.runtime;
    let (arn, version) = (
        crate::describe::runtime_version(&call.arn, runtime),
        runtime.replace("python", "python:").replace("nodejs", "nodejs:"),
    );
    format!("INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}")
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("settings", &self.settings).finish_non_exhaustive()
    }
}
