// DAX's document client, on a server that serves it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DaxDocument } from "@amazon-dax-sdk/lib-dax";
import { DEFINITION, SERVER, newName, startDax } from "./stator.js";

const options = { skip: process.env.STATOR_BIN ? false : "STATOR_BIN names no binary" };

let server;
let client;
let documents;

before(async () => {
  server = await startDax();
  if (!server) return;
  client = new DynamoDBClient({ ...SERVER, endpoint: server.endpoint });
  documents = new DaxDocument({ region: SERVER.region, credentials: SERVER.credentials, endpoints: [server.dax] });
});

after(async () => {
  if (!server) return;
  await documents.destroy?.();
  await server.stop();
});

async function newTable() {
  const TableName = newName();
  await client.send(new CreateTableCommand({ TableName, ...DEFINITION }));
  return TableName;
}

test("a document comes back as it went in", options, async () => {
  const TableName = await newTable();
  const Item = {
    pk: "doc",
    sk: 1.5,
    text: "é🚀",
    number: -2.5,
    list: [1, "two", { three: [true, null] }],
    set: new Set(["x", "y"]),
    bytes: Buffer.from([1, 2, 3]),
    empty: { list: [], map: {}, text: "" },
  };
  await documents.put({ TableName, Item });
  for (const ConsistentRead of [true, false, false]) {
    const { Item: found } = await documents.get({ TableName, Key: { pk: "doc", sk: 1.5 }, ConsistentRead });
    assert.deepEqual({ ...found, bytes: Buffer.from(found.bytes) }, Item);
  }
  assert.equal((await documents.get({ TableName, Key: { pk: "doc", sk: 2 } })).Item, undefined);
});

test("what is read again comes from the cache", options, async () => {
  const TableName = await newTable();
  const read = async (Key) => {
    const answer = await documents.get({ TableName, Key, ReturnConsumedCapacity: "TOTAL" });
    return [answer.ConsumedCapacity?.CapacityUnits ?? 0, answer.Item];
  };
  const Key = { pk: "c", sk: 1 };
  assert.deepEqual(await read(Key), [0.5, undefined]);
  assert.deepEqual(await read(Key), [0, undefined], "that there is none is cached too");
  await documents.put({ TableName, Item: { ...Key, v: 1 } });
  assert.deepEqual(await read(Key), [0.5, { ...Key, v: 1 }]);
  assert.deepEqual(await read(Key), [0, { ...Key, v: 1 }]);
  await documents.delete({ TableName, Key });
  assert.equal((await read(Key))[1], undefined);
  const query = { TableName, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": "c" } };
  const units = async (call) => (await call({ ...query, ReturnConsumedCapacity: "TOTAL" })).ConsumedCapacity?.CapacityUnits ?? 0;
  assert.deepEqual([await units((q) => documents.query(q)), await units((q) => documents.query(q))], [0.5, 0]);
});

test("expressions mean what they mean over HTTP", options, async () => {
  const TableName = await newTable();
  const Key = { pk: "u", sk: 1 };
  const update = {
    TableName,
    Key,
    UpdateExpression: "SET #n = if_not_exists(#n, :zero) + :one, entries = list_append(if_not_exists(entries, :none), :entry)",
    ExpressionAttributeNames: { "#n": "count" },
    ExpressionAttributeValues: { ":zero": 0, ":one": 1, ":none": [], ":entry": ["x"] },
    ReturnValues: "ALL_NEW",
  };
  await documents.update(update);
  const { Attributes } = await documents.update(update);
  assert.deepEqual(Attributes, { ...Key, count: 2, entries: ["x", "x"] });
  const condition = { ConditionExpression: "attribute_not_exists(pk) OR (#n > :n AND NOT size(entries) IN (:s))" };
  const refused = documents.put({
    TableName,
    Item: Key,
    ...condition,
    ExpressionAttributeNames: { "#n": "count" },
    ExpressionAttributeValues: { ":n": 1, ":s": 2 },
  });
  await assert.rejects(refused, (error) => error.code === "ConditionalCheckFailedException");
  const { Item } = await documents.get({ TableName, Key, ProjectionExpression: "entries[1], #n", ExpressionAttributeNames: { "#n": "count" } });
  assert.deepEqual(Item, { entries: ["x"], count: 2 });
});

test("pages follow each other, of a table and of an index", options, async () => {
  const TableName = await newTable();
  const items = Array.from({ length: 7 }, (_, sk) => ({ pk: "a", sk, kind: "k" }));
  await documents.batchWrite({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } });
  for (const index of [{}, { IndexName: "by-kind" }]) {
    const names = index.IndexName ? ["kind", "k"] : ["pk", "a"];
    const query = {
      TableName,
      ...index,
      KeyConditionExpression: "#p = :p",
      ExpressionAttributeNames: { "#p": names[0] },
      ExpressionAttributeValues: { ":p": names[1] },
      Limit: 3,
    };
    const found = [];
    let page = {};
    do {
      page = await documents.query({ ...query, ExclusiveStartKey: page.LastEvaluatedKey });
      found.push(...page.Items);
    } while (page.LastEvaluatedKey);
    assert.deepEqual(found, items);
  }
  const keys = items.slice(0, 3).map(({ pk, sk }) => ({ pk, sk }));
  const { Responses } = await documents.batchGet({ RequestItems: { [TableName]: { Keys: keys } } });
  assert.equal(Responses[TableName].length, 3);
});

test("a transaction is all or nothing", options, async () => {
  const TableName = await newTable();
  const put = (sk) => ({ Put: { TableName, Item: { pk: "t", sk }, ConditionExpression: "attribute_not_exists(pk)" } });
  await documents.transactWrite({ TransactItems: [put(1), put(2)] });
  const refused = documents.transactWrite({ TransactItems: [put(3), put(1)] });
  await assert.rejects(refused, (error) => error.code === "TransactionCanceledException");
  const get = (sk) => ({ Get: { TableName, Key: { pk: "t", sk } } });
  const { Responses } = await documents.transactGet({ TransactItems: [get(2), get(3)] });
  assert.deepEqual(Responses[0].Item, { pk: "t", sk: 2 });
  assert.equal(Responses[1]?.Item, undefined);
});
