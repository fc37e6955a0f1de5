// The services beside the tables: STS in the query protocol, CloudWatch in the one that the SDK prefers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudWatchClient, ListMetricStreamsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { GetCallerIdentityCommand, AssumeRootCommand, STSClient } from "@aws-sdk/client-sts";
import { SERVER } from "./stator.js";

const sts = new STSClient({ ...SERVER, maxAttempts: 1 });
const cloudwatch = new CloudWatchClient({ ...SERVER, maxAttempts: 1 });

test("the caller is the account of its key", async () => {
  const { Account, UserId, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  assert.deepEqual({ Account, UserId, Arn }, { Account: "000000000000", UserId: "000000000000", Arn: "arn:aws:iam::000000000000:root" });
  await assert.rejects(sts.send(new AssumeRootCommand({})), { name: "InvalidAction" });
});

test("metrics are listed, and refusals are classes", async () => {
  const { Metrics, NextToken } = await cloudwatch.send(new ListMetricsCommand({ Namespace: "AWS/EC2" }));
  assert.deepEqual([Metrics, NextToken], [[], undefined]);
  const Dimensions = [{ Name: "TableName", Value: "none" }];
  const filtered = await cloudwatch.send(new ListMetricsCommand({ Dimensions, IncludeLinkedAccounts: false }));
  assert.deepEqual(filtered.Metrics, []);
  await assert.rejects(cloudwatch.send(new ListMetricsCommand({ NextToken: "none" })), {
    name: "InvalidParameterValueException",
    message: "Request parameter NextToken is invalid",
  });
  await assert.rejects(cloudwatch.send(new ListMetricStreamsCommand({})));
});
