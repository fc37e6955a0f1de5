//! What a table or an index has consumed, by the minute, for those who plan with it.

use crate::metrics::{Owner, Point, Series, Tier};
use crate::service::CloudWatch;
use figures::Metric;
use std::ops::Range;
use stdx::future::Boxed;
use store::StoreError;

const METRICS: [Metric; 2] = [Metric::ConsumedReadCapacityUnits, Metric::ConsumedWriteCapacityUnits];

impl CloudWatch {
    /// Read units and write units of each of the minutes since the Unix epoch; `of` is account, region, table and
    /// index. Where points are of five minutes, their units are spread evenly.
    ///
    /// # Errors
    /// When the store cannot read.
    pub fn consumed<'a>(
        &'a self,
        (account, region, table, index): (&'a str, &'a str, &'a str, Option<&'a str>),
        minutes: Range<u64>,
        now_micros: u64,
    ) -> Boxed<'a, Result<[Vec<f64>; 2], StoreError>> {
        Box::pin(async move {
            self.collect(now_micros);
            let index = index.map(|index| ("GlobalSecondaryIndexName".to_owned(), index.to_owned()));
            let dimensions: Vec<_> =
                [("TableName".to_owned(), table.to_owned())].into_iter().chain(index).collect();
            let owner = Owner { account, region };
            let [read, write] =
                METRICS.map(|metric| Series::new(Metric::NAMESPACE, metric.name(), dimensions.clone()));
            Ok([
                self.sums(owner, &read, &minutes, now_micros).await?,
                self.sums(owner, &write, &minutes, now_micros).await?,
            ])
        })
    }

    async fn sums(
        &self,
        owner: Owner<'_>,
        series: &Series,
        minutes: &Range<u64>,
        now_micros: u64,
    ) -> Result<Vec<f64>, StoreError> {
        let whole = |minute: u64| u32::try_from(minute).unwrap_or(u32::MAX);
        let now = now_micros / 60_000_000;
        let mut sums = vec![0.0; usize::try_from(minutes.end.saturating_sub(minutes.start)).unwrap_or(0)];
        for unit in self.metrics.units(owner, series).await? {
            let add = &mut |minute: u32, point: &Point| {
                let minute = u64::from(minute);
                let is_fine = minute + u64::from(Tier::Minutes.kept()) >= now;
                let width = if is_fine { Tier::Minutes } else { Tier::FiveMinutes }.width() as usize;
                let start = minute.saturating_sub(minutes.start) as usize;
                sums.iter_mut().skip(start).take(width).for_each(|sum| *sum += point.sum / width as f64);
            };
            let range = whole(minutes.start)..whole(minutes.end);
            self.metrics.read((series.id(owner), unit), range, whole(now), add).await?;
        }
        Ok(sums)
    }
}
