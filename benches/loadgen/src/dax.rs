//! The protocol of DAX's clients, as much of it as the load needs: what a connection begins with, getItem and putItem
//! of the table of [`crate::workload`], and where an answer ends.

use crate::connection::Conn;
use crate::sign::Credentials;
use std::io::{self, Read as _, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};
use stdx::calendar::date_of;

const GET_ITEM: [u8; 6] = [0x01, 0x1a, 0x0f, 0xb0, 0xcc, 0x6a];
const PUT_ITEM: [u8; 6] = [0x01, 0x3a, 0x7d, 0x8e, 0x7e, 0x56];
const AUTHORIZE: [u8; 6] = [0x01, 0x1a, 0x58, 0xc2, 0x33, 0x6b];
const DEFINE_LIST: [u8; 6] = [0x01, 0x3a, 0x49, 0x59, 0x27, 0xbb];
const NULL: u8 = 0xf6;
/// Parameters: the capacity that was consumed, in total.
const WITH_CAPACITY: [u8; 4] = [0xbf, 0x03, 0x01, 0xff];
const WITHOUT: [u8; 2] = [0xbf, 0xff];
/// The attributes of an item beside its key, as a list has them.
const NAMES: [&str; 8] = ["active", "age", "city", "email", "name", "payload", "score", "tags"];

const TEXT: u8 = 3;
const BYTES: u8 = 2;
const ARRAY: u8 = 4;

/// The head of a value.
fn head(out: &mut Vec<u8>, major: u8, argument: usize) {
    let major = major << 5;
    match argument {
        0..24 => out.push(major | argument as u8),
        24..256 => out.extend_from_slice(&[major | 24, argument as u8]),
        256..65_536 => {
            out.push(major | 25);
            out.extend_from_slice(&(argument as u16).to_be_bytes());
        }
        _ => {
            out.push(major | 26);
            out.extend_from_slice(&(argument as u32).to_be_bytes());
        }
    }
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    head(out, TEXT, text.len());
    out.extend_from_slice(text);
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, BYTES, bytes.len());
    out.extend_from_slice(bytes);
}

/// What a client says first: who it is, in the form of a signature. A server that verifies them refuses it.
pub fn greet(connection: &mut Conn, credentials: &Credentials) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_secs();
    let (year, month, day) = date_of((now / 86_400) as i64);
    let (date, of_day) = (format!("{year:04}{month:02}{day:02}"), now % 86_400);
    let time = format!("{:02}{:02}{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let digest = "0".repeat(64);
    let signed =
        format!("AWS4-HMAC-SHA256\n{date}T{time}Z\n{date}/{}/dax/aws4_request\n{digest}", credentials.region);
    let mut out = Vec::new();
    text(&mut out, b"J7yne5G");
    out.extend_from_slice(&[0, NULL, 0xa1]);
    text(&mut out, b"UserAgent");
    text(&mut out, b"loadgen");
    out.push(0);
    out.extend_from_slice(&AUTHORIZE);
    text(&mut out, credentials.access_key.as_bytes());
    text(&mut out, digest.as_bytes());
    bytes(&mut out, signed.as_bytes());
    out.extend_from_slice(&[NULL, NULL]);
    connection.stream.write_all(&out)
}

/// Asks a connection that blocks for the number of the list of an item's attributes.
pub fn define_list(connection: &mut Conn) -> io::Result<Vec<u8>> {
    let mut out = DEFINE_LIST.to_vec();
    head(&mut out, ARRAY, NAMES.len());
    NAMES.iter().for_each(|name| text(&mut out, name.as_bytes()));
    connection.stream.write_all(&out)?;
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 256];
        match connection.stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&piece[..count]),
        }
        match whole(&answer) {
            Some((length, true)) => return Ok(answer[1..length].to_vec()),
            Some((_, false)) => return Err(io::Error::other("the attribute list was refused")),
            None => {}
        }
    }
}

/// Partition and sort key.
fn key(out: &mut Vec<u8>, partition: &[u8], sort: &[u8]) {
    let mut key = Vec::with_capacity(2 + partition.len() + sort.len());
    text(&mut key, partition);
    key.extend_from_slice(sort);
    bytes(out, &key);
}

pub fn get_item(out: &mut Vec<u8>, table: &str, (partition, sort): (&[u8], &[u8]), has_capacity: bool) {
    out.extend_from_slice(&GET_ITEM);
    bytes(out, table.as_bytes());
    key(out, partition, sort);
    out.extend_from_slice(if has_capacity { &WITH_CAPACITY } else { &WITHOUT });
}

/// An item of the table, of whose values these differ from one to the other.
pub struct Item<'a> {
    pub list: &'a [u8],
    pub age: u8,
    pub name: &'a [u8],
    pub email: &'a [u8],
    pub payload: &'a [u8],
}

pub fn put_item(out: &mut Vec<u8>, table: &str, (partition, sort): (&[u8], &[u8]), item: &Item<'_>) {
    let mut values = item.list.to_vec();
    values.extend_from_slice(&[0xf5, 0x18, item.age]);
    [b"Springfield", item.email, item.name, item.payload].iter().for_each(|value| text(&mut values, value));
    values.extend_from_slice(&[0xc4, 0x82, 0x21, 0x19, 0x04, 0xe2]); // 12.50
    values.extend_from_slice(&[0xd9, 0x0c, 0xf9, 0x82]);
    [b"blue", &b"red"[..]].iter().for_each(|member| text(&mut values, member));
    out.extend_from_slice(&PUT_ITEM);
    bytes(out, table.as_bytes());
    key(out, partition, sort);
    bytes(out, &values);
    out.push(NULL);
}

/// The length of the answer that the bytes begin with, and whether it is none of an error; `None` if it is not whole.
pub fn whole(buffer: &[u8]) -> Option<(usize, bool)> {
    let is_done = *buffer.first()? == 0x80;
    let values = if is_done { 2 } else { 3 };
    let mut at = 0;
    for _ in 0..values {
        at = skip(buffer, at)?;
    }
    Some((at, is_done))
}

/// Where the value ends that begins there.
fn skip(buffer: &[u8], mut at: usize) -> Option<usize> {
    let mut left = 1_u64;
    while left > 0 {
        left -= 1;
        let first = *buffer.get(at)?;
        let width = match first & 31 {
            0..24 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            _ => 8,
        };
        let argument = buffer.get(at + 1..at + 1 + width)?;
        let argument = argument
            .iter()
            .fold(u64::from(first & 31) * u64::from(width == 0), |all, byte| all << 8 | u64::from(*byte));
        at += 1 + width;
        match first >> 5 {
            2 | 3 => at += argument as usize,
            4 => left += argument,
            5 => left += 2 * argument,
            6 => left += 1,
            _ => {}
        }
    }
    (at <= buffer.len()).then_some(at)
}

/// Whether an answer with an item has come from a cache: it tells no capacity then.
pub fn is_hit(answer: &[u8]) -> bool {
    answer.get(1) == Some(&0xa1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_they_end() {
        let answer = [0x80, 0xa1, 0x00, 0x43, 1, 2, 3];
        assert_eq!(whole(&answer), Some((7, true)));
        (0..7).for_each(|cut| assert_eq!(whole(&answer[..cut]), None));
        assert!(is_hit(&answer));
        let error = [0x83, 4, 0x18, 37, 1, 0x61, b'x', 0x83, 0xf6, 0x61, b'y', 0x19, 1, 0x90];
        assert_eq!(whole(&error), Some((14, false)));
        assert_eq!(whole(&[0x80, 0xf6, 0x80]), Some((2, true)));
    }

    #[test]
    fn a_request_is_what_clients_send() {
        let mut out = Vec::new();
        get_item(&mut out, "TabS", (b"p1", b"s"), false);
        assert_eq!(out[6..], *b"\x44TabS\x44\x62p1s\xbf\xff");
    }
}
