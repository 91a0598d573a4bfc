// Reads and tries one refusal with a client that openapi-typescript and
// openapi-fetch made from the served document. scripts/clients compiles it
// strictly beside that client; its argument is the address of the API.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type BijlageAssigned = components["schemas"]["BijlageAssigned"];

const project = "62c7d0a1eb277e1b79161401";

async function main(baseUrl: string): Promise<void> {
  const client = createClient<paths>({
    baseUrl,
    headers: { Authorization: "Bearer demo-capo-aan-1" },
  });

  const own = await client.GET("/bijlageassigned", { params: { query: { limit: 10 } } });
  if (!own.data) {
    throw new Error(`list: ${own.response.status} ${own.error.code}`);
  }
  const open = own.data.filter((a: BijlageAssigned) => a.status !== "done");
  if (open.length === 0) {
    throw new Error("list: nothing is open");
  }

  const one = await client.GET("/project/{projectId}", { params: { path: { projectId: project } } });
  if (one.data?.quickscan !== null) {
    throw new Error("project: a contractor has no quickscan");
  }

  const refused = await client.POST("/project/{projectId}/mic", {
    params: { path: { projectId: project } },
    body: { meeInCombi: true },
  });
  if (refused.error?.code !== "alleen_netbeheerder") {
    throw new Error(`mic: ${refused.response.status} ${refused.error?.code ?? "accepted"}`);
  }
  console.log(`capo, TypeScript client: ${open.length} open containers read, one refusal understood`);
}

const [, , address] = process.argv;
if (address === undefined) {
  throw new Error("usage: journey URL");
}
await main(address);
