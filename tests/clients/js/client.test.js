// The low-level client: tables, typed values, errors as classes, transactions, headers.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import * as db from "@aws-sdk/client-dynamodb";
import { client, DEFINITION, newName, newTable, SERVER } from "./stator.js";

const send = (Command, input) => client.send(new Command(input));
const key = (sk) => ({ pk: { S: "a" }, sk: { N: String(sk) } });

test("a table is created, described, listed and deleted", async () => {
  const TableName = newName();
  await send(db.CreateTableCommand, { TableName, ...DEFINITION });
  const { Table } = await send(db.DescribeTableCommand, { TableName });
  assert.equal(Table.TableName, TableName);
  assert.ok(Table.CreationDateTime instanceof Date);
  assert.deepEqual(Table.KeySchema, DEFINITION.KeySchema);
  const listed = [];
  for await (const page of db.paginateListTables({ client, pageSize: 3 }, {})) listed.push(...page.TableNames);
  assert.ok(listed.includes(TableName));
  await send(db.DeleteTableCommand, { TableName });
  await db.waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName });
});

test("every type comes back as it went in", async (t) => {
  const TableName = await newTable(t);
  const Item = {
    ...key(1),
    text: { S: 'Ünïcode ✨🚀 "quoted" \\ \n' },
    number: { N: "12345678901234567890123456789012345678" },
    bytes: { B: Uint8Array.from([0, 1, 254, 255]) },
    yes: { BOOL: true },
    nothing: { NULL: true },
    texts: { SS: ["a", "b"] },
    numbers: { NS: ["-1", "2.5"] },
    blobs: { BS: [Uint8Array.from([1]), Uint8Array.from([2])] },
    list: { L: [{ S: "a" }, { L: [] }] },
    map: { M: { inner: { M: {} } } },
  };
  await send(db.PutItemCommand, { TableName, Item });
  assert.deepEqual((await send(db.GetItemCommand, { TableName, Key: key(1) })).Item, Item);
});

test("a failed condition is an exception with the item", async (t) => {
  const TableName = await newTable(t);
  await send(db.PutItemCommand, { TableName, Item: { ...key(1), n: { N: "5" } } });
  const refused = send(db.PutItemCommand, {
    TableName,
    Item: key(1),
    ConditionExpression: "attribute_not_exists(pk)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof db.ConditionalCheckFailedException);
    assert.equal(error.message, "The conditional request failed");
    assert.deepEqual(error.Item.n, { N: "5" });
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.equal(error.$metadata.attempts, 1);
    return true;
  });
});

test("errors have their name and message", async (t) => {
  const TableName = await newTable(t);
  const cases = [
    [db.GetItemCommand, { TableName: "no-such-table", Key: key(1) }, "ResourceNotFoundException", "Requested resource not found"],
    [db.CreateTableCommand, { TableName, ...DEFINITION }, "ResourceInUseException", `Table already exists: ${TableName}`],
    [
      db.GetItemCommand,
      { TableName, Key: { pk: { S: "a" } } },
      "ValidationException",
      "The provided key element does not match the schema",
    ],
    [
      db.PutItemCommand,
      { TableName, Item: { pk: { S: "a" } } },
      "ValidationException",
      "One or more parameter values were invalid: Missing the key sk in the item",
    ],
  ];
  for (const [Command, input, name, message] of cases) {
    await assert.rejects(send(Command, input), (error) => {
      assert.equal(error.name, name);
      assert.ok(error.message.endsWith(message), error.message);
      return true;
    });
  }
});

test("a transaction happens whole or not at all", async (t) => {
  const TableName = await newTable(t);
  const put = (sk, more) => ({ Put: { TableName, Item: key(sk), ...more } });
  await send(db.TransactWriteItemsCommand, { TransactItems: [put(1), put(2)] });
  const once = { ConditionExpression: "attribute_not_exists(pk)" };
  await assert.rejects(send(db.TransactWriteItemsCommand, { TransactItems: [put(3), put(2, once)] }), (error) => {
    assert.ok(error instanceof db.TransactionCanceledException);
    assert.deepEqual(
      error.CancellationReasons.map((reason) => reason.Code),
      ["None", "ConditionalCheckFailed"],
    );
    return true;
  });
  const gets = [1, 2, 3].map((sk) => ({ Get: { TableName, Key: key(sk) } }));
  const { Responses } = await send(db.TransactGetItemsCommand, { TransactItems: gets });
  assert.deepEqual(
    Responses.map((response) => response.Item !== undefined),
    [true, true, false],
  );
});

test("every answer carries its checksum", async () => {
  let header, body;
  const watched = new db.DynamoDBClient(SERVER);
  watched.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      header = result.response.headers["x-amz-crc32"];
      body = Buffer.concat(await result.response.body.toArray());
      result.response.body = Readable.from([body]);
      return result;
    },
    { step: "deserialize", priority: "low", name: "seeBody" },
  );
  await watched.send(new db.ListTablesCommand({}));
  assert.equal(header, String(crc32(body)));
});
