// Alarms, metrics and scaling targets; CloudWatch in the protocol that the SDK prefers.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricWidgetImageCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { client, newName, newTable, SERVER } from "./stator.js";

const cloudwatch = new CloudWatchClient({ ...SERVER, maxAttempts: 1 });
const scaling = new ApplicationAutoScalingClient({ ...SERVER, maxAttempts: 1 });

test("an alarm, its states and its history", async (t) => {
  const AlarmName = newName();
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: "app",
      MetricName: "m",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: "GreaterThanThreshold",
    }),
  );
  t.after(() => cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a try" }));
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
  assert.equal(MetricAlarms[0].Threshold, 5);
  assert.ok(MetricAlarms[0].StateUpdatedTimestamp instanceof Date);
  const { AlarmHistoryItems } = await cloudwatch.send(
    new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: "StateUpdate" }),
  );
  assert.ok(AlarmHistoryItems.some((item) => item.HistorySummary === "Alarm updated from INSUFFICIENT_DATA to ALARM"));
  const unknown = new SetAlarmStateCommand({ AlarmName: `${AlarmName}-none`, StateValue: "OK", StateReason: "r" });
  await assert.rejects(cloudwatch.send(unknown), { name: "ResourceNotFound" });
});

test("points and an expression", async () => {
  const Namespace = newName();
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 300_000);
  await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: "m", Value: 21, Timestamp: at }] }));
  const stat = { Metric: { Namespace, MetricName: "m" }, Period: 60, Stat: "Sum" };
  const { MetricDataResults } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: at,
      EndTime: new Date(),
      MetricDataQueries: [
        { Id: "m1", MetricStat: stat, ReturnData: false },
        { Id: "e1", Expression: "m1 * 2" },
      ],
    }),
  );
  assert.deepEqual([MetricDataResults[0].Values, MetricDataResults[0].Timestamps], [[42], [at]]);
});

test("a picture", async () => {
  const MetricWidget = JSON.stringify({ metrics: [["none", "none"]], title: "nothing" });
  const { MetricWidgetImage } = await cloudwatch.send(new GetMetricWidgetImageCommand({ MetricWidget }));
  assert.deepEqual([...MetricWidgetImage.slice(1, 4)], [...Buffer.from("PNG")]);
});

test("a target and its policy", async (t) => {
  const TableName = await newTable(t);
  const target = {
    ServiceNamespace: "dynamodb",
    ResourceId: `table/${TableName}`,
    ScalableDimension: "dynamodb:table:WriteCapacityUnits",
  };
  const register = new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 9 });
  await assert.rejects(scaling.send(register), { name: "ValidationException" });
  const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  await client.send(
    new UpdateTableCommand({
      TableName,
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: throughput,
      GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "by-kind", ProvisionedThroughput: throughput } }],
    }),
  );
  await scaling.send(register);
  t.after(() => scaling.send(new DeregisterScalableTargetCommand(target)));
  const { Alarms } = await scaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: "writes",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: "DynamoDBWriteCapacityUtilization" },
      },
    }),
  );
  assert.equal(Alarms.length, 4);
  const { ScalableTargets } = await scaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: "dynamodb", ResourceIds: [target.ResourceId] }),
  );
  assert.equal(ScalableTargets[0].MaxCapacity, 9);
});
