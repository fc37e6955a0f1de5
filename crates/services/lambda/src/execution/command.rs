//! The command that starts a function: program, folder and variables. Nothing of the server's environment is in it.

use super::interpreter::Interpreter;
use super::workspace::Workspace;
use crate::access::Credentials;
use crate::function::Version;
use crate::name::Arn;
use crate::runtime::Runtime;
use std::path::Path;
use std::process::Command;

/// What the variables of a process say.
pub(super) struct Beginning<'a> {
    pub(super) arn: &'a Arn,
    pub(super) number: &'a str,
    pub(super) version: &'a Version,
    pub(super) log_stream: &'a str,
    pub(super) runtime_api: &'a str,
    /// Where the function reaches this server.
    pub(super) endpoint: Option<&'a str>,
    /// What it signs its requests with.
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) code: &'a Path,
    pub(super) tmp: &'a Path,
    /// Whether `/tmp` is a folder of its own.
    pub(super) has_own_tmp: bool,
}

/// Of a heap, the part that V8 may fill before it collects what it can.
const NODE_HEAP_PERCENT: u64 = 90;
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

impl Beginning<'_> {
    /// The command, without what a sandbox adds.
    pub(super) fn command(&self, workspace: &Workspace, interpreter: Option<&Interpreter>) -> Command {
        let mut command = match interpreter {
            Some(Interpreter { path }) => Command::new(path),
            None => Command::new(self.code.join("bootstrap")),
        };
        match Runtime::of(&self.version.runtime) {
            Some(Runtime::Python) => {
                command.arg("-u").arg(workspace.bootstrap("python.py"));
            }
            Some(Runtime::Node) => {
                let heap_mb = self.version.memory_mb * NODE_HEAP_PERCENT / 100;
                command.arg(format!("--max-old-space-size={heap_mb}")).arg(workspace.bootstrap("node.mjs"));
            }
            _ => {}
        }
        command.env_clear().current_dir(self.code);
        self.add_variables(&mut command, workspace);
        command
    }

    fn add_variables(&self, command: &mut Command, workspace: &Workspace) {
        let Beginning { arn, version, .. } = self;
        let runtime_folder = workspace.bootstrap("");
        let memory = version.memory_mb.to_string();
        for (name, value) in [
            ("_HANDLER", version.handler.as_str()),
            ("AWS_REGION", arn.region.as_str()),
            ("AWS_DEFAULT_REGION", arn.region.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", arn.name.as_str()),
            ("AWS_LAMBDA_FUNCTION_VERSION", self.number),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory.as_str()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", version.logging.group.as_str()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.log_stream),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_RUNTIME_API", self.runtime_api),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
            ("TZ", ":UTC"),
            ("LANG", "en_US.UTF-8"),
            ("PATH", PATH),
        ] {
            command.env(name, value);
        }
        command
            .env("LAMBDA_TASK_ROOT", self.code)
            .env("LAMBDA_RUNTIME_DIR", &runtime_folder)
            .env("PWD", self.code);
        let tmp = if self.has_own_tmp { Path::new("/tmp") } else { self.tmp };
        command.env("TMPDIR", tmp).env("HOME", tmp);
        match Runtime::of(&version.runtime) {
            Some(Runtime::Python) => {
                command.env("LC_CTYPE", "C.UTF-8").env("PYTHONDONTWRITEBYTECODE", "1");
            }
            Some(Runtime::Node) => {
                command.env("NODE_PATH", self.code.join("node_modules"));
            }
            _ => {}
        }
        if Runtime::of(&version.runtime) != Some(Runtime::Provided) {
            command.env("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", version.runtime));
        }
        self.add_access(command);
        command.envs(version.environment.iter().flatten());
    }

    /// How a handler reaches this server: its endpoint, and a session of the function's role.
    fn add_access(&self, command: &mut Command) {
        if let Some(endpoint) = self.endpoint {
            command.env("AWS_ENDPOINT_URL", endpoint);
        }
        if let Some(credentials) = self.credentials {
            command
                .env("AWS_ACCESS_KEY_ID", &credentials.access_key_id)
                .env("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key)
                .env("AWS_SESSION_TOKEN", &credentials.session_token);
        }
    }
}
