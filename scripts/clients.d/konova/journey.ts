// Pages through the register and understands one refusal, with clients that
// openapi-typescript with openapi-fetch, and hey-api, made from the served
// document.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getIntervention } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type Intervention = components["schemas"]["Intervention"];

async function main(baseUrl: string): Promise<string> {
  const client = createClient<paths>({
    baseUrl,
    headers: { Kspuser: "demo", Ksptoken: "demo-ksp-token" },
  });

  const seen: Intervention[] = [];
  for (let p = 1; ; p++) {
    const page = await client.GET("/api/v1/intervention", { params: { query: { rpp: 2, p } } });
    if (!page.data) {
      throw new Error(`page ${p}: ${page.response.status}`);
    }
    if (typeof page.data === "string" || !("results" in page.data)) {
      throw new Error(`page ${p}: not the envelope`);
    }
    seen.push(...Object.values(page.data.results));
    if (page.data.next === null) {
      break;
    }
  }
  const first = seen[0];
  if (seen.length < 3 || first === undefined || first.properties.responsible.registration_office?.long_name !== "Stadt Koblenz") {
    throw new Error(`${seen.length} interventions`);
  }

  const refused = await client.POST("/api/v1/intervention", {
    body: { properties: { title: "Von TypeScript", legal: { laws: [1] } } },
  });
  if (refused.error?.errors?.[0]?.pointer !== "#/properties/legal/laws/0") {
    throw new Error(`unknown code: ${refused.response.status} ${refused.error?.code ?? "accepted"}`);
  }
  // One of them through the client of hey-api.
  hey.setConfig({ baseUrl, headers: { Kspuser: "demo", Ksptoken: "demo-ksp-token" } });
  const { id, title } = first.properties;
  const same = await getIntervention({ path: { id } });
  const found = same.data;
  want(found !== undefined && "results" in found && found.results[id]?.properties.title === title, `hey-api: ${same.response?.status}`);
  return `${seen.length} interventions read, one refusal understood`;
}

await walk("konova", main);
