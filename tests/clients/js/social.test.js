// The access patterns of examples/social-app, with the same assertions over HTTP and by both of DAX's clients.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
import { DaxDocument } from "@amazon-dax-sdk/lib-dax";
import AmazonDaxClient from "amazon-dax-client";
import AWS from "aws-sdk";
import { SERVER, newName, startDax } from "./stator.js";

const options = { skip: process.env.STATOR_BIN ? false : "STATOR_BIN names no binary" };
const { region, credentials } = SERVER;
const FRESH = "attribute_not_exists(PK)";
const FAILED = "ConditionalCheckFailed";

let server;
let http;
/** Clients by name: how a request is sent, and how the client is closed. */
const clients = {};

before(async () => {
  server = await startDax();
  if (!server) return;
  http = new DynamoDBClient({ ...SERVER, endpoint: server.endpoint });
  const over = DynamoDBDocument.from(http);
  clients["over HTTP"] = { send: (method, request) => over[method](request), close: () => http.destroy() };
  const dax = new DaxDocument({ region, credentials, endpoints: [server.dax] });
  clients["by @amazon-dax-sdk"] = { send: (method, request) => dax[method](request), close: () => dax.destroy?.() };
  const service = new AmazonDaxClient({ region, credentials, endpoints: [server.dax] });
  const old = new AWS.DynamoDB.DocumentClient({ service });
  clients["by amazon-dax-client"] = { send: (method, request) => old[method](request).promise(), close: () => service.shutdown() };
});

after(async () => {
  if (!server) return;
  for (const { close } of Object.values(clients)) await close();
  await server.stop();
});

async function createTable() {
  const TableName = newName();
  const schema = (hash, range) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ];
  const GSI1 = { IndexName: "GSI1", KeySchema: schema("GSI1PK", "GSI1SK"), Projection: { ProjectionType: "ALL" } };
  await http.send(
    new CreateTableCommand({
      TableName,
      KeySchema: schema("PK", "SK"),
      AttributeDefinitions: ["PK", "SK", "GSI1PK", "GSI1SK"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
      GlobalSecondaryIndexes: [GSI1],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  return TableName;
}

async function useSocialApp({ send }) {
  const TableName = await createTable();
  const put = (Item) => ({ Put: { TableName, Item, ConditionExpression: FRESH } });
  const add = (Key, counter) => ({
    Update: {
      TableName,
      Key,
      UpdateExpression: "ADD #counter :amount",
      ConditionExpression: "attribute_exists(PK)",
      ExpressionAttributeNames: { "#counter": counter },
      ExpressionAttributeValues: { ":amount": 1 },
    },
  });
  const user = (id) => ({ PK: `USER#${id}`, SK: `USER#${id}` });
  /** The codes of the reasons why the actions were refused; none if they were done. */
  const transact = async (...TransactItems) => {
    try {
      await send("transactWrite", { TransactItems });
      return [];
    } catch (error) {
      const name = error.code ?? error.name;
      if (name !== "TransactionCanceledException") throw error;
      const reasons = error.CancellationReasons ?? error.cancellationReasons;
      if (!reasons) return JSON.parse(`["${/\[(.*)\]/.exec(error.message)[1].replaceAll(", ", '","')}"]`);
      return reasons.map(({ Code, code }) => Code ?? code);
    }
  };
  const refusal = async (method, request) => {
    try {
      await send(method, request);
    } catch (error) {
      return error.code ?? error.name;
    }
    return undefined;
  };
  const profile = async (id) => (await send("get", { TableName, Key: user(id) })).Item;
  const register = (id, name) =>
    transact(
      put({ PK: `USERNAME#${name}`, SK: `USERNAME#${name}`, user_id: id }),
      put({ ...user(id), GSI1PK: `USERNAME#${name}`, GSI1SK: `USER#${id}`, username: name, follower_count: 0, post_count: 0 }),
    );

  assert.equal(await profile(1), undefined);
  assert.deepEqual(await register(1, "ann"), []);
  assert.deepEqual(await register(2, "bob"), []);
  assert.deepEqual(await register(3, "ann"), [FAILED, "None"]);
  assert.equal((await profile(1)).username, "ann");
  const byName = await send("query", {
    TableName,
    IndexName: "GSI1",
    KeyConditionExpression: "GSI1PK = :name",
    ExpressionAttributeValues: { ":name": "USERNAME#bob" },
    Limit: 1,
  });
  assert.deepEqual(byName.Items, [await profile(2)]);

  const follow = () => transact(put({ PK: "USER#1", SK: "FOLLOWING#2", GSI1PK: "USER#2", GSI1SK: "FOLLOWER#1" }), add(user(2), "follower_count"));
  assert.deepEqual(await follow(), []);
  assert.deepEqual(await follow(), [FAILED, "None"]);
  assert.equal((await profile(2)).follower_count, 1);

  const posts = [1, 2, 3, 4, 5].map((day) => `POST#2026-01-0${day}`);
  for (const SK of posts) {
    const post = { PK: "USER#2", SK, content: SK, like_count: 0, image: null, tags: ["x", { y: true }] };
    assert.deepEqual(await transact(put(post), add(user(2), "post_count")), []);
  }
  const shown = [];
  let page = {};
  do {
    page = await send("query", {
      TableName,
      KeyConditionExpression: "PK = :user AND begins_with(SK, :post)",
      ExpressionAttributeValues: { ":user": "USER#2", ":post": "POST#" },
      ScanIndexForward: false,
      Limit: 2,
      ExclusiveStartKey: page.LastEvaluatedKey,
    });
    shown.push(...page.Items.map((post) => post.SK));
  } while (page.LastEvaluatedKey);
  assert.deepEqual(shown, posts.toReversed());

  const latest = { PK: "USER#2", SK: posts[4] };
  const like = () => transact(put({ PK: "POST#5", SK: "LIKE#1" }), add(latest, "like_count"));
  assert.deepEqual(await like(), []);
  assert.deepEqual(await like(), [FAILED, "None"]);
  const edit = {
    TableName,
    Key: latest,
    UpdateExpression: "SET content = :new, edits = if_not_exists(edits, :none) + :one",
    ConditionExpression: "attribute_exists(PK) AND like_count >= :one",
    ExpressionAttributeValues: { ":new": "edited", ":none": 0, ":one": 1 },
    ReturnValues: "ALL_NEW",
  };
  const { Attributes } = await send("update", edit);
  assert.deepEqual(Attributes, { ...latest, content: "edited", like_count: 1, image: null, tags: ["x", { y: true }], edits: 1 });
  assert.equal(await refusal("update", { ...edit, Key: { PK: "USER#2", SK: "POST#none" } }), "ConditionalCheckFailedException");

  for (let time = 0; time < 2; time++) {
    const { Responses } = await send("batchGet", { RequestItems: { [TableName]: { Keys: [user(1), user(2), user(9)] } } });
    assert.equal(Responses[TableName].length, 2);
  }
  const get = (Key) => ({ Get: { TableName, Key } });
  const { Responses } = await send("transactGet", { TransactItems: [get(latest), get(user(9))] });
  assert.equal(Responses[0].Item.content, "edited");
  assert.equal(Responses[1]?.Item, undefined);

  const { Items } = await send("scan", {
    TableName,
    FilterExpression: "begins_with(PK, :user)",
    ExpressionAttributeValues: { ":user": "USER#" },
    ProjectionExpression: "PK, SK",
  });
  assert.equal(Items.length, 8);
  await send("batchWrite", { RequestItems: { [TableName]: Items.map((Key) => ({ DeleteRequest: { Key } })) } });
  assert.equal(await profile(1), undefined);
  assert.equal(await refusal("get", { TableName: "none", Key: latest }), "ResourceNotFoundException");
}

for (const name of ["over HTTP", "by @amazon-dax-sdk", "by amazon-dax-client"]) {
  test(`the social app ${name}`, options, () => useSocialApp(clients[name]));
}
