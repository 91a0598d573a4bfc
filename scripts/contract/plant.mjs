// Shows that the tools see faults. Plants one after the other in a copy of the
// source, builds it, runs the tools against the API that the fault is in, and
// prints which of them failed. Each must be caught by at least two. It takes
// some minutes and is no part of CI:
//
//   node scripts/contract/plant.mjs [NAME...]
//
// PLANT_TOOLS=journey,fuzz leaves the slowest out.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const api = 'capo';
const ALL = { journey: 'journey,limits', fuzz: 'fuzz', specmatic: 'specmatic' };

const TOOLS = Object.fromEntries(Object.entries(ALL).filter(([tool]) => (process.env.PLANT_TOOLS ?? tool).split(',').includes(tool)));

const FAULTS = {
  none: undefined, // the tools must find nothing where nothing is wrong
  'missing key': {
    file: 'gen/capo/capo.gen.go',
    from: '\tAantalBijlagen int `json:"aantalBijlagen"`',
    to: '\tAantalBijlagen int `json:"-"`',
  },
  'wrong status': {
    file: 'gen/capo/capo.gen.go',
    from: /(func \(response CreateMic201JSONResponse\)[\s\S]*?)w\.WriteHeader\(201\)/,
    to: '$1w.WriteHeader(202)',
  },
  'wrong kind': {
    file: 'gen/capo/capo.gen.go',
    from: '\tAantalBijlagen int `json:"aantalBijlagen"`',
    to: '\tAantalBijlagen int `json:"aantalBijlagen,string"`',
  },
  'unknown property accepted': {
    file: 'handlers/validate/document.go',
    from: '\td.spec, d.operations = spec, map[string]*Operation{}\n',
    to: '\tfor _, s := range spec.Components.Schemas {\n\t\ts.Value.AdditionalProperties = openapi3.AdditionalProperties{}\n\t}\n$&',
  },
};

const asked = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'contract-plant-'));
const rows = [];
try {
  copy(path.join(folder, 'tree'));
  for (const [name, fault] of Object.entries(FAULTS)) {
    if (asked.length === 0 || asked.includes(name)) {
      rows.push([name, ...tools(name, fault)]);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

console.log(`\n${['fault', ...Object.keys(TOOLS)].map((title) => title.padEnd(27)).join('')}`);
for (const row of rows) {
  console.log(row.map((cell) => cell.padEnd(27)).join(''));
}
const caught = (row) => row.filter((cell) => cell.startsWith('caught')).length;
const bad = rows.filter((row) => (row[0] === 'none' ? caught(row) > 0 : caught(row) < 2));
console.log(bad.length === 0 ? '\nplant: each fault is caught by at least two tools' : `\nplant: not so: ${bad.map(([name]) => name).join(', ')}`);
process.exitCode = bad.length === 0 ? 0 : 1;

function copy(tree) {
  const files = execFileSync('git', ['ls-files', '-z', '*.go', 'go.mod', 'go.sum', 'gen', 'openapi', 'handlers', 'store'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\0').filter(Boolean)) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(tree, file));
  }
}

// tools builds the program with the fault and gives what each tool says of it.
function tools(name, fault) {
  const tree = path.join(folder, 'tree');
  const program = path.join(folder, 'loket');
  const at = fault && path.join(tree, fault.file);
  const sound = fault && readFileSync(at, 'utf8');
  if (fault) {
    const planted = sound.replace(fault.from, fault.to);
    if (planted === sound) {
      throw new Error(`${name}: ${fault.file} has changed, the fault does not fit any more`);
    }
    writeFileSync(at, planted);
  }
  execFileSync('go', ['build', '-o', program, '.'], { cwd: tree, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'inherit' });
  if (fault) {
    writeFileSync(at, sound);
  }
  return Object.entries(TOOLS).map(([tool, parts]) => {
    const { status, stdout } = spawnSync(path.join(root, 'scripts/contract/run'), ['--parts', parts, api], { env: { ...process.env, LOKET_BIN: program }, encoding: 'utf8' });
    const [first] = stdout.matchAll(/^=== .*\n(.*)\n(.*)/gm);
    if (status !== 0 && first) {
      console.log(`${name}: ${tool}: ${first[1]} ${first[2].trim()}`.slice(0, 400));
    }
    if (/ broke off$/m.test(stdout) || (status !== 0 && !first)) {
      throw new Error(`${name}: ${tool} broke off, which says nothing:\n${stdout}`);
    }
    return status === 0 ? 'passed' : `caught (${stdout.match(/contract: (\d+) faults/)?.[1]})`;
  });
}
