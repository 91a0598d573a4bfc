// Which answers that the document declares came about; what may be missing is
// listed with its reason in apis/NAME.mjs.

// coverage compares what was seen (operationId -> status -> times) with the
// document. unprovoked is [{operations, status, why}], operations a list of
// operationIds or '*'.
export function coverage(document, seen, unprovoked = []) {
  const result = { operations: document.operations.length, succeeded: 0, declared: 0, refused: 0, missing: [], excused: [], stale: [] };
  const used = new Set();
  for (const { id, method, path, statuses } of document.operations) {
    const has = (status) => (seen[id]?.[status] ?? 0) > 0;
    const name = `${id} (${method} ${path})`;
    // An operation whose only success is a 302 has no 2xx, one that exists to
    // be refused has neither.
    const successes = statuses.filter((status) => status < 300);
    const wanted = successes.length > 0 ? successes : statuses.filter((status) => status < 400);
    if (wanted.length === 0 || wanted.some(has)) {
      result.succeeded++;
    } else {
      result.missing.push(`${name}: no success`);
    }
    for (const status of statuses.filter((one) => one >= 400 && one < 500)) {
      result.declared++;
      const excuse = unprovoked.find((one) => one.status === status && (one.operations === '*' || one.operations.includes(id)));
      if (has(status)) {
        result.refused++;
      } else if (excuse) {
        used.add(excuse);
        result.excused.push({ operation: id, status, why: excuse.why });
      } else {
        result.missing.push(`${name}: ${status}`);
      }
    }
  }
  result.stale = unprovoked.filter((excuse) => !used.has(excuse)).map(({ operations, status, why }) => `${operations} ${status}: ${why}`);
  return result;
}
