//! What a policy costs: GetItem by a user whose policy allows its own items beside GetItem by the account's own key, at
//! a server that verifies signatures.

use super::ROUNDS;
use super::loadgen::{Loadgen, Pairs};
use super::report::Target;
use crate::api::Connection;
use crate::server::Server;
use std::path::Path;
use std::process::Command;

/// The account's own key, as long as that of a user.
const ROOT: Key<&str> = Key { id: "AKIABENCHMARKSOFROOT", secret: "a secret of the benchmarks" };
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
    let seconds = seconds * ROUNDS as u32;
    let found = loadgen.pairs(&server.url, [ROOT.id, ROOT.secret], [&user.id, &user.secret], seconds)?;
    server.stop()?;
    let Pairs { own_us, other_us, again_us } = found;
    let error_us = (own_us - again_us).abs();
    println!("\nGetItem with verified signatures, bursts over one connection in turns, undisturbed");
    println!(
        "  account's key: {own_us:.2} µs, and {again_us:.2} µs: the difference may be wrong by {error_us:.2} µs"
    );
    println!("  user's policy: {other_us:.2} µs");
    let more_us = other_us - own_us.midpoint(again_us);
    Ok(vec![Target::below("µs that a policy adds to a GetItem", more_us, 0.5)])
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
