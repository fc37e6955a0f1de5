//! What an action of a policy looks like: `service:Name`, or `*`.

use crate::fault::Fault;
use crate::policy::Kind;

pub(super) fn check(action: &str, kind: Kind) -> Result<(), Fault> {
    if kind == Kind::Trust && !is_of_sts(action) {
        return Err(Fault::NotAssumeRole);
    }
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else { return Err(Fault::NoVendor) };
    if name.contains(':') {
        return Err(Fault::ActionColons);
    }
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*' | b'?');
    if vendor.is_empty() {
        return Err(Fault::NoVendor);
    }
    if vendor.bytes().all(is_of_name) { Ok(()) } else { Err(Fault::Vendor(vendor.to_owned())) }
}

fn is_of_sts(action: &str) -> bool {
    action.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"))
}
