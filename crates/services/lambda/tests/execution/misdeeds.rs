//! Functions that do what they should not: each call has its answer, and the server and other functions go on.

use crate::world::{MIRROR, Server, answer, error, gone, log};
use model::lambda::CreateFunctionInput;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
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
        let failed = server.invoke("hangs", json!({"session": session})).await;
        let (kind, message) = error(&failed);
        assert_eq!(kind, "Sandbox.Timedout");
        assert!(message.ends_with(" Error: Task timed out after 1.00 seconds"), "{message}");
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
    for _ in 0..3_000 {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        left = all.filter(is_of_function).count().saturating_sub(1); // the other function stays warm
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    left
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
