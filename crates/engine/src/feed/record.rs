//! The format of a change record.
//!
//! ```text
//! version u8 = 1 | principal u8 | flags u8 | [origin region: length u8, bytes; flag 1]
//!   | [write time µs u64 LE; flag 32] | key (length u32 LE, item) | [old image; flag 2] | [new image; flag 4]
//!                                               flag 8: there was an item before; flag 16: there is one after
//! ```

use crate::row::RowFault;
use types::MapRef;

const VERSION: u8 = 1;
const FLAG_ORIGIN: u8 = 1;
const FLAG_OLD: u8 = 2;
const FLAG_NEW: u8 = 4;
const FLAG_EXISTED: u8 = 8;
const FLAG_EXISTS: u8 = 16;
const FLAG_TIME: u8 = 32;
const FLAGS_KNOWN: u8 = FLAG_ORIGIN | FLAG_OLD | FLAG_NEW | FLAG_EXISTED | FLAG_EXISTS | FLAG_TIME;

/// On whose behalf an item changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Principal {
    /// A client.
    #[default]
    User = 0,
    /// Time to live.
    Ttl = 1,
    /// Another region.
    Replication = 2,
}

/// A change of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeRecord<'a> {
    /// The region it came from, where that is not this one.
    pub origin: Option<&'a str>,
    /// On whose behalf.
    pub principal: Principal,
    /// The time of the write by which replicas order it, where the table has replicas and it was made here.
    pub write_time_micros: Option<u64>,
    /// The key attributes.
    pub key: MapRef<'a>,
    /// Whether there was an item before: distinguishes MODIFY from INSERT without an old image.
    pub existed: bool,
    /// Whether there is an item after: distinguishes REMOVE without a new image.
    pub exists: bool,
    /// The item before, if a consumer needs it and there was one.
    pub old: Option<MapRef<'a>>,
    /// The item after, if a consumer needs it and there is one.
    pub new: Option<MapRef<'a>>,
}

impl<'a> ChangeRecord<'a> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let images = [Some(self.key), self.old, self.new];
        let body: usize = images.iter().flatten().map(|image| 4 + image.as_bytes().len()).sum();
        let time = self.write_time_micros.map(u64::to_le_bytes);
        let head = 3 + self.origin.map_or(0, |origin| 1 + origin.len()) + time.map_or(0, |time| time.len());
        let mut out = Vec::with_capacity(head + body);
        out.extend_from_slice(&[VERSION, self.principal as u8, self.flags()]);
        if let Some(origin) = self.origin {
            let origin = &origin.as_bytes()[..origin.len().min(usize::from(u8::MAX))];
            out.push(origin.len() as u8);
            out.extend_from_slice(origin);
        }
        out.extend(time.into_iter().flatten());
        for image in images.iter().flatten() {
            out.extend_from_slice(&(image.as_bytes().len() as u32).to_le_bytes());
            out.extend_from_slice(image.as_bytes());
        }
        out
    }

    fn flags(&self) -> u8 {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        flag(self.origin.is_some(), FLAG_ORIGIN)
            | flag(self.old.is_some(), FLAG_OLD)
            | flag(self.new.is_some(), FLAG_NEW)
            | flag(self.existed, FLAG_EXISTED)
            | flag(self.exists, FLAG_EXISTS)
            | flag(self.write_time_micros.is_some(), FLAG_TIME)
    }

    /// Reads a record in place.
    pub fn read(bytes: &'a [u8]) -> Result<ChangeRecord<'a>, RowFault> {
        let [version, principal, flags, rest @ ..] = bytes else { return Err(RowFault::Short) };
        let newer = RowFault::Newer { format: *version, flags: *flags };
        if *version != VERSION || flags & !FLAGS_KNOWN != 0 {
            return Err(newer);
        }
        let principal = match principal {
            0 => Principal::User,
            1 => Principal::Ttl,
            2 => Principal::Replication,
            _ => return Err(newer),
        };
        let mut rest = rest;
        let has = |flag: u8| flags & flag != 0;
        let origin = has(FLAG_ORIGIN).then(|| take_origin(&mut rest)).transpose()?;
        let write_time_micros = has(FLAG_TIME).then(|| take_time(&mut rest)).transpose()?;
        let key = take_image(&mut rest)?;
        let old = has(FLAG_OLD).then(|| take_image(&mut rest)).transpose()?;
        let new = has(FLAG_NEW).then(|| take_image(&mut rest)).transpose()?;
        let (existed, exists) = (has(FLAG_EXISTED), has(FLAG_EXISTS) || has(FLAG_NEW));
        Ok(ChangeRecord { origin, principal, write_time_micros, key, existed, exists, old, new })
    }
}

fn take_origin<'a>(rest: &mut &'a [u8]) -> Result<&'a str, RowFault> {
    let (length, tail) = rest.split_first().ok_or(RowFault::Short)?;
    let (origin, tail) = tail.split_at_checked(usize::from(*length)).ok_or(RowFault::Short)?;
    *rest = tail;
    std::str::from_utf8(origin).map_err(|_| RowFault::Short)
}

fn take_time(rest: &mut &[u8]) -> Result<u64, RowFault> {
    let (time, tail) = rest.split_first_chunk().ok_or(RowFault::Short)?;
    *rest = tail;
    Ok(u64::from_le_bytes(*time))
}

fn take_image<'a>(rest: &mut &'a [u8]) -> Result<MapRef<'a>, RowFault> {
    let (length, tail) = rest.split_first_chunk::<4>().ok_or(RowFault::Short)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (image, tail) = tail.split_at_checked(length).ok_or(RowFault::Short)?;
    *rest = tail;
    if image.len() < 4 { Err(RowFault::Short) } else { Ok(MapRef::new(image)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Item, ItemBuilder, Value};

    fn item(n: i64) -> Item {
        ItemBuilder::new().put("pk", &Value::S("a".into())).put("n", &Value::N(n.into())).build()
    }

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let (key, new) = (Item::empty(), Item::empty());
        let record = ChangeRecord {
            origin: Some("eu"),
            principal: Principal::Ttl,
            write_time_micros: None,
            key: key.as_ref(),
            existed: true,
            exists: true,
            old: None,
            new: Some(new.as_ref()),
        };
        assert_eq!(
            record.encode(),
            [1, 1, 29, 2, b'e', b'u', 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
        );
        let record = ChangeRecord { origin: None, write_time_micros: Some(258), ..record };
        assert_eq!(
            record.encode(),
            [1, 1, 60, 2, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn a_record_is_read_back_and_a_cut_one_refused() {
        let (key, old, new) = (item(0), item(1), item(2));
        for origin in [None, Some("eu-west-1")] {
            for (old, new) in [(None, Some(&new)), (Some(&old), Some(&new)), (Some(&old), None)] {
                let record = ChangeRecord {
                    origin,
                    principal: Principal::Replication,
                    write_time_micros: origin.map_or(Some(7), |_| None),
                    key: key.as_ref(),
                    existed: old.is_some(),
                    exists: new.is_some(),
                    old: old.map(Item::as_ref),
                    new: new.map(Item::as_ref),
                };
                let bytes = record.encode();
                assert_eq!(ChangeRecord::read(&bytes), Ok(record));
                assert!((0..bytes.len()).all(|len| ChangeRecord::read(&bytes[..len]).is_err()));
            }
        }
        assert_eq!(ChangeRecord::read(&[2, 0, 0]), Err(RowFault::Newer { format: 2, flags: 0 }));
    }
}
