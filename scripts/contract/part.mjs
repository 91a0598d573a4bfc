// One part of the check of one API, beside a Loket of its own:
//
//   scripts/with-demo node part.mjs PART API FOLDER [AS]
//
// PART is journey, limits, fuzz or specmatic. The result goes to
// FOLDER/API.AS.json (AS is PART when left out); main.mjs reads it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fetchDocument } from './document.mjs';

const [part, name, folder, as = part] = process.argv.slice(2);
const origin = process.env.LOKET_DEMO_URL;
const base = `${origin}/api/${name}`;
const own = path.join(folder, `${name}.${as}`);
await mkdir(own, { recursive: true });

const { default: api } = await import(`./apis/${name}.mjs`);
const document = await fetchDocument(origin, name);
await writeFile(path.join(folder, `${name}.document.json`), JSON.stringify(document.json));
const context = { api, name, document, base, origin, folder: own };

const parts = {
  async journey() {
    const { travel } = await import('./journey.mjs');
    const ledger = await travel(context);
    const samples = [...ledger.samples.values()].filter((r) => !r.stream).map(({ operation, body, ...rest }) => ({ ...rest, id: operation.id, body: pack(body) }));
    await writeFile(path.join(folder, `${name}.samples.json`), JSON.stringify(samples));
    return { requests: ledger.requests, violations: ledger.violations(), seen: ledger.seen, faults: ledger.faults };
  },
  async limits() {
    const { exceed } = await import('./limits.mjs');
    const samples = JSON.parse(await readFile(path.join(folder, `${name}.samples.json`), 'utf8'));
    return exceed({ ...context, samples: samples.map(({ id, body, ...rest }) => ({ ...rest, operation: document.operation(id), body: unpack(body) })) });
  },
  async fuzz() {
    const { fuzz } = await import('./fuzz.mjs');
    return fuzz(context);
  },
  async specmatic() {
    const { generative } = await import('./specmatic.mjs');
    return generative(context);
  },
};

const begun = performance.now();
const result = await parts[part]();
result.seconds = Math.round((performance.now() - begun) / 1000);
await writeFile(path.join(folder, `${name}.${as}.json`), JSON.stringify(result, null, 1));
process.exit(0); // idle connections would hold it up

// Bytes do not survive JSON as they are.
function pack(body) {
  return Buffer.isBuffer(body) ? { base64: body.toString('base64') } : { value: body };
}

function unpack({ base64, value }) {
  return base64 === undefined ? value : Buffer.from(base64, 'base64');
}
