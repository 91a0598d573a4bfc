// Specmatic's generative tests: from an example of each operation it makes
// sound and broken variants and expects success and 4xx. What it may see
// otherwise stands in apis/NAME.mjs with a reason each.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openJudge } from './judge.mjs';
import { Ledger } from './ledger.mjs';
import { Traveller } from './journey.mjs';
import { encoded, headersOf, mediaType, target } from './request.mjs';
import { isJSON } from './document.mjs';
import { require } from './tools.mjs';

const MINUTES = 8; // then something is wrong

// Specmatic tries every combination of optional query parameters; with more of
// them one operation would fill an hour. The fuzzer draws the others.
const QUERY = 2;

export async function generative({ api, document, base, origin, folder }) {
  const { examples, samples, faults, schemes } = await makeExamples(api, document, base);
  const file = path.join(folder, 'document.json');
  await writeFile(file, JSON.stringify(trimmed(document, samples, { skip: api.specmatic.skip, security: schemes })));
  await mkdir(path.join(folder, 'examples'), { recursive: true });
  for (const [id, example] of examples) {
    await writeFile(path.join(folder, 'examples', `${id}.json`), JSON.stringify(example));
  }
  // YAML takes JSON.
  await writeFile(
    path.join(folder, 'specmatic.yaml'),
    JSON.stringify({
      version: 2,
      contracts: [{ provides: ['document.json'] }],
      security: { OpenAPI: { securitySchemes: schemes } },
      test: { maxTestRequestCombinations: 8, resiliencyTests: { enable: 'all' } },
    }),
  );
  const log = await run(base, folder);
  const strangers = [...new Set([...log.matchAll(/^ *Request to (http:\/\/[^/ ]+)/gm)].map(([, host]) => host))].filter((host) => host !== origin);
  if (strangers.length > 0) {
    throw new Error(`Specmatic asked ${strangers.join(', ')} instead of ${origin}`);
  }
  return judged(api, document, await openJudge(document), log, faults, examples);
}

// makeExamples walks the journey, without Prism, for a sound request of each
// operation; api.specmatic.examples replaces those that can be used but once.
async function makeExamples(api, document, base) {
  const ledger = new Ledger(base, api.lenient);
  const traveller = new Traveller({ document, base, judge: await openJudge(document), ledger, straight: true });
  await api.arrive(traveller);
  await api.journey(traveller);
  const fresh = (await api.specmatic.examples?.(traveller)) ?? {};
  const schemes = api.specmatic.security(traveller);
  const examples = new Map();
  const samples = new Map();
  for (const operation of document.operations) {
    const sample = ledger.samples.get(operation.id);
    const answer = ledger.answers.get(operation.id);
    if (!sample || answer.status >= 400) {
      continue; // the coverage says so
    }
    const request = { ...sample, ...fresh[operation.id] };
    samples.set(operation.id, { ...request, status: answer.status });
    examples.set(operation.id, asExample(request, answer, credentialsOf(document, wayOf(document, operation, schemes))));
  }
  return { examples, samples, faults: ledger.faults, schemes };
}

function asExample(request, answer, credentials) {
  const kept = kindsOf(request.operation, request);
  const of = (place) => new Set(kept.filter((parameter) => parameter.in === place).map(({ name }) => name.toLowerCase()));
  const only = (object, names) => Object.fromEntries(Object.entries(object ?? {}).filter(([name]) => names.has(name.toLowerCase())));
  const query = only(request.query, of('query'));
  const [at, search = ''] = target({ ...request, query }).split('?');
  const body = request.body === undefined ? {} : { body: isJSON(mediaType(request)) ? request.body : encoded(request).toString('utf8') };
  const said = answer.json ?? answer.text;
  return {
    'http-request': {
      method: request.operation.method,
      path: at,
      query: together(new URLSearchParams(search)),
      headers: only(headersOf(request), new Set([...of('header'), ...credentials])),
      ...body,
    },
    'http-response': { status: answer.status, headers: typeOf(request, answer), ...(said === '' ? {} : { body: said }) },
  };
}

// together makes a list of what stands there more than once.
const together = (pairs) => Object.fromEntries([...new Set(pairs.keys())].map((name) => [name, pairs.getAll(name).length > 1 ? pairs.getAll(name) : pairs.get(name)]));

// typeOf is the answer's media type, where the document names it: an answer
// that may have several types is known by it.
function typeOf(request, answer) {
  const type = answer.headers.get('content-type');
  return request.operation.produces.includes(type) ? { 'content-type': type } : {};
}

// wayOf is the way to authenticate of which we have the credentials.
function wayOf(document, operation, schemes) {
  const raw = document.json.paths[operation.path][operation.method.toLowerCase()];
  const ways = raw.security ?? document.json.security ?? [];
  return operation.secured ? ways.find((way) => Object.keys(way).every((scheme) => schemes[scheme])) : undefined;
}

// credentialsOf are the headers of that way, in lower case.
function credentialsOf(document, way = {}) {
  const all = document.json.components.securitySchemes;
  return Object.keys(way).map((scheme) => (all[scheme].type === 'apiKey' ? all[scheme].name : 'authorization').toLowerCase());
}

// trimmed is the document as Specmatic can try it out in minutes: without its
// examples (ours name what exists), with few optional parameters, with the one
// way to authenticate that has credentials, and with one success an operation.
function trimmed(document, examples, { skip = {}, security = {} } = {}) {
  const json = structuredClone(document.json);
  for (const operation of document.operations) {
    const item = json.paths[operation.path];
    const raw = item[operation.method.toLowerCase()];
    if (skip[operation.id] || !examples.has(operation.id)) {
      delete item[operation.method.toLowerCase()];
      continue;
    }
    raw.parameters = kindsOf(operation, examples.get(operation.id)).map((parameter) => pinned(parameter, examples.get(operation.id)));
    raw.security = [wayOf(document, operation, security)].filter(Boolean);
    const first = String(examples.get(operation.id)?.status);
    raw.responses = Object.fromEntries(Object.entries(raw.responses).filter(([status]) => status === first || Number(status) >= 400));
  }
  for (const item of Object.values(json.paths)) {
    delete item.parameters;
  }
  // Specmatic fails over one that it does not know, used or not.
  json.components.securitySchemes = Object.fromEntries(Object.entries(json.components.securitySchemes).filter(([name]) => security[name]));
  return withoutExamples(json);
}

// kindsOf are the parameters that Specmatic gets to know: those that must be,
// QUERY of the query's others, and a header that the sample has.
function kindsOf(operation, sample) {
  let optional = 0;
  const given = new Set(Object.keys(sample?.headers ?? {}).map((name) => name.toLowerCase()));
  return operation.parameters.filter((p) => p.required || (p.in === 'query' && ++optional <= QUERY) || (p.in === 'header' && given.has(p.name.toLowerCase())));
}

// pinned lets a parameter that must be there have the sample's value only:
// Specmatic would make up ids, which nobody has.
function pinned(parameter, sample) {
  const part = { path: 'path', header: 'headers' }[parameter.in];
  const found = Object.entries(sample?.[part] ?? {}).find(([name]) => name.toLowerCase() === parameter.name.toLowerCase());
  return parameter.required && found ? { ...parameter, schema: { type: 'string', enum: [String(found[1])] } } : parameter;
}

// withoutExamples drops the examples of media types and schemas; a property of
// that name stays.
function withoutExamples(node, inside = '') {
  if (Array.isArray(node)) {
    return node.map((item) => withoutExamples(item));
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const entries = Object.entries(node).filter(([key]) => inside === 'properties' || (key !== 'example' && key !== 'examples'));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutExamples(value, key)]));
}

function run(base, folder) {
  const jar = path.join(path.dirname(require.resolve('specmatic/package.json')), 'specmatic.jar');
  return new Promise((resolve, reject) => {
    const java = spawn('java', ['-Xmx900m', '-jar', jar, 'test', `--testBaseURL=${base}`, '--examples=examples'], { cwd: folder });
    const stop = setTimeout(() => java.kill('SIGKILL'), MINUTES * 60_000);
    let said = '';
    java.stdout.on('data', (chunk) => (said += chunk));
    java.stderr.on('data', (chunk) => (said += chunk));
    java.on('error', (error) => reject(new Error(`java does not start (on Debian: apt-get install default-jre-headless): ${error.message}`)));
    java.on('close', async (code, signal) => {
      clearTimeout(stop);
      await writeFile(path.join(folder, 'specmatic.log'), said);
      if (signal || !/^Tests run: /m.test(said)) {
        reject(new Error(`Specmatic broke off (${signal ?? code}); its last words:\n${said.slice(-3000)}`));
      }
      resolve(said);
    });
  });
}

// judged compares the failures with what is accepted. An answer that is not as
// the document says is never accepted.
function judged(api, document, judge, log, faults, examples) {
  const [, tests] = log.match(/^Tests run: (\d+)/m);
  const reasons = reasonsOf(log);
  const accepted = (api.specmatic.accepted ?? []).map((one) => ({ ...one, times: 0 }));
  for (const failure of failuresOf(log, document)) {
    const excuse = accepted.find(
      (one) => one.operations.includes(failure.operation) && one.answered === failure.answered && (one.broken ?? false) === failure.broken && (one.match ?? /^/).test(failure.block),
    );
    const violations = answerOf(failure, document, judge);
    if (excuse && violations.length === 0) {
      excuse.times++;
      continue;
    }
    const reason = [...violations, ...((reasons.get(failure.title) ?? []).shift()?.split('\n') ?? [])].join('\n');
    faults.push({ operation: failure.operation, what: 'Specmatic', text: `${failure.operation}: Specmatic: ${failure.title}\n${reason}\n${failure.exchange}` });
  }
  for (const { id } of document.operations.filter((operation) => examples.has(operation.id) && !api.specmatic.skip?.[operation.id])) {
    if (!tried(log, document).has(id)) {
      faults.push({ operation: id, what: 'not tried', text: `Specmatic did not try ${id}:\n${log.slice(log.indexOf('Unsuccessful Scenarios')).slice(0, 3000)}` });
      break; // it reads all examples or none
    }
  }
  for (const stale of accepted.filter(({ times, sometimes }) => times === 0 && !sometimes)) {
    faults.push({ operation: 'stale', what: 'stale', text: `Specmatic does not see this any more, remove it: ${stale.operations} ${stale.answered}: ${stale.why}` });
  }
  const skipped = Object.entries(api.specmatic.skip ?? {}).map(([operation, why]) => ({ operation, why }));
  return { skipped, requests: Number(tests), violations: faults.length, faults, deviations: accepted.map(({ why, times, operations, answered }) => ({ operations, answered, why, times })) };
}

const SCENARIO = /^[+-]ve {2}Scenario: (\S+) (\S+) -> (\S+)(.*) has (SUCCEEDED|FAILED)$/m;

// idOf names the operation of a scenario's method and path.
function idOf(document, method, route) {
  const at = route.replace(/\((\w+):[^)]*\)/g, '{$1}');
  return document.operations.find((operation) => operation.method === method && operation.path === at)?.id ?? `${method} ${at}`;
}

// tried are the operations that Specmatic has sent a request to.
const tried = (log, document) => new Set([...log.matchAll(new RegExp(SCENARIO.source, 'gm'))].map(([, method, route]) => idOf(document, method, route)));

function failuresOf(log, document) {
  const failures = [];
  for (const block of log.split(/^-{20}$/m)) {
    const found = block.match(SCENARIO);
    if (found?.[5] !== 'FAILED') {
      continue;
    }
    const [title, method, route] = found;
    const answered = Number(block.match(/^ *Response at .*\n *(\d{3})/m)?.[1] ?? 0);
    failures.push({
      operation: idOf(document, method, route),
      broken: title.startsWith('-ve'),
      answered,
      title: title.replace(/ has FAILED$/, ''),
      block,
      exchange: block.slice(0, found.index).trim().slice(0, 4000),
    });
  }
  return failures;
}

// answerOf is what Prism says of the answer in a failure: a list of texts.
function answerOf({ operation, block }, document, judge) {
  const [, shown = ''] = block.match(/^ *Response at .*\n((?: {4}.*\n| *\n)*)/m) ?? [];
  const [, head, text] = shown.match(/^([\s\S]*?)(?:\n *\n([\s\S]*))?$/);
  const [status, ...lines] = head.trim().split('\n');
  const headers = new Headers(lines.map((line) => line.trim().match(/^([^:]+): ?(.*)$/)?.slice(1)).filter(Boolean));
  const answer = { status: Number(status.slice(0, 3)), headers, text: text?.trim() ?? '' };
  if (isJSON(headers.get('content-type')) && answer.text !== '') {
    try {
      answer.json = JSON.parse(answer.text);
    } catch {
      return [`no JSON: ${answer.text.slice(0, 200)}`];
    }
  }
  return judge.ofAnswer(document.operation(operation), answer);
}

// reasonsOf reads the summary at the end: title -> reasons in their order.
function reasonsOf(log) {
  const reasons = new Map();
  for (const [, title, text] of log.matchAll(/^ {2}"([+-]ve {1,2}Scenario: .*) FAILED"\n([\s\S]*?)(?=\n {2}"[+-]ve {1,2}Scenario|\nTests run:)/gm)) {
    reasons.set(title, [...(reasons.get(title) ?? []), text.trim()]);
  }
  return reasons;
}
