// 429: the requests of the journey again, at a Loket that lets one through.
import { Ledger } from './ledger.mjs';
import { startProxy } from './proxy.mjs';
import { openJudge } from './judge.mjs';
import { direct, proxied, viaProxy } from './send.mjs';

// exceed sends each sample until it is refused; the second time does it.
export async function exceed({ document, base, folder, samples }) {
  const ledger = new Ledger(base);
  const judge = await openJudge(document);
  const proxy = await startProxy(document, base, folder);
  try {
    for (const request of samples.filter(({ operation }) => operation.statuses.includes(429))) {
      for (let tries = 0; tries < 3 && !ledger.seen[request.operation.id]?.[429]; tries++) {
        const answer = proxied(request) ? await viaProxy(proxy.address, request) : await direct(base, judge, request);
        ledger.note(request, answer);
      }
    }
  } finally {
    proxy.stop();
  }
  return { requests: ledger.requests, violations: ledger.violations(), seen: ledger.seen, faults: ledger.faults };
}
