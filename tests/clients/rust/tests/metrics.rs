//! CloudWatch by the AWS SDK for Rust, which speaks CBOR, against the server named by `STATOR_ENDPOINT`.

use aws_sdk_cloudwatch::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::operation::set_alarm_state::SetAlarmStateError;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, HistoryItemType, Metric, MetricDataQuery, MetricDatum, MetricStat, StandardUnit, StateValue,
    Statistic,
};
use aws_sdk_cloudwatch::{Client, Config};
use std::time::{SystemTime, UNIX_EPOCH};

fn client() -> Client {
    let endpoint = std::env::var("STATOR_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:8000".into());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn new_name(kind: &str) -> String {
    format!("rust-{kind}-{}", std::process::id())
}

/// Five minutes ago, at the start of a minute.
fn some_time_ago() -> DateTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    DateTime::from_secs((now / 60 * 60 - 300) as i64)
}

#[tokio::test]
async fn an_alarm_its_states_and_its_history() {
    let (client, name) = (client(), new_name("alarm"));
    let put = client.put_metric_alarm().alarm_name(&name).namespace("app").metric_name("m").period(60);
    let put = put.statistic(Statistic::Sum).evaluation_periods(1).threshold(5.5);
    put.comparison_operator(ComparisonOperator::GreaterThanThreshold).send().await.unwrap();
    let set = |name: &str| client.set_alarm_state().alarm_name(name).state_value(StateValue::Alarm).state_reason("a try");
    set(&name).send().await.unwrap();
    let alarms = client.describe_alarms().alarm_names(&name).send().await.unwrap();
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!((alarm.threshold(), alarm.period()), (Some(5.5), Some(60)));
    let history = client.describe_alarm_history().alarm_name(&name).history_item_type(HistoryItemType::StateUpdate);
    let history = history.send().await.unwrap();
    let summary = history.alarm_history_items()[0].history_summary();
    assert_eq!(summary, Some("Alarm updated from INSUFFICIENT_DATA to ALARM"));
    let unknown = set("rust-no-such-alarm").send().await.unwrap_err().into_service_error();
    assert!(matches!(unknown, SetAlarmStateError::ResourceNotFound(_)), "{unknown:?}");
    client.delete_alarms().alarm_names(&name).send().await.unwrap();
}

#[tokio::test]
async fn points_an_expression_and_a_picture() {
    let (client, namespace, at) = (client(), new_name("points"), some_time_ago());
    let datum = MetricDatum::builder().metric_name("m").timestamp(at).unit(StandardUnit::Count);
    let datum = datum.values(10.0).values(1.0).counts(4.0).counts(2.0).build();
    client.put_metric_data().namespace(&namespace).metric_data(datum).send().await.unwrap();
    let metric = Metric::builder().namespace(&namespace).metric_name("m").build();
    let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
    let queries = [
        MetricDataQuery::builder().id("m1").metric_stat(stat).return_data(false).build(),
        MetricDataQuery::builder().id("e1").expression("m1 + 0.5").build(),
    ];
    let ask = client.get_metric_data().start_time(at).end_time(DateTime::from_secs(at.secs() + 60));
    let found = ask.set_metric_data_queries(Some(queries.to_vec())).send().await.unwrap();
    let result = &found.metric_data_results()[0];
    assert_eq!((result.values(), result.timestamps()), (&[42.5][..], &[at][..]));
    let widget = format!(r#"{{"metrics": [["{namespace}", "m"]]}}"#);
    let image = client.get_metric_widget_image().metric_widget(widget).send().await.unwrap();
    assert_eq!(image.metric_widget_image().unwrap().as_ref()[..4], *b"\x89PNG");
    let refused = client.get_metric_widget_image().metric_widget("{}").send().await.unwrap_err();
    assert!(refused.code().is_some_and(|code| code.starts_with("Validation")), "{refused:?}");
}
