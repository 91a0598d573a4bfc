// Konova: each kind of entry is made, read, replaced, shared and deleted; a
// deduction from an eco account; the register as OGC API Features.
import { loket } from '../loket.mjs';

const INTERVENTION = '97d7cce8-83e9-4043-bc76-317caf983a41';
const ACCOUNT = '3e7acd84-bb67-408d-886e-91004c319f38';
const NOBODY = '00000000-0000-4000-8000-000000000000';

const ksp = (Kspuser, Ksptoken) => ({ Kspuser, Ksptoken });

const KINDS = [
  { one: 'Intervention', many: 'Interventions', shared: true },
  { one: 'Compensation', many: 'Compensations', shared: true },
  { one: 'EcoAccount', many: 'EcoAccounts', shared: true },
  { one: 'Ema', many: 'Emas', shared: true },
  { one: 'Deduction', many: 'Deductions', shared: false },
];

const READS = [...KINDS.flatMap(({ one, many }) => [`list${many}`, `get${one}`]), 'listOgcItems', 'getOgcItem'];

export default {
  async arrive(t) {
    const made = await loket('credential', 'konova', 'create', '--user', 'ohne', '--group', 'Eintragungsstelle', '--confirm');
    t.identities = {
      default: ksp('demo', 'demo-ksp-token'),
      guest: ksp('gast', 'demo-ksp-gast'),
      groupless: ksp('ohne', made.trim()),
    };
  },

  async journey(t) {
    for (const kind of KINDS) {
      await entry(t, kind);
    }
    await t.call('checkIntervention', { path: { id: INTERVENTION } });
    await t.call('createDeduction', { body: { eco_account: ACCOUNT, intervention: INTERVENTION, surface: 9_999_999 }, expect: 409 });
    await t.call('deleteEcoAccount', { path: { id: ACCOUNT }, expect: 409 });
    const account = { ...t.document.example('createEcoAccount') };
    account.properties = { title: 'Ohne Fläche' };
    await t.call('replaceEcoAccount', { path: { id: ACCOUNT }, body: account, expect: 409 });

    await t.call('getOgcLanding');
    await t.call('getOgcConformance');
    await t.call('listOgcCollections');
    await t.call('getOgcCollection', { path: { collectionId: 'intervention' } });
    await t.call('listOgcItems', { path: { collectionId: 'intervention' }, query: { limit: 2, bbox: [7, 50, 8, 51] } });
    await t.call('getOgcItem', { path: { collectionId: 'intervention', featureId: INTERVENTION } });
  },

  refusals: {
    outsiders: ['groupless'],
    unknown: { id: NOBODY, featureId: NOBODY, collectionId: 'nichts' },
    bodyLimit: 5 << 20,
  },

  specmatic: {
    security: () => ({ Ksptoken: { type: 'apiKey', value: 'demo-ksp-token' }, Kspuser: { type: 'apiKey', value: 'demo' } }),
    accepted: [
      {
        operations: KINDS.flatMap(({ one }) => [`create${one}`, `replace${one}`]), answered: 400,
        why: 'what a schema cannot say: codes of the lists, entries that exist, geometries on earth, 20 decimals, no NUL in a text',
      },
      { operations: KINDS.filter(({ shared }) => shared).map(({ one }) => `replace${one}Share`), answered: 400, why: 'users and teams that are named must exist' },
      { operations: KINDS.map(({ one }) => `delete${one}`), answered: 404, why: 'the example names what the journey has deleted' },
      { operations: READS, answered: 400, match: /mit 32 Bit|bbox/, why: 'Specmatic does not keep to format int32, and bbox is a rectangle on earth' },
      { operations: READS, answered: 200, match: /expected application\/\S+ but response contained application\//, why: 'of the several types of one answer Specmatic expects another than it asked for' },
    ],
  },

  fuzz: {
    last: ['createDeduction', 'replaceDeduction'],
    names: { surface: 'surface', id: 'entry', featureId: 'entry', collectionId: 'collection', intervention: 'intervention', eco_account: 'account', users: 'user' },
    async pools(t) {
      const pools = { collection: ['intervention', 'compensation', 'ecoaccount', 'ema'], user: ['demo', 'gast'], surface: [1, 2.5, 10, 100], account: [ACCOUNT], entry: [], intervention: [] };
      for (const { many } of KINDS) {
        const { json } = await t.call(`list${many}`, { query: { rpp: 20 } });
        const ids = idsOf(json);
        pools.entry.push(...ids);
        if (many === 'Interventions') {
          pools.intervention.push(...ids);
        }
      }
      return pools;
    },
    harvest: (_, json) => ({ entry: [json.id] }),
    rules: [
      { match: /"parameter":"bbox"/, why: 'bbox is a rectangle on earth' },
      { match: /Diesen Eintrag gibt es nicht/, why: 'an entry that is named must exist for the caller' },
      { match: /"code":"geometrie"|Zu coordinates gehört type/, why: 'a geometry is closed, on earth, and has its type' },
      { match: /mit höchstens 15 Stellen/, why: 'numbers keep 20 decimals (decision 15), which binary floating point does not know' },
      { match: /Die abbuchbare Fläche/, why: 'an account gives no more than its after states have' },
      { match: /gibt es nicht in der Liste/, why: 'a code is one of its list' },
    ],
  },
};

// idsOf reads the ids of a page: its keys, or those of features.
function idsOf(json) {
  return [...new Set(JSON.stringify(json).match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [])];
}

// entry takes one kind through all that can be done with it.
async function entry(t, { one, many, shared }) {
  const body = t.document.example(`create${one}`);
  const made = await t.call(`create${one}`, { body });
  const path = { id: made.json.id };
  await t.call(`list${many}`, { query: { rpp: 2, p: 1 } });
  const read = await t.call(`get${one}`, { path });
  const etag = read.headers.get('etag');
  await t.call(`get${one}`, { path, headers: { 'If-None-Match': etag }, expect: 304 });
  await t.call(`list${many}`, { headers: { 'If-None-Match': '*' }, expect: [200, 304] });
  await t.call(`replace${one}`, { path, body });
  await t.call(`replace${one}`, { path, body, headers: { 'If-Match': '"0-0"' }, expect: 412 });
  if (one === 'Deduction') {
    await t.call('replaceDeduction', { path, body: { ...body, surface: 9_999_999 }, expect: 409 });
  }
  if (shared) {
    await t.call(`get${one}Share`, { path });
    await t.call(`replace${one}Share`, { path, body: { users: ['demo', 'gast'] } });
  }
  await t.call(`delete${one}`, { path, headers: { 'If-Match': '"0-0"' }, expect: 412 });
  const again = await t.call(`create${one}`, { body });
  await t.call(`delete${one}`, { path: { id: again.json.id } });
}
