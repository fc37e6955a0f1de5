// The life of a function in JavaScript, on a server of its own that runs functions.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";

const BINARY = process.env.STATOR_BIN;
const skip = BINARY ? false : "STATOR_BIN names no binary";
const KEY = { accessKeyId: "AKIAFUNCTIONS", secretAccessKey: "of-the-functions" };

let server;
let lambda;

before(async () => {
  if (!BINARY) return;
  const env = { ...process.env, STATOR_ACCESS_KEY_ID: KEY.accessKeyId, STATOR_SECRET_ACCESS_KEY: KEY.secretAccessKey };
  server = spawn(BINARY, ["--port", "0", "--memory", "--lambda"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const url = / ready on (\S+)/.exec(line)?.[1];
    if (url) {
      lambda = new LambdaClient({ endpoint: url, region: "eu-west-1", credentials: KEY, maxAttempts: 1 });
      break;
    }
  }
});

after(async () => {
  if (!server) return;
  server.kill();
  await once(server, "exit");
});

/** A zip archive of one stored file. */
function zipped(name, text) {
  const [file, content] = [Buffer.from(name), Buffer.from(text)];
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, file, content]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), fields, Buffer.alloc(14), file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test("a function is created, called and deleted", { skip }, async () => {
  const FunctionName = "js-life";
  const text = `
    exports.handler = async (event, context) => {
      console.log("called");
      if (event.fail) throw new RangeError("as asked");
      return { event, name: context.functionName };
    };`;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/function",
      Handler: "index.handler",
      Code: { ZipFile: zipped("index.js", text) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { FunctionName });
  const call = async (event) => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: "Tail" }),
    );
    const log = Buffer.from(answer.LogResult, "base64").toString();
    return { ...answer, log, payload: JSON.parse(Buffer.from(answer.Payload).toString()) };
  };
  const first = await call({ n: 1 });
  assert.deepEqual(first.payload, { event: { n: 1 }, name: FunctionName });
  assert.match(first.log, /START RequestId: .*\n.*\tINFO\tcalled\nEND RequestId: /);
  const failed = await call({ fail: true });
  assert.deepEqual([failed.FunctionError, failed.payload.errorType, failed.payload.errorMessage], ["Unhandled", "RangeError", "as asked"]);
  await lambda.send(new DeleteFunctionCommand({ FunctionName }));
  await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName })), { name: "ResourceNotFoundException" });
});
