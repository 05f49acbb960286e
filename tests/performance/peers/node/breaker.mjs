// opossum in the scenario of ../breaker, in real time. Prints a line of JSON.
import CircuitBreaker from 'opossum';

const instances = 20, interval = 200, hang = 5000, duration = 55000; // milliseconds
const options = {
  timeout: false, errorThresholdPercentage: 50, resetTimeout: 30000, volumeThreshold: 10,
  rollingCountTimeout: 10000, rollingCountBuckets: 10,
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// nsPerCall measures a call that does nothing, after 20 calls that succeed or fail.
async function nsPerCall(failed) {
  const breaker = new CircuitBreaker(async (fail) => { if (fail) throw new Error('failed'); }, options);
  for (let i = 0; i < 20; i++) await breaker.fire(failed).catch(() => {});
  const calls = 20000, began = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) await breaker.fire(false).catch(() => {});
  breaker.shutdown();
  return Number((process.hrtime.bigint() - began) / BigInt(calls));
}

const refused = new Array(instances).fill(0);
let through = 0, probes = 0;

async function instance(i, began) {
  const call = async (admitted) => { admitted(); await sleep(hang); throw new Error('failed'); };
  const breaker = new CircuitBreaker(call, options);
  await sleep(i * interval / instances);
  while (Date.now() - began < duration) {
    const at = Date.now() - began;
    let admitted = false;
    breaker.fire(() => { admitted = true; refused[i] ? probes++ : through++; }).catch(() => {
      if (!admitted && !refused[i]) refused[i] = at;
    });
    await sleep(interval);
  }
}

const closed = await nsPerCall(false), open = await nsPerCall(true);
const began = Date.now();
await Promise.all(refused.map((_, i) => instance(i, began)));
console.log(JSON.stringify({
  name: 'opossum 10.0.0', closed_ns: closed, open_ns: open, through,
  refuse_s: Math.max(...refused) / 1000, probes, time: 'real',
}));
process.exit(0);
