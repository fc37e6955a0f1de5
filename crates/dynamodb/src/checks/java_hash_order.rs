//! The order in which DynamoDB lists attribute names in messages about index definitions: that of the Java
//! hash table it collects them in. A name lands in bucket `(h ^ h>>>16) & (capacity - 1)` of its
//! `String.hashCode()`; buckets are walked in turn, names of one bucket in the order they were added. The
//! table doubles while it is more than three quarters full.

/// How the table was made, which decides its first capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Sized to the number of names.
    SizedToCount,
    /// Sixteen buckets.
    Default,
}

/// The names without repetition, in the order of the hash table.
pub fn java_hash_order<'a>(names: impl IntoIterator<Item = &'a str>, table: Table) -> Vec<&'a str> {
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    let mut capacity = match table {
        Table::SizedToCount => unique.len().max(1).next_power_of_two(),
        Table::Default => 16,
    };
    while unique.len() * 4 > capacity * 3 {
        capacity *= 2;
    }
    unique.sort_by_key(|name| bucket(name, capacity)); // stable: a bucket keeps the order of adding
    unique
}

fn bucket(name: &str, capacity: usize) -> usize {
    let hash = name.encode_utf16().fold(0u32, |h, unit| h.wrapping_mul(31).wrapping_add(u32::from(unit)));
    (hash ^ (hash >> 16)) as usize & (capacity - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_the_service() {
        for (names, table, order) in [
            (vec!["PK", "h", "a", "unused"], Table::SizedToCount, vec!["h", "a", "unused", "PK"]),
            (vec!["h", "a", "zz"], Table::SizedToCount, vec!["h", "zz", "a"]),
            (vec!["pk", "sk", "gpk", "gsk"], Table::Default, vec!["gpk", "sk", "pk", "gsk"]),
            (vec!["a", "a"], Table::Default, vec!["a"]),
        ] {
            assert_eq!(java_hash_order(names.clone(), table), order, "{names:?}");
        }
    }
}
