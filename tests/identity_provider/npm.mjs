// A second provider that nobody here wrote: npm's oidc-provider, with one client and one person.
// PROVIDER_MODULE: where npm has installed it; PROVIDER_PORT, PROVIDER_REDIRECT, PROVIDER_ADDRESS: see running_npm.py.

const { Provider } = await import(process.env.PROVIDER_MODULE);
const port = Number(process.env.PROVIDER_PORT);
const address = process.env.PROVIDER_ADDRESS;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "console",
      client_secret: "a-secret-of-the-console",
      redirect_uris: [process.env.PROVIDER_REDIRECT],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: address, email_verified: true }),
  }),
});
provider.listen(port, "127.0.0.1");
