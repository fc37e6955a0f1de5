//! Sets as ADD and DELETE work on them: members are bytes whose order is that of the set.

use types::{SetRef, Type, ValueRef, encode};

/// Two sets of one type.
pub(super) fn pair<'v>(a: ValueRef<'v>, b: ValueRef<'v>) -> Option<(Type, SetRef<'v>, SetRef<'v>)> {
    match (a, b) {
        (ValueRef::SS(a), ValueRef::SS(b)) => Some((Type::SS, a, b)),
        (ValueRef::NS(a), ValueRef::NS(b)) => Some((Type::NS, a, b)),
        (ValueRef::BS(a), ValueRef::BS(b)) => Some((Type::BS, a, b)),
        _ => None,
    }
}

/// The members of either set, ascending.
pub(super) fn union<'v>(a: SetRef<'v>, b: SetRef<'v>) -> Vec<&'v [u8]> {
    let mut members: Vec<_> = a.iter().chain(b.iter()).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// The members of the first set that are not in the second, ascending.
pub(super) fn difference<'v>(a: SetRef<'v>, b: SetRef<'v>) -> Vec<&'v [u8]> {
    let gone: Vec<_> = b.iter().collect();
    a.iter().filter(|member| gone.binary_search(member).is_err()).collect()
}

/// The set of these members, ascending and unique.
pub(super) fn encoded(kind: Type, members: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    let members = members.iter().copied();
    match kind {
        Type::SS => encode::put_string_set(&mut out, members),
        Type::NS => encode::put_number_set(&mut out, members),
        _ => encode::put_binary_set(&mut out, members),
    }
    out
}
