// Puts a person into a group, and prints who is in it: node add_member.mjs sales@acme.example dave@acme.example
import { service } from "./here.mjs";

const [groupKey, email] = process.argv.slice(2);
const directory = await service("admin", "directory_v1", "admin.directory.group");
try {
  await directory.members.insert({ groupKey, requestBody: { email, role: "MEMBER" } });
} catch (error) {
  if (error.response?.data?.error?.errors?.[0]?.reason !== "duplicate") throw error;
}
let pageToken;
do {
  const { data } = await directory.members.list({ groupKey, pageToken, maxResults: 200 });
  for (const member of data.members ?? []) console.log(`${member.email}\t${member.role}`);
  pageToken = data.nextPageToken;
} while (pageToken);
