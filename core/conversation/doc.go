// Package conversation owns private conversations: between two or a few people
// who share a network, or between a centre and the coordinator of one of its
// networks. Only those who take part read them: there is no permission by which
// an administrator would, no module sees them, and no search reads them. What
// breaks the rules comes out only when somebody in the conversation discloses
// that one message to the centre, with their consent.
//
// It owns conversation, conversation_member, conversation_message and
// conversation_report; only this package writes them. Reads join networks,
// memberships, roles and names of people.
//
// Messages are plain text and are numbered under the lock of the conversation's
// row, as posts of core/board are: what is unread is a difference of two
// numbers. Lock order: idempotency key → conversation → the rest. Everybody in
// a conversation is named when it begins; people leave, nobody is added.
//
// In a network that is over nothing is written any more; a disclosed message
// can still be judged.
package conversation
