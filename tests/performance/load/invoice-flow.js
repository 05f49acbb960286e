// The traffic of `make load`, at a constant arrival rate (an open loop).
//
//   70 % new invoices       201, not a replay
//   15 % replays            of one of the user's invoices: the same 201, marked as a replay
//   10 % reads              of an invoice, its saga, or a merchant's list
//    5 % bad requests       refused with a problem document
//
// console.log writes each 201 to the list against which the invariants are checked.
// Environment: API_URL, RUN (prefix of merchants and numbers), MERCHANTS, SKUS, CREDENTIALS (JSON: ID
// and Secret by merchant), RATE (arrivals per second), P95 (milliseconds), DURATION, SMOKE (1: only thresholds on
// correctness).
import http from 'k6/http'
import encoding from 'k6/encoding'
import exec from 'k6/execution'
import { check, fail } from 'k6'
import { Rate } from 'k6/metrics'

const { API_URL, RUN } = __ENV
const wrong = new Rate('wrong_answers')
const json = { 'Content-Type': 'application/json' }
const mine = [] // the newest 50 invoices of this virtual user
const credentials = JSON.parse(__ENV.CREDENTIALS)
const renewed = {} // this virtual user's own tokens by merchant
const share = 0.5 + 0.4 * Math.random() // of a token's life, so that not all users renew it together

export const options = {
  scenarios: {
    flow: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE), timeUnit: '1s', duration: __ENV.DURATION,
      preAllocatedVUs: 100, maxVUs: 100, gracefulStop: '40s',
    },
  },
  thresholds: __ENV.SMOKE === '1'
    ? { wrong_answers: ['rate==0'], checks: ['rate==1'] }
    : {
        http_req_duration: [`p(95)<${__ENV.P95}`],
        http_req_failed: ['rate<0.01'],
        wrong_answers: ['rate==0'],
        dropped_iterations: ['rate<0.1'], // k6 kept the arrival rate
      },
  summaryTrendStats: ['min', 'med', 'p(95)', 'p(99)', 'max'],
  discardResponseBodies: false,
}

const merchantOf = (n) => `${RUN}-${n % Number(__ENV.MERCHANTS)}`

// setup fetches a token for each merchant. All virtual users begin with them.
export function setup() {
  const tokens = {}
  for (let n = 0; n < Number(__ENV.MERCHANTS); n++) tokens[merchantOf(n)] = fetchToken(merchantOf(n))
  return tokens
}

function fetchToken(merchant) {
  const { ID, Secret } = credentials[merchant]
  const r = http.post(`${API_URL}/oauth/token`, { grant_type: 'client_credentials' }, {
    headers: { Authorization: `Basic ${encoding.b64encode(`${ID}:${Secret}`)}` },
    tags: { name: 'token' }, timeout: '40s',
  })
  if (r.status !== 200) fail(`no token: ${r.status} ${r.body}`)
  return { token: r.json('access_token'), from: Date.now(), life: r.json('expires_in') * 1000 }
}

let tokens // of setup

function bearer(merchant) {
  let t = renewed[merchant] || tokens[merchant]
  if (Date.now() - t.from > t.life * share) t = renewed[merchant] = fetchToken(merchant)
  return { Authorization: `Bearer ${t.token}` }
}

export default function (fetched) {
  tokens = fetched
  const dice = Math.random() * 100
  if (dice < 5) return bad()
  if (dice < 15 && mine.length) return read()
  if (dice < 30 && mine.length) return replay()
  return create()
}

function key() {
  const hex = () => Math.floor(Math.random() * 0x10000).toString(16).padStart(4, '0')
  return `${hex()}${hex()}-${hex()}-4${hex().slice(1)}-a${hex().slice(1)}-${hex()}${hex()}${hex()}`
}

// checkAnswer checks an answer, unless the API was unavailable: k6 counts that as a failure.
function checkAnswer(r, name, tests) {
  if (r.status === 0 || r.status === 429 || r.status >= 500) return false
  const right = check(r, tests, { request: name })
  wrong.add(!right)
  if (!right) console.error(`${name}: ${r.status} ${r.body}`)
  return right
}

function post(merchant, k, body, name, expected) {
  const headers = { ...json, ...bearer(merchant) }
  if (k) headers['Idempotency-Key'] = k
  return http.post(`${API_URL}/invoices`, body, {
    headers, tags: { name },
    timeout: '40s', responseCallback: http.expectedStatuses(...expected),
  })
}

function create() {
  const n = exec.scenario.iterationInTest
  const merchant = merchantOf(n)
  const k = key()
  const body = JSON.stringify({
    invoice_number: `L-${n}`, seller_merchant_id: merchant, buyer_gstin: '29AABCU9603R1ZJ', invoice_date: '2025-11-26',
    items: [{
      sku: `L-${Math.floor(n / Number(__ENV.MERCHANTS)) % Number(__ENV.SKUS)}`, description: 'Steel bottle',
      hsn: '732393', quantity: 1, unit: 'NOS', unit_price: '250.00', gst_rate: 18,
    }],
  })
  const r = post(merchant, k, body, 'create', [201])
  const right = checkAnswer(r, 'create', {
    'a new invoice gets a 201': (r) => r.status === 201,
    'and is not a replay': (r) => !r.headers['X-Idempotent-Replayed'],
  })
  if (r.status !== 201) return
  const { id, saga_id } = r.json()
  console.log(JSON.stringify({ merchant, id, saga_id }))
  if (!right) return
  mine.push({ k, body, id, saga_id, merchant })
  if (mine.length > 50) mine.shift()
}

function pick() { return mine[Math.floor(Math.random() * mine.length)] }

function replay() {
  const { merchant, k, body, id } = pick()
  checkAnswer(post(merchant, k, body, 'replay', [201]), 'replay', {
    'a replay gets a 201': (r) => r.status === 201,
    'is marked': (r) => r.headers['X-Idempotent-Replayed'] === 'true',
    'and is the same invoice': (r) => r.status === 201 && r.json('id') === id,
  })
}

function read() {
  const { id, saga_id, merchant } = pick()
  const reads = [
    [`/invoices/${id}`, (r) => r.json('id') === id],
    [`/sagas/${saga_id}`, (r) => ['COMMITTED', 'COMPLETED'].includes(r.json('state'))],
    [`/invoices?merchant_id=${merchant}`, (r) => r.json('invoices').length > 0],
  ]
  const [path, right] = reads[Math.floor(Math.random() * reads.length)]
  const r = http.get(API_URL + path, { headers: bearer(merchant), tags: { name: 'read' }, timeout: '40s' })
  checkAnswer(r, 'read', {
    'a read gets a 200': (r) => r.status === 200,
    'and returns the issued invoice': (r) => r.status === 200 && right(r),
  })
}

function bad() {
  const requests = [
    ['', '{}', 400, 'idempotency_key_missing'],
    [key(), '{"invoice_number":', 400, ''],
    [key(), '{"invoice_number":"X-1"}', 422, ''],
  ]
  const [k, body, status, code] = requests[Math.floor(Math.random() * requests.length)]
  checkAnswer(post(merchantOf(0), k, body, 'bad', [400, 422]), 'bad', {
    'a bad request is refused': (r) => r.status === status,
    'with a problem document': (r) =>
      r.headers['Content-Type'] === 'application/problem+json' && (!code || r.json('code') === code),
  })
}
