//! The keys of KMS, under the configured root key.

use crate::config::{DataConfig, KeysConfig};
use crate::failure::Failure;
use kms::root_key::KEY_BYTES;
use kms::{Keys, RootKey};
use sealing::store_key::{self, Wrapping};
use std::process::{Command, Stdio};
use std::sync::Arc;
use stdx::Random;
use store::Store;
use store::wait::wait;
use zeroize::Zeroizing;

/// The secret of the store that stands in for a root key.
const STORE_SECRET: &str = "kms-root";

/// The root key that was handed in; `None`: it is to be a secret of the store.
pub(crate) fn root(config: &KeysConfig) -> Result<Option<RootKey>, Failure> {
    let bytes = match config {
        KeysConfig::Store => return Ok(None),
        KeysConfig::Given { text, from } => parsed(text, from)?,
        KeysConfig::Command(command) => parsed(&printed(command)?, "what root_key_command of [kms] prints")?,
    };
    Ok(Some(RootKey::new(&bytes)))
}

/// The store as its users see it: sealed, if it is or is to be.
pub(crate) fn unsealed(
    store: Arc<dyn Store>,
    root: Option<&RootKey>,
    data: &DataConfig,
    random: Random,
) -> Result<Arc<dyn Store>, Failure> {
    let wanted = matches!(data, DataConfig::Directory { encrypted: true, .. });
    let root = root.map(|root| root as &(dyn Wrapping + Sync));
    wait(store_key::open(store, root, wanted, random)).map_err(|error| match data {
        DataConfig::Memory => Failure::Data(error.to_string()),
        DataConfig::Directory { path, .. } => Failure::Data(format!("{}: {error}", path.display())),
        DataConfig::Database(database) => Failure::Data(format!("{}: {error}", database.shown())),
    })
}

/// Opens the keys of the store.
pub(super) fn open(store: &Arc<dyn Store>, root: Option<RootKey>) -> Result<Keys, Failure> {
    let of_store = || {
        let secret = wait(store::secret::secret(store.as_ref(), STORE_SECRET));
        let secret = Zeroizing::new(secret.map_err(|error| Failure::Data(error.to_string()))?);
        Ok(RootKey::new(&secret))
    };
    let keys = wait(Keys::open(Arc::clone(store), root.map_or_else(of_store, Ok)?));
    keys.map_err(|error| Failure::Data(error.to_string()))
}

/// What a program prints. It gets no input, and its complaints go where ours go.
fn printed(command: &[String]) -> Result<Zeroizing<String>, Failure> {
    let refused = |why: String| Failure::Usage(format!("root_key_command of [kms], {:?}: {why}", command[0]));
    let mut run = Command::new(&command[0]);
    run.args(&command[1..]).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = run.output().map_err(|error| refused(error.to_string()))?;
    let stdout = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err(refused(format!("it failed with {}", output.status)));
    }
    let text = std::str::from_utf8(&stdout).map_err(|_| refused("it prints no text".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// 64 hexadecimal digits, spaces around them left out.
fn parsed(text: &str, from: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, Failure> {
    let digits = text.trim().as_bytes();
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let is_key = digits.len() == 2 * KEY_BYTES && digits.iter().all(u8::is_ascii_hexdigit);
    if !is_key {
        return Err(Failure::Usage(format!(
            "{from} is no root key: it takes 64 hexadecimal digits, such as openssl rand -hex 32 prints"
        )));
    }
    for (byte, digits) in key.iter_mut().zip(digits.chunks(2)) {
        let digits = std::str::from_utf8(digits).expect("hexadecimal digits are text");
        *byte = u8::from_str_radix(digits, 16).expect("they are hexadecimal digits");
    }
    Ok(key)
}
