// What Node does with the same bytes: verification and JSON.parse, as `@octokit/webhooks` does them.
// npm install @octokit/webhooks@14.2.0 somewhere, then from there: node <path of this file> [our µs, to print the ratio]

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { Webhooks } = await import(pathToFileURL(require.resolve("@octokit/webhooks")));

const ROUNDS = 50;
const CALLS_PER_ROUND = 400;
const secret = "a secret of this benchmark";
const recorded = new URL("../../../events/github/pull_request.opened.json", import.meta.url);
const body = readFileSync(recorded, "utf8");
const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
const webhooks = new Webhooks({ secret });
const delivery = { id: "72d3162e-cc78-11e3-81ab-4c9367dc0958", name: "pull_request", payload: body, signature };

let heard = 0;
webhooks.on("pull_request.opened", () => {
  heard += 1;
});

async function measure(call) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < CALLS_PER_ROUND; count += 1) await call();
    rounds.push(Number(process.hrtime.bigint() - start) / 1000 / CALLS_PER_ROUND);
  }
  return rounds.sort((left, right) => left - right)[ROUNDS / 2];
}

const alone = await measure(() => createHmac("sha256", secret).update(body).digest());
const whole = await measure(() => webhooks.verifyAndReceive(delivery));
if (heard !== ROUNDS * CALLS_PER_ROUND) throw new Error("not every delivery was heard");

console.log(`payload              ${String(Buffer.byteLength(body)).padStart(8)} bytes`);
console.log(`HMAC-SHA256 alone    ${alone.toFixed(1).padStart(8)} µs`);
console.log(`verify and receive   ${whole.toFixed(1).padStart(8)} µs`);
const ours = Number(process.argv[2]);
if (ours > 0) console.log(`ours takes           ${(whole / ours).toFixed(1).padStart(8)} times less`);
