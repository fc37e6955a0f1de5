//! PutMetricData: adds values to minutes of series, which begin to exist with their first value.
//!
//! Order of refusals: the model's constraints, all together; whether there are data; the namespace; then datum by
//! datum: the dimensions, what values it has, their range, their time. A request with one bad datum puts none.

mod datum;

use crate::errors;
use crate::metrics::Datum;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{PutMetricData, PutMetricDataInput, PutMetricDataOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Namespaces of the services themselves.
const RESERVED: &str = "AWS/";
/// Data of one request.
const DATA_MAX: usize = 1_000;

impl Operation<CloudWatch> for PutMetricData {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<PutMetricDataInput> = Validation::MODEL;
    type Plan = Vec<datum::Read>;

    fn check(input: PutMetricDataInput) -> Result<Vec<datum::Read>, ApiError> {
        let namespace = input.namespace.unwrap_or_default();
        let own = input.metric_data.unwrap_or_default().into_iter().enumerate();
        let own = own.map(|(place, datum)| (format!("MetricData.member.{}", place + 1), datum));
        let of_entities =
            input.entity_metric_data.into_iter().flatten().enumerate().flat_map(|(entity, data)| {
                let data = data.metric_data.into_iter().flatten().enumerate();
                data.map(move |(place, datum)| {
                    let path =
                        format!("EntityMetricData.member.{}.MetricData.member.{}", entity + 1, place + 1);
                    (path, datum)
                })
            });
        let data: Vec<_> = own.chain(of_entities).collect();
        if data.is_empty() {
            return Err(errors::missing("MetricData"));
        }
        if data.len() > DATA_MAX {
            return Err(errors::too_many_data(DATA_MAX));
        }
        if namespace.starts_with(RESERVED) {
            return Err(errors::invalid_value(&namespace, "Namespace"));
        }
        data.into_iter().map(|(path, datum)| datum::read(&namespace, &path, datum)).collect()
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a Vec<datum::Read>) -> Access<'a> {
        Need::new("cloudwatch:PutMetricData", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, read: Vec<datum::Read>) -> Result<PutMetricDataOutput, ApiError> {
        let data =
            read.into_iter().map(|datum| datum.at(cx.now_micros)).collect::<Result<Vec<Datum>, _>>()?;
        let put = cx.service.metrics.put(&cx.caller.account, &cx.caller.region, data).await;
        put.map_err(|error| errors::unavailable(&error))?;
        Ok(PutMetricDataOutput {})
    }
}
