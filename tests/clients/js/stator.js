// The server under test, named by STATOR_ENDPOINT, and a table for whoever needs one.

import { randomUUID } from "node:crypto";
import { DynamoDBClient, CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";

export const SERVER = {
  endpoint: process.env.STATOR_ENDPOINT || "http://127.0.0.1:8000",
  region: "eu-west-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};

export const client = new DynamoDBClient(SERVER);

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

/** Creates a table for one test and deletes it when the test is over. */
export async function newTable(test) {
  const TableName = newName();
  await client.send(new CreateTableCommand({ TableName, ...DEFINITION }));
  test.after(() => client.send(new DeleteTableCommand({ TableName })));
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName });
  return TableName;
}
