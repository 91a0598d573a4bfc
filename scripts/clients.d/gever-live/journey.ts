// Makes a dossier and a document as the running system answers: with the object,
// in which each choice has its title. With clients that openapi-typescript with
// openapi-fetch, and hey-api, made from the live document.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getObject } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type Dossier = components["schemas"]["Dossier"];
type Choice = components["schemas"]["Choice"];

const folder = "ordnungssystem/fuehrung";
const authorization = `Basic ${btoa("john.doe:Demo-Gever-1!")}`;

async function main(baseUrl: string): Promise<string> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: authorization } });

  const made = await client.POST("/{path}", {
    params: { path: { path: folder } },
    body: { "@type": "opengever.dossier.businesscasedossier", title: "Vom TypeScript-Client", responsible: "peter.muster", keywords: ["Bau"] },
  });
  if (!made.data || !("@type" in made.data) || made.data["@type"] !== "opengever.dossier.businesscasedossier") {
    throw new Error(`create: ${made.response.status}`);
  }
  const dossier: Dossier = made.data;
  want(dossier["@id"] === made.response.headers.get("Location"), `@id: ${dossier["@id"]}`);
  const keywords: Choice[] = dossier.keywords;
  want(keywords[0]?.token === "Bau", `keywords: ${JSON.stringify(keywords)}`);
  want(dossier.responsible.title === "Muster Peter (peter.muster)", `responsible: ${dossier.responsible.title}`);
  want(dossier.custody_period.token === "30" && dossier.container_type === null, `choices: ${JSON.stringify(dossier.custody_period)}`);
  want(dossier.parent.title === "1. Führung" && dossier.parent.is_leafnode === true, `parent: ${dossier.parent.title}`);

  const path = dossier["@id"].slice(baseUrl.length + 1);
  const filed = await client.POST("/{path}", {
    params: { path: { path } },
    body: { "@type": "opengever.document.document", file: { data: btoa("Inhalt"), encoding: "base64", filename: "Notiz.txt" } },
  });
  if (!filed.data || !("@type" in filed.data) || filed.data["@type"] !== "opengever.document.document") {
    throw new Error(`file: ${filed.response.status}`);
  }
  want(filed.data.file?.size === 6 && filed.data.file_extension === ".txt", `file: ${JSON.stringify(filed.data.file)}`);

  // Written as it is read.
  const changed = await client.PATCH("/{path}", {
    params: { path: { path }, header: { Prefer: "return=representation" } },
    body: { classification: { token: "confidential", title: "egal" } },
  });
  if (!changed.data || changed.data["@type"] !== "opengever.dossier.businesscasedossier") {
    throw new Error(`change: ${changed.response.status}`);
  }
  want(changed.data.classification.title === "Vertraulich", `changed: ${changed.data.classification.title}`);

  // The dossier through the client of hey-api, with its document in short.
  hey.setConfig({ baseUrl, headers: { Authorization: authorization } });
  const same = await getObject({ path: { path } });
  want(same.data?.["@type"] === dossier["@type"] && same.data.items?.[0]?.file_extension === ".txt", `hey-api: ${same.response?.status}`);
  return "a dossier and its document made, and read from the answers";
}

await walk("gever-live", main);
