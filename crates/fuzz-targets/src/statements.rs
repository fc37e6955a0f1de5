//! Any text is a statement of PartiQL or refused; what it says of keys can be asked, its conditions evaluated.

use expr::partiql::{self, Ranges, Statement};
use types::{Item, Value, ValueBuf};

const KEY: (&str, &str) = ("pk", "sk");

/// The text of a statement with two parameters.
pub fn statements(text: &str) {
    let parameters = [ValueBuf::from(&Value::S("x".into())), ValueBuf::from(&Value::N(1.into()))];
    let item = Item::empty();
    match partiql::parse(text, &parameters) {
        Err(error) => _ = error.to_string(),
        Ok(Statement::Select(select) | Statement::Exists(select)) => {
            let partitions =
                select.condition.as_ref().and_then(|condition| partiql::partitions(condition, KEY.0));
            let Ok(mut ranges) = partiql::ranges(select.condition, KEY.0, Some(KEY.1)) else { return };
            if let Ranges::Keyed(ranges) = &ranges {
                let named = partitions.unwrap_or_default();
                assert!(
                    ranges.iter().all(|range| named.contains(&range.hash)),
                    "a partition that is not judged"
                );
            }
            let _ = ranges.ordered(&select.order, KEY.0, Some(KEY.1));
            if let Ranges::All(Some(filter)) = ranges {
                let _ = filter.matches(item.as_ref());
            }
        }
        Ok(Statement::Update(update)) => {
            let _ = partiql::item_key(update.condition, &[KEY.0, KEY.1]);
            let _ = update.update.apply(item.as_ref());
        }
        Ok(Statement::Delete(delete)) => _ = partiql::item_key(delete.condition, &[KEY.0, KEY.1]),
        Ok(Statement::Insert(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_statements() {
        let samples: [&[u8]; 5] = [
            b"SELECT a.b[1], \"c\" FROM \"t\".\"i\" WHERE pk IN ['a', ?] AND sk BETWEEN 1 AND ? ORDER BY pk DESC",
            b"SELECT * FROM t WHERE pk = 'a' AND sk < 1 OR (pk = 'a' AND sk > 2 AND NOT contains(x, <<1, 2>>))",
            b"UPDATE t SET a = a + 1 SET l = list_append(l, [?]) REMOVE b.c WHERE pk = ? AND sk = 1 RETURNING ALL NEW *",
            b"INSERT INTO t VALUE {'pk': 'a', 'm': {'k': [1, <<'x'>>, ?, null, true]}}",
            b"DELETE FROM t WHERE pk IN ['a'] AND sk = 1 -- and /* no */ more\nRETURNING ALL OLD *;",
        ];
        each(&samples, 5_000, |input| super::statements(&String::from_utf8_lossy(input)));
    }
}
