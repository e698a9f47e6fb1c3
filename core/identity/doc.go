// Package identity knows people: accounts, how they come about (registration
// that an institution or centre confirms, invitation, import), passwords,
// sessions, API tokens and what a person shows of themselves to others.
//
// It owns person, session, api_token, mail_link, throttle, totp, recovery_code,
// sign_in, passkey, passkey_challenge and provider_link; only this package
// writes them. Others join person for names.
//
// Signing in takes a password and, where one is set up, a second step; or a
// passkey; or an account at an identity provider that its owner linked. Roles of
// the settings demand a second step: until there is one their holders are
// confined ([access.Actor].Confined), by a token, too. Acts that ask who acts
// again look at [access.Actor].Recent.
//
// Two clocks: sessions, tokens, mailed links and throttling live in real time
// ([Config].Now); the roles read along with a session are in force by the
// domain clock, as everything about networks is.
//
// Secrets: keys of authenticator applications are sealed with a key of the
// installation; passwords are argon2id hashes; cookies, tokens and links are 256
// random bits of which only the SHA-256 is kept. Nothing here tells a stranger
// whether an e-mail address has an account: registration and reset answer the
// same after the same time, sign-in hashes a password in every case.
package identity
