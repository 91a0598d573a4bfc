// An API's journey through Prism's proxy, then refusals of every operation.
import { openJudge } from './judge.mjs';
import { Ledger } from './ledger.mjs';
import { startProxy } from './proxy.mjs';
import { refuse } from './refusals.mjs';
import { direct, proxied, viaProxy } from './send.mjs';

// Traveller is what a journey (apis/NAME.mjs) walks with.
export class Traveller {
  constructor({ document, base, proxy, judge, ledger, straight = false }) {
    Object.assign(this, { document, base, proxy, judge, ledger, straight });
    this.identities = {};
  }

  // call sends a request to an operation and gives the answer.
  //
  //   as        whose headers to send, by name in identities; null is nobody
  //   expect    the status or statuses that must come; the operation's first
  //             success when left out
  //   straight  past the proxy, for what it cannot carry
  //
  // The rest is as in request.mjs.
  async call(id, { as, expect, straight, headers, ...rest } = {}) {
    const operation = this.document.operation(id);
    const who = as === null || (as === undefined && !operation.secured) ? {} : this.identities[as ?? 'default'];
    if (!who) {
      throw new Error(`${id}: nobody is called ${as}`);
    }
    const request = { operation, headers: { ...who, ...headers }, ...rest };
    const answer = (straight ?? this.straight) || !proxied(request) ? await direct(this.base, this.judge, request) : await viaProxy(this.proxy, request);
    this.ledger.note(request, answer);
    const wanted = [expect ?? Math.min(...operation.statuses)].flat();
    if (!wanted.includes(answer.status)) {
      this.ledger.fault(`expected ${wanted.join(' or ')}`, request, answer);
    }
    return answer;
  }
}

// travel walks the journey of an API and then refuses what is left.
export async function travel({ api, document, base, folder }) {
  const judge = await openJudge(document);
  const ledger = new Ledger(base, api.lenient);
  for (const place of judge.blind()) {
    ledger.faults.push({ operation: place, what: 'Prism cannot judge this', text: `${place}: any value passes Prism's validator; does it know every pattern of the schema?` });
  }
  const proxy = await startProxy(document, base, folder);
  try {
    const traveller = new Traveller({ document, base, proxy: proxy.address, judge, ledger });
    await api.arrive(traveller);
    try {
      await api.journey(traveller);
    } catch (error) {
      // A step that failed is in the ledger; what follows it lacks its answer.
      ledger.faults.push({ operation: 'journey', what: 'broke off', text: `the journey broke off: ${error.stack}` });
    }
    await refuse(traveller, api);
  } finally {
    proxy.stop();
  }
  return ledger;
}
