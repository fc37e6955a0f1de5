// The life of backups, restores and bulk puts, by the third version of the SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBackupCommand,
  DeleteBackupCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeBulkOperationCommand,
  DescribeContinuousBackupsCommand,
  ListBackupsCommand,
  PutItemCommand,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  StartBulkPutItemsCommand,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { client, newBucket, newName, newTable, s3 } from "./stator.js";

const WAIT = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 120 };

const item = (n) => ({ pk: { S: `p${n % 3}` }, sk: { N: `${n}` }, text: { S: "x".repeat(n + 1) } });
const put = (TableName, n) => client.send(new PutItemCommand({ TableName, Item: item(n) }));

/** The sort keys of all items, in order. */
async function numbers(TableName) {
  const { Items } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items.map(({ sk }) => Number(sk.N)).sort((a, b) => a - b);
}

/** A name for a table that is deleted when the test is over. */
function restoredName(t) {
  const TableName = newName();
  t.after(() => client.send(new DeleteTableCommand({ TableName })));
  return TableName;
}

test("a table is backed up, restored without what came later, and the backup deleted", async (t) => {
  const TableName = await newTable(t);
  for (let n = 0; n < 30; n++) await put(TableName, n);
  const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName, BackupName: "before" }));
  const { BackupArn } = BackupDetails;
  for (let n = 30; n < 40; n++) await put(TableName, n);
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: item(0).pk, sk: item(0).sk } }));

  const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn }));
  assert.equal(BackupDescription.BackupDetails.BackupStatus, "AVAILABLE");
  const { BackupSummaries } = await client.send(new ListBackupsCommand({ TableName }));
  assert.deepEqual(BackupSummaries.map(({ BackupArn }) => BackupArn), [BackupArn]);

  const restored = restoredName(t);
  await client.send(
    new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: restored, GlobalSecondaryIndexOverride: [] }),
  );
  await waitUntilTableExists(WAIT, { TableName: restored });
  assert.deepEqual(await numbers(restored), Array.from({ length: 30 }, (_, n) => n));
  assert.equal((await numbers(TableName)).length, 39);

  await client.send(new DeleteBackupCommand({ BackupArn }));
  await assert.rejects(client.send(new DescribeBackupCommand({ BackupArn })), { name: "BackupNotFoundException" });
});

test("a table is restored to the latest time", async (t) => {
  const TableName = await newTable(t);
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 3 },
    }),
  );
  for (let n = 0; n < 10; n++) await put(TableName, n);
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: item(4).pk, sk: item(4).sk } }));
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  const { PointInTimeRecoveryStatus, RecoveryPeriodInDays } = ContinuousBackupsDescription.PointInTimeRecoveryDescription;
  assert.deepEqual([PointInTimeRecoveryStatus, RecoveryPeriodInDays], ["ENABLED", 3]);

  const restored = restoredName(t);
  await client.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: TableName,
      TargetTableName: restored,
      UseLatestRestorableTime: true,
    }),
  );
  await waitUntilTableExists(WAIT, { TableName: restored });
  assert.deepEqual(await numbers(restored), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
});

test("objects are put into a table that is there", async (t) => {
  const [TableName, Bucket] = [await newTable(t), await newBucket(t)];
  const lines = Array.from({ length: 20 }, (_, n) => JSON.stringify({ Item: item(n) })).join("\n");
  await s3.putObject({ Bucket, Key: "in/items.json", Body: lines }).promise();
  const { BulkOperationDescription } = await client.send(
    new StartBulkPutItemsCommand({
      TableName,
      InputS3Configuration: { S3Bucket: Bucket, S3KeyPrefix: "in/", InputFormat: "DYNAMODB_JSON" },
      OutputS3Configuration: { S3Bucket: Bucket, S3KeyPrefix: "out", OutputType: ["ERROR"] },
    }),
  );
  const { BulkOperationArn } = BulkOperationDescription;
  let described;
  do {
    await sleep(50);
    described = (await client.send(new DescribeBulkOperationCommand({ BulkOperationArn }))).BulkOperationDescription;
  } while (described.BulkOperationStatus === "IN_PROGRESS");
  assert.equal(described.BulkOperationStatus, "COMPLETED");
  assert.deepEqual(await numbers(TableName), Array.from({ length: 20 }, (_, n) => n));
});
