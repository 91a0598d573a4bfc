// Pages through the register and understands one refusal, with a client that
// openapi-typescript and openapi-fetch made from the served document.
// scripts/clients compiles it strictly beside that client; its argument is the
// address of the API.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Intervention = components["schemas"]["Intervention"];

async function main(baseUrl: string): Promise<void> {
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
  console.log(`konova, TypeScript client: ${seen.length} interventions read, one refusal understood`);
}

const [, , address] = process.argv;
if (address === undefined) {
  throw new Error("usage: journey URL");
}
await main(address);
