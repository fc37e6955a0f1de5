//! What a policy costs: GetItem by a user whose policy allows its own items beside GetItem by the account's own key, at
//! a server that verifies signatures.

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::api::Connection;
use crate::server::Server;
use std::path::Path;
use std::process::Command;

const CONNECTIONS: u32 = 64;
/// The account's own key.
const ROOT: Key<&str> = Key { id: "AKIABENCHMARKS", secret: "a secret of the benchmarks" };
/// Reading of items whose partition key begins as those of the load do.
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:BatchGetItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:*:*:table/bench","Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["*"]}}}]}"#;

/// An access key.
struct Key<T> {
    id: T,
    secret: T,
}

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let made = Server::start(stator, data)?;
    loadgen.load(&made.url)?;
    let user = user(&mut Connection::open(&made.url)?)?;
    made.stop()?;
    let mut command = Command::new(stator);
    command.args(["--auth", "verify"]);
    command.env("STATOR_ACCESS_KEY_ID", ROOT.id).env("STATOR_SECRET_ACCESS_KEY", ROOT.secret);
    let server = Server::spawn(command, data)?;
    let run = |id: &str, secret: &str| {
        let key = Some((id, secret));
        let run = loadgen.run_as(key, &server.url, server.pid(), "get", CONNECTIONS, seconds)?;
        trustworthy("get", &run).map(|()| run)
    };
    let (mut of_root, mut of_user) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_root.push(run(ROOT.id, ROOT.secret)?);
        of_user.push(run(&user.id, &user.secret)?);
    }
    let (of_root, of_user) = (loadgen::median(of_root), loadgen::median(of_user));
    println!("\nGetItem with verified signatures");
    print("account's key", &of_root);
    print("user's policy", &of_user);
    server.stop()?;
    let more_us = of_user.server_cpu_us - of_root.server_cpu_us;
    Ok(vec![Target::below("µs of CPU that a policy adds to a GetItem", more_us, 0.5)])
}

/// Makes a user with the policy and a key.
fn user(connection: &mut Connection) -> Result<Key<String>, String> {
    connection.form("iam", "Action=CreateUser&Version=2010-05-08&UserName=bench")?;
    let policy: String = POLICY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let put = "Action=PutUserPolicy&Version=2010-05-08&UserName=bench&PolicyName=own&PolicyDocument=";
    connection.form("iam", &format!("{put}{policy}"))?;
    let answer = connection.form("iam", "Action=CreateAccessKey&Version=2010-05-08&UserName=bench")?;
    let text_of = |element: &str| {
        let found = answer.split_once(&format!("<{element}>"))?.1.split_once('<')?.0;
        Some(found.to_owned())
    };
    let key = text_of("AccessKeyId").zip(text_of("SecretAccessKey"));
    key.map(|(id, secret)| Key { id, secret }).ok_or_else(|| format!("no key in {answer}"))
}

fn print(whose: &str, run: &Run) {
    println!(
        "  {whose} at {CONNECTIONS}: {:.0}/s, p50 {:.0} µs, p99 {:.0} µs, {:.2} µs of the server's CPU",
        run.ops_per_s, run.p50_us, run.p99_us, run.server_cpu_us
    );
}
