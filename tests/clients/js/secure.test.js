// The SDK over TLS with signatures that are verified, on a production server of its own.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const BINARY = process.env.STATOR_BIN;
const skip = BINARY ? false : "STATOR_BIN names no binary";

let folder;
let server;
let settings;

before(async () => {
  if (!BINARY) return;
  folder = mkdtempSync(join(tmpdir(), "stator-secure-"));
  const shown = spawnSync(BINARY, ["init", folder], { encoding: "utf8" }).stdout;
  const credentials = {
    accessKeyId: /AWS_ACCESS_KEY_ID=(\S+)/.exec(shown)[1],
    secretAccessKey: /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(shown)[1],
  };
  const command = ["--config", join(folder, "stator.toml"), "--port", "0"];
  server = spawn(BINARY, command, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const endpoint = / ready on (\S+)/.exec(line)?.[1];
    if (endpoint) {
      const httpsAgent = new Agent({ ca: readFileSync(join(folder, "ca.pem")) });
      settings = { endpoint, region: "eu-west-1", credentials, maxAttempts: 1, requestHandler: { httpsAgent } };
      break;
    }
  }
});

after(async () => {
  if (!server) return;
  server.kill();
  await once(server, "exit");
  rmSync(folder, { recursive: true });
});

test("signed requests over TLS", { skip }, async () => {
  const client = new DynamoDBClient(settings);
  await client.send(
    new CreateTableCommand({
      TableName: "items",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    }),
  );
  const item = { pk: { S: "ä b" } };
  await client.send(new PutItemCommand({ TableName: "items", Item: item }));
  const get = new GetItemCommand({ TableName: "items", Key: item });
  assert.deepEqual((await client.send(get)).Item, item);
  const { Arn } = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
  assert.match(Arn, /:root$/);

  const credentials = { ...settings.credentials, secretAccessKey: "another" };
  const wrong = new DynamoDBClient({ ...settings, credentials });
  await assert.rejects(wrong.send(get), { name: "InvalidSignatureException" });
  const untrusting = new DynamoDBClient({ ...settings, requestHandler: {} });
  await assert.rejects(untrusting.send(get), /certificate/);
});
