// What was sent and seen: the coverage by operation and status, and what was wrong.
import { asCurl } from './request.mjs';
import { describe } from './send.mjs';
import { isSuccess } from './document.mjs';

export class Ledger {
  // lenient is [{operations, match, why}]: violations of requests that Loket
  // accepts on purpose, by a pattern of Prism's text.
  constructor(base, lenient = []) {
    this.base = base;
    this.lenient = lenient.map((one) => ({ ...one, times: 0 }));
    this.requests = 0;
    this.seen = {}; // operationId -> status -> how often
    this.samples = new Map(); // operationId -> the last request that succeeded, or else the first
    this.answers = new Map(); // operationId -> what it was answered
    this.faults = []; // {operation, what, text}
    this.kinds = new Map();
  }

  // note counts an answer and keeps what Prism says of it.
  note(request, answer) {
    const { id } = request.operation;
    this.requests++;
    this.seen[id] ??= {};
    this.seen[id][answer.status] = (this.seen[id][answer.status] ?? 0) + 1;
    if (answer.status < 300 || !this.samples.has(id)) {
      this.samples.set(id, request);
      this.answers.set(id, answer);
    }
    if (answer.status >= 500) {
      this.fault('server error', request, answer);
    }
    if (answer.violations.response.length > 0) {
      this.fault('the answer is not as the document says', request, answer, answer.violations.response);
    }
    const invalid = isSuccess(answer.status) ? answer.violations.request.filter((text) => !this.#excuse(id, text)) : [];
    if (invalid.length > 0) {
      this.fault('an invalid request is accepted', request, answer, invalid);
    }
  }

  #excuse(operation, text) {
    const found = this.lenient.find(({ operations, match }) => (!operations || operations.includes(operation)) && match.test(text));
    if (found) {
      found.times++;
    }
    return found;
  }

  // excused tells how often each lenience was used.
  excused() {
    return this.lenient.map(({ why, times }) => ({ why, times }));
  }

  // fault keeps the first three of a kind with all one needs to repeat them.
  fault(what, request, answer, details = []) {
    const operation = request.operation.id;
    const kind = `${operation} ${what} ${answer.status} ${details.map((text) => text.replace(/\d+/g, 'N')).join()}`;
    const times = (this.kinds.get(kind) ?? 0) + 1;
    this.kinds.set(kind, times);
    if (times > 3) {
      return;
    }
    const text = [`${operation} (${request.operation.method} ${request.operation.path}): ${what}`, ...details.map((d) => `  - ${d}`), asCurl(this.base, request), describe(answer)];
    this.faults.push({ operation, what, text: text.join('\n') });
  }

  violations() {
    return [...this.kinds.values()].reduce((sum, times) => sum + times, 0);
  }
}
