// Sending a request and reading the answer: through Prism's proxy, which judges
// both, or straight to Loket, where Prism's validator judges them in here.
import { isJSON } from './document.mjs';
import { encoded, headersOf, target } from './request.mjs';

const HEADER = 'sl-violations';

// An answer is {status, headers, text, json, violations}; violations is
// {request, response, cut}: texts, and whether Prism cut the list off.

// proxied tells whether Prism's proxy can carry a request: it answers 500 where
// the answer to a HEAD names a media type and, as it must, has no body.
export const proxied = ({ operation }) => operation.method !== 'HEAD';

// viaProxy sends through a running `prism proxy`.
export async function viaProxy(proxy, request) {
  const answer = await exchange(proxy, request);
  answer.violations = readHeader(answer.headers.get(HEADER));
  return answer;
}

// direct sends to Loket and asks the judge (judge.mjs).
export async function direct(base, judge, request) {
  const answer = await exchange(base, request);
  answer.violations = { ...judge.of(request, answer), cut: false };
  return answer;
}

async function exchange(base, request) {
  const response = await fetch(base + target(request), {
    method: request.operation.method,
    headers: headersOf(request),
    body: request.stream ?? encoded(request),
    duplex: request.stream && 'half',
    redirect: 'manual',
  });
  const text = await response.text();
  let json;
  if (isJSON(response.headers.get('content-type'))) {
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined; // the judge says so
    }
  }
  return { status: response.status, headers: response.headers, text, json };
}

// readHeader takes Prism's header apart. When it is long Prism cuts it off, so
// that it is no JSON; then the locations are read from what is left, and a
// violation of the answer may hide in the rest.
function readHeader(header) {
  if (!header) {
    return { request: [], response: [], cut: false };
  }
  const list = { request: [], response: [], cut: false };
  try {
    for (const { location, message } of JSON.parse(header)) {
      list[location?.[0] === 'response' ? 'response' : 'request'].push(`${(location ?? []).join('.')}: ${message}`);
    }
  } catch {
    list.cut = true;
    for (const [, at] of header.matchAll(/"location":\["(request|response)"/g)) {
      list[at].push('one of too many violations for a header');
    }
  }
  return list;
}

export const describe = ({ status, headers, text }) => {
  const shown = ['content-type', 'location', 'x-request-id'].filter((name) => headers.get(name)).map((name) => `${name}: ${headers.get(name)}`);
  return [`HTTP ${status}`, ...shown, text.length > 1500 ? `${text.slice(0, 1500)}…` : text].join('\n');
};
