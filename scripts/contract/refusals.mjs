// What every operation refuses in the same way, derived from a request that
// succeeded: without credentials, with a strange Accept, and so on. Each
// declared status of 400 and up that the journey has not seen is tried.
import { isJSON } from './document.mjs';
import { mediaType } from './request.mjs';

const STRANGE = 'model/vrml';

export async function refuse(traveller, api) {
  const { document, ledger } = traveller;
  for (const operation of document.operations) {
    const sample = ledger.samples.get(operation.id);
    if (!sample) {
      continue; // the coverage says so
    }
    for (const status of operation.statuses.filter((s) => s >= 400 && s !== 429 && s < 500)) {
      const own = api.refusals?.attempts?.(status, sample, traveller) ?? [];
      for (const attempt of [...own, ...attempts(status, sample, traveller, api)]) {
        if (ledger.seen[operation.id]?.[status]) {
          break;
        }
        const { straight, as, ...request } = attempt;
        await traveller.call(operation.id, { ...request, as: as ?? null, straight, expect: operation.statuses });
      }
    }
  }
}

function attempts(status, sample, traveller, api) {
  const { operation } = sample;
  const { outsiders = [], unknown = {}, bodyLimit = 1 << 20 } = api.refusals ?? {};
  const body = sample.body !== undefined && isJSON(mediaType(sample));
  const change = (part, name, value) => ({ ...sample, [part]: { ...sample[part], [name]: value } });
  const ofPath = (value) => operation.parameters.filter((p) => p.in === 'path').map((p) => change('path', p.name, value(p)));
  switch (status) {
    case 400:
      return [
        ...(body ? [{ ...sample, body: { ...sample.body, onbekend_veld: 1 } }, { ...sample, body: [] }, { ...sample, body: 'x' }, { ...sample, body: {} }] : []),
        change('query', 'onbekende_parameter', 1),
        ...operation.parameters.filter((p) => p.in === 'query').map((p) => change('query', p.name, p.schema?.type === 'string' ? '!'.repeat(3000) : '!')),
        ...ofPath(() => '!'),
        ...ofPath(() => '!'.repeat(3000)),
        ...(operation.body ? [{ ...sample, body: Buffer.from('{'), type: 'application/json', straight: true }] : []),
        ...operation.parameters.filter((p) => p.in === 'header' && p.required).map((p) => change('headers', p.name, undefined)),
        ...ofPath(() => '\u0000'),
      ];
    case 401:
      return [
        { ...sample, headers: without(sample.headers, Object.keys(traveller.identities.default ?? {})) },
        { ...sample, headers: without(sample.headers, ['authorization']) },
        ...(sample.headers.Authorization ? [change('headers', 'Authorization', 'Bearer x')] : []),
      ];
    case 403:
      return outsiders.map((name) => ({ ...sample, headers: { ...sample.headers, ...traveller.identities[name] } }));
    case 404:
      return [
        ...operation.parameters.filter((p) => p.in === 'path' && unknown[p.name]).map((p) => change('path', p.name, unknown[p.name])),
        ...ofPath(() => 'x-unbekannt'),
      ];
    case 406:
      return [change('headers', 'Accept', STRANGE)];
    case 413:
      return operation.body ? [{ ...sample, body: Buffer.from(`{"x":"${'x'.repeat(bodyLimit)}"}`), straight: true }] : [];
    case 415:
      return [{ ...sample, body: Buffer.from('x'), type: STRANGE }];
    default:
      return [];
  }
}

function without(headers = {}, names) {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.has(name.toLowerCase())));
}
