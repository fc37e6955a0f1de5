//! The table of operations: every operation of the service once, built or planned.

mod alarm_actions;
mod delete_alarms;
mod delete_dashboards;
mod describe_alarm_history;
mod describe_alarms;
mod describe_alarms_for_metric;
mod describe_insight_rules;
mod disable_alarm_actions;
mod enable_alarm_actions;
mod get_dashboard;
mod get_insight_rule_report;
mod get_metric_data;
mod get_metric_statistics;
mod get_metric_widget_image;
mod list_dashboards;
mod list_metrics;
mod list_tags_for_resource;
mod put_composite_alarm;
mod put_dashboard;
mod put_metric_alarm;
mod put_metric_data;
mod set_alarm_state;
mod tag_resource;
mod untag_resource;

use crate::service::CloudWatch;
use model::cloudwatch::{
    DeleteAlarms, DeleteDashboards, DescribeAlarmHistory, DescribeAlarms, DescribeAlarmsForMetric,
    DescribeInsightRules, DisableAlarmActions, EnableAlarmActions, GetDashboard, GetInsightRuleReport,
    GetMetricData, GetMetricStatistics, GetMetricWidgetImage, ListDashboards, ListMetrics,
    ListTagsForResource, PutCompositeAlarm, PutDashboard, PutMetricAlarm, PutMetricData, SetAlarmState,
    TagResource, UntagResource,
};
use pipeline::{Entry, document_entry, planned};

/// CloudWatch's operations.
pub static OPERATIONS: [Entry<CloudWatch>; 59] = [
    // Metrics
    document_entry::<_, ListMetrics>(),
    planned("AssociateDatasetKmsKey"),
    planned("CreateResourceMetricsConfiguration"),
    planned("DeleteAlarmMuteRule"),
    document_entry::<_, DeleteAlarms>(),
    planned("DeleteAnomalyDetector"),
    document_entry::<_, DeleteDashboards>(),
    planned("DeleteInsightRules"),
    planned("DeleteMetricDataQueryDefinition"),
    planned("DeleteMetricStream"),
    planned("DeleteResourceMetricsConfiguration"),
    planned("DescribeAlarmContributors"),
    document_entry::<_, DescribeAlarmHistory>(),
    document_entry::<_, DescribeAlarms>(),
    document_entry::<_, DescribeAlarmsForMetric>(),
    planned("DescribeAnomalyDetectors"),
    document_entry::<_, DescribeInsightRules>(),
    document_entry::<_, DisableAlarmActions>(),
    planned("DisableInsightRules"),
    planned("DisassociateDatasetKmsKey"),
    document_entry::<_, EnableAlarmActions>(),
    planned("EnableInsightRules"),
    planned("GetAlarmMuteRule"),
    document_entry::<_, GetDashboard>(),
    planned("GetDataset"),
    document_entry::<_, GetInsightRuleReport>(),
    document_entry::<_, GetMetricData>(),
    planned("GetMetricDataQueryDefinition"),
    document_entry::<_, GetMetricStatistics>(),
    planned("GetMetricStream"),
    document_entry::<_, GetMetricWidgetImage>(),
    planned("GetOTelEnrichment"),
    planned("GetResourceMetricsConfiguration"),
    planned("ListAlarmMuteRules"),
    document_entry::<_, ListDashboards>(),
    planned("ListManagedInsightRules"),
    planned("ListMetricDataQueryDefinitions"),
    planned("ListMetricStreams"),
    document_entry::<_, ListTagsForResource>(),
    planned("PutAlarmMuteRule"),
    planned("PutAnomalyDetector"),
    document_entry::<_, PutCompositeAlarm>(),
    document_entry::<_, PutDashboard>(),
    planned("PutInsightRule"),
    planned("PutLogAlarm"),
    planned("PutManagedInsightRules"),
    document_entry::<_, PutMetricAlarm>(),
    document_entry::<_, PutMetricData>(),
    planned("PutMetricDataQueryDefinition"),
    planned("PutMetricStream"),
    document_entry::<_, SetAlarmState>(),
    planned("StartMetricStreams"),
    planned("StartOTelEnrichment"),
    planned("StopMetricStreams"),
    planned("StopOTelEnrichment"),
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
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
