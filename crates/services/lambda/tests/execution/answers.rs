//! Functions that do what they should, in each runtime.

use crate::world::{MIRROR, Server, answer, error, log};
use serde_json::json;
#[tokio::test(flavor = "multi_thread")]
async fn a_python_function_answers_and_stays_warm() {
    let server = Server::start();
    server.python("mirror", MIRROR).await;
    let first = server.invoke("mirror", json!({"n": 1})).await;
    let (first_answer, text) = (answer(&first), log(&first));
    assert_eq!((&first_answer["event"], &first_answer["calls"]), (&json!({"n": 1}), &json!(1)));
    assert_eq!(first_answer["arn"], "arn:aws:lambda:eu-west-1:123456789012:function:mirror");
    assert!(first_answer["left"].as_u64().is_some_and(|left| left > 0 && left <= 10_000));
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
