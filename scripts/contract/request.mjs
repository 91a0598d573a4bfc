// A request to an operation as data: what its parameters and body are, so that
// it can be changed, sent, and shown as a command that repeats it.
import { isJSON } from './document.mjs';

// A request is {operation, path, query, headers, body, type}: path and query by
// parameter's name, body a value (JSON) or a Buffer, type its media type.

// target is path and query below the API's base. Lists become a=1&a=2, or
// a=1,2 where the document has explode: false.
export function target({ operation, path = {}, query = {} }) {
  const at = operation.path.replace(/\{([^}]+)\}/g, (_, name) => {
    if (path[name] === undefined) {
      throw new Error(`${operation.id}: path parameter ${name} has no value`);
    }
    return encodeURIComponent(path[name]);
  });
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) {
      return [];
    }
    const exploded = operation.parameters.find((p) => p.in === 'query' && p.name === name)?.explode ?? true;
    const values = Array.isArray(value) ? (exploded ? value : [value.join(',')]) : [value];
    return values.map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`);
  });
  return at + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
}

// mediaType is the body's: its own, or the first that the document names.
export function mediaType({ operation, body, type }) {
  if (body === undefined) {
    return type;
  }
  return type ?? Object.keys(operation.body?.content ?? { 'application/json': {} })[0];
}

// encoded is the body as bytes; undefined where there is none.
export function encoded(request) {
  const { body } = request;
  if (body === undefined || Buffer.isBuffer(body)) {
    return body;
  }
  if (typeof body === 'string' && !isJSON(mediaType(request))) {
    return Buffer.from(body);
  }
  return Buffer.from(JSON.stringify(body));
}

// headersOf is all that is sent as a header, names in lower case.
export function headersOf(request) {
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const type = mediaType(request);
  return type === undefined ? headers : { ...headers, 'content-type': type };
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// asCurl is a command line that sends the same; long bodies are shortened.
export function asCurl(base, request) {
  const parts = ['curl -i'];
  if (request.operation.method !== 'GET') {
    parts.push(`-X ${request.operation.method}`);
  }
  for (const [name, value] of Object.entries(headersOf(request))) {
    parts.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  const body = encoded(request);
  if (body !== undefined) {
    const text = body.toString('utf8');
    parts.push(`--data-binary ${text.length > 3000 ? `${quote(text.slice(0, 200))} # shortened: ${body.length} bytes` : quote(text)}`);
  }
  return [...parts.slice(0, 1), ...parts.slice(1), quote(base + target(request))].join(' ');
}
