//! The service: what its operations run on.

use crate::alarms::actions::{Policies, Teller};
use crate::alarms::rule::bare_name;
use crate::alarms::{self, Alarms};
use crate::dashboards::Dashboards;
use crate::errors;
use crate::insights::Insights;
use crate::metrics::{Datum, Metrics, Owner, Point, Series, Unit};
use crate::tables::Tables;
use crate::window::{Periods, Window};
use figures::hot_keys::Rule;
use figures::{Figures, Metric};
use lambda::Functions;
use model::{ApiError, Code};
use pipeline::{Cx, Protocol, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::lease::Leases;
use store::records::RecordError;
use store::{Store, StoreError};
use tokio::sync::Semaphore;

const MICROS_PER_MINUTE: u64 = 60_000_000;
const MICROS_PER_HOUR: u64 = 60 * MICROS_PER_MINUTE;

/// What the service stands on.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The figures of this server, which are metrics of its tables.
    pub figures: Arc<Figures>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where numbers come from that servers are told apart by.
    pub random: Random,
    /// What tables, indexes and accounts have.
    pub levels: Box<Levels>,
    /// Which keys are ranked.
    pub insight_rules: Box<InsightRules>,
    /// The functions that alarms invoke.
    pub functions: Functions,
}

/// Tells what tables, indexes and accounts have, whatever requests come.
pub type Levels = dyn Fn() -> Vec<Level> + Send + Sync;

/// Tells which keys are ranked, by the tables as any server has left them.
pub type InsightRules = dyn Fn() -> Pin<Box<dyn Future<Output = Vec<Rule>> + Send>> + Send + Sync;

/// A value of a metric of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The account.
    pub account: Arc<str>,
    /// The region.
    pub region: Arc<str>,
    /// The name of the metric.
    pub metric: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The table, if it is one's.
    pub table: Option<String>,
    /// The index, if it is one's.
    pub index: Option<String>,
    /// The value.
    pub value: f64,
}

/// CloudWatch over a store and the figures of one server.
pub struct CloudWatch {
    pub(crate) metrics: Metrics,
    pub(crate) tables: Tables,
    /// The alarms.
    pub(crate) alarms: Alarms,
    pub(crate) teller: Teller,
    pub(crate) dashboards: Dashboards,
    pub(crate) insights: Insights,
    pub(crate) leases: Leases,
    levels: Box<Levels>,
    /// Held while a widget is drawn, which takes a core for a while.
    pub(crate) drawing: Semaphore,
    rolled_up_hour: AtomicU64,
}

impl CloudWatch {
    /// The service on its parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, figures, clock, random, levels, insight_rules, functions } = parts;
        let insights = Insights::of(Arc::clone(&store), Arc::clone(&figures), insight_rules);
        CloudWatch {
            metrics: Metrics::of(Arc::clone(&store)),
            tables: Tables::of(figures),
            alarms: Alarms::of(Arc::clone(&store), &random),
            teller: Teller::of(functions),
            dashboards: Dashboards::of(Arc::clone(&store)),
            insights,
            leases: Leases::of(store, clock, random.next_u64()),
            levels,
            drawing: Semaphore::new(1),
            rolled_up_hour: AtomicU64::new(0),
        }
    }

    /// Connects the scaling policies that alarms tell.
    pub fn connect(&self, policies: Weak<dyn Policies>) {
        self.teller.connect(policies);
    }

    /// Whose series and alarms a caller means.
    pub(crate) fn owner<'a>(&self, cx: &'a Cx<'_, CloudWatch>) -> Owner<'a> {
        Owner { account: &cx.caller.account, region: &cx.caller.region }
    }

    /// The ARN of the alarm of a name.
    pub(crate) fn alarm_arn(&self, cx: &Cx<'_, CloudWatch>, name: &str) -> String {
        alarms::arn(self.owner(cx), name)
    }

    /// Adds what has happened to the tables by now to their metrics.
    pub(crate) fn collect(&self, now_micros: u64) {
        self.tables.collect(&self.metrics, now_micros);
    }

    /// Adds values of another service of this server to its metrics, in memory: they are written with those of the
    /// minute.
    pub fn note(&self, account: &Arc<str>, region: &Arc<str>, data: &[Datum]) {
        self.metrics.note(account, region, data);
    }

    /// Adds what tables, indexes and accounts have to their metrics.
    pub(crate) fn note_levels(&self, now_micros: u64) {
        let minute = (now_micros / MICROS_PER_MINUTE) as u32;
        for level in (self.levels)() {
            let Level { account, region, metric, unit, table, index, value } = level;
            let table = table.map(|table| ("TableName".to_owned(), table));
            let index = index.map(|index| ("GlobalSecondaryIndexName".to_owned(), index));
            let series = Arc::new(Series::new(Metric::NAMESPACE, metric, table.into_iter().chain(index)));
            let unit = Unit::named(unit).unwrap_or_else(Unit::none);
            let datum = Datum { series, unit, minute, point: Point::of(value, 1.0) };
            self.metrics.note(&account, &region, &[datum]);
        }
    }

    /// Adds points that another part of the server has measured: a name, a unit of CloudWatch, a value and how often
    /// it was seen.
    pub fn note_points(
        &self,
        (account, region): (&Arc<str>, &Arc<str>),
        (namespace, dimensions): (&str, &[(String, String)]),
        points: &[(&str, &str, f64, f64)],
        now_micros: u64,
    ) {
        let minute = (now_micros / MICROS_PER_MINUTE) as u32;
        let datum = |(name, unit, value, samples): &(&str, &str, f64, f64)| Datum {
            series: Arc::new(Series::new(namespace, name, dimensions.iter().cloned())),
            unit: Unit::named(unit).unwrap_or_else(Unit::none),
            minute,
            point: Point::of(*value, *samples),
        };
        let data: Vec<Datum> = points.iter().map(datum).collect();
        self.note(account, region, &data);
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

    /// Does what is due at this time: writes what is in memory to the store, and evaluates alarms. Called once a
    /// minute, and before the server ends.
    pub fn tick(&self, now_micros: u64) -> Boxed<'_, ()> {
        Box::pin(async move {
            self.collect(now_micros);
            if let Err(error) = self.metrics.flush().await {
                tracing::warn!(%error, "metrics were not written; they stay in memory until the next minute");
            }
            if let Err(error) = self.insights.flush().await {
                tracing::warn!(%error, "ranked keys were not written; they stay in memory until the next minute");
            }
            if let Err(error) = self.evaluate(now_micros).await {
                tracing::warn!(%error, "alarms were not evaluated; that is tried again in a minute");
            }
            if let Err(error) = self.roll_up(now_micros).await {
                tracing::warn!(%error, "metrics were not rolled up; that is tried again within the hour");
            }
        })
    }

    /// Once an hour; which server does it does not matter, and two that do it beside each other move each block once.
    async fn roll_up(&self, now_micros: u64) -> Result<(), RecordError> {
        let hour = now_micros / MICROS_PER_HOUR;
        if self.rolled_up_hour.swap(hour, Ordering::Relaxed) != hour {
            self.metrics.roll_up((now_micros / MICROS_PER_MINUTE) as u32).await?;
            self.alarms.trim(now_micros).await?;
            self.insights.trim(now_micros / MICROS_PER_MINUTE).await?;
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
    const HAS_TAGS: bool = true;

    async fn tags_of(cx: &Cx<'_, Self>, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let alarm = cx.service.alarms.get(cx.service.owner(cx), &bare_name(arn)).await;
        Ok(alarm.map_err(errors::record)?.map(|alarm| alarm.tags).unwrap_or_default())
    }
}

impl std::fmt::Debug for CloudWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudWatch").finish_non_exhaustive()
    }
}
