// Requests that nobody thought of, each judged by Prism: half of them as the
// document allows, half with one change. The seed decides which; CONTRACT_SEED
// sets it.
import { fc, Generator, Pooled } from './generate.mjs';
import { mutations } from './mutate.mjs';
import { openJudge } from './judge.mjs';
import { Ledger } from './ledger.mjs';
import { Traveller } from './journey.mjs';
import { direct } from './send.mjs';

const REFUSED = new Set([400, 415, 422]);

export async function fuzz({ api, document, base }) {
  const seed = Number(process.env.CONTRACT_SEED ?? 1);
  const total = Number(process.env.CONTRACT_REQUESTS ?? 2000);
  const judge = await openJudge(document);
  const ledger = new Ledger(base, api.lenient);
  const rules = (api.fuzz.rules ?? []).map((rule) => ({ ...rule, times: 0 }));
  const run = { api, document, judge, ledger, rules, base, pools: {}, valid: 0, accepted: 0, refusedByRule: 0 };
  run.traveller = new Traveller({ document, base, judge, ledger, straight: true });
  await api.arrive(run.traveller);
  for (const [name, values] of Object.entries(await api.fuzz.pools(run.traveller))) {
    run.pools[name] = [...values];
  }
  const generator = new Generator(document, { formats: await api.fuzz.formats?.(run.traveller), names: api.fuzz.names, pools: run.pools });
  for (const { operation, request, mutation, who } of plan(document, generator, api, seed, total)) {
    await one(run, operation, request, mutation, who);
  }
  const never = document.operations.map(({ id }) => id).filter((id) => !api.fuzz.skip?.[id] && !Object.keys(ledger.seen[id] ?? {}).some((status) => status < 400));
  return {
    requests: ledger.requests,
    violations: ledger.violations(),
    faults: ledger.faults,
    seen: ledger.seen,
    seed,
    valid: run.valid,
    accepted: run.accepted,
    never,
    skipped: Object.entries(api.fuzz.skip ?? {}).map(([operation, why]) => ({ operation, why })),
    rules: rules.map(({ why, times }) => ({ why, times })),
    lenient: ledger.excused(),
  };
}

// plan is the list of requests in their order: the operations take turns, those
// that take away come last, when they cannot empty the pools any more.
function plan(document, generator, api, seed, total) {
  const operations = document.operations.filter(({ id }) => !api.fuzz.skip?.[id]);
  const each = Math.ceil(total / operations.length);
  const rounds = operations.map((operation, i) => {
    const arbitrary = fc.record({
      request: generator.request(operation),
      mutation: fc.option(fc.nat(), { freq: 2 }),
      who: fc.nat(99),
    });
    return fc.sample(arbitrary, { seed: seed + i, numRuns: each }).map((drawn) => ({ operation, ...drawn }));
  });
  const last = ({ id, method }) => method === 'DELETE' || (api.fuzz.last ?? []).includes(id);
  const order = (list) => Array.from({ length: each }, (_, i) => list.map((round) => round[i])).flat();
  return [...order(rounds.filter(([{ operation }]) => !last(operation))), ...order(rounds.filter(([{ operation }]) => last(operation)))];
}

async function one(run, operation, drawn, mutation, who) {
  const { api, traveller, judge, ledger, base } = run;
  let request = { ...drawn, operation };
  if (mutation !== null) {
    const list = mutations(run.document, request);
    request = list.length > 0 ? list[mutation % list.length](request) : request;
  }
  request = filled(request, run.pools);
  const names = api.fuzz.as?.[operation.id] ?? ['default'];
  const credentials = operation.secured ? traveller.identities[names[who % names.length]] : {};
  request.headers = { ...credentials, ...request.headers };
  api.fuzz.prepare?.(request, run);
  const answer = await direct(base, judge, request);
  ledger.note(request, answer);
  if (answer.status === 429) {
    throw new Error(`${operation.id} answered 429: raise the limits of this Loket (main.mjs does)`);
  }
  const valid = answer.violations.request.length === 0;
  run.valid += valid;
  run.accepted += valid && answer.status < 400;
  if (valid && REFUSED.has(answer.status)) {
    const rule = run.rules.find((each) => (!each.operations || each.operations.includes(operation.id)) && each.match.test(answer.text));
    if (rule) {
      rule.times++;
    } else {
      ledger.fault('a valid request is refused', request, answer);
    }
  }
  if (answer.status < 300 && answer.json !== undefined) {
    for (const [pool, values] of Object.entries(api.fuzz.harvest?.(operation.id, answer.json) ?? {})) {
      keep(run.pools, pool, values);
    }
  }
}

const POOL = 40;

// keep adds ids; a full pool keeps its first half, which is the demo's.
function keep(pools, name, values) {
  const pool = (pools[name] ??= []);
  for (const value of values) {
    if (value !== undefined && !pool.includes(value)) {
      if (pool.length >= POOL) {
        pool.splice(POOL / 2, 1);
      }
      pool.push(value);
    }
  }
}

// filled puts ids of the pools in the place of Pooled.
function filled(value, pools) {
  if (value instanceof Pooled) {
    const pool = pools[value.pool] ?? [];
    return pool.length > 0 ? pool[value.index % pool.length] : 'leeg';
  }
  if (Array.isArray(value)) {
    return value.map((item) => filled(item, pools));
  }
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'operation' ? item : filled(item, pools)]));
}
