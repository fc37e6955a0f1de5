//! Reading one file out of a Python wheel, which is a zip archive, or out of the directory it unpacks to.
//! Only what wheels use: stored and deflated entries, no encryption, no 64-bit sizes.

use flate2::read::{DeflateDecoder, GzDecoder};
use std::io::Read;
use std::path::Path;

/// The bytes of a model, which newer packages keep gzipped.
pub(super) fn read_model(package: &Path, name: &str) -> Result<Vec<u8>, String> {
    let zipped_name = format!("{name}.gz");
    if package.is_dir() {
        return match std::fs::read(package.join(&zipped_name)) {
            Ok(bytes) => gunzip(&bytes),
            Err(_) => std::fs::read(package.join(name)).map_err(|e| format!("{name}: {e}")),
        };
    }
    let archive = std::fs::read(package).map_err(|e| format!("{}: {e}", package.display()))?;
    match entry(&archive, &zipped_name) {
        Some(bytes) => gunzip(&bytes?),
        None => {
            entry(&archive, name).unwrap_or_else(|| Err(format!("{name} is not in {}", package.display())))
        }
    }
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read_all(GzDecoder::new(bytes))
}

fn read_all(mut from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// An entry of the archive by name, found through the central directory at its end.
fn entry(archive: &[u8], name: &str) -> Option<Result<Vec<u8>, String>> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let mut at = u32_at(archive, end + 16)?;
    while archive.get(at..at + 4)? == b"PK\x01\x02" {
        let (name_len, extra_len, comment_len) =
            (u16_at(archive, at + 28)?, u16_at(archive, at + 30)?, u16_at(archive, at + 32)?);
        if archive.get(at + 46..at + 46 + name_len)? == name.as_bytes() {
            let (method, size, header) =
                (u16_at(archive, at + 10)?, u32_at(archive, at + 20)?, u32_at(archive, at + 42)?);
            let data = header + 30 + u16_at(archive, header + 26)? + u16_at(archive, header + 28)?;
            return archive.get(data..data + size).map(|bytes| inflate(method, bytes));
        }
        at += 46 + name_len + extra_len + comment_len;
    }
    None
}

fn inflate(method: usize, bytes: &[u8]) -> Result<Vec<u8>, String> {
    match method {
        0 => Ok(bytes.to_vec()),
        8 => read_all(DeflateDecoder::new(bytes)),
        other => Err(format!("compression method {other} of the archive is not known")),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}
