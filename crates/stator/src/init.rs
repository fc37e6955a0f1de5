//! `stator init`: a folder with all that a production server needs. A configuration that explains itself, a root key
//! whose secret is shown once, and a certificate from an authority of its own.
//!
//! Nothing is overwritten: a folder that has one of the files already is left as it is. Files with secrets are readable
//! by their owner only.

mod authority;
mod key;

use crate::failure::Failure;
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// `stator init`'s own arguments.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    /// The folder; made where it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// A name or address that clients reach the server by, for its certificate; may be given again [default: localhost]
    #[arg(long, value_name = "NAME")]
    tls_san: Vec<String>,
}

/// A file of the folder.
struct Made {
    name: &'static str,
    text: String,
    is_secret: bool,
}

/// Names for which the certificate is always good.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const TEMPLATE: &str = include_str!("init/stator.toml");

/// Creates the folder and prints what is in it.
pub(crate) fn make(arguments: &Arguments) -> Result<(), Failure> {
    let names = LOCAL_NAMES.iter().map(|name| (*name).to_owned()).chain(arguments.tls_san.iter().cloned());
    let certificates = authority::certificates(names.collect())?;
    let root = key::root();
    let dir = fs::create_dir_all(&arguments.dir).and_then(|()| arguments.dir.canonicalize());
    let dir = dir.map_err(|error| cannot_write(&arguments.dir, &error))?;
    let data = serde_json::to_string(&dir.join("data").display().to_string()).expect("a text");
    let config = TEMPLATE.replace("{data}", &data).replace("{key_id}", &root.id);
    let files = [
        Made { name: "ca.pem", text: certificates.authority, is_secret: false },
        Made { name: "server.pem", text: certificates.server, is_secret: false },
        Made { name: "server.key", text: certificates.server_key, is_secret: true },
        Made { name: "root.secret", text: format!("{}\n", root.secret), is_secret: true },
        Made { name: "stator.toml", text: config, is_secret: false },
    ];
    if let Some(there) = files.iter().map(|file| dir.join(file.name)).find(|path| path.exists()) {
        return Err(Failure::Usage(format!(
            "{} is there already, and nothing is overwritten; choose another folder, or take it away first",
            there.display()
        )));
    }
    for file in &files {
        write(&dir.join(file.name), file)?;
    }
    tell(&dir, &root);
    Ok(())
}

fn write(path: &Path, file: &Made) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if file.is_secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options.open(path).and_then(|mut opened| {
        opened.write_all(file.text.as_bytes())?;
        opened.sync_all()
    });
    written.map_err(|error| cannot_write(path, &error))
}

/// The secret is shown here and stands in its file, nowhere else.
fn tell(dir: &Path, root: &key::RootKey) {
    let text = format!(
        "Made in {dir}:\n\
         \x20 stator.toml             the configuration; read it, every line is explained\n\
         \x20 ca.pem                  the authority that clients must trust\n\
         \x20 server.pem, server.key  the server's certificate and key, good for 10 years\n\
         \x20 root.secret             the root key's secret\n\n\
         The root key may do everything:\n\
         \x20 AWS_ACCESS_KEY_ID={id}\n\
         \x20 AWS_SECRET_ACCESS_KEY={secret}\n\n\
         Start:    stator --config {dir}/stator.toml\n\
         Clients:  export AWS_ENDPOINT_URL=https://localhost:8000 AWS_CA_BUNDLE={dir}/ca.pem\n",
        dir = dir.display(),
        id = root.id,
        secret = root.secret,
    );
    // A closed stdout is ignored.
    _ = io::stdout().lock().write_all(text.as_bytes());
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => "; choose a folder that this user may write to",
        _ => "",
    };
    Failure::Other(format!("cannot write {}: {error}{advice}", path.display()))
}
