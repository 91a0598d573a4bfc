// Delivers, changes and withdraws a document with clients that
// openapi-typescript with openapi-fetch, and hey-api, made from the served
// document.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getMetadata } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type Document = components["schemas"]["Document"];

const v0 = "/overheid/openbaarmaken/api/v0";
const metadata: Document = {
  publisher: { id: "https://identifier.overheid.nl/tooi/id/gemeente/gm0361" },
  identifiers: [],
  language: { id: "http://publications.europa.eu/resource/authority/language/NLD" },
  titelcollectie: { officieleTitel: "Begroting 2023" },
  classificatiecollectie: {
    documentsoorten: [{ id: "https://identifier.overheid.nl/tooi/def/thes/kern/c_dfa0ff1f" }],
    themas: [{ id: "https://identifier.overheid.nl/tooi/def/thes/top/c_391585db" }],
  },
  documenthandelingen: [],
};

async function main(baseUrl: string): Promise<string> {
  const open = createClient<paths>({ baseUrl });
  const token = await open.GET("/token/test", { params: { query: { org: "gemeente Alkmaar", role: "Publisher Basis" } } });
  if (!token.data) {
    throw new Error(`token: ${token.response.status}`);
  }
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token.data.access_token}` } });

  const made = await client.POST(`${v0}/metadata`, { body: { document: metadata } });
  const pid = made.data?.document.pid;
  if (pid === undefined) {
    throw new Error(`metadata: ${made.response.status} ${made.error?.title ?? ""}`);
  }
  const documentId = pid.slice(pid.lastIndexOf("/") + 1);
  const session = made.response.headers.get("X-Session-ID") ?? "";

  const upload = async (text: string): Promise<void> => {
    const response = await fetch(`${baseUrl}${v0}/documenten/${documentId}`, {
      method: text.includes("twee") ? "PUT" : "POST",
      headers: { Authorization: `Bearer ${token.data.access_token}`, "Content-Type": "application/pdf", "X-Session-ID": session },
      body: text,
    });
    if (response.status !== 202) {
      throw new Error(`file: ${response.status} ${await response.text()}`);
    }
  };
  const versions = async (want: number): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      const record = await open.GET("/documenten/{documentId}", { params: { path: { documentId } } });
      if (record.data?.versies.length === want) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`there are not ${want} versions`);
  };
  await upload("%PDF-1.7 een");
  await versions(1);
  await upload("%PDF-1.7 twee");
  await versions(2);

  // What is kept, through the client of hey-api.
  hey.setConfig({ baseUrl, auth: token.data.access_token });
  const kept = await getMetadata({ path: { documentId } });
  want(kept.data?.document.titelcollectie.officieleTitel === "Begroting 2023", `hey-api: ${kept.response?.status}`);

  const gone = await client.DELETE(`${v0}/documenten/{documentId}`, { params: { path: { documentId } } });
  if (gone.response.status !== 200) {
    throw new Error(`withdraw: ${gone.response.status}`);
  }
  const again = await client.DELETE(`${v0}/documenten/{documentId}`, { params: { path: { documentId } } });
  if (again.error?.title !== "Niet-gevonden-fout") {
    throw new Error(`withdraw again: ${again.response.status}`);
  }
  return "delivered, changed and withdrawn";
}

await walk("plooi", main);
