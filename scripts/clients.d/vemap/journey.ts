// Logs in and reads a closure with clients that openapi-typescript with
// openapi-fetch, and hey-api, made from the served document.
import createClient from "openapi-fetch";
import { walk, want } from "../walk.js";
import { client as hey } from "./hey/client.gen.js";
import { getClosure } from "./hey/index.js";
import type { components, paths } from "./schema.js";

type Closure = components["schemas"]["Closure"];

async function main(baseUrl: string): Promise<string> {
  const client = createClient<paths>({ baseUrl });
  const basic = Buffer.from("stakeholder@demo.example:Demo-Stakeholder-1!").toString("base64");
  const login = await client.POST("/v1/authentication/login", { headers: { Authorization: `Basic ${basic}` } });
  if (!login.data) {
    throw new Error(`login: ${login.response.status} ${JSON.stringify(login.error)}`);
  }
  const token = login.data.data.AuthenticationResult.AccessToken;
  const [tenant] = Object.keys(login.data.data.Tenants);
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sub: string };
  if (tenant === undefined) {
    throw new Error("login: no tenant");
  }
  const headers = { Authorization: `Bearer ${token}` };
  const header = { "x-user-id": claims.sub, "x-user-role": "ROLE_STAKEHOLDER" };

  const own = await client.GET("/v1/{tenant_id}/stakeholders/{user_id}/closures", {
    headers,
    params: { path: { tenant_id: tenant, user_id: claims.sub }, header },
  });
  const first = own.data?.data[0];
  if (!first) {
    throw new Error(`closures: ${own.response.status}`);
  }
  const one = await client.GET("/v1/{tenant_id}/closures/{closure_id}", {
    headers,
    params: { path: { tenant_id: tenant, closure_id: first.id }, header },
  });
  const closure: Closure | undefined = one.data?.data;
  if (closure?.name !== first.name) {
    throw new Error(`closure: ${one.response.status}`);
  }
  const refused = await client.GET("/v1/{tenant_id}/users", { headers, params: { path: { tenant_id: tenant }, header } });
  if (refused.error?.status !== 403) {
    throw new Error(`users: ${refused.response.status}`);
  }
  // The closure through the client of hey-api.
  hey.setConfig({ baseUrl, auth: token });
  const same = await getClosure({ path: { tenant_id: tenant, closure_id: first.id }, headers: header });
  want(same.data?.data.name === closure.name, `hey-api: ${same.response?.status}`);
  return `"${closure.name}" read, one refusal understood`;
}

await walk("vemap", main);
