// What a run found: first everything that is wrong, then a table.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { coverage } from './coverage.mjs';
import { Document } from './document.mjs';

export async function printSummary({ folder, apis, parts, broken, fixed, fresh, seconds }) {
  let wrong = broken.length;
  for (const { what, said } of broken) {
    console.log(`\n=== ${what} broke off\n${said.slice(-6000)}`);
  }
  const rows = [];
  for (const name of apis) {
    const { default: api } = await import(`./apis/${name}.mjs`);
    const results = Object.fromEntries(await Promise.all(['journey', 'limits', 'fuzz', 'fresh', 'specmatic'].map(async (part) => [part, await read(folder, name, part)])));
    for (const [part, result] of Object.entries(results)) {
      for (const { text } of result?.faults ?? []) {
        wrong++;
        console.log(`\n=== ${name} ${part}\n${text}`);
      }
    }
    let covered;
    if (results.journey && results.limits) {
      const document = new Document(JSON.parse(await readFile(path.join(folder, `${name}.document.json`), 'utf8')));
      covered = coverage(document, added(results.journey.seen, results.limits.seen), api.unprovoked);
      wrong += printCoverage(name, covered);
    }
    printNotes(name, results);
    rows.push(row(name, results, covered));
  }
  console.log(`\nparts: ${parts.join(', ')}; seeds: ${fixed} and ${fresh} (CONTRACT_SEED, CONTRACT_FRESH_SEED set them); ${seconds} s\n`);
  table(['api', 'operations', '2xx', '4xx of declared', 'not provoked', 'journey', 'fuzzed', 'accepted', 'by rule', 'Specmatic', 'deviations', 'violations'], rows);
  console.log(wrong === 0 ? '\ncontract: every answer is as the documents say' : `\ncontract: ${wrong} faults, see above`);
  return wrong === 0;
}

async function read(folder, name, part) {
  try {
    return JSON.parse(await readFile(path.join(folder, `${name}.${part}.json`), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined; // not asked for, or broken off
    }
    throw error;
  }
}

// added joins two counts of what was seen.
function added(...counts) {
  const all = {};
  for (const [id, statuses] of counts.flatMap(Object.entries)) {
    all[id] = { ...all[id] };
    for (const [status, times] of Object.entries(statuses)) {
      all[id][status] = (all[id][status] ?? 0) + times;
    }
  }
  return all;
}

// byReason maps each reason to the operations that it is about.
function byReason(list, reason) {
  const all = new Map();
  for (const one of list) {
    all.set(reason(one), [...(all.get(reason(one)) ?? []), one.operation]);
  }
  return all;
}

function printCoverage(name, { missing, stale, excused }) {
  for (const [why, operations] of byReason(excused, ({ status, why }) => `${status}: ${why}`)) {
    console.log(`${name}: no client provokes ${why} (${operations.join(', ')})`);
  }
  for (const one of missing) {
    console.log(`\n=== ${name}: never answered: ${one}\nAdd a step to scripts/contract/apis/${name}.mjs, or a reason to its unprovoked.`);
  }
  for (const one of stale) {
    console.log(`\n=== ${name}: is provoked after all, remove it from unprovoked: ${one}`);
  }
  return missing.length + stale.length;
}

function printNotes(name, { fuzz, specmatic }) {
  for (const { why, times } of [...(fuzz?.rules ?? []), ...(fuzz?.lenient ?? [])]) {
    console.log(`${name}: fuzz, ${times} times: ${why}`);
  }
  if (fuzz?.never.length > 0) {
    console.log(`${name}: fuzz, no success of ${fuzz.never.join(', ')}`);
  }
  for (const [tool, { skipped }] of Object.entries({ 'the fuzzer': fuzz ?? {}, Specmatic: specmatic ?? {} })) {
    for (const [why, operations] of byReason(skipped ?? [], ({ why }) => why)) {
      console.log(`${name}: ${tool} does not try ${operations.join(', ')}: ${why}`);
    }
  }
  for (const { operations, answered, why, times } of specmatic?.deviations ?? []) {
    console.log(`${name}: Specmatic, ${times} times ${answered}: ${why} (${operations.join(', ')})`);
  }
}

function row(name, { journey, limits, fuzz, fresh, specmatic }, covered) {
  const sum = (key, ...results) => results.reduce((total, result) => total + (result?.[key] ?? 0), 0);
  return [
    name,
    covered?.operations ?? '-',
    covered?.succeeded ?? '-',
    covered ? `${covered.refused} of ${covered.declared}` : '-',
    covered?.excused.length ?? '-',
    sum('requests', journey, limits),
    sum('requests', fuzz, fresh),
    sum('accepted', fuzz, fresh),
    [...(fuzz?.rules ?? []), ...(fresh?.rules ?? [])].reduce((total, { times }) => total + times, 0),
    specmatic?.requests ?? '-',
    (specmatic?.deviations ?? []).reduce((total, { times }) => total + times, 0),
    sum('violations', journey, limits, fuzz, fresh, specmatic),
  ].map(String);
}

function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((one) => one[i].length)));
  for (const one of [head, ...rows]) {
    console.log(one.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
  }
}
