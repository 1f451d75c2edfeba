// A real OpenID provider for tests: whoever asks is let in at once, as the settings say.
// Settings come as one JSON argument: {port, redirect, key, client, secret, claims, acr, amr}.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const given = JSON.parse(process.argv[2]);
const require = createRequire(pathToFileURL(`${given.modules}/`));
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const jwk = { ...key.export({ format: 'jwk' }), kid: given.key, use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${given.port}`, {
  clients: [{
    client_id: given.client,
    client_secret: given.secret,
    redirect_uris: [given.redirect],
    post_logout_redirect_uris: [given.after],
    require_auth_time: true,
  }],
  jwks: { keys: [jwk] },
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
  acrValues: ['mfa'],
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'roles', 'acr', 'amr', 'auth_time'], profile: ['name', 'preferred_username'] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...given.claims }) }),
});

async function letIn(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: given.sub, acr: given.acr, amr: given.amr };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile email');
  grant.addOIDCClaims(['roles']);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
createServer((request, response) => {
  if (request.url.startsWith('/interaction/')) {
    letIn(request, response).catch((error) => { response.statusCode = 500; response.end(String(error)); });
  } else {
    answer(request, response);
  }
}).listen(given.port, '127.0.0.1', () => console.log('ready'));
