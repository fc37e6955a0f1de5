// Runs a JavaScript function over the Lambda Runtime API: asks for an event, calls the handler, answers, asks again.
import { existsSync, writeSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [address, token] = process.env.AWS_LAMBDA_RUNTIME_API.split("/");
const [host, port] = address.split(":");
const base = `/${token}/2018-06-01/runtime/`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** What was printed is written at once: it is there before the answer is. */
function write(text) {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    write(typeof chunk === "string" ? chunk : Buffer.from(chunk));
    const callback = typeof encoding === "function" ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}

let requestId = "";
for (const [method, level] of Object.entries({ log: "INFO", info: "INFO", debug: "DEBUG", trace: "TRACE", warn: "WARN", error: "ERROR" })) {
  console[method] = (...values) => {
    const text = format(...values).replaceAll("\n", "\r");
    write(`${new Date().toISOString()}\t${requestId || "undefined"}\t${level}\t${text}\n`);
  };
}

function call(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const request = http.request({ host, port, agent, method, path: base + where, headers: { ...headers, ...length } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function fail(where, error) {
  const headers = { "Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error.errorType };
  return call("POST", where, JSON.stringify(error), headers);
}

function describe(thrown) {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  const trace = (thrown.stack ?? "").split("\n");
  return { errorType: thrown.name, errorMessage: thrown.message, trace };
}

function print(error, title) {
  write(`${new Date().toISOString()}\t${requestId || "undefined"}\tERROR\t${title}\t${JSON.stringify(error)}\n`);
}

function problem(errorType, errorMessage) {
  return Object.assign(new Error(errorMessage), { name: errorType });
}

async function load() {
  const name = process.env._HANDLER ?? "";
  const file = path.basename(name);
  const dot = file.indexOf(".");
  if (dot <= 0) throw problem("Runtime.MalformedHandlerName", "Bad handler");
  const stem = path.resolve(process.env.LAMBDA_TASK_ROOT, path.dirname(name), file.slice(0, dot));
  const found = [".js", ".mjs", ".cjs"].map((ending) => stem + ending).find((candidate) => existsSync(candidate));
  if (!found) throw problem("Runtime.ImportModuleError", `Error: Cannot find module '${file.slice(0, dot)}'`);
  let module;
  try {
    module = await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw problem("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    const missing = error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND";
    throw missing ? problem("Runtime.ImportModuleError", `Error: ${error.message}`) : error;
  }
  const names = file.slice(dot + 1).split(".");
  const within = (from) => names.reduce((value, key) => value?.[key], from);
  const handler = within(module) ?? within(module.default);
  if (typeof handler !== "function") throw problem("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  return handler;
}

function context(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parse = (text) => (text ? JSON.parse(text) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    clientContext: parse(headers["lambda-runtime-client-context"]),
    identity: parse(headers["lambda-runtime-cognito-identity"]),
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

/** The handler's answer, by whichever of its three ways. */
function run(handler, event, given) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => (error ? reject(error) : resolve(value));
    given.done = callback;
    given.succeed = resolve;
    given.fail = reject;
    const returned = handler(event, given, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    else if (handler.length < 3 && returned !== undefined) resolve(returned);
    else if (handler.length < 2) resolve(returned);
  });
}

let current = null;
process.on("uncaughtException", (error) => end(error, "Uncaught Exception"));
process.on("unhandledRejection", (error) => end(problem("Runtime.UnhandledPromiseRejection", String(error?.stack ?? error)), "Unhandled Promise Rejection"));

async function end(thrown, title) {
  const error = describe(thrown);
  print(error, title);
  await fail(current ? `invocation/${current}/error` : "init/error", error).catch(() => {});
  process.exit(128);
}

async function main() {
  let handler;
  try {
    handler = await load();
  } catch (thrown) {
    return end(thrown, "Uncaught Exception");
  }
  for (;;) {
    const next = await call("GET", "invocation/next");
    if (next.status !== 200) process.exit(0);
    requestId = current = next.headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"] ?? "";
    let body;
    try {
      const value = await run(handler, JSON.parse(next.body.toString()), context(next.headers));
      body = JSON.stringify(value === undefined ? null : value) ?? "null";
    } catch (thrown) {
      const error = describe(thrown);
      print(error, "Invoke Error");
      await fail(`invocation/${requestId}/error`, error);
      continue;
    }
    await call("POST", `invocation/${requestId}/response`, body, { "Content-Type": "application/json" });
    current = null;
  }
}

main().catch(() => process.exit(0));
