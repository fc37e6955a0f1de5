//! The texts of `--help` that are not a flag's own.

pub(super) const ABOUT: &str = "A DynamoDB-compatible database you can run anywhere.
No account, no telemetry; works offline. Data is durable unless you say otherwise.";

pub(super) const COMMANDS: &str = "Commands, instead of a server";
pub(super) const NETWORK: &str = "Network";
pub(super) const DATA: &str = "Data";
pub(super) const CALLERS: &str = "Callers";
pub(super) const PROCESS: &str = "Process";

pub(super) const EXAMPLES: &str = "Examples:
  stator                                   tables in ./stator-data, http://127.0.0.1:8000
  stator --memory --port 0                 for tests: a free port, nothing kept
  stator --lambda                          with functions, for callers who sign with a key of this server
  stator --host 0.0.0.0 --insecure         in a container: everybody who reaches it may do everything
  stator init DIR                          keys, certificates and a stator.toml for production
  stator --config DIR/stator.toml          for production: signatures are verified, TLS

Then point any AWS client at it:
  export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-west-1
  aws dynamodb list-tables

Flags have environment variables: --data-dir is STATOR_DATA_DIR. A flag wins.
Keys for --auth verify: STATOR_ACCESS_KEY_ID and STATOR_SECRET_ACCESS_KEY, or stator.toml.
The flags of DynamoDB Local are understood: -port, -inMemory, -sharedDb, -dbPath, -cors.
Exit codes: 0 ok, 1 failure, 2 usage, 3 port in use, 4 data unusable, 5 data of a newer version.";
