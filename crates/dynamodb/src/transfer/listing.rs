//! What a bucket has, page by page.

use super::{Bucket, Trouble};
use s3::Listed;

/// Objects of a page.
const PAGE: usize = 1_000;

/// The objects of a bucket whose keys begin so, in the order of their keys.
pub struct Pages<'b> {
    bucket: &'b Bucket<'b>,
    prefix: Option<&'b str>,
    after: Option<String>,
}

impl<'b> Pages<'b> {
    /// From the first one on.
    pub fn of(bucket: &'b Bucket<'b>, prefix: Option<&'b str>) -> Pages<'b> {
        Pages { bucket, prefix, after: None }
    }

    /// The next ones; `None` where there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<Listed>>, Trouble> {
        let page = self.bucket.list(self.prefix, self.after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = Some(last.key.clone());
        Ok(Some(page))
    }
}

/// How many objects there are, and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Objects.
    pub objects: usize,
    /// Their bytes as they lie in the bucket.
    pub bytes: u64,
}

/// The extent of the objects whose keys begin so, while `judge` takes it.
pub async fn extent(
    bucket: &Bucket<'_>,
    prefix: Option<&str>,
    judge: impl Fn(Extent) -> Result<(), Trouble>,
) -> Result<Extent, Trouble> {
    let (mut pages, mut extent) = (Pages::of(bucket, prefix), Extent::default());
    while let Some(page) = pages.next().await? {
        extent.objects += page.len();
        extent.bytes += page.iter().map(|listed| listed.size_bytes).sum::<u64>();
        judge(extent)?;
    }
    Ok(extent)
}
