// DynamoDB Streams with its own client: shards, iterators, records, errors as classes.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as db from "@aws-sdk/client-dynamodb";
import * as streams from "@aws-sdk/client-dynamodb-streams";
import { client, newName, SERVER } from "./stator.js";

const reader = new streams.DynamoDBStreamsClient(SERVER);
const send = (Command, input) => client.send(new Command(input));
const ask = (Command, input) => reader.send(new Command(input));

const DEFINITION = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
};

async function streamed(t) {
  const TableName = newName();
  const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" };
  const { TableDescription } = await send(db.CreateTableCommand, { TableName, StreamSpecification, ...DEFINITION });
  t.after(() => send(db.DeleteTableCommand, { TableName }));
  return { TableName, StreamArn: TableDescription.LatestStreamArn };
}

async function read(StreamArn) {
  const records = [];
  const { StreamDescription } = await ask(streams.DescribeStreamCommand, { StreamArn });
  for (const { ShardId } of StreamDescription.Shards) {
    const begin = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
    let { ShardIterator } = await ask(streams.GetShardIteratorCommand, begin);
    while (ShardIterator) {
      const { Records, NextShardIterator } = await ask(streams.GetRecordsCommand, { ShardIterator, Limit: 2 });
      records.push(...Records);
      ShardIterator = Records.length > 0 ? NextShardIterator : undefined;
    }
  }
  return records;
}

test("what was written is read", async (t) => {
  const { TableName, StreamArn } = await streamed(t);
  const Item = { id: { S: "a" }, n: { N: "1" }, b: { B: Uint8Array.from([1, 2, 255]) } };
  await send(db.PutItemCommand, { TableName, Item });
  const update = { ExpressionAttributeValues: { ":n": { N: "2" } }, UpdateExpression: "SET n = :n" };
  await send(db.UpdateItemCommand, { TableName, Key: { id: { S: "a" } }, ...update });
  await send(db.DeleteItemCommand, { TableName, Key: { id: { S: "a" } } });
  const records = await read(StreamArn);
  assert.deepEqual(records.map((record) => record.eventName), ["INSERT", "MODIFY", "REMOVE"]);
  assert.deepEqual(records[0].dynamodb.NewImage, Item);
  assert.deepEqual(records[1].dynamodb.OldImage, Item);
  assert.deepEqual(records[2].dynamodb.OldImage, { ...Item, n: { N: "2" } });
  assert.ok(records[0].dynamodb.ApproximateCreationDateTime instanceof Date);
  assert.equal(records[0].dynamodb.NewImage.n.N, "1");
});

test("a stream that is not there is an exception", async (t) => {
  const { StreamArn } = await streamed(t);
  const missing = ask(streams.DescribeStreamCommand, { StreamArn: StreamArn.replace(/.$/, "x") });
  await assert.rejects(missing, streams.DynamoDBStreamsServiceException);
  const forged = ask(streams.GetRecordsCommand, { ShardIterator: `${StreamArn}|1|AAAA` });
  await assert.rejects(forged, { name: "ValidationException" });
});
