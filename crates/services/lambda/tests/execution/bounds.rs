//! What a function may use: nothing of the server, so much memory, so many processes, for so long.

use crate::world::{MIRROR, Server, answer, error, gone, open_to_all};
use model::lambda::{CreateFunctionInput, Environment};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
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
    for _ in 0..3_000 {
        if std::fs::read_dir(folder.path()).unwrap().count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the folder of the server is still there");
}
