// Reads, creates and tries one refusal with a client that openapi-typescript and
// openapi-fetch made from the served document: one that escapes the slashes of
// a path. scripts/clients compiles it strictly beside that client; its argument
// is the address of the API.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Dossier = components["schemas"]["Dossier"];

const folder = "ordnungssystem/fuehrung";

async function main(baseUrl: string): Promise<void> {
  const client = createClient<paths>({
    baseUrl,
    headers: { Authorization: `Basic ${btoa("john.doe:Demo-Gever-1!")}` },
  });

  const read = await client.GET("/{path}", { params: { path: { path: `${folder}/dossier-23` } } });
  if (!read.data || read.data["@type"] !== "opengever.dossier.businesscasedossier") {
    throw new Error(`read: ${read.response.status}`);
  }
  const dossier: Dossier = read.data;
  if (dossier.title !== "Ein Geschäftsdossier" || dossier.items?.length !== 2) {
    throw new Error(`read: ${dossier.title}`);
  }

  const made = await client.POST("/{path}", {
    params: { path: { path: folder }, header: { Prefer: "return=representation" } },
    body: { "@type": "opengever.dossier.businesscasedossier", title: "Vom TypeScript-Client", responsible: "peter.muster" },
  });
  if (!made.data || !("title" in made.data) || made.data.title !== "Vom TypeScript-Client") {
    throw new Error(`create: ${made.response.status}`);
  }

  const refused = await client.POST("/{path}", {
    params: { path: { path: "ordnungssystem" } },
    body: { "@type": "opengever.document.document", title: "Am falschen Ort" },
  });
  if (refused.response.status !== 403 || refused.error === undefined || !("error" in refused.error)) {
    throw new Error(`refusal: ${refused.response.status}`);
  }
  console.log(`gever, TypeScript client: ${dossier.items.length} documents read, a dossier made, one refusal understood`);
}

const [, , address] = process.argv;
if (address === undefined) {
  throw new Error("usage: journey URL");
}
await main(address);
