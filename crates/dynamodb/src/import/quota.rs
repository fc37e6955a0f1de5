//! How much an import reads: so many objects, and so many bytes of them as they lie in the bucket, by the region.

use super::document::{Import, OBJECTS_MAX};
use crate::transfer::{self, Bucket, Extent, Trouble, refused};

const TERABYTE: u64 = 1 << 40;
/// The regions in which an import may be large.
const LARGE: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// Refuses an import of more.
pub(super) async fn check(import: &Import, bucket: &Bucket<'_>) -> Result<(), Trouble> {
    let judge = |Extent { objects, bytes }| judge(objects, bytes, &import.region);
    transfer::extent(bucket, import.prefix.as_deref(), judge).await.map(drop)
}

fn judge(objects: usize, bytes: u64, region: &str) -> Result<(), Trouble> {
    let terabytes = if LARGE.contains(&region) { 15 } else { 1 };
    match () {
        () if objects > OBJECTS_MAX => {
            let text =
                format!("More than {OBJECTS_MAX} objects have the prefix, which is the most of an import");
            Err(refused("LimitExceeded", &text))
        }
        () if bytes > terabytes * TERABYTE => {
            let text = format!(
                "The objects with the prefix have more than {terabytes} TB, which is the most of an import in {region}"
            );
            Err(refused("LimitExceeded", &text))
        }
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_an_import() {
        let takes = |objects, bytes, region| judge(objects, bytes, region).is_ok();
        assert!(takes(50_000, 15 * TERABYTE, "us-east-1") && takes(50_000, TERABYTE, "eu-central-1"));
        assert!(!takes(50_001, 1, "us-east-1"));
        assert!(!takes(1, 15 * TERABYTE + 1, "us-west-2") && !takes(1, TERABYTE + 1, "eu-central-1"));
    }
}
