// PLOOI: metadata and file are delivered, processed, read, changed, withdrawn.
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const DEMO = '5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01';
const SERVICES = '/overheid/openbaarmaken/api/v0';

const bearer = (token) => ({ Authorization: `Bearer ${token}` });

async function token(t, org) {
  const { json } = await t.call('getTesttoken', { query: { org, role: 'Publisher Basis' } });
  return json.access_token;
}

export default {
  async arrive(t) {
    const own = await token(t, 'gemeente Alkmaar');
    const other = await token(t, 'gemeente Utrecht');
    t.identities = {
      default: { ...bearer(own), 'x-access-token': own },
      other: { ...bearer(other), 'x-access-token': other },
      nobody: { Authorization: undefined, 'x-access-token': undefined },
      wrong: { ...bearer('x.y.z'), 'x-access-token': 'x.y.z' },
    };
  },

  async journey(t) {
    const first = t.document.example('createMetadata');
    const made = await t.call('createMetadata', { body: first });
    const location = made.headers.get('location') ?? JSON.stringify(made.json);
    const documentId = location.match(/[0-9a-f]{8}-[0-9a-f-]{27}/)[0];
    const path = { documentId };
    const pdf = Buffer.from('%PDF-1.7 jaarverslag');
    await t.call('getDocument', { path, expect: 404 });
    const delivered = await t.call('createDocument', { path, body: pdf, type: 'application/pdf' });
    const stored = await t.call('getMetadata', { path });
    await t.call('updateMetadata', { path, body: stored.json });
    const moved = structuredClone(stored.json);
    moved.document.pid = moved.document.pid.replace(documentId, UNKNOWN);
    await t.call('updateMetadata', { path, body: moved, expect: 409 });
    // main.mjs sets the limit of a file to 1 MB.
    for (const operation of ['createDocument', 'updateDocument']) {
      await t.call(operation, { path, body: Buffer.alloc(1_000_001, '%PDF-1.7 '), type: 'application/pdf', expect: 413 });
    }
    await t.call('updateDocument', { path, body: Buffer.from('%PDF-1.7 jaarverslag, verbeterd'), type: 'application/pdf' });
    await t.call('getDocument', { path });
    await t.call('zoekEigen', { query: { start: 0 } });
    const sessionId = delivered.headers.get('x-session-id') ?? JSON.stringify(delivered.json).match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0];
    await t.call('getProces', { path: { sessionId } });
    await t.call('listVerwerkingen', { path: { sessionId }, query: { page: 0, size: 5 } });
    await t.call('getVerwerkingsstatus', { query: { dcnId: `plooi-api-${DEMO}` } });
    await t.call('getPublicatie', { path: { documentId: DEMO } });
    await t.call('getPublicatieBestand', { path: { documentId: DEMO } });
    await t.call('deleteDocument', { path });
    await t.call('deleteDocument', { path, expect: 404 });
    const last = await t.call('createMetadata', { body: first });
    const lastId = (last.headers.get('location') ?? JSON.stringify(last.json)).match(/[0-9a-f]{8}-[0-9a-f-]{27}/)[0];
    await t.call('createDocument', { path: { documentId: lastId }, body: pdf, type: 'application/pdf' });
    await t.call('deleteDocument', { path: { documentId: lastId } });

    await t.call('getWaardelijst', { query: { soort: 'gemeenten' } });
    await t.call('checkToken');
    await t.call('decidePolicy', { body: t.document.example('decidePolicy') });
    await t.call('getSleutels');
    await t.call('zoekPortaal', { body: t.document.example('zoekPortaal') });
  },

  unprovoked: [
    { operations: ['getTesttoken'], status: 404, why: 'the operation is there in demo mode only, and this is the demo' },
    { operations: ['getSleutels'], status: 404, why: 'only before any token was made, and the demo delivers with one' },
  ],

  refusals: {
    outsiders: ['nobody', 'other'],
    unknown: { documentId: UNKNOWN, sessionId: UNKNOWN },
    bodyLimit: 1 << 20,
    attempts(status, sample, t) {
      const sent = (more) => ({ ...sample, headers: { ...sample.headers, ...more } });
      if (sample.operation.id === 'getVerwerkingsstatus' && status === 404) {
        return [{ ...sample, query: { dcnId: `plooi-api-${UNKNOWN}` } }];
      }
      return status === 401 && sample.operation.path.startsWith(SERVICES) ? [sent(t.identities.wrong)] : [];
    },
  },

  specmatic: {
    accepted: [
      { operations: ['getPublicatieBestand'], answered: 200, match: /expected application\/zip but response contained application\/pdf/, why: 'of the two types of a file Specmatic expects one' },
      { operations: ['getTesttoken'], answered: 400, match: /Geen organisatie heet/, why: 'the organisation is made up' },
      { operations: ['getVerwerkingsstatus'], answered: 404, why: 'the document is made up' },
      { operations: ['getDocument'], answered: 404, why: 'the example names what the journey has withdrawn' },
      { operations: ['createMetadata', 'updateMetadata'], answered: 400, why: 'values of the lists, which are formats of this API that Specmatic does not know' },
      { operations: ['createDocument', 'updateDocument'], answered: 400, match: /Het bestand kon niet verwerkt worden/, why: 'a file begins as its type does; Specmatic sends text' },
      { operations: ['deleteDocument'], answered: 404, why: 'the example names what the journey has withdrawn' },
    ],
    security: (t) => ({ bearerAuth: { type: 'bearer', token: t.identities.default['x-access-token'] }, accessToken: { type: 'apiKey', value: t.identities.default['x-access-token'] } }),
  },

  fuzz: {
    names: { documentId: 'document', sessionId: 'session', dcnId: 'dcn', org: 'organisation', role: 'role', pid: 'pid', sorteer: 'sorteer' },
    last: ['deleteDocument'],
    async pools() {
      return {
        document: [DEMO, DEMO.replace(/1$/, '2'), DEMO.replace(/1$/, '3')],
        dcn: [`plooi-api-${DEMO}`],
        organisation: ['gemeente Alkmaar', 'gemeente Utrecht'],
        role: ['Publisher Basis', 'Publisher KST'],
        sorteer: ['relevantie', 'timestamp desc', 'wijzigingsdatum asc', 'openbaarmakingsdatum desc'],
      };
    },
    formats: formatsOf,
    harvest: (_, json) => ({ document: [json?.document?.pid?.match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0]], pid: [json?.document?.pid] }),
    rules: [
      { operations: ['updateMetadata'], match: /identifier is niet geldig/, why: 'document.pid must be there when metadata is changed; the original answers this as an identifier fault' },
      { operations: ['getWaardelijst'], match: /^$/, why: 'soort is one of the value lists (format soort), and the answer has no body' },
      { operations: ['createMetadata', 'updateMetadata'], match: /voldoen niet aan het schema/, why: 'values of the lists (formats of this API) and the formats date and uri of the original' },
    ],
  },
};

// formatsOf gives values of the formats that only this API knows.
function formatsOf(t) {
  const { document } = t.document.example('createMetadata');
  const { documentsoorten, themas } = document.classificatiecollectie;
  return {
    soort: ['gemeenten', 'ministeries', 'provincies'],
    kenmerk: ['ALK-2022-0147', 'X-1'],
    organisatie: [document.publisher.id],
    taal: [document.language.id],
    documentsoort: documentsoorten.map(({ id }) => id),
    thema: themas.map(({ id }) => id),
    handeling: document.documenthandelingen.map(({ soortHandeling }) => soortHandeling.id),
    filetype: ['http://publications.europa.eu/resource/authority/file-type/PDF'],
  };
}
