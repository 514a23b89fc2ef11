// The certified OpenID Connect provider `oidc-provider` as the sign-in tests' peer: a process of its own, over TLS.
//
// The first line of standard input is its configuration as JSON: certificate and key (PEM), client id and public key (JWK), redirect address,
// and the persons who may sign in, by name, with the claims of each. It prints its issuer when it is open. The person is chosen on the page
// of the sign-in (`/sign-in/<uid>`), by a link for each. `POST /test/rotate` gives it other signing keys.
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';
import { generateKeyPair, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';

const [line] = await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', (text) => resolve([text])));
const asked = JSON.parse(line);

async function signingKey(id) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: id, use: 'sig', alg: 'ES256' };
}

const claimNames = [...new Set(Object.values(asked.persons).flatMap((claims) => Object.keys(claims)))];
const clients = asked.clients.map((client) => ({
  client_id: client.id,
  jwks: { keys: [client.key] },
  redirect_uris: [client.redirect],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  id_token_signed_response_alg: 'ES256',
}));

function provider(issuer, key) {
  const made = new Provider(issuer, {
    clients,
    jwks: { keys: [key] },
    claims: { openid: ['sub', ...claimNames] },
    acrValues: ['https://data.gov.dk/concept/core/nsis/Substantial', 'https://data.gov.dk/concept/core/nsis/High'],
    conformIdTokenClaims: false,
    cookies: { keys: ['tests only'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...asked.persons[id] }) }),
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      grant.addOIDCClaims(['sub', ...claimNames]);
      await grant.save();
      return grant;
    },
    ttl: { IdToken: 300, Session: 1, Interaction: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 60 },
  });
  made.on('server_error', (_, error) => console.error(error));
  made.on('grant.error', (_, error) => console.error(error.message, error.error_detail));
  return made;
}

let current;
let rotations = 0;
const server = createServer({ cert: asked.certificate, key: asked.key }, async (request, response) => {
  const path = new URL(request.url, 'https://localhost').pathname.split('/');
  if (path[1] === 'test' && path[2] === 'rotate') {
    rotations += 1;
    current = provider(issuer, await signingKey(`key-${rotations}`));
    response.end('rotated');
  } else if (path[1] === 'sign-in') {
    await signIn(request, response, path[3]);
  } else {
    current.callback()(request, response);
  }
});

// The page of the sign-in: a link for each person, and one for those who change their mind.
async function signIn(request, response, chosen) {
  const interaction = await current.interactionDetails(request, response);
  if (chosen === undefined) {
    const link = (name) => `<li><a id="${name}" href="/sign-in/${interaction.uid}/${name}">${name}</a></li>`;
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>Test</title><ul>${[...Object.keys(asked.persons), 'nobody'].map(link).join('')}</ul>`);
  } else if (chosen === 'nobody') {
    await current.interactionFinished(request, response, { error: 'access_denied' });
  } else {
    await current.interactionFinished(request, response, { login: { accountId: chosen } });
  }
}

await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `https://localhost:${server.address().port}`;
current = provider(issuer, await signingKey('key-0'));
console.log(issuer);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
