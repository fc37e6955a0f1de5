// Kinesis with its own client, which speaks HTTP/2 from the first byte on, also without TLS.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as kinesis from "@aws-sdk/client-kinesis";
import { newName, SERVER } from "./stator.js";

const client = new kinesis.KinesisClient(SERVER);
const send = (Command, input) => client.send(new Command(input));

test("records are handed to a consumer that subscribed", async (t) => {
  const StreamName = newName();
  await send(kinesis.CreateStreamCommand, { StreamName, ShardCount: 1 });
  t.after(() => send(kinesis.DeleteStreamCommand, { StreamName, EnforceConsumerDeletion: true }));
  await kinesis.waitUntilStreamExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { StreamName });
  const { StreamDescriptionSummary } = await send(kinesis.DescribeStreamSummaryCommand, { StreamName });
  const { StreamARN } = StreamDescriptionSummary;
  const registered = await send(kinesis.RegisterStreamConsumerCommand, { StreamARN, ConsumerName: "reader" });
  const { ConsumerARN } = registered.Consumer;
  const { Shards } = await send(kinesis.ListShardsCommand, { StreamName });
  const [{ ShardId }] = Shards;

  const StartingPosition = { Type: "TRIM_HORIZON" };
  const { EventStream } = await send(kinesis.SubscribeToShardCommand, { ConsumerARN, ShardId, StartingPosition });
  const put = (text) =>
    send(kinesis.PutRecordCommand, { StreamName, PartitionKey: "k", Data: new TextEncoder().encode(text) });
  await put("first");
  const found = [];
  for await (const { SubscribeToShardEvent: event } of EventStream) {
    if (event.Records.length === 0) continue;
    found.push(...event.Records.map(({ Data }) => new TextDecoder().decode(Data)));
    if (found.length === 2) break;
    await put("second"); // beside the subscription, over the same connection
  }
  assert.deepEqual(found, ["first", "second"]);
});

test("refusals are exceptions", async () => {
  const missing = send(kinesis.DescribeStreamSummaryCommand, { StreamName: newName() });
  await assert.rejects(missing, kinesis.ResourceNotFoundException);
});
