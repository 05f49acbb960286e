// opossum through the scenario of package breakers, in real time; prints a line of JSON.
import CircuitBreaker from 'opossum';

const instances = 20, every = 200, hangs = 5000, lasts = 55000;
const options = {
  timeout: false, errorThresholdPercentage: 50, resetTimeout: 30000, volumeThreshold: 10,
  rollingCountTimeout: 10000, rollingCountBuckets: 10,
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function cost(result) {
  const breaker = new CircuitBreaker(async (fail) => { if (fail) throw new Error('failed'); }, options);
  for (let i = 0; i < 20; i++) await breaker.fire(result).catch(() => {});
  const calls = 20000, began = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) await breaker.fire(false).catch(() => {});
  breaker.shutdown();
  return Number((process.hrtime.bigint() - began) / BigInt(calls));
}

const refused = new Array(instances).fill(0);
let through = 0, probes = 0;

async function instance(i, began) {
  const breaker = new CircuitBreaker(async (entered) => { entered(); await sleep(hangs); throw new Error('failed'); }, options);
  await sleep(i * every / instances);
  while (Date.now() - began < lasts) {
    const at = Date.now() - began;
    let let_ = false;
    breaker.fire(() => { let_ = true; refused[i] ? probes++ : through++; }).catch(() => {
      if (!let_ && !refused[i]) refused[i] = at;
    });
    await sleep(every);
  }
}

const closed = await cost(false), open = await cost(true);
const began = Date.now();
await Promise.all(refused.map((_, i) => instance(i, began)));
console.log(JSON.stringify({
  name: 'opossum 10.0.0', closed_ns: closed, open_ns: open, through, refuse_s: Math.max(...refused) / 1000, probes, time: 'real',
}));
process.exit(0);
