// Reads and tries one refusal with clients that openapi-typescript with
// openapi-fetch, and hey-api, made from the served document.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getProject } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type BijlageAssigned = components["schemas"]["BijlageAssigned"];

const project = "62c7d0a1eb277e1b79161401";

async function main(baseUrl: string): Promise<string> {
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
  // The same project through the client of hey-api.
  hey.setConfig({ baseUrl, auth: "demo-capo-aan-1" });
  const same = await getProject({ path: { projectId: project } });
  want(same.data?.projectId === one.data.projectId && same.data.quickscan === null, `hey-api: ${same.response?.status}`);
  return `${open.length} open containers read, one refusal understood`;
}

await walk("capo", main);
