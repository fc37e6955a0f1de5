//! Where the root key of KMS comes from.

use super::{beside, file};
use crate::cli::Invocation;
use crate::failure::Failure;
use serde::Deserialize;
use std::env;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// `[kms]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct KmsSection {
    /// A file with the root key; its path is relative to the file it stands in.
    root_key_file: Option<PathBuf>,
    /// A program and its arguments, which prints the root key.
    root_key_command: Option<Vec<String>>,
}

/// Where the root key comes from.
pub(crate) enum KeysConfig {
    /// It is a secret of the store: who reads the store reads the keys.
    Store,
    /// This text.
    Given {
        /// 64 hexadecimal digits, as far as it is right.
        text: Zeroizing<String>,
        /// Where it stood, for people.
        from: String,
    },
    /// What this program prints.
    Command(Vec<String>),
}

const VARIABLE: &str = "STATOR_KMS_ROOT_KEY";

impl KeysConfig {
    /// One source at most; the environment wins over the file.
    pub(super) fn resolve(told: &Invocation, file: KmsSection) -> Result<Self, Failure> {
        if let Ok(text) = env::var(VARIABLE) {
            return Ok(KeysConfig::Given { text: Zeroizing::new(text), from: VARIABLE.to_owned() });
        }
        match (file.root_key_file, file.root_key_command) {
            (None, None) => Ok(KeysConfig::Store),
            (Some(path), None) => {
                let path = beside(told.config.as_deref(), &path);
                let text = file::text(&path).map_err(|error| {
                    Failure::Usage(format!(
                        "root_key_file of [kms] is {path:?}, which cannot be read: {error}"
                    ))
                })?;
                Ok(KeysConfig::Given { text: Zeroizing::new(text), from: path.display().to_string() })
            }
            (None, Some(command)) if !command.is_empty() => Ok(KeysConfig::Command(command)),
            (None, Some(_)) => Err(Failure::Usage("root_key_command of [kms] names no program".to_owned())),
            (Some(_), Some(_)) => Err(Failure::Usage(
                "[kms] has root_key_file and root_key_command; keep one of them".to_owned(),
            )),
        }
    }
}

impl std::fmt::Debug for KeysConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KeysConfig::Store => "Store",
            KeysConfig::Given { .. } => "Given",
            KeysConfig::Command(_) => "Command",
        })
    }
}
