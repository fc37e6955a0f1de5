//! `stator sdk-extras`: lets boto3 and the AWS command line know what this server has beside the public model of
//! DynamoDB: reserved capacity, and AutoScalingSettings of CreateTable.
//!
//! botocore merges a file of this name into the service's model, unmodified clients included. A file of somebody else
//! is neither overwritten nor removed.

use crate::failure::Failure;
use clap::Args;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where botocore looks, below the home directory.
const PLACE: &str = ".aws/models/dynamodb/2012-08-10/service-2.sdk-extras.json";
/// An operation that only our file has, whichever version wrote it.
const MARK: &str = "\"PurchaseReservedCapacityOfferings\"";

/// `stator sdk-extras`' own arguments.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Arguments {
    /// Write the file
    #[arg(long)]
    install: bool,

    /// Print where it is, or would be
    #[arg(long)]
    print_path: bool,

    /// Remove it
    #[arg(long)]
    remove: bool,
}

/// Does what is asked for and prints what was done.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let home =
        home.ok_or_else(|| Failure::Usage("HOME is not set, so there is no place for the file".into()))?;
    let path = Path::new(&home).join(PLACE);
    let said = match arguments {
        Arguments { install: true, .. } => install(&path)?,
        Arguments { remove: true, .. } => remove(&path)?,
        _ => path.display().to_string(),
    };
    // A closed stdout is ignored.
    _ = writeln!(std::io::stdout(), "{said}");
    Ok(())
}

fn install(path: &Path) -> Result<String, Failure> {
    known(path)?;
    let folder = path.parent().expect("a file lies in a folder");
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, model::DYNAMODB_SDK_EXTRAS));
    written.map_err(|error| Failure::Other(format!("cannot write {}: {error}", path.display())))?;
    Ok(format!("{}: clients made from now on have it", path.display()))
}

fn remove(path: &Path) -> Result<String, Failure> {
    if !known(path)? {
        return Ok(format!("{} is not there", path.display()));
    }
    fs::remove_file(path)
        .map_err(|error| Failure::Other(format!("cannot remove {}: {error}", path.display())))?;
    Ok(format!("{} is removed", path.display()))
}

/// Whether the file is there; one of somebody else is refused.
fn known(path: &Path) -> Result<bool, Failure> {
    match fs::read_to_string(path) {
        Ok(text) if text.contains(MARK) => Ok(true),
        Ok(_) => Err(not_ours(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::Other(format!("cannot read {}: {error}", path.display()))),
    }
}

fn not_ours(path: PathBuf) -> Failure {
    Failure::Usage(format!("{} is not from this program; move it away first", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_and_goes() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join(PLACE);
        assert!(remove(&path).expect("nothing to remove").ends_with("is not there"));
        install(&path).expect("it is written");
        install(&path).expect("it is written again");
        let text = fs::read_to_string(&path).expect("it is there");
        let merged: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(merged["merge"]["operations"]["DescribeReservedCapacity"].is_object());
        remove(&path).expect("it is removed");
        assert!(!path.exists());
    }

    #[test]
    fn a_file_of_somebody_else_stays() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("other.json");
        fs::write(&path, "{}").expect("written");
        for refused in [install(&path), remove(&path)] {
            assert!(refused.expect_err("it is not ours").to_string().contains("move it away"));
        }
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "{}");
    }
}
