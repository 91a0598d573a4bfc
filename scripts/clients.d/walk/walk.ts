// What the TypeScript journeys share.

const shown = 1000; // characters of a body
const secret = ["authorization", "kspuser", "ksptoken"];
let last = "no request was made";

// The clients take the global fetch: each exchange is remembered.
const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const sent = await request.clone().text();
  last = [`> ${request.method} ${request.url}`, ...lines(">", request.headers), `> ${sent.slice(0, shown)}`, "no answer"].join("\n");
  const response = await send(request);
  const got = await response.clone().text();
  last = [last.replace(/no answer$/, `< ${response.status}`), ...lines("<", response.headers), `< ${got.slice(0, shown)}`].join("\n");
  return response;
};

function lines(direction: string, headers: Headers): string[] {
  return [...headers].filter(([key]) => !secret.includes(key)).map(([key, value]) => `${direction} ${key}: ${value}`);
}

// walk walks a journey with the address of the API, and prints what it says; when
// it fails, also the last request and its answer, without credentials.
export async function walk(api: string, journey: (baseUrl: string) => Promise<string>): Promise<void> {
  const [, , address] = process.argv;
  if (address === undefined) {
    throw new Error("usage: journey URL");
  }
  try {
    console.log(`${api}, TypeScript clients: ${await journey(address)}`);
  } catch (error) {
    console.error(error, `\n${api}, TypeScript clients: failed\n${last}`);
    process.exitCode = 1;
  }
}

// want fails the journey unless the condition holds.
export function want(condition: unknown, what: string): asserts condition {
  if (!condition) {
    throw new Error(what);
  }
}
