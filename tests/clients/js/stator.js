// The server under test, named by STATOR_ENDPOINT, and a table for whoever needs one.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import AWS from "aws-sdk";
import { DynamoDBClient, CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";

export const SERVER = {
  endpoint: process.env.STATOR_ENDPOINT || "http://127.0.0.1:8000",
  region: "eu-west-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};

export const client = new DynamoDBClient(SERVER);

export const s3 = new AWS.S3({ ...SERVER, s3ForcePathStyle: true, signatureVersion: "v4", maxRetries: 0 });

export const DEFINITION = {
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "N" },
    { AttributeName: "kind", AttributeType: "S" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-kind",
      KeySchema: [
        { AttributeName: "kind", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

export const newName = () => `js-${randomUUID()}`;

/** A server of its own that serves DAX's clients too; `null` where no binary is named. */
export async function startDax() {
  if (!process.env.STATOR_BIN) return null;
  const flags = ["--port", "0", "--memory", "--dax", "--dax-port", "0"];
  const server = spawn(process.env.STATOR_BIN, flags, { stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => {
    server.kill();
    return once(server, "exit");
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const [, endpoint, dax] = / ready on (\S+) and (\S+)/.exec(line) ?? [];
    if (endpoint) return { endpoint, dax, stop };
  }
  throw new Error("the server did not become ready");
}

/** Creates a table for one test and deletes it when the test is over. */
export async function newTable(test) {
  const TableName = newName();
  await client.send(new CreateTableCommand({ TableName, ...DEFINITION }));
  test.after(() => client.send(new DeleteTableCommand({ TableName })));
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName });
  return TableName;
}

/** Creates a bucket for one test; it is emptied and deleted when the test is over. */
export async function newBucket(test) {
  const Bucket = newName();
  await s3.createBucket({ Bucket }).promise();
  test.after(async () => {
    const { Contents } = await s3.listObjectsV2({ Bucket }).promise();
    if (Contents.length) await s3.deleteObjects({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }).promise();
    await s3.deleteBucket({ Bucket }).promise();
  });
  return Bucket;
}
