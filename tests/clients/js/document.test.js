// The document client: plain JavaScript values, paginators, batches.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as doc from "@aws-sdk/lib-dynamodb";
import { client, newTable } from "./stator.js";

const documents = doc.DynamoDBDocumentClient.from(client);
const send = (Command, input) => documents.send(new Command(input));

async function filled(t, count) {
  const TableName = await newTable(t);
  for (let start = 0; start < count; start += 25) {
    const items = Array.from({ length: Math.min(25, count - start) }, (_, i) => ({ pk: "a", sk: start + i, kind: "k" }));
    const RequestItems = { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) };
    const { UnprocessedItems } = await send(doc.BatchWriteCommand, { RequestItems });
    assert.deepEqual(UnprocessedItems, {});
  }
  return TableName;
}

test("a document comes back as it went in", async (t) => {
  const TableName = await newTable(t);
  const Item = {
    pk: "doc",
    sk: 1,
    text: "é🚀",
    number: -2.5,
    list: [1, "two", { three: [true, null] }],
    set: new Set(["x", "y"]),
    bytes: Uint8Array.from([1, 2, 3]),
    empty: { list: [], map: {}, text: "" },
  };
  await send(doc.PutCommand, { TableName, Item });
  assert.deepEqual((await send(doc.GetCommand, { TableName, Key: { pk: "doc", sk: 1 } })).Item, Item);
});

test("an update changes what it names", async (t) => {
  const TableName = await newTable(t);
  const update = {
    TableName,
    Key: { pk: "u", sk: 1 },
    UpdateExpression: "SET #n = if_not_exists(#n, :zero) + :one, entries = list_append(if_not_exists(entries, :none), :entry)",
    ExpressionAttributeNames: { "#n": "count" },
    ExpressionAttributeValues: { ":zero": 0, ":one": 1, ":none": [], ":entry": ["x"] },
    ReturnValues: "ALL_NEW",
  };
  await send(doc.UpdateCommand, update);
  const { Attributes } = await send(doc.UpdateCommand, update);
  assert.deepEqual(Attributes, { pk: "u", sk: 1, count: 2, entries: ["x", "x"] });
});

test("counters lose nothing to concurrency", async (t) => {
  const TableName = await newTable(t);
  const add = () =>
    send(doc.UpdateCommand, {
      TableName,
      Key: { pk: "c", sk: 1 },
      UpdateExpression: "ADD hits :one",
      ExpressionAttributeValues: { ":one": 1 },
    });
  await Promise.all(Array.from({ length: 40 }, add));
  const { Item } = await send(doc.GetCommand, { TableName, Key: { pk: "c", sk: 1 }, ConsistentRead: true });
  assert.equal(Item.hits, 40);
});

for (const [what, options] of [
  ["a table", { KeyConditionExpression: "pk = :v", ExpressionAttributeValues: { ":v": "a" } }],
  ["an index", { IndexName: "by-kind", KeyConditionExpression: "kind = :v", ExpressionAttributeValues: { ":v": "k" } }],
]) {
  test(`a paginated query of ${what} sees every item in order`, async (t) => {
    const TableName = await filled(t, 60);
    const seen = [];
    for await (const page of doc.paginateQuery({ client: documents, pageSize: 7 }, { TableName, ...options })) {
      seen.push(...page.Items.map((item) => item.sk));
    }
    assert.deepEqual(seen, Array.from({ length: 60 }, (_, sk) => sk));
  });
}

test("a paginated scan sees every item once", async (t) => {
  const TableName = await filled(t, 60);
  const seen = new Set();
  for await (const page of doc.paginateScan({ client: documents, pageSize: 11 }, { TableName })) {
    for (const item of page.Items) seen.add(item.sk);
  }
  assert.equal(seen.size, 60);
});

test("a batch reads many", async (t) => {
  const TableName = await filled(t, 10);
  const Keys = Array.from({ length: 15 }, (_, sk) => ({ pk: "a", sk }));
  const { Responses } = await send(doc.BatchGetCommand, { RequestItems: { [TableName]: { Keys } } });
  assert.deepEqual(Responses[TableName].map((item) => item.sk).sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a transaction of documents", async (t) => {
  const TableName = await newTable(t);
  await send(doc.TransactWriteCommand, {
    TransactItems: [1, 2].map((sk) => ({ Put: { TableName, Item: { pk: "t", sk, tags: ["a"] } } })),
  });
  const { Responses } = await send(doc.TransactGetCommand, {
    TransactItems: [1, 2].map((sk) => ({ Get: { TableName, Key: { pk: "t", sk } } })),
  });
  assert.deepEqual(Responses.map((response) => response.Item.sk), [1, 2]);
});

test("statements take and return plain values", async (t) => {
  const TableName = await filled(t, 5);
  const Statement = `SELECT sk FROM "${TableName}" WHERE pk = ? AND sk > ? ORDER BY sk DESC`;
  const { Items } = await send(doc.ExecuteStatementCommand, { Statement, Parameters: ["a", 1] });
  assert.deepEqual(Items, [{ sk: 4 }, { sk: 3 }, { sk: 2 }]);
  const tags = new Set(["x"]);
  const TransactStatements = [
    { Statement: `INSERT INTO "${TableName}" VALUE {'pk': 'a', 'sk': ?, 'tags': ?}`, Parameters: [9, tags] },
    { Statement: `DELETE FROM "${TableName}" WHERE pk = 'a' AND sk = 0` },
  ];
  await send(doc.ExecuteTransactionCommand, { TransactStatements });
  const Statements = [0, 9].map((sk) => ({
    Statement: `SELECT * FROM "${TableName}" WHERE pk = ? AND sk = ?`,
    Parameters: ["a", sk],
  }));
  const { Responses } = await send(doc.BatchExecuteStatementCommand, { Statements });
  assert.deepEqual(Responses, [{ TableName }, { TableName, Item: { pk: "a", sk: 9, tags } }]);
});
