// The life of an export, an import and a replica, by the third version of the SDK and its waiters.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteTableCommand,
  DescribeExportCommand,
  DescribeImportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  ImportTableCommand,
  ListExportsCommand,
  ListImportsCommand,
  PutItemCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  waitUntilExportCompleted,
  waitUntilImportCompleted,
} from "@aws-sdk/client-dynamodb";
import { SERVER, client, newBucket, newName, newTable } from "./stator.js";

const WAIT = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 60 };

/** Asks again until the answer is what is wanted. */
async function eventually(ask, isWanted) {
  for (let tries = 0; tries < 1200; tries++) {
    const answer = await ask().catch((error) => error);
    if (isWanted(answer)) return answer;
    await sleep(50);
  }
  throw new Error("it is never so");
}

const item = (n) => ({ pk: { S: `p${n % 3}` }, sk: { N: `${n}` }, text: { S: "x".repeat(n) } });
const byKey = (items) => new Map(items.map((item) => [item.sk.N, item]));

test("a table is exported and imported again", async (t) => {
  const [TableName, Bucket] = [await newTable(t), await newBucket(t)];
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  for (let n = 0; n < 40; n++) await client.send(new PutItemCommand({ TableName, Item: item(n) }));
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));

  const ordered = await client.send(new ExportTableToPointInTimeCommand({ TableArn: Table.TableArn, S3Bucket: Bucket }));
  const { ExportArn } = ordered.ExportDescription;
  await waitUntilExportCompleted(WAIT, { ExportArn });
  const { ExportDescription } = await client.send(new DescribeExportCommand({ ExportArn }));
  assert.equal(ExportDescription.ItemCount, 40);
  const { ExportSummaries } = await client.send(new ListExportsCommand({ TableArn: Table.TableArn }));
  assert.deepEqual(ExportSummaries.map(({ ExportArn }) => ExportArn), [ExportArn]);

  const imported = newName();
  t.after(() => client.send(new DeleteTableCommand({ TableName: imported })));
  const S3KeyPrefix = ExportDescription.ExportManifest.replace("manifest-summary.json", "data/");
  const { ImportTableDescription } = await client.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: Bucket, S3KeyPrefix },
      InputFormat: "DYNAMODB_JSON",
      InputCompressionType: "GZIP",
      TableCreationParameters: {
        TableName: imported,
        KeySchema: Table.KeySchema,
        AttributeDefinitions: Table.AttributeDefinitions.filter(({ AttributeName }) => AttributeName !== "kind"),
        BillingMode: "PAY_PER_REQUEST",
      },
    }),
  );
  const { ImportArn } = ImportTableDescription;
  await waitUntilImportCompleted(WAIT, { ImportArn });
  const described = await client.send(new DescribeImportCommand({ ImportArn }));
  assert.equal(described.ImportTableDescription.ImportedItemCount, 40);
  const { ImportSummaryList } = await client.send(new ListImportsCommand({ TableArn: described.ImportTableDescription.TableArn }));
  assert.deepEqual(ImportSummaryList.map(({ ImportArn }) => ImportArn), [ImportArn]);
  const [before, after] = await Promise.all(
    [TableName, imported].map((TableName) => client.send(new ScanCommand({ TableName, ConsistentRead: true }))),
  );
  assert.deepEqual(byKey(after.Items), byKey(before.Items));
});

test("a replica is added, gets what is written, and is removed", async (t) => {
  const TableName = await newTable(t);
  const RegionName = "us-west-2";
  const other = new DynamoDBClient({ ...SERVER, region: RegionName });
  await client.send(new PutItemCommand({ TableName, Item: item(1) }));
  await client.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Create: { RegionName } }] }));
  const status = () => client.send(new DescribeTableCommand({ TableName }));
  await eventually(status, ({ Table }) => Table?.Replicas?.some((one) => one.RegionName === RegionName && one.ReplicaStatus === "ACTIVE"));
  await client.send(new PutItemCommand({ TableName, Item: item(2) }));
  for (const n of [1, 2]) {
    const Key = { pk: item(n).pk, sk: item(n).sk };
    const got = await eventually(() => other.send(new GetItemCommand({ TableName, Key })), ({ Item }) => Item);
    assert.deepEqual(got.Item, item(n));
  }
  await client.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Delete: { RegionName } }] }));
  await eventually(status, ({ Table }) => Table && !Table.Replicas?.length);
  const there = () => other.send(new DescribeTableCommand({ TableName }));
  await eventually(there, (error) => error.name === "ResourceNotFoundException");
});
