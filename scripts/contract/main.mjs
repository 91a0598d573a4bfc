// Runs the parts for each API, two at a time, each beside a Loket of its own,
// and prints what came of it. The exit status is 1 when anything is wrong.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { printSummary } from './summary.mjs';

const here = new URL('.', import.meta.url).pathname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'string' }, parts: { type: 'string', default: 'journey,limits,fuzz,fresh,specmatic,lint' } },
});
const all = (await readdir(path.join(here, 'apis'))).map((name) => path.basename(name, '.mjs')).sort();
const apis = positionals.length > 0 ? positionals : all;
const parts = values.parts.split(',');
const folder = values.keep ?? (await mkdtemp(path.join(tmpdir(), 'contract-')));

// Without limits, with small files and without waiting.
const OPEN = {
  LOKET_CAPO_RATE: '0', LOKET_CAPO_IN_FLIGHT: '0', LOKET_VEMAP_RATE: '0', LOKET_KONOVA_RATE: '0', LOKET_KONOVA_IN_FLIGHT: '0',
  LOKET_GEVER_RATE: '0', LOKET_GEVER_IN_FLIGHT: '0', LOKET_GEVER_MAX_UPLOAD: '1000000', LOKET_GEVER_PRIVATE_QUOTA: '1000', LOKET_PLOOI_RATE: '0', LOKET_PLOOI_DELAY: '0s', LOKET_PLOOI_MAX_FILE: '1000000',
  LOKET_DOCUMENTATION_RATE: '0', LOKET_SQLITE_SYNC: 'normal', LOKET_LOG_LEVEL: 'warn',
}; // prettier-ignore

// One request, and then none for an hour.
const CLOSED = Object.fromEntries(['CAPO', 'VEMAP', 'KONOVA', 'GEVER', 'PLOOI'].flatMap((name) => [[`LOKET_${name}_RATE`, '0.0003'], [`LOKET_${name}_BURST`, '1']]));

const fixed = process.env.CONTRACT_SEED ?? '1';
const fresh = String(process.env.CONTRACT_FRESH_SEED ?? Math.floor(Math.random() * 2 ** 30));

// A job is a list of steps that follow each other; the long ones come first.
const jobs = [];
const add = (part, name, ...steps) => parts.includes(part) && apis.includes(name) && jobs.push({ name: `${name} ${part}`, steps });
for (const name of all) {
  add('specmatic', name, () => beside(OPEN, 'specmatic', name));
}
for (const name of all) {
  const steps = [() => beside(OPEN, 'journey', name)];
  if (parts.includes('limits')) {
    steps.push(() => beside({ ...OPEN, ...CLOSED }, 'limits', name));
  }
  add('journey', name, ...steps);
}
for (const name of all) {
  add('fuzz', name, () => beside({ ...OPEN, CONTRACT_SEED: fixed }, 'fuzz', name));
  add('fresh', name, () => beside({ ...OPEN, CONTRACT_SEED: fresh, CONTRACT_REQUESTS: '500' }, 'fuzz', name, 'fresh'));
}
if (parts.includes('lint')) {
  jobs.push({ name: 'lint', steps: [() => command('lint', path.join(here, '../lint-spec'), apis)] });
}

const begun = performance.now();
const broken = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
const ok = await printSummary({ folder, apis, parts, broken, fixed, fresh, seconds: Math.round((performance.now() - begun) / 1000) });
if (!values.keep) {
  await rm(folder, { recursive: true });
}
process.exitCode = ok ? 0 : 1;

async function worker() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const start = performance.now();
    let failed = false;
    for (const step of job.steps) {
      failed ||= !(await step());
    }
    console.log(`contract: ${job.name}${failed ? ' broke off' : ''}, ${Math.round((performance.now() - start) / 1000)} s`);
  }
}

// beside runs one part beside a Loket with these variables.
function beside(variables, part, name, as = part) {
  return command(`${name} ${as}`, path.join(here, '../with-demo'), [process.execPath, path.join(here, 'part.mjs'), part, name, folder, as], variables);
}

function command(what, program, words, variables = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('close', async (code) => {
      if (code !== 0) {
        broken.push({ what, said });
      }
      await writeFile(path.join(folder, `${what.replace(' ', '.')}.log`), said);
      resolve(code === 0);
    });
  });
}
