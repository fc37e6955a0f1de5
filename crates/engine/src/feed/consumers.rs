//! The consumers of a table's change feed: what each needs in it, and for how long.
//!
//! The set follows from the table's descriptor alone: the stream from the settings, the others from
//! `Table::consumers`. The set alone determines what the write path records.

use crate::table::{StreamView, Table};
use serde::{Deserialize, Serialize};

/// A consumer of a change feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumer {
    /// What it is.
    pub kind: ConsumerKind,
    /// Distinguishes consumers of one kind, such as the ARN of a destination.
    pub id: String,
    /// What it needs of each change; `None`: nothing new, it only reads what is there.
    pub view: Option<StreamView>,
    /// How long a record is kept for it, in microseconds.
    pub retention_micros: u64,
    /// Whether it acknowledges what it has read: acknowledged records are not kept for it.
    pub acknowledges: bool,
}

/// The kinds of consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsumerKind {
    /// A function that is called with changes.
    Trigger,
    /// A Kinesis data stream.
    Kinesis,
    /// The table's replica in another region.
    Replication,
    /// Point-in-time recovery.
    PointInTime,
    /// A backup whose items are being copied.
    Backup,
}

/// What the write path records of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeedNeeds {
    pub old_image: bool,
    pub new_image: bool,
}

impl FeedNeeds {
    fn of(view: StreamView) -> FeedNeeds {
        FeedNeeds {
            old_image: matches!(view, StreamView::OldImage | StreamView::NewAndOldImages),
            new_image: matches!(view, StreamView::NewImage | StreamView::NewAndOldImages),
        }
    }

    fn and(self, other: FeedNeeds) -> FeedNeeds {
        FeedNeeds {
            old_image: self.old_image || other.old_image,
            new_image: self.new_image || other.new_image,
        }
    }
}

impl Table {
    /// What is recorded of every change; `None` where no consumer needs a record.
    pub(crate) fn feed_needs(&self) -> Option<FeedNeeds> {
        let stream = self.settings.stream.as_ref().filter(|stream| stream.enabled).map(|stream| stream.view);
        let views = stream.into_iter().chain(self.consumers.iter().filter_map(|consumer| consumer.view));
        views.map(FeedNeeds::of).reduce(FeedNeeds::and)
    }

    /// Whether the feed may hold records that have to be trimmed in time.
    pub(crate) fn has_feed(&self) -> bool {
        self.settings.stream.is_some() || !self.consumers.is_empty() || self.had_consumers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::StreamSpecification;
    use crate::table::testing::table;

    #[test]
    fn what_is_recorded_is_what_all_consumers_need_together() {
        let mut table = table();
        assert_eq!((table.feed_needs(), table.has_feed()), (None, false));
        let stream = StreamSpecification { enabled: true, view: StreamView::KeysOnly, label: "l".into() };
        table.settings.stream = Some(stream);
        let needs = |old_image, new_image| Some(FeedNeeds { old_image, new_image });
        assert_eq!(table.feed_needs(), needs(false, false));
        let mut consumer = Consumer {
            kind: ConsumerKind::PointInTime,
            id: String::new(),
            view: Some(StreamView::OldImage),
            retention_micros: 1,
            acknowledges: false,
        };
        table.consumers.push(consumer.clone());
        assert_eq!(table.feed_needs(), needs(true, false));
        consumer.view = Some(StreamView::NewImage);
        table.consumers.push(consumer);
        assert_eq!(table.feed_needs(), needs(true, true));
        table.settings.stream.as_mut().unwrap().enabled = false;
        table.consumers.clear();
        assert_eq!((table.feed_needs(), table.has_feed()), (None, true));
    }
}
