//! The service: what its operations run on.

use crate::errors;
use crate::metrics::{Metrics, Owner, Point, Series, Unit};
use crate::tables::Tables;
use crate::window::{Periods, Window};
use figures::Figures;
use model::Code;
use pipeline::{Protocol, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Store, StoreError};

const MICROS_PER_MINUTE: u64 = 60_000_000;
const MICROS_PER_HOUR: u64 = 60 * MICROS_PER_MINUTE;

/// CloudWatch over a store and the figures of one server.
#[derive(Debug)]
pub struct CloudWatch {
    pub(crate) metrics: Metrics,
    pub(crate) tables: Tables,
    rolled_up_hour: AtomicU64,
}

impl CloudWatch {
    /// The service on a store, with the figures of this server as metrics of its tables.
    pub fn new(store: Arc<dyn Store>, figures: Arc<Figures>) -> Self {
        CloudWatch {
            metrics: Metrics::of(store),
            tables: Tables::of(figures),
            rolled_up_hour: AtomicU64::new(0),
        }
    }

    /// Adds what has happened to the tables by now to their metrics.
    pub(crate) fn collect(&self, now_micros: u64) {
        self.tables.collect(&self.metrics, now_micros);
    }

    /// The points of a series by the period, in one unit or in each that has any.
    ///
    /// # Errors
    /// When the store cannot read.
    pub(crate) async fn periods(
        &self,
        owner: Owner<'_>,
        series: &Series,
        unit: Option<Unit>,
        window: Window,
        now_micros: u64,
    ) -> Result<BTreeMap<Unit, Periods>, StoreError> {
        let units = match unit {
            Some(unit) => BTreeSet::from([unit]),
            None => self.metrics.units(owner, series).await?,
        };
        let (id, now) = (series.id(owner), (now_micros / MICROS_PER_MINUTE) as u32);
        let mut found = BTreeMap::new();
        for unit in units {
            let mut periods = Periods::default();
            let add = &mut |minute, point: &Point| periods.add(&window, minute, point);
            self.metrics.read((id, unit), window.minutes(), now, add).await?;
            found.insert(unit, periods);
        }
        found.retain(|_, periods| !periods.0.is_empty());
        Ok(found)
    }

    /// Does what is due at this time: writes what is in memory to the store. Called once a minute, and before the
    /// server ends.
    pub async fn tick(&self, now_micros: u64) {
        self.collect(now_micros);
        if let Err(error) = self.metrics.flush().await {
            tracing::warn!(%error, "metrics were not written; they stay in memory until the next minute");
        }
        if let Err(error) = self.roll_up(now_micros).await {
            tracing::warn!(%error, "metrics were not rolled up; that is tried again within the hour");
        }
    }

    /// Once an hour; which server does it does not matter, and two that do it beside each other move each block once.
    async fn roll_up(&self, now_micros: u64) -> Result<(), StoreError> {
        let hour = now_micros / MICROS_PER_HOUR;
        if self.rolled_up_hour.swap(hour, Ordering::Relaxed) != hour {
            self.metrics.roll_up((now_micros / MICROS_PER_MINUTE) as u32).await?;
        }
        Ok(())
    }
}

impl Service for CloudWatch {
    const TARGET_PREFIX: &'static str = model::cloudwatch::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "monitoring";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson10, Protocol::RpcCbor, Protocol::Query];
    const VERSION: &'static str = model::cloudwatch::VERSION;
    const XML_NAMESPACE: &'static str = model::cloudwatch::XML_NAMESPACE;
    /// PutMetricData takes one megabyte, and nothing takes more.
    const BODY_BYTES_MAX: Option<usize> = Some(1024 * 1024);
    const INTERNAL_ERROR: Code = errors::INTERNAL_SERVICE;
}
