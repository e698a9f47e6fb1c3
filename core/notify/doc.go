// Package notify tells people things: a list on the platform and letters by
// e-mail. [Service.Send] writes both in the transaction of the change they tell
// of (an outbox), so nothing is told that did not happen and nothing that
// happened is left untold. A job renders each letter in its receiver's language
// and hands it to a mail server, or to a folder where none is configured.
//
// It owns notification and mail_outbox; only this package writes them.
//
// A letter is handed over at least once: when a node dies between the mail
// server's acceptance and the mark in the outbox, it goes out again under the
// same Message-ID, by which receivers drop the second. Letters carry no images,
// no tracking and no foreign links; a mailed link leads to a page that acts
// only when a person presses its button (mail scanners follow links).
package notify
