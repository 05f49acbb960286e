// Powertools for TypeScript as a peer: idempotency.mjs ENDPOINT TABLE WHAT PREFIX N.
// The workloads are those of ../python/idempotency.py.
import { setTimeout as sleep } from 'node:timers/promises';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const timeLeft = 500;
const [endpoint, table, what, prefix, n] = process.argv.slice(2);

// environment is one Lambda environment: a client and the library on top of it.
function environment() {
  const client = new DynamoDBClient({
    endpoint, region: 'ap-south-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: table, awsSdkV3Client: client });
  const env = { runs: 0, effects: 0 };
  env.once = (key, work) => {
    const config = new IdempotencyConfig({});
    config.registerLambdaContext({ getRemainingTimeInMillis: () => timeLeft });
    const handle = async () => { env.runs += 1; return work(); };
    return makeIdempotent(handle, { persistenceStore, config })({ key });
  };
  env.write = async (key) => {
    await client.send(new PutItemCommand({ TableName: table, Item: { id: { S: `effect#${key}` } } }));
    env.effects += 1;
    return key;
  };
  return env;
}

async function calls() {
  const env = environment();
  const took = [];
  for (let i = 0; i < Number(n); i += 1) {
    const key = `${prefix}-${i}`;
    const began = performance.now();
    await env.once(key, () => env.write(key));
    took.push(performance.now() - began);
  }
  return { ms: took, runs: env.runs };
}

async function late(fails) {
  const [slow, other] = [environment(), environment()];
  const begun = deferred();
  const woken = deferred();
  const stall = async () => {
    begun.resolve();
    await woken.promise;
    if (fails) throw new Error('failed late');
    return slow.write('first');
  };
  const first = slow.once(prefix, stall).catch((e) => `error: ${e.name}`);
  await begun.promise;
  await sleep(2 * timeLeft);
  const second = await other.once(prefix, () => other.write('second'));
  woken.resolve();
  const answer = await first;
  const replay = await other.once(prefix, () => other.write('third'));
  return {
    second, late: answer, replay, runs: slow.runs + other.runs, effects: slow.effects + other.effects,
  };
}

function deferred() {
  const d = {};
  d.promise = new Promise((resolve) => { d.resolve = resolve; });
  return d;
}

console.log(JSON.stringify(what === 'calls' ? await calls() : await late(what === 'late-failer')));
