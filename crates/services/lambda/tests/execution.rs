//! Functions that run, and functions that do what they should not: each call has its answer, what was printed is told,
//! and the server and other functions go on.

#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them")]

use bytes::Bytes;
use engine::Engine;
use event_source::{Mappings, ReadPermission, Sources};
use figures::Figures;
use kinesis::Streams;
use lambda::{EventSources, Execution, ExecutionSettings, Functions, InvocationType, Invoked, Lambda};
use model::lambda::{CreateFunction, CreateFunctionInput, Environment, FunctionCode};
use pipeline::{Caller, Cx, Host, RequestId};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, Random, SystemClock};
use store::MemoryStore;
use wire::document::Blob;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

struct Server {
    lambda: Lambda,
    caller: Caller,
    random: Random,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        Server::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut ExecutionSettings)) -> Self {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let mut settings =
            ExecutionSettings { folder: folder.path().to_owned(), ..ExecutionSettings::default() };
        change(&mut settings);
        open_to_all(folder.path());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let random = Random::from_seed(1);
        let functions = Functions::of(
            Arc::<MemoryStore>::clone(&store),
            Arc::clone(&clock),
            random.clone(),
            Execution::On(settings),
        );
        let mappings = Mappings::of(Arc::<MemoryStore>::clone(&store));
        let kinesis = Streams::of(Arc::<MemoryStore>::clone(&store));
        let engine = Engine::open(store, clock, random.clone()).unwrap();
        let event_sources = EventSources {
            mappings,
            sources: Sources { engine, kinesis },
            permission: ReadPermission::default(),
        };
        let caller = Caller::of_key("123456789012", "eu-west-1");
        Server { lambda: Lambda::new(functions, event_sources), caller, random, folder }
    }

    async fn create(&self, name: &str, runtime: &str, handler: &str, file: (&str, &str)) {
        self.create_with(name, runtime, handler, file, |_| {}).await;
    }

    async fn create_with(
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

    async fn python(&self, name: &str, text: &str) {
        self.create(name, "python3.13", "app.handler", ("app.py", text)).await;
    }

    async fn invoke(&self, name: &str, payload: Value) -> Invoked {
        self.try_invoke(name, payload).await.unwrap()
    }

    async fn try_invoke(&self, name: &str, payload: Value) -> Result<Invoked, model::ApiError> {
        let (payload, kind) = (Bytes::from(payload.to_string()), InvocationType::RequestResponse);
        self.lambda.functions.invoke(&self.caller, name, None, payload, kind).await
    }
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn zipped(file: &str, text: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(file, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

fn answer(invoked: &Invoked) -> Value {
    assert_eq!(invoked.function_error, None, "{}", String::from_utf8_lossy(&invoked.payload));
    serde_json::from_slice(&invoked.payload).unwrap()
}

/// Type and text of a function's error.
fn error(invoked: &Invoked) -> (String, String) {
    assert_eq!((invoked.status, invoked.function_error), (200, Some("Unhandled")));
    let error: Value = serde_json::from_slice(&invoked.payload).unwrap();
    let member = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (member("errorType"), member("errorMessage"))
}

fn log(invoked: &Invoked) -> String {
    String::from_utf8_lossy(&invoked.log_tail).into_owned()
}

const MIRROR: &str = r#"
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("called", calls)
    return {"event": event, "calls": calls, "pid": os.getpid(), "id": context.aws_request_id,
            "left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_python_function_answers_and_stays_warm() {
    let server = Server::start();
    server.python("mirror", MIRROR).await;
    let first = server.invoke("mirror", json!({"n": 1})).await;
    let (first_answer, text) = (answer(&first), log(&first));
    assert_eq!((&first_answer["event"], &first_answer["calls"]), (&json!({"n": 1}), &json!(1)));
    assert_eq!(first_answer["arn"], "arn:aws:lambda:eu-west-1:123456789012:function:mirror");
    assert!(first_answer["left"].as_u64().is_some_and(|left| left > 9_000 && left <= 10_000));
    assert!(first.cold_start.is_some());
    let id = first_answer["id"].as_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("INIT_START Runtime Version: python:3.13\t"), "{text}");
    assert_eq!(
        lines[1..4],
        [&format!("START RequestId: {id} Version: $LATEST")[..], "called 1", &format!("END RequestId: {id}")]
    );
    assert!(
        lines[4].starts_with(&format!("REPORT RequestId: {id}\tDuration: "))
            && lines[4].contains("\tInit Duration: ")
    );
    let second = server.invoke("mirror", json!([])).await;
    let second_answer = answer(&second);
    assert_eq!((&second_answer["calls"], &second_answer["pid"]), (&json!(2), &first_answer["pid"]));
    assert_eq!(second.cold_start, None);
    assert!(!log(&second).contains("INIT_START") && !log(&second).contains("Init Duration"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_javascript_function_answers() {
    let server = Server::start();
    let text = r#"
        let calls = 0;
        exports.handler = async (event, context) => {
            console.log("called", ++calls);
            if (event.fail) throw new TypeError("no such thing");
            return { event, calls, id: context.awsRequestId };
        };
        exports.late = (event, context, callback) => setTimeout(() => callback(null, "late"), 20);
    "#;
    server.create("one", "nodejs22.x", "index.handler", ("index.js", text)).await;
    server.create("two", "nodejs22.x", "index.late", ("index.js", text)).await;
    let first = server.invoke("one", json!({"n": 1})).await;
    assert_eq!((&answer(&first)["event"], &answer(&first)["calls"]), (&json!({"n": 1}), &json!(1)));
    assert!(log(&first).contains("\tINFO\tcalled 1\n"), "{}", log(&first));
    assert_eq!(answer(&server.invoke("two", json!({})).await), "late");
    let failed = server.invoke("one", json!({"fail": true})).await;
    assert_eq!(error(&failed), ("TypeError".to_owned(), "no such thing".to_owned()));
    assert_eq!(answer(&server.invoke("one", json!({})).await)["calls"], 3);
    let esm = r#"export const handler = async () => { await Promise.reject(new Error("not here")); };"#;
    server.create("esm", "nodejs22.x", "app.handler", ("app.mjs", esm)).await;
    assert_eq!(error(&server.invoke("esm", json!({})).await).1, "not here");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_function_does_wrong_is_its_answer() {
    let server = Server::start();
    for (name, text, kind, part) in [
        ("raises", "def handler(e, c):\n    raise ValueError('wrong')", "ValueError", "wrong"),
        ("imports", "import nothing_of_that_name\n", "Runtime.ImportModuleError", "No module named"),
        ("breaks", "1/0\n", "ZeroDivisionError", "division by zero"),
        ("spells", "def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("lacks", "x = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "returns",
            "def handler(e, c):\n    return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response",
        ),
        ("exits", "import os\ndef handler(e, c):\n    os._exit(3)", "Runtime.ExitError", "exit status 3"),
        ("leaves", "import sys\nsys.exit(0)", "Runtime.ExitError", "without providing a reason"),
        (
            "dies",
            "import os\ndef handler(e, c):\n    os.kill(os.getpid(), 9)",
            "Runtime.ExitError",
            "signal: killed",
        ),
        (
            "large",
            "def handler(e, c):\n    return 'x' * 7_000_000",
            "Function.ResponseSizeTooLarge",
            "6291556 bytes",
        ),
    ] {
        server.python(name, text).await;
        let failed = server.invoke(name, json!({})).await;
        let (found, message) = error(&failed);
        assert!(found == kind && message.contains(part), "{name}: {found}: {message}\n{}", log(&failed));
        assert!(log(&failed).contains("END RequestId: "), "{name}: {}", log(&failed));
    }
    server.python("mirror", MIRROR).await;
    assert_eq!(answer(&server.invoke("mirror", json!({})).await)["calls"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_hangs_is_ended_with_all_it_started() {
    let server = Server::start();
    let text = r#"
import os, subprocess, sys, time
def handler(event, context):
    if event.get("well"):
        return "well"
    child = subprocess.Popen(["sleep", "1000"], start_new_session=event["session"])
    print("child", child.pid)
    time.sleep(1000)
"#;
    let short = |input: &mut CreateFunctionInput| input.timeout = Some(1);
    server.create_with("hangs", "python3.13", "app.handler", ("app.py", text), short).await;
    // Without root a child that leaves the session is out of reach.
    for session in [false, rustix::process::geteuid().is_root()] {
        let began = SystemClock.monotonic();
        let failed = server.invoke("hangs", json!({"session": session})).await;
        let (kind, message) = error(&failed);
        assert_eq!(kind, "Sandbox.Timedout");
        assert!(message.ends_with(" Error: Task timed out after 1.00 seconds"), "{message}");
        assert!(SystemClock.monotonic() - began < Duration::from_secs(8));
        let text = log(&failed);
        let child =
            text.lines().find_map(|line| line.strip_prefix("child ")).expect("it was printed").to_owned();
        assert!(text.contains("Task timed out after 1.00 seconds"), "{text}");
        gone(&child).await;
    }
    assert_eq!(answer(&server.invoke("hangs", json!({"well": true})).await), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_multiply_are_bounded_and_ended() {
    let server = Server::start();
    // Where the server cannot choose users nothing bounds processes, so the function has to.
    let is_root = rustix::process::geteuid().is_root();
    let text = r#"
import os, time
def handler(event, context):
    print("first", os.getpid())
    try:
        for _ in range(event["most"]):
            if os.fork() == 0:
                while event["forever"]:
                    try:
                        os.fork()
                    except OSError:
                        pass
                time.sleep(1000)
    except BlockingIOError:
        print("no more")
    time.sleep(1000)
"#;
    let short = |input: &mut CreateFunctionInput| input.timeout = Some(3);
    server.create_with("multiplies", "python3.13", "app.handler", ("app.py", text), short).await;
    server.python("mirror", MIRROR).await;
    let (most, forever) = if is_root { (10_000, true) } else { (20, false) };
    let (failed, other) = tokio::join!(
        server.invoke("multiplies", json!({"most": most, "forever": forever})),
        server.invoke("mirror", json!({}))
    );
    assert_eq!(error(&failed).0, "Sandbox.Timedout");
    assert_eq!(answer(&other)["calls"], 1);
    let text = log(&failed);
    assert!(!is_root || text.contains("no more"), "{text}");
    let first = text.lines().find_map(|line| line.strip_prefix("first ")).expect("it was printed");
    let others = await_end_of(server.folder.path(), first).await;
    assert_eq!(others, 0, "processes of the function are left");
    assert_eq!(answer(&server.invoke("mirror", json!({})).await)["calls"], 2);
}

/// Waits until a process and all that run in the folder of its function have ended; how many have not.
async fn await_end_of(folder: &Path, first: &str) -> usize {
    gone(first).await;
    let is_of_function = |process: &std::fs::DirEntry| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&*folder.to_string_lossy())
    };
    let mut left = 0;
    for _ in 0..200 {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        left = all.filter(is_of_function).count().saturating_sub(1); // the other function stays warm
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    left
}

async fn gone(pid: &str) {
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    for _ in 0..200 {
        let state = state();
        if state.is_empty() || state.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the process {pid} is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_without_end_fills_nothing() {
    let server = Server::start();
    let text = r#"
import sys
def handler(event, context):
    line = "x" * 1023 + "\n"
    for _ in range(200_000):
        sys.stdout.write(line)
    return "done"
"#;
    let long = |input: &mut CreateFunctionInput| input.timeout = Some(60);
    server.create_with("prints", "python3.13", "app.handler", ("app.py", text), long).await;
    let printed = server.invoke("prints", json!({})).await;
    assert_eq!(answer(&printed), "done");
    assert!(log(&printed).contains(" bytes more were printed and are not kept\n"), "{}", log(&printed));
    assert!(printed.log_tail.len() <= 4_096);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_has_nothing_of_the_server() {
    let secrets = tempfile::tempdir_in("/var/tmp").unwrap();
    open_to_all(secrets.path());
    std::fs::write(secrets.path().join("secret"), "s").unwrap();
    let server = Server::with(|settings| settings.hidden = Some(secrets.path().to_owned()));
    let text = r#"
import os, resource
def handler(event, context):
    with open("/tmp/mine", "w") as file:
        file.write("x")
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return {"variables": dict(os.environ), "user": os.getuid(), "privileges": status["NoNewPrivs"].strip(),
            "memory": resource.getrlimit(resource.RLIMIT_DATA)[1], "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
            "hidden": os.listdir(event["hidden"]), "tmp": sorted(os.listdir("/tmp")),
            "files": sorted(os.listdir("/proc/self/fd")), "folder": os.listdir(".")}
"#;
    let own = |input: &mut CreateFunctionInput| {
        let variables = Some([("TABLE".to_owned(), "t".to_owned())].into());
        input.environment = Some(Environment { variables });
    };
    server.create_with("looks", "python3.13", "app.handler", ("app.py", text), own).await;
    let seen = answer(&server.invoke("looks", json!({"hidden": secrets.path()})).await);
    let variables = seen["variables"].as_object().unwrap();
    assert!(
        variables.keys().all(|name| !name.starts_with("CARGO") && !name.starts_with("STATOR")),
        "{variables:?}"
    );
    for (name, value) in [
        ("TABLE", "t"),
        ("_HANDLER", "app.handler"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "looks"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    assert_eq!((&seen["privileges"], &seen["core"]), (&json!("1"), &json!(0)));
    assert_eq!(seen["memory"], 128 * 1024 * 1024);
    assert_eq!(seen["folder"], json!(["app.py"]));
    assert!(seen["files"].as_array().unwrap().len() <= 5, "{}", seen["files"]);
    if rustix::process::geteuid().is_root() {
        assert_ne!(seen["user"], 0);
        assert_eq!((&seen["hidden"], &seen["tmp"]), (&json!([]), &json!(["mine"])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_by_the_system() {
    let server = Server::start();
    let text = "def handler(e, c):\n    return len(bytearray(e['mb'] * 1024 * 1024))";
    server.python("grows", text).await;
    assert_eq!(answer(&server.invoke("grows", json!({"mb": 50})).await), 50 * 1024 * 1024);
    assert_eq!(error(&server.invoke("grows", json!({"mb": 500})).await).0, "MemoryError");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_of_the_package_speaks_the_runtime_api() {
    let server = Server::start();
    let text = r#"#!/usr/bin/python3
import os, urllib.request, urllib.error
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
def post(path, body):
    return urllib.request.urlopen(urllib.request.Request(base + path, body, method="POST")).status
while True:
    with urllib.request.urlopen(base + "invocation/next") as event:
        request_id, body = event.headers["Lambda-Runtime-Aws-Request-Id"], event.read()
    if body == b'"stranger"':
        address = base.split("/")[2]
        try:
            urllib.request.urlopen("http://" + address + "/" + "0" * 64 + "/2018-06-01/runtime/invocation/next")
        except urllib.error.HTTPError as error:
            body = str(error.code).encode()
    if body == b'"garbage"':
        body = b"{not json"
    post("invocation/" + request_id + "/response", body)
"#;
    server.create("own", "provided.al2023", "any", ("bootstrap", text)).await;
    assert_eq!(answer(&server.invoke("own", json!({"n": 1})).await), json!({"n": 1}));
    assert_eq!(answer(&server.invoke("own", json!("stranger")).await), 403);
    assert_eq!(error(&server.invoke("own", json!("garbage")).await).0, "Function.InvalidResponse");
    server.create("none", "provided.al2023", "any", ("other", "")).await;
    let refused = server.try_invoke("none", json!({})).await;
    assert!(refused.is_ok_and(|failed| error(&failed).0 == "Runtime.InvalidEntrypoint"));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_are_bounded_and_make_room_for_others() {
    let server = Arc::new(Server::with(|settings| settings.processes_max = 2));
    let text = "import os, time\ndef handler(e, c):\n    time.sleep(e)\n    return os.getpid()";
    for name in ["a", "b", "c"] {
        server.python(name, text).await;
    }
    let together = (0..6).map(|_| {
        let server = Arc::clone(&server);
        tokio::spawn(async move { answer(&server.invoke("a", json!(0.1)).await) })
    });
    let mut pids = Vec::new();
    for call in together.collect::<Vec<_>>() {
        pids.push(call.await.unwrap().as_u64());
    }
    pids.sort_unstable();
    pids.dedup();
    assert!(pids.len() <= 2, "{pids:?}");
    for name in ["b", "c", "a"] {
        server.invoke(name, json!(0)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_processes_end_and_folders_go() {
    let server = Server::with(|settings| settings.idle = Duration::from_millis(100));
    server.python("mirror", MIRROR).await;
    let pid = answer(&server.invoke("mirror", json!({})).await)["pid"].to_string();
    gone(&pid).await;
    assert_eq!(answer(&server.invoke("mirror", json!({})).await)["calls"], 1);
    let Server { lambda, folder, .. } = server;
    drop(lambda);
    for _ in 0..200 {
        if std::fs::read_dir(folder.path()).unwrap().count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the folder of the server is still there");
}
