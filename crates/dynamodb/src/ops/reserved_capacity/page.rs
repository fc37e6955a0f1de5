//! Pages of lists that are in memory, in the order of their ids.

use model::ApiError;

/// Entries on a page by default, and at most.
const PAGE_MAX: usize = 100;

/// The limit of a request, whose range the model has checked.
pub(super) fn limit(asked: Option<i64>) -> usize {
    asked.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_MAX)
}

/// The entries behind the token, which is the id of the last one shown, and the token of the next page.
///
/// # Errors
/// When no entry has the id.
pub(super) fn page<T>(
    entries: Vec<T>,
    (token, limit): (Option<&str>, usize),
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let shown = match token {
        None => 0,
        Some(token) => {
            let place = entries.iter().position(|entry| id(entry) == token);
            place.ok_or_else(|| ApiError::validation("The provided NextToken is invalid"))? + 1
        }
    };
    let is_last = entries.len() <= shown + limit;
    let page: Vec<T> = entries.into_iter().skip(shown).take(limit).collect();
    let next = page.last().filter(|_| !is_last).map(|entry| id(entry).to_owned());
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_where_the_list_does() {
        let check = |token, limit, expect: (&str, Option<&str>)| {
            let entries: Vec<String> = "abcde".chars().map(String::from).collect();
            let (page, next) = page(entries, (token, limit), |entry| entry).unwrap();
            assert_eq!((page.concat().as_str(), next.as_deref()), expect, "{token:?}");
        };
        check(None, 2, ("ab", Some("b")));
        check(Some("b"), 2, ("cd", Some("d")));
        check(Some("d"), 2, ("e", None));
        check(None, 5, ("abcde", None));
        check(Some("e"), 5, ("", None));
        assert!(page(vec!["a"], (Some("x"), 1), |entry| entry).is_err());
    }
}
