// Google's client for Node at this server: npm install googleapis
// KEY is the file of a service account's key; PERSON is for whom the machine acts.
//
// google-auth-library fetches tokens from Google's own address alone. So the token is fetched here, and set.
import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import { google } from "googleapis";

const key = JSON.parse(readFileSync(process.env.KEY, "utf8"));
export const server = key.token_uri.replace(/\/token$/, "");

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function token(scopes) {
  const now = Math.floor(Date.now() / 1000);
  const scope = scopes.map((name) => `https://www.googleapis.com/auth/${name}`).join(" ");
  const claims = { iss: key.client_email, sub: process.env.PERSON, scope, aud: key.token_uri, iat: now, exp: now + 3600 };
  const signed = `${part({ alg: "RS256", typ: "JWT", kid: key.private_key_id })}.${part(claims)}`;
  const signature = createSign("RSA-SHA256").update(signed).sign(key.private_key, "base64url");
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: `${signed}.${signature}`,
  });
  const answer = await fetch(key.token_uri, { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).access_token;
}

// One client for one API: await service("admin", "directory_v1", "admin.directory.group")
export async function service(name, version, ...scopes) {
  const auth = new google.auth.OAuth2();
  auth.setCredentials({ access_token: await token(scopes) });
  return google[name]({ version, auth, rootUrl: `${server}/` });
}
