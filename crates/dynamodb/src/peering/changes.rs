//! Changes of a table on their way to another server.
//!
//! ```text
//! length of the head u32 LE | head, JSON
//! then for each change:
//!   time µs u64 LE | 1: an item, 0: the key of one that is gone | length of the region u8 | region
//!   | length u32 LE | {"Item": …}, as exports have items
//! ```

use crate::checks::attribute_values as values;
use crate::errors::Layer;
use engine::replication::Carried;
use serde::{Deserialize, Serialize};
use types::Item;
use wire::attribute::write_item;
use wire::lines;

/// Whose changes they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub account: String,
    pub table: String,
    pub group: String,
    /// The replica that sends.
    pub from: String,
    /// The replica that is to have them.
    pub to: String,
}

const HEAD_BYTES_MAX: usize = 4_096;
/// Changes of one call.
const CHANGES_MAX: usize = 4_096;
/// From so many bytes on a body takes no more changes. One that is longer by one item is still within what is taken.
const BODY_BYTES: usize = 4 << 20;

/// Some changes as bodies, each with how many are in it.
pub fn encode(head: &Head, changes: &[Carried]) -> Vec<(Vec<u8>, usize)> {
    let head = serde_json::to_vec(head).expect("a map with text keys");
    let begun = || [&(head.len() as u32).to_le_bytes()[..], &head].concat();
    let mut bodies = vec![(begun(), 0)];
    for Carried { time_micros, origin, item, exists } in changes {
        if bodies.last().is_some_and(|(body, count)| body.len() >= BODY_BYTES || *count == CHANGES_MAX) {
            bodies.push((begun(), 0));
        }
        let Some((body, count)) = bodies.last_mut() else { continue };
        *count += 1;
        body.extend_from_slice(&time_micros.to_le_bytes());
        body.push(u8::from(*exists));
        body.push(origin.len() as u8);
        body.extend_from_slice(origin.as_bytes());
        let length_at = body.len();
        body.extend_from_slice(&[0; 4]);
        body.extend_from_slice(b"{\"Item\":");
        write_item(body, item.as_ref());
        body.push(b'}');
        let length = (body.len() - length_at - 4) as u32;
        body[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
    bodies
}

/// The changes of a body.
///
/// # Errors
/// Where it is not in this form, with a sentence.
pub fn decode(body: &[u8]) -> Result<(Head, Vec<Carried>), String> {
    let cut = || "changes end too early".to_owned();
    let mut rest = body;
    let mut take = |length: usize| {
        let (taken, behind) = rest.split_at_checked(length).ok_or_else(cut)?;
        rest = behind;
        Ok::<_, String>((taken, behind.is_empty()))
    };
    let length = u32_of(take(4)?.0);
    if length > HEAD_BYTES_MAX {
        return Err("the head of changes is too long".to_owned());
    }
    let (head, mut is_end) = take(length)?;
    let head = serde_json::from_slice(head).map_err(|error| format!("the head of changes: {error}"))?;
    let mut changes = Vec::new();
    while !is_end {
        if changes.len() == CHANGES_MAX {
            return Err("there are too many changes".to_owned());
        }
        let (fixed, _) = take(10)?;
        let (time, flags) = fixed.split_at(8);
        let time_micros = u64::from_le_bytes(time.try_into().map_err(|_| cut())?);
        let exists = match flags[0] {
            0 => false,
            1 => true,
            _ => return Err("a change is neither an item nor a key".to_owned()),
        };
        let (origin, _) = take(usize::from(flags[1]))?;
        let origin = std::str::from_utf8(origin).map_err(|_| "a region is no text".to_owned())?;
        let length = u32_of(take(4)?.0);
        let (item, end) = take(length)?;
        is_end = end;
        changes.push(Carried { time_micros, origin: origin.into(), item: item_of(item)?, exists });
    }
    Ok((head, changes))
}

fn u32_of(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// An item that another server has taken from a client: what is wrong with it was made on the way.
fn item_of(line: &[u8]) -> Result<Item, String> {
    let attributes = lines::read_json(line).map_err(|_| "an item is not in its form".to_owned())?;
    let judged = values::no_empty_name(&attributes, Layer::Plain)
        .and_then(|()| values::no_false_null(attributes.has_false_null, Layer::Plain))
        .and_then(|()| values::item(&attributes, Layer::Plain));
    match judged {
        Ok(()) => Ok(attributes.item),
        Err(error) => Err(format!("an item has a fault: {}", error.message.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{ItemBuilder, Value};

    fn head() -> Head {
        let [account, table, group, from, to] =
            ["0", "world", "g", "us-east-1", "eu-west-1"].map(str::to_owned);
        Head { account, table, group, from, to }
    }

    fn change(n: i64, exists: bool) -> Carried {
        let item = ItemBuilder::new().put("pk", &Value::N(n.into())).build();
        Carried { time_micros: 258, origin: "us-east-1".into(), item, exists }
    }

    /// The form on the wire: if this changes, the version of the protocol must.
    #[test]
    fn the_form_is_fixed() {
        let bodies = encode(&head(), &[change(1, true), change(2, false)]);
        assert_eq!((bodies.len(), bodies[0].1), (1, 2));
        let body = &bodies[0].0;
        let json = br#"{"account":"0","table":"world","group":"g","from":"us-east-1","to":"eu-west-1"}"#;
        assert_eq!(
            (&body[..4], &body[4..4 + json.len()]),
            (&(json.len() as u32).to_le_bytes()[..], &json[..])
        );
        let first = b"\x02\x01\0\0\0\0\0\0\x01\x09us-east-1\x19\0\0\0{\"Item\":{\"pk\":{\"N\":\"1\"}}}";
        assert_eq!(&body[4 + json.len()..][..first.len()], first);
        assert_eq!(decode(body), Ok((head(), vec![change(1, true), change(2, false)])));
    }

    #[test]
    fn what_is_cut_or_wrong_is_refused() {
        let (body, _) = encode(&head(), &[change(1, true)]).remove(0);
        let ends_of_changes = encode(&head(), &[]).remove(0).0.len();
        assert!((0..body.len()).all(|end| end == ends_of_changes || decode(&body[..end]).is_err()));
        let mut other = body.clone();
        other[ends_of_changes + 8] = 2;
        assert!(decode(&other).is_err());
        assert!(decode(&[0xff; 64]).is_err());
        let many = vec![change(1, true); CHANGES_MAX + 1];
        let bodies = encode(&head(), &many);
        assert_eq!((bodies.len(), bodies[1].1), (2, 1));
    }
}
