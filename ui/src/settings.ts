/** What each setting looks like, by its environment variable's name. */
const EXAMPLES: Record<string, string> = {
  COGNITO_ISSUER: 'COGNITO_ISSUER=https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456',
  COGNITO_CLIENT_ID: 'COGNITO_CLIENT_ID=1example23456789',
  COGNITO_CLIENT_SECRET: 'COGNITO_CLIENT_SECRET=9example87654321example98765432example01',
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=https://pool.example.com',
  COGNITO_PASSWORD_POLICY: 'COGNITO_PASSWORD_POLICY={"minimumLength": 12, "requireNumbers": true}',
  COGNITO_REFRESH_TOKEN_VALIDITY: 'COGNITO_REFRESH_TOKEN_VALIDITY=30 days',
  COGNITO_AUTH_FLOW: 'COGNITO_AUTH_FLOW=USER_AUTH',
  COGNITO_AUTH_SESSION_VALIDITY: 'COGNITO_AUTH_SESSION_VALIDITY=3 minutes',
  COGNITO_SIGN_UP_ATTRIBUTES: 'COGNITO_SIGN_UP_ATTRIBUTES=email, name',
  COGNITO_DOMAIN: 'COGNITO_DOMAIN=auth.example.com',
  COGNITO_SCOPES: 'COGNITO_SCOPES=openid email profile aws.cognito.signin.user.admin',
  COGNITO_IDENTITY_PROVIDERS: 'COGNITO_IDENTITY_PROVIDERS=Google, Corporate',
  COGNITO_REDIRECT_URIS: 'COGNITO_REDIRECT_URIS=cognito-desktop://sign-in/callback, http://127.0.0.1:19274/callback',
  COGNITO_PROMPT: 'COGNITO_PROMPT=select_account',
  COGNITO_RESOURCE: 'COGNITO_RESOURCE=https://api.example.com',
  AWS_CA_BUNDLE: 'AWS_CA_BUNDLE=/etc/ssl/certs/company.pem',
  SSL_CERT_FILE: 'SSL_CERT_FILE=/etc/ssl/certs/company.pem',
};

const CONFIG_FILE = `{
  "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456",
  "clientId": "1example23456789"
}`;

/** An example for a setting; whatever is not a known variable's name is the path of a config file. */
export function exampleFor(setting: string): string {
  const known = EXAMPLES[setting];
  if (known !== undefined) return known;
  return /_PROXY$/iu.test(setting) ? `${setting}=http://proxy.example.com:3128` : CONFIG_FILE;
}
