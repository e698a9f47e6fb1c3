// Package identity knows people: accounts, how they come about (registration
// that an institution or centre confirms, invitation, import), passwords,
// sessions, API tokens and what a person shows of themselves to others.
//
// It owns person, session, api_token, mail_link, throttle, totp, recovery_code,
// sign_in, passkey, passkey_challenge, provider_link, person_invitation, and of
// lists of people person_import, person_import_file and person_import_row; only this package
// writes them. Others join person for names. Joining two accounts of one person
// (merge.go) is the one act that writes tables of every room, by a list that
// core/app keeps.
//
// Signing in takes a password and, where one is set up, a second step; or a
// passkey; or an account at an identity provider that its owner linked. Roles of
// the settings demand a second step: until there is one their holders are
// confined ([access.Actor].Confined), by a token, too. A passkey is two steps in
// one: a session opened or confirmed with one is not confined. Acts that ask who
// acts again look at [access.Actor].Recent; a program cannot confirm anything, so
// such acts take a token that was made for them ([TokenInput]).
//
// Two clocks: sessions, tokens, mailed links and throttling live in real time
// ([Config].Now); the roles read along with a session are in force by the
// domain clock, as everything about networks is.
//
// Secrets: keys of authenticator applications are sealed with a key of the
// installation; passwords are argon2id hashes; cookies, tokens and links are 256
// random bits of which only the SHA-256 is kept. Nothing here tells a stranger
// whether an e-mail address has an account: registration and reset answer the
// same after the same time, sign-in hashes a password in every case. Nor does
// anything tell an administrator whether one has an account outside their reach:
// they invite addresses (invite.go).
package identity
