"""Single sign-on: people sign in at the identity provider of their organization, through OpenID Connect.

It is set up by the settings OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (docs/sign-in.md). `identities` decides
whose account it is, `provider` talks with the provider, and `views` has the pages. What is stored of an identity is the
provider's id for the person, and no more: no token, and none of the provider's other answers.
"""
