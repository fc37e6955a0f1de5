//! The table of operations: every operation of the service once, built or planned.

mod get_metric_statistics;
mod list_metrics;
mod put_metric_data;

use crate::service::CloudWatch;
use model::cloudwatch::{GetMetricStatistics, ListMetrics, PutMetricData};
use pipeline::{Entry, document_entry, planned};

/// CloudWatch's operations.
pub static OPERATIONS: [Entry<CloudWatch>; 59] = [
    // Metrics
    document_entry::<_, ListMetrics>(),
    planned("AssociateDatasetKmsKey"),
    planned("CreateResourceMetricsConfiguration"),
    planned("DeleteAlarmMuteRule"),
    planned("DeleteAlarms"),
    planned("DeleteAnomalyDetector"),
    planned("DeleteDashboards"),
    planned("DeleteInsightRules"),
    planned("DeleteMetricDataQueryDefinition"),
    planned("DeleteMetricStream"),
    planned("DeleteResourceMetricsConfiguration"),
    planned("DescribeAlarmContributors"),
    planned("DescribeAlarmHistory"),
    planned("DescribeAlarms"),
    planned("DescribeAlarmsForMetric"),
    planned("DescribeAnomalyDetectors"),
    planned("DescribeInsightRules"),
    planned("DisableAlarmActions"),
    planned("DisableInsightRules"),
    planned("DisassociateDatasetKmsKey"),
    planned("EnableAlarmActions"),
    planned("EnableInsightRules"),
    planned("GetAlarmMuteRule"),
    planned("GetDashboard"),
    planned("GetDataset"),
    planned("GetInsightRuleReport"),
    planned("GetMetricData"),
    planned("GetMetricDataQueryDefinition"),
    document_entry::<_, GetMetricStatistics>(),
    planned("GetMetricStream"),
    planned("GetMetricWidgetImage"),
    planned("GetOTelEnrichment"),
    planned("GetResourceMetricsConfiguration"),
    planned("ListAlarmMuteRules"),
    planned("ListDashboards"),
    planned("ListManagedInsightRules"),
    planned("ListMetricDataQueryDefinitions"),
    planned("ListMetricStreams"),
    planned("ListTagsForResource"),
    planned("PutAlarmMuteRule"),
    planned("PutAnomalyDetector"),
    planned("PutCompositeAlarm"),
    planned("PutDashboard"),
    planned("PutInsightRule"),
    planned("PutLogAlarm"),
    planned("PutManagedInsightRules"),
    planned("PutMetricAlarm"),
    document_entry::<_, PutMetricData>(),
    planned("PutMetricDataQueryDefinition"),
    planned("PutMetricStream"),
    planned("SetAlarmState"),
    planned("StartMetricStreams"),
    planned("StartOTelEnrichment"),
    planned("StopMetricStreams"),
    planned("StopOTelEnrichment"),
    planned("TagResource"),
    planned("UntagResource"),
    planned("UpdateOTelEnrichment"),
    planned("UpdateResourceMetricsConfiguration"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::cloudwatch::OPERATIONS);
    }
}
