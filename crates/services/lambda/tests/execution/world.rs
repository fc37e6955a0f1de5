//! A server with functions and nothing else, and what its answers say.

use bytes::Bytes;
use engine::Engine;
use event_source::{Mappings, ReadPermission, Sources};
use figures::Figures;
use kinesis::Streams;
use lambda::Destinations;
use lambda::{EventSources, Execution, ExecutionSettings, Functions, InvocationType, Invoked, Lambda};
use model::lambda::{CreateFunction, CreateFunctionInput, FunctionCode};
use pipeline::{Caller, Cx, Host, RequestId};
use s3::{Folder, Objects};
use serde_json::Value;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, Random, SystemClock};
use store::MemoryStore;
use wire::document::Blob;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub struct Server {
    pub lambda: Lambda,
    caller: Caller,
    random: Random,
    pub folder: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        Server::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut ExecutionSettings)) -> Self {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let mut settings =
            ExecutionSettings { folder: folder.path().to_owned(), ..ExecutionSettings::default() };
        change(&mut settings);
        open_to_all(folder.path());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let random = Random::from_seed(1);
        let shared = Arc::<MemoryStore>::clone(&store);
        let objects = Objects::of(shared, Arc::clone(&clock), random.clone(), Folder::none(), None);
        let destinations = Destinations::of(objects.clone(), random.clone());
        let functions = Functions::of(
            Arc::<MemoryStore>::clone(&store),
            Arc::clone(&clock),
            random.clone(),
            Execution::On(settings),
            destinations.clone(),
        );
        let mappings = Mappings::of(Arc::<MemoryStore>::clone(&store));
        let kinesis = Streams::of(Arc::<MemoryStore>::clone(&store));
        let engine = Engine::open(store, clock, random.clone()).unwrap();
        let event_sources = EventSources {
            mappings,
            sources: Sources { engine, kinesis },
            permission: ReadPermission::default(),
            destinations,
        };
        let caller = Caller::of_key("123456789012", "eu-west-1");
        Server { lambda: Lambda::new(functions, event_sources, objects), caller, random, folder }
    }

    pub async fn create(&self, name: &str, runtime: &str, handler: &str, file: (&str, &str)) {
        self.create_with(name, runtime, handler, file, |_| {}).await;
    }

    pub async fn create_with(
        &self,
        name: &str,
        runtime: &str,
        handler: &str,
        (file, text): (&str, &str),
        change: impl FnOnce(&mut CreateFunctionInput),
    ) {
        let code = FunctionCode { zip_file: Some(Blob(zipped(file, text))), ..FunctionCode::default() };
        let mut input = CreateFunctionInput {
            function_name: Some(name.to_owned()),
            runtime: Some(runtime.to_owned()),
            handler: Some(handler.to_owned()),
            role: Some("arn:aws:iam::123456789012:role/r".to_owned()),
            code: Some(code),
            timeout: Some(10),
            ..CreateFunctionInput::default()
        };
        change(&mut input);
        let figures = Figures::new(Arc::new(SystemClock));
        let (id, tally) = (RequestId::draw(&self.random), &figures.begin(0));
        let (service, caller, random) = (&self.lambda, &self.caller, &self.random);
        let now_micros = SystemClock.now_micros();
        let cx = Cx { service, caller, now_micros, request_id: &id, host: Host::Named(""), random, tally };
        pipeline::perform::<Lambda, CreateFunction>(&cx, input).await.unwrap();
    }

    pub async fn python(&self, name: &str, text: &str) {
        self.create(name, "python3.13", "app.handler", ("app.py", text)).await;
    }

    pub async fn invoke(&self, name: &str, payload: Value) -> Invoked {
        self.try_invoke(name, payload).await.unwrap()
    }

    pub async fn try_invoke(&self, name: &str, payload: Value) -> Result<Invoked, model::ApiError> {
        let (payload, kind) = (Bytes::from(payload.to_string()), InvocationType::RequestResponse);
        self.lambda.functions.invoke(&self.caller, name, None, payload, kind).await
    }
}

pub fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

pub fn zipped(file: &str, text: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(file, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

pub fn answer(invoked: &Invoked) -> Value {
    assert_eq!(invoked.function_error, None, "{}", String::from_utf8_lossy(&invoked.payload));
    serde_json::from_slice(&invoked.payload).unwrap()
}

/// Type and text of a function's error.
pub fn error(invoked: &Invoked) -> (String, String) {
    assert_eq!((invoked.status, invoked.function_error), (200, Some("Unhandled")));
    let error: Value = serde_json::from_slice(&invoked.payload).unwrap();
    let member = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (member("errorType"), member("errorMessage"))
}

pub fn log(invoked: &Invoked) -> String {
    String::from_utf8_lossy(&invoked.log_tail).into_owned()
}

pub const MIRROR: &str = r#"
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("called", calls)
    return {"event": event, "calls": calls, "pid": os.getpid(), "id": context.aws_request_id,
            "left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn}
"#;

pub async fn gone(pid: &str) {
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    for _ in 0..3_000 {
        let state = state();
        if state.is_empty() || state.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the process {pid} is still there");
}
