// Reads, creates and tries one refusal with clients that openapi-typescript
// with openapi-fetch, and hey-api, made from the served document: ones that
// escape the slashes of a path.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getObject } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type Dossier = components["schemas"]["Dossier"];

const folder = "ordnungssystem/fuehrung";

async function main(baseUrl: string): Promise<string> {
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
  // The dossier through the client of hey-api, which escapes the slashes too.
  hey.setConfig({ baseUrl, headers: { Authorization: `Basic ${btoa("john.doe:Demo-Gever-1!")}` } });
  const same = await getObject({ path: { path: `${folder}/dossier-23` } });
  want(same.data?.["@type"] === dossier["@type"] && same.data.title === dossier.title, `hey-api: ${same.response?.status}`);
  return `${dossier.items.length} documents read, a dossier made, one refusal understood`;
}

await walk("gever", main);
