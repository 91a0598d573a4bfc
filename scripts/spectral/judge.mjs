// Judges what Spectral found in a document, and prints it. A finding under a rule
// of the Dutch API Design Rules (adr-…) is accepted where the document names it:
//
//   x-adr-deviation:
//     - rule: adr-query-keys-camel-case
//       reason: The page has page_size.
//
// at the place of the finding or anywhere above it (an operation, a path, the
// document). What is named and is no deviation is an error, as every other finding
// of severity error is. Status 1 when there is one.
//
//   node judge.mjs FINDINGS.json DOCUMENT.yaml
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(new URL('../node/package.json', import.meta.url));
const yaml = require('js-yaml');

const KEY = 'x-adr-deviation';
const SEVERITIES = ['error', 'warning', 'information', 'hint'];
const [findingsFile, documentFile] = process.argv.slice(2);
const document = yaml.load(readFileSync(documentFile, 'utf8'));
const findings = JSON.parse(readFileSync(findingsFile, 'utf8'));
const name = path.basename(documentFile);

const errors = [];
const deviations = []; // { rule, reason, at, times }
collect(document, []);

for (const { code, path: at, message, severity, range } of findings) {
  const named = String(code).startsWith('adr-') && deviations.findLast((d) => d.rule === code && d.at.every((key, i) => key === String(at[i])));
  if (named) {
    named.times++;
    continue;
  }
  const line = `${name}:${range.start.line + 1} ${SEVERITIES[severity]} ${code}: ${message} (${at.join(' › ')})`;
  if (severity === 0) {
    errors.push(line);
  } else {
    console.log(line);
  }
}
for (const { rule, reason, at, times } of deviations) {
  const where = at.length ? at.join(' › ') : 'the document';
  if (times === 0) {
    errors.push(`${name}: ${KEY} of ${where} names ${rule}, which is not broken there`);
  } else {
    console.log(`${name}: ${rule}, ${times} ${times === 1 ? 'time' : 'times'} in ${where}: ${reason}`);
  }
}
errors.forEach((line) => console.error(line));
process.exitCode = errors.length ? 1 : 0;

// collect finds the deviations that a document names, the outer ones first.
function collect(node, at) {
  if (node === null || typeof node !== 'object') {
    return;
  }
  for (const { rule, reason } of node[KEY] ?? []) {
    if (/^adr-/.test(rule ?? '') && /\S/.test(reason ?? '')) {
      deviations.push({ rule, reason, at, times: 0 });
    } else {
      errors.push(`${name}: ${KEY} at ${at.join(' › ')} needs a rule (adr-…) and a reason`);
    }
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== KEY) {
      collect(value, [...at, key]);
    }
  }
}
