// Prism's own validator, in this process: the same verdicts as its proxy gives,
// for requests that cannot go through it (it sets Content-Length, rewrites JSON,
// takes 10 MB at most) and for thousands of them.
import { mediaType, target, headersOf } from './request.mjs';
import { isJSON } from './document.mjs';
import { require } from './tools.mjs';

const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
const { validateInput, validateOutput, validateSecurity } = require('@stoplight/prism-http/dist/validator');

// openJudge reads a document (an object).
export async function openJudge(document) {
  const operations = await getHttpOperationsFromSpec(document.forPrism());
  const found = new Map(operations.map((operation) => [`${operation.method.toUpperCase()} ${operation.path}`, operation]));
  return new Judge(found);
}

class Judge {
  constructor(operations) {
    this.operations = operations;
  }

  // of judges a request and its answer: lists of texts, empty when they are as
  // the document says.
  of(request, answer) {
    const resource = this.#resource(request.operation);
    const input = inputOf(request);
    return {
      request: [...faults(validateSecurity({ resource, element: input })), ...faults(validateInput({ resource, element: input }))],
      response: this.ofAnswer(request.operation, answer),
    };
  }

  // ofAnswer judges an answer alone.
  ofAnswer(operation, { status, headers, json, text }) {
    const element = { statusCode: status, headers: Object.fromEntries(headers), body: isJSON(headers.get('content-type')) ? json : text };
    const found = faults(validateOutput({ resource: this.#resource(operation), element }));
    // The answer to a HEAD has the headers of a body that does not come.
    return operation.method === 'HEAD' ? found.filter((text) => !text.startsWith('body')) : found;
  }

  #resource({ method, path }) {
    const resource = this.operations.get(`${method} ${path}`);
    if (!resource) {
      throw new Error(`Prism does not know ${method} ${path}`);
    }
    return resource;
  }

  // blind lists the bodies that Prism lets pass whatever they are: it is silent
  // about a schema that it cannot compile.
  blind() {
    const places = [];
    for (const resource of this.operations.values()) {
      const name = `${resource.method.toUpperCase()} ${resource.path}`;
      for (const { code, contents = [] } of resource.responses) {
        for (const { mediaType, schema } of contents.filter((content) => isJSON(content.mediaType) && constrains(content.schema))) {
          const element = { statusCode: Number(code), headers: { 'content-type': mediaType }, body: NONSENSE };
          if (!faults(validateOutput({ resource, element })).some((text) => text.startsWith('body'))) {
            places.push(`${name} ${code} ${mediaType} ${schema.title ?? ''}`);
          }
        }
      }
      for (const { mediaType } of (resource.request?.body?.contents ?? []).filter((content) => isJSON(content.mediaType) && constrains(content.schema))) {
        const element = { method: resource.method, url: { path: resource.path, query: {} }, headers: { 'content-type': mediaType, 'content-length': '1' }, body: NONSENSE };
        if (!faults(validateInput({ resource, element })).some((text) => text.startsWith('body'))) {
          places.push(`${name} request ${mediaType}`);
        }
      }
    }
    return places;
  }
}

// constrains tells whether a schema says anything about a value.
const constrains = (schema) => schema && ['type', 'oneOf', 'anyOf', 'allOf', 'enum', '$ref'].some((keyword) => keyword in schema);

// A value that no schema of JSON allows, but for one that allows all.
const NONSENSE = Symbol('no JSON');

function inputOf(request) {
  const url = new URL(target(request), 'http://localhost');
  const query = {};
  for (const name of url.searchParams.keys()) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  const headers = headersOf(request);
  let body = request.body ?? null;
  if (request.body !== undefined) {
    headers['content-length'] ??= '1'; // Prism looks at the media type of a body only when there is a length
    if (Buffer.isBuffer(body)) {
      body = isJSON(mediaType(request)) ? parsed(body) : body.toString('utf8');
    }
  }
  return { method: request.operation.method.toLowerCase(), url: { path: url.pathname, query }, headers, body };
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes.toString('utf8');
  }
}

// faults reads fp-ts' Either: Left is a list of what is wrong.
function faults(either) {
  return either._tag === 'Left' ? [either.left].flat().map(({ path, message }) => `${(path ?? []).join('.')}: ${message}`) : [];
}
