"""Single sign-on: people sign in at the identity provider of their organization, through OpenID Connect or SAML 2.0.

It is set up by the settings OIDC_* or SAML_* (docs/sign-in.md). `openid_connect` and `saml` talk with the provider,
`identities` decides whose account it is, and `views` has the pages. What is stored of an identity is the provider's id
for the person, and no more: no token, and none of the provider's other answers.
"""
