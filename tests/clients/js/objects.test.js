// S3 by the second version of the SDK: signed hashes of bodies, uploads in parts, streams, listings, presigned URLs.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { newBucket, s3 } from "./stator.js";

const PART = 5 * 1024 * 1024;

test("an object comes back with what was put with it", async (t) => {
  const Bucket = await newBucket(t);
  const put = await s3.putObject({ Bucket, Key: "a/ü +", Body: "bytes", ContentType: "text/plain", Metadata: { k: "v" } }).promise();
  const got = await s3.getObject({ Bucket, Key: "a/ü +" }).promise();
  assert.equal(got.Body.toString(), "bytes");
  assert.deepEqual([got.ContentType, got.Metadata, got.ETag], ["text/plain", { k: "v" }, put.ETag]);
  const range = await s3.getObject({ Bucket, Key: "a/ü +", Range: "bytes=1-2" }).promise();
  assert.deepEqual([range.Body.toString(), range.ContentRange], ["yt", "bytes 1-2/5"]);
  assert.equal(await text(s3.getObject({ Bucket, Key: "a/ü +" }).createReadStream()), "bytes");
  const url = s3.getSignedUrl("getObject", { Bucket, Key: "a/ü +", Expires: 60 });
  assert.equal(await (await fetch(url)).text(), "bytes");
});

test("an upload in parts is one object", async (t) => {
  const Bucket = await newBucket(t);
  const Body = randomBytes(PART + 1_000);
  const { ETag } = await s3.upload({ Bucket, Key: "large", Body }, { partSize: PART }).promise();
  assert.match(ETag, /-2"$/);
  const got = await s3.getObject({ Bucket, Key: "large" }).promise();
  assert.ok(got.Body.equals(Body));
});

test("listings have pages and common prefixes", async (t) => {
  const Bucket = await newBucket(t);
  await Promise.all(["a/1", "a/2", "b/1", "c"].map((Key) => s3.putObject({ Bucket, Key, Body: Key }).promise()));
  const first = await s3.listObjectsV2({ Bucket, Delimiter: "/", MaxKeys: 2 }).promise();
  assert.deepEqual([first.CommonPrefixes.map(({ Prefix }) => Prefix), first.IsTruncated], [["a/", "b/"], true]);
  const ContinuationToken = first.NextContinuationToken;
  const rest = await s3.listObjectsV2({ Bucket, Delimiter: "/", ContinuationToken }).promise();
  assert.deepEqual([rest.Contents.map(({ Key }) => Key), rest.IsTruncated], [["c"], false]);
});

test("refusals have codes", async (t) => {
  const Bucket = await newBucket(t);
  await assert.rejects(s3.getObject({ Bucket, Key: "none" }).promise(), { code: "NoSuchKey", statusCode: 404 });
  await assert.rejects(s3.headObject({ Bucket, Key: "none" }).promise(), { code: "NotFound" });
  await assert.rejects(s3.getBucketAcl({ Bucket }).promise(), { code: "NotImplemented" });
});
