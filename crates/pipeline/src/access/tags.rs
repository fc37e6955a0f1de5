//! The condition keys of tags: those of a resource (`aws:ResourceTag/…`), and those that a request sets or removes
//! (`aws:RequestTag/…`, `aws:TagKeys`). Tag keys compare without case, as the names of condition keys do.

use super::{Values, one, several};

/// The tags of one need.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    of_resource: Vec<(String, String)>,
    /// A removed tag has no value.
    of_request: Vec<(String, Option<String>)>,
}

impl Tags {
    /// Those that a request gives a resource.
    pub fn set(tags: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        let of_request = tags.into_iter().map(|(key, value)| (key.into(), Some(value.into()))).collect();
        Tags { of_request, ..Tags::default() }
    }

    /// Those that it takes away.
    pub fn removed(keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let of_request = keys.into_iter().map(|key| (key.into(), None)).collect();
        Tags { of_request, ..Tags::default() }
    }

    /// The same on a resource that has these.
    pub fn on(self, tags: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        let of_resource = tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Tags { of_resource, ..self }
    }

    /// These and others.
    pub(super) fn and(mut self, other: Tags) -> Self {
        self.of_resource.extend(other.of_resource);
        self.of_request.extend(other.of_request);
        self
    }

    /// The values of a condition key, whose name is in lower case; `None` for one that is not about tags.
    pub(super) fn values(&self, key: &str) -> Option<Values<'_>> {
        if key == "aws:tagkeys" {
            let keys = several(self.of_request.iter().map(|(key, _)| key));
            return Some(keys).filter(|keys| !keys.is_empty());
        }
        if let Some(name) = key.strip_prefix("aws:resourcetag/") {
            return value(name, self.of_resource.iter().map(|(key, value)| (key, Some(value))));
        }
        let name = key.strip_prefix("aws:requesttag/")?;
        value(name, self.of_request.iter().map(|(key, value)| (key, value.as_ref())))
    }
}

/// The value of the tag whose key is this in lower case.
fn value<'t>(
    name: &str,
    mut tags: impl Iterator<Item = (&'t String, Option<&'t String>)>,
) -> Option<Values<'t>> {
    let (_, value) = tags.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.map(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_a_request_and_of_its_resource() {
        let tags = Tags::set([("Team", "red"), ("cost", "7")]).on([("Stage", "prod")]);
        let one = |text| Some(one(text));
        assert_eq!(tags.values("aws:tagkeys"), Some(several(["Team", "cost"])));
        assert_eq!(tags.values("aws:requesttag/team"), one("red"));
        assert_eq!(tags.values("aws:resourcetag/stage"), one("prod"));
        assert_eq!(tags.values("aws:resourcetag/team"), None);
        assert_eq!(tags.values("dynamodb:select"), None);
        let removed = Tags::removed(["Team"]);
        assert_eq!(
            (removed.values("aws:tagkeys"), removed.values("aws:requesttag/team")),
            (one("Team"), None)
        );
        assert_eq!(Tags::default().values("aws:tagkeys"), None);
    }
}
