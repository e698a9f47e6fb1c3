// Package identity knows people: accounts, how they come about (registration
// that an institution or centre confirms, invitation, import), passwords,
// sessions, API tokens and what a person shows of themselves to others.
//
// It owns person, session, api_token, mail_link and throttle; only this package
// writes them. Others join person for names.
//
// Two clocks: sessions, tokens, mailed links and throttling live in real time
// ([Config].Now); the roles read along with a session are in force by the
// domain clock, as everything about networks is.
//
// Secrets: passwords are argon2id hashes; cookies, tokens and links are 256
// random bits of which only the SHA-256 is kept. Nothing here tells a stranger
// whether an e-mail address has an account: registration and reset answer the
// same after the same time, sign-in hashes a password in every case.
package identity
