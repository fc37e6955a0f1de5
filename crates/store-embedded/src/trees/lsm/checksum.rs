//! The checksums of whole files that lsm-tree writes and does not verify: the list of a tree's sorted files
//! has one in the file that names the list, a sorted file has one in the list. Verified before a list is read,
//! which lsm-tree does without expecting damage, and to find the file behind a damaged block.

use crate::format::u64_at;
use crate::trees::tree_error::TreeError;
use lsm_tree::checksum::ChecksummedWriter;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Names that lsm-tree gives: the folder of sorted files, and the file that names the manifest.
pub(super) const TABLES: &str = "tables";
/// See [`TABLES`].
pub(super) const CURRENT: &str = "current";
/// `list number u64 | checksum u128 | kind u8`.
const CURRENT_BYTES: usize = 25;
/// The only kind of checksum there is.
const XXH3: u8 = 0;

/// Refuses a list that is not what was written. A tree without one is new.
pub(super) fn check_list(folder: &Path) -> Result<(), TreeError> {
    let current = folder.join(CURRENT);
    let named = match std::fs::read(&current) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        named => named.map_err(TreeError::Io)?,
    };
    let expected = match *named.as_slice() {
        [_, _, _, _, _, _, _, _, ref checksum @ .., XXH3] if named.len() == CURRENT_BYTES => {
            u128::from_le_bytes(checksum.try_into().expect("the length was looked at"))
        }
        _ => return Err(TreeError::Damaged(format!("{} is not readable", current.display()))),
    };
    let list = folder.join(format!("v{}", u64_at(&named, 0)));
    match of_file(&list) {
        Ok(found) if found == expected => Ok(()),
        Ok(_) => Err(TreeError::Damaged(format!("{} is not what was written", list.display()))),
        Err(error) => Err(TreeError::Damaged(format!("{} is not readable ({error})", list.display()))),
    }
}

/// The sorted file of a table, if it is not what was written.
pub(super) fn damaged_file(folder: &Path, table: &lsm_tree::Table) -> Option<PathBuf> {
    let path = folder.join(TABLES).join(table.id().to_string());
    let is_sound = of_file(&path).is_ok_and(|found| found == table.checksum().into_u128());
    (!is_sound).then_some(path)
}

fn of_file(path: &Path) -> io::Result<u128> {
    let mut hashed = ChecksummedWriter::new(io::sink());
    io::copy(&mut File::open(path)?, &mut hashed)?;
    Ok(hashed.checksum().into_u128())
}
